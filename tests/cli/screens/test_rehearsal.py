"""How a rehearsal gets on, in words; on a terminal see tests/cli/commands/test_rehearse.py."""

from __future__ import annotations

from typing import Any, cast

import pytest

from quizkit.cli.render import Output
from quizkit.cli.screens.rehearsal import RehearsalShow, counts, headline
from quizkit.sdk.bot_records import Progress
from quizkit.sdk.rehearsal import RehearsalProgress
from tests.cli.samples import as_text


def now(stage: str, **bots: int) -> RehearsalProgress:
    """A rehearsal with ten bots and three questions; `bots` are what is counted."""
    zero = dict.fromkeys(("joined", "answers", "finished", "failed"), 0)
    session = {"title": "Capitals\x1b[2J", "pin": "123456"}
    progress = Progress(10, **(zero | bots))
    return RehearsalProgress(stage, cast(Any, session), 3, progress)


@pytest.mark.parametrize(
    ("at", "told"),
    [
        (now("lobby", joined=4), "joining: 4 of 10"),
        (now("game", joined=10, present=10), "all are in: the first question comes"),
        (
            now("game", joined=10, present=9, questions=2, waiting=3),
            "question 2 of 3: 6 of 9 have dealt with it",
        ),
        (now("game", finished=7, questions=3), "the end: 7 of 10 have seen it"),
        (now("checking", finished=10), "checking every answer against what is stored"),
        (now("ending"), "ending the session"),
    ],
)
def test_headlines(at: RehearsalProgress, told: str) -> None:
    """Each stage in one line."""
    assert headline(at) == told


def test_counts() -> None:
    """Failures are told where there are any."""
    assert counts(now("game", answers=12, reconnects=2)) == (
        "12 answers acknowledged · 2 reconnects"
    )
    assert counts(now("game", failed=1)).endswith("· 1 failed")


@pytest.mark.parametrize(
    "at",
    [
        now("lobby"),
        now("game", present=10),
        now("game", present=10, questions=1, waiting=5),
        now("checking"),
    ],
)
def test_the_moving_lines(at: RehearsalProgress) -> None:
    """Title and PIN, what goes on, a bar; nothing in a title moves the cursor."""
    shown = as_text(RehearsalShow(Output()).render(at))
    assert "rehearsal · PIN 123456" in shown
    assert headline(at) in shown
    assert "\x1b[2J" not in shown


async def test_lines_off_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    """One at each stage and question, on stderr; not one for each of a thousand changes."""
    async with RehearsalShow(Output()) as show:
        for joined in range(11):
            show(now("lobby", joined=joined))
        for answers in range(10):
            show(now("game", questions=1, present=10, waiting=10 - answers, answers=answers))
        show(now("game", questions=2, present=10, waiting=10, answers=10))
        show(now("checking", answers=10))
    stdout, stderr = capsys.readouterr()
    assert stdout == ""
    lines = stderr.splitlines()
    assert [line.split(":")[0].split(" against")[0] for line in lines] == [
        "joining",
        "question 1 of 3",
        "question 2 of 3",
        "checking every answer",
    ]


async def test_quiet(capsys: pytest.CaptureFixture[str]) -> None:
    """With -q nothing is said on the way."""
    async with RehearsalShow(Output(quiet=True)) as show:
        show(now("lobby", joined=1))
    assert capsys.readouterr() == ("", "")
