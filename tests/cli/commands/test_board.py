"""The board and the audit, on a platform that says what a test wants."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, cast

import pytest
import typer

from quizkit.cli.commands.board import _changes, _polls, audit
from quizkit.cli.context import Cli
from quizkit.cli.exits import Exit
from quizkit.cli.render import Output
from quizkit.sdk.errors import NotFound, QuizkitError, Unreachable


@dataclass
class FakeBoard:
    """Answers with the given states in turn; an error is raised instead."""

    story: Iterator[str | QuizkitError]

    def leaderboard(self, session_id: str, top: int) -> dict[str, Any]:
        """The board at its next state."""
        state = next(self.story)
        if isinstance(state, QuizkitError):
            raise state
        return {"state": state, "total": 0, "entries": [], "as_of": id(state)}


def watching(*story: str | QuizkitError) -> Cli:
    """A command line whose board goes through these states."""
    cli = Cli(Output())
    cli.__dict__["board"] = FakeBoard(iter(story))
    return cli


def test_watching_ends_one_look_after_the_end() -> None:
    """Finishing folds everything once more, so the last board is read after it."""
    cli = watching("lobby", "open", "finished", "finished", "never asked for")
    assert [board["state"] for board in _polls(cli, "s", 10, every=0)] == [
        "lobby",
        "open",
        "finished",
        "finished",
    ]


def test_only_changes_are_told() -> None:
    """A board that says the same, a moment later, is not told again."""
    cli = watching("open", "open", "revealed", "revealed", "finished", "finished")
    told = [board["state"] for board in _changes(cli, "s", 10, every=0)]
    assert told == ["open", "revealed", "finished"]


def test_a_short_silence_is_sat_out(capsys: pytest.CaptureFixture[str]) -> None:
    """Where the platform does not answer once or twice, watching goes on and says so once."""
    gone = Unreachable("gone")
    cli = watching("open", gone, gone, "finished", "finished")
    assert len(list(_polls(cli, "s", 10, every=0))) == 3
    assert capsys.readouterr().err == "no answer; trying again …\n"


def test_a_long_silence_and_other_errors_end_it() -> None:
    """A platform that stays away, and a session that is not there, are errors."""
    with pytest.raises(Unreachable):
        list(_polls(watching("open", *[Unreachable("gone")] * 40), "s", 10, every=0))
    with pytest.raises(NotFound):
        list(_polls(watching(NotFound("none")), "s", 10, every=0))


@pytest.mark.parametrize("as_json", [False, True])
def test_an_audit_that_disagrees_ends_with_1(
    capsys: pytest.CaptureFixture[str], as_json: bool
) -> None:
    """The document, or the differences, are shown all the same."""
    document = {
        "session_id": "s",
        "agrees": False,
        "answers": 3,
        "participants": 2,
        "differences": [{"what": "a row"}],
    }
    cli = Cli(Output(as_json=as_json))
    cli.__dict__["admin"] = SimpleNamespace(audit=lambda session_id: document)
    with pytest.raises(typer.Exit) as ended:
        audit(cast(typer.Context, SimpleNamespace(obj=cli)), "s")
    assert ended.value.exit_code == Exit.OTHER
    stdout = capsys.readouterr().out
    if as_json:
        assert json.loads(stdout) == document
    else:
        assert "NOT agree" in stdout
        assert "a row" in stdout
