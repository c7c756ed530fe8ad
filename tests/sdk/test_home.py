"""Where quizkit keeps things."""

from __future__ import annotations

from pathlib import Path

import pytest

from quizkit.sdk import home


def test_everything_is_below_quizkit_home(quizkit_home: Path) -> None:
    """With QUIZKIT_HOME set, all four directories are apart and below it."""
    found = {home.config_dir(), home.data_dir(), home.cache_dir(), home.state_dir()}
    assert len(found) == 4
    assert all(path.is_relative_to(quizkit_home) for path in found)
    assert not quizkit_home.exists()


def test_the_variable_is_read_at_each_call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two homes can be used one after the other in one process; relative ones become absolute."""
    before = home.state_dir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("QUIZKIT_HOME", "elsewhere")
    assert home.state_dir() == tmp_path / "elsewhere" / "state" != before


def test_without_the_variable_the_users_directories_are_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where nothing is set, the operating system's places for this user hold everything."""
    monkeypatch.delenv("QUIZKIT_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(name, raising=False)
    for path in (home.config_dir(), home.data_dir(), home.cache_dir(), home.state_dir()):
        assert path.is_relative_to(tmp_path)
        assert path.name == "quizkit"
