"""Running the infrastructure as a subprocess."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from quizkit.sdk.deploy.process import run_infra


def test_what_lies_in_the_folder_is_not_taken_for_ours(tmp_path: Path) -> None:
    """Neither a package of our name nor a module of the standard library's is imported."""
    (tmp_path / "quizkit").mkdir()
    (tmp_path / "quizkit" / "__init__.py").write_text("raise SystemExit(9)")
    (tmp_path / "json.py").write_text("raise SystemExit(9)")
    done = run_infra("quizkit.infra.readiness", [], timeout=60, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("{")


def test_what_it_says_and_how_it_ends_is_given() -> None:
    """A refusal is no exception: the caller knows what it means."""
    done = run_infra("quizkit.infra", ["--stage", "dev"], timeout=60)
    assert done.returncode == 2
    assert "go together" in done.stderr


def test_it_has_so_much_time() -> None:
    """Who does not end is ended."""
    with pytest.raises(subprocess.TimeoutExpired):
        run_infra("quizkit.infra", [], timeout=0.001)
