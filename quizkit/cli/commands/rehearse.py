"""`quizkit rehearse`: a whole game by bots, with figures and a verdict."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from quizkit.cli.context import Cli
from quizkit.cli.exits import Exit
from quizkit.cli.render import clean

if TYPE_CHECKING:
    from quizkit.sdk.rehearsal import RehearsalPlan
    from quizkit.sdk.rehearsal_report import RehearsalReport


_FORGET_TRIES: Final = 40
_FORGET_POLL: Final = 0.5


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(rehearse)


def rehearse(
    context: typer.Context,
    quiz: Annotated[
        str, typer.Argument(help="The quiz's id, or a quiz file to store first.", metavar="QUIZ")
    ],
    players: Annotated[int, typer.Option(help="How many bots, up to 5,000.", metavar="N")] = 50,
    seed: Annotated[
        int, typer.Option(help="The same seed: the same cast, answers and mishaps.", metavar="N")
    ] = 0,
    cast: Annotated[
        str | None,
        typer.Option(
            help="Profiles with shares, such as steady=8,flaky=2; there are steady, hasty, "
            "nervous, flaky and sleeper.",
            metavar="PROFILES",
        ),
    ] = None,
    pace: Annotated[
        float,
        typer.Option(help="Bots answer within this share of the time limit.", metavar="SHARE"),
    ] = 0.25,
    full_time: Annotated[
        bool,
        typer.Option(
            "--full-time",
            help="Let questions last, instead of closing them when all have answered.",
        ),
    ] = False,
    lobby_seconds: Annotated[
        int,
        typer.Option(
            help="The longest wait for bots that are joining.", min=1, max=3_600, metavar="N"
        ),
    ] = 600,
    reveal_seconds: Annotated[
        int,
        typer.Option(help="How long results are shown.", min=0, max=3_600, metavar="N"),
    ] = 1,
) -> None:
    """Let bots play a whole game, and check that no answer was lost; exit 1 if one was.

    Some bots lose their sockets, go away and return, or send the same answer again and again.
    What they wrote down is held against the stored answers, the board and the results. A quiz
    file is stored for the rehearsal only, and kept if an answer was lost.
    """
    import asyncio

    from quizkit.cli.views.rehearsal import report_view
    from quizkit.sdk.bot_profiles import parse_cast
    from quizkit.sdk.rehearsal import RehearsalPlan

    cli = Cli.of(context)
    # Wrong figures are told before anything is stored.
    plan = RehearsalPlan(
        players=players,
        seed=seed,
        cast=None if cast is None else parse_cast(cast),
        pace=pace,
        full_time=full_time,
        lobby_seconds=lobby_seconds,
        reveal_seconds=reveal_seconds,
    )
    stored = _quiz_id(cli, quiz)
    unclean = False
    try:
        report = asyncio.run(_rehearse(cli, stored, plan))
        unclean = not report.clean
    finally:
        # After a loss it is kept, for whoever looks into it.
        if stored != quiz and not unclean:
            _forget(cli, stored)
    cli.out.result(report.document(), *report_view(report))
    if not report.clean:
        raise typer.Exit(Exit.OTHER)


async def _rehearse(cli: Cli, quiz_id: str, plan: RehearsalPlan) -> RehearsalReport:
    from quizkit.cli.screens.rehearsal import RehearsalShow
    from quizkit.sdk.rehearsal import rehearse

    async with RehearsalShow(cli.out) as show:
        return await rehearse(cli.admin, quiz_id, plan, on_progress=show)


def _quiz_id(cli: Cli, quiz: str) -> str:
    """The id of a stored quiz; a file is stored first.

    Ids have letters, digits and hyphens; what has anything else can only be a file.

    Raises:
        NotFound: there is no such file.
        InvalidInput: what is in it is no quiz.
    """
    file = Path(quiz)
    if not (file.is_file() or file.suffix or os.sep in quiz):
        return quiz
    from quizkit.sdk.formats import load

    made = cli.admin.create_quiz(load(quiz), file.absolute().parent)
    cli.out.note(f"stored “{clean(made['title'])}” as {made['quiz_id']}", style="dim")
    return made["quiz_id"]


def _forget(cli: Cli, quiz_id: str) -> None:
    """Delete the quiz that was stored for a rehearsal, once its session is over.

    A session that was cut short still settles its open question, with the quiz's key.
    """
    from quizkit.sdk.errors import Conflict, QuizkitError

    for _ in range(_FORGET_TRIES):
        try:
            cli.admin.delete_quiz(quiz_id)
        except Conflict:
            time.sleep(_FORGET_POLL)
        except QuizkitError as exc:
            cli.out.note(f"the quiz {quiz_id} stays stored: {clean(exc.message)}")
            return
        else:
            cli.out.note(f"deleted {quiz_id} again", style="dim")
            return
    cli.out.note(
        f"the quiz {quiz_id} stays stored: its session goes on; "
        f"later: quizkit quiz delete {quiz_id}"
    )
