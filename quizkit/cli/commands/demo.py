"""`quizkit demo`: everything once, on this machine, without typing anything."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from quizkit.cli.commands.stack import bring_up
from quizkit.cli.context import Cli
from quizkit.cli.exits import Exit
from quizkit.cli.render import clean

if TYPE_CHECKING:
    from quizkit.sdk.documents import SessionDocument
    from quizkit.sdk.formats import LoadedQuiz

SAMPLE: Final = "quickstart.yaml"
_LOBBY_SECONDS: Final = 3
_REVEAL_SECONDS: Final = 2
#: The bots answer within this share of the time limit, so that nobody waits long.
_PACE: Final = (0.02, 0.18)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(demo)


def demo(
    context: typer.Context,
    bots: Annotated[int, typer.Option(help="How many players.", min=1, max=200, metavar="N")] = 20,
) -> None:
    """See it all: local platform, deployment, a live quiz with bots, winners, audit."""
    import asyncio

    from quizkit.local import platform

    cli = Cli.of(context)
    cli.settle_on_local()
    ran_before = platform.status().running
    deployment = bring_up(cli, brief=True)
    cli.out.note("deployed" if deployment.changed else "deployed already", style="green")
    sample = _sample()
    quiz = cli.admin.create_quiz(sample)
    session = cli.admin.start_session(
        quiz["quiz_id"],
        auto=True,
        lobby_seconds=_LOBBY_SECONDS,
        reveal_seconds=_REVEAL_SECONDS,
        close_early=True,
    )
    cli.out.note(
        f"quiz “{clean(quiz['title'])}” ({quiz['questions']} questions), PIN {session['pin']}, "
        f"{bots} bots are joining …"
    )
    podium = asyncio.run(_game(cli, session, sample, bots))
    audit = cli.admin.audit(session["session_id"])
    document = {
        "quiz_id": quiz["quiz_id"],
        "session_id": session["session_id"],
        "pin": session["pin"],
        "bots": bots,
        "podium": podium,
        "audit": audit,
    }
    cli.out.result(document, *_told(audit["agrees"], audit["answers"], audit["participants"]))
    cli.out.note(*_next_steps(cli, quiz["quiz_id"], ran_before=ran_before))
    if not audit["agrees"]:
        raise typer.Exit(Exit.OTHER)


async def _game(
    cli: Cli, session: SessionDocument, sample: LoadedQuiz, bots: int
) -> list[dict[str, Any]]:
    """Watch the bots play; gives the podium.

    Raises:
        QuizkitError: the session could not be followed, or no bot could join.
    """
    import asyncio

    from quizkit.cli.screens.audience import AudienceScreen
    from quizkit.cli.screens.show import Show
    from quizkit.sdk.bot_answers import key_of
    from quizkit.sdk.bots import BotPlan, run_bots
    from quizkit.sdk.live import LiveSession

    plan = BotPlan(seed=session["created_at"], key=key_of(sample.quiz), pace=_PACE)
    screen = AudienceScreen(clean(session["title"]), session["pin"])
    session_id = session["session_id"]
    async with (
        await LiveSession.host(lambda: dict(cli.admin.host_ticket(session_id))) as live,
        Show(cli.out, screen, inline=True, streamed=False) as show,
    ):
        playing = asyncio.create_task(run_bots(cli.admin.http_url, session["pin"], bots, plan=plan))
        watching = asyncio.create_task(show.follow(live))
        try:
            await asyncio.wait({playing, watching}, return_when=asyncio.FIRST_EXCEPTION)
            for task in (playing, watching):
                if task.done():
                    task.result()
        finally:
            for task in (playing, watching):
                task.cancel()
            await asyncio.gather(playing, watching, return_exceptions=True)
    return [
        {
            "rank": entry.rank,
            "participant_id": entry.participant_id,
            "nickname": entry.nickname,
            "score": entry.score,
        }
        for entry in screen.podium
    ]


def _sample() -> LoadedQuiz:
    from importlib.resources import files

    from quizkit.sdk.formats import load

    return load(files("quizkit").joinpath("samples", SAMPLE).read_bytes(), SAMPLE)


def _told(agrees: bool, answers: int, participants: int) -> list[str]:
    verdict = "agrees" if agrees else "does NOT agree"
    return [
        f"Audit: the board {verdict} with the {answers} stored answers of {participants} players.",
    ]


def _next_steps(cli: Cli, quiz_id: str, *, ran_before: bool) -> list[str]:
    running = "is running" if ran_before else "goes on running"
    return [
        "",
        "What next? Each in a terminal of its own:",
        f"  {cli.command(f'host {quiz_id}')}",
        f"  {cli.command('play --nick YOU')}",
        f"  {cli.command('leaderboard --watch')}",
        f"To hear of winners: {cli.command('winners subscribe ENDPOINT')}",
        f"Your own quiz: {cli.command('quiz create FILE.yaml')}",
        f"The local platform {running}; stop it with: quizkit local stop",
    ]
