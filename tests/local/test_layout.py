"""The platform's files and its lock."""

from __future__ import annotations

from pathlib import Path

import pytest

from quizkit.local.errors import LocalError
from quizkit.local.layout import Layout, exclusive, size_of


def test_layout_is_below_the_home(quizkit_home: Path) -> None:
    """State and data are apart, both below QUIZKIT_HOME."""
    layout = Layout.current()
    assert layout.state.is_relative_to(quizkit_home)
    assert layout.data.is_relative_to(quizkit_home)
    assert layout.log("redis").parent == layout.logs


def test_directories_are_private() -> None:
    """Nobody else on the machine reads players' names."""
    layout = Layout.current()
    layout.create()
    for path in (layout.state, layout.data, layout.logs, layout.scratch):
        assert path.stat().st_mode & 0o077 == 0


def test_lock_admits_one_holder() -> None:
    """A second holder waits, and is told where the first does not finish; then it is free."""
    layout = Layout.current()
    with (
        exclusive(layout),
        pytest.raises(LocalError, match="starting or stopping"),
        exclusive(layout, patience=0.0),
    ):
        pytest.fail("two holders")
    with exclusive(layout, patience=0.0):
        pass


def test_size_counts_files_below(tmp_path: Path) -> None:
    """Sizes add up over directories; nothing is nothing."""
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "one").write_bytes(b"123")
    (tmp_path / "two").write_bytes(b"12")
    assert size_of(tmp_path) == 5
    assert size_of(tmp_path / "missing") == 0
