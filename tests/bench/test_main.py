"""The command itself; that it measures is shown by `make bench`, which takes minutes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from bench.__main__ import PAGE

ROOT = Path(__file__).parents[2]


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the bench from the root of the repository."""
    return subprocess.run(
        [sys.executable, "-m", "bench", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def test_it_says_what_it_does_and_where_it_writes() -> None:
    """Without starting anything."""
    done = run("--help")
    assert done.returncode == 0
    assert "--out" in done.stdout
    assert PAGE == ROOT / "docs" / "bench.md"


def test_it_refuses_what_it_does_not_know() -> None:
    """A wrong option must not start minutes of work."""
    assert run("--nonsense").returncode == 2


def test_make_runs_it() -> None:
    """The target that the documentation names."""
    assert "$(BIN)/python -m bench\n" in (ROOT / "Makefile").read_text("utf-8")
