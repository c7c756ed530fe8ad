"""`python -m tests.chaos`: a summary, an exit code, and a command that replays a failure."""

from __future__ import annotations

import pytest

from tests.chaos.__main__ import main
from tests.chaos.flawed_answers import LastAnswerWins


def test_runs_that_keep_every_promise(capsys: pytest.CaptureFixture[str]) -> None:
    """Exit 0, the faults by kind, what became of the answers, the verdict."""
    assert main(["--runs", "3", "--seed", "1"]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith("3 runs, ")
    assert "acknowledged" in shown
    assert shown.endswith("every promise was kept\n")


def test_a_run_that_breaks_one_can_be_replayed(capsys: pytest.CaptureFixture[str]) -> None:
    """Exit 1; the violations, the seed, and the command that shows exactly them again."""
    assert main(["--runs", "6", "--seed", "flaw"], LastAnswerWins) == 1
    shown = capsys.readouterr().out
    (first, *_) = [line for line in shown.splitlines() if line.startswith("  replay: ")]
    command = first.removeprefix("  replay: ").split()
    assert command[:3] == ["python", "-m", "tests.chaos"]
    about = shown[shown.index(f"run {command[-1]}:") : shown.index(first) + len(first)]
    assert "acknowledged_changed" in about
    assert main(command[3:], LastAnswerWins) == 1
    assert about in capsys.readouterr().out


@pytest.mark.parametrize("wrong", [["--runs", "0"], ["--runs", "many"], ["--what"]])
def test_wrong_arguments(wrong: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """The usage exit, and nothing is run."""
    with pytest.raises(SystemExit) as caught:
        main(wrong)
    assert caught.value.code == 2
    assert "usage: python -m tests.chaos" in capsys.readouterr().err
