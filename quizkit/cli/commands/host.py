"""`quizkit host`: a live session, run from this terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from quizkit.cli.choosing import the_session
from quizkit.cli.commands.session import (
    Auto,
    CloseEarly,
    LobbySeconds,
    MaxPlayers,
    RevealSeconds,
    participant_named,
)
from quizkit.cli.context import Cli
from quizkit.sdk.errors import Misuse

if TYPE_CHECKING:
    from quizkit.cli.screens.host import HostScreen
    from quizkit.sdk.documents import SessionDocument


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(host)


def host(
    context: typer.Context,
    quiz: Annotated[
        str | None,
        typer.Argument(help="The quiz to start a session of.", metavar="QUIZ", show_default=False),
    ] = None,
    session: Annotated[
        str | None,
        typer.Option(help="Go on with this session instead (id or PIN).", metavar="SESSION"),
    ] = None,
    auto: Auto = False,
    lobby_seconds: LobbySeconds = None,
    reveal_seconds: RevealSeconds = None,
    close_early: CloseEarly = False,
    max_players: MaxPlayers = None,
) -> None:
    """Run a live session from this terminal.

    On a terminal single keys are commands: Enter or n for the next question, c to close one,
    k to kick, l to lock, e to end, q to leave the screen. Elsewhere lines from standard input
    are: n, c, k NAME, l, u, e, q.
    """
    cli = Cli.of(context)
    if (quiz is None) == (session is None):
        raise Misuse(
            "Name a quiz to start, or a session to go on with, not both.",
            hint="such as: quizkit host QUIZ, or: quizkit host --session PIN",
        )
    found: SessionDocument
    if session is not None:
        found = the_session(cli, session)
    else:
        found = cli.admin.start_session(
            str(quiz),
            auto=auto,
            lobby_seconds=lobby_seconds,
            reveal_seconds=reveal_seconds,
            close_early=close_early,
            max_participants=max_players,
        )
    run_host(cli, found)


def run_host(cli: Cli, session: SessionDocument) -> None:
    """Host a session until it is finished or the screen is left; says how it goes on."""
    import asyncio

    from quizkit.cli.screens.host import HostScreen

    cli.out.line({"event": "session", **session})
    screen = HostScreen(
        title=session["title"],
        pin=session["pin"],
        join=cli.command(f"play {session['pin']}"),
        auto=session["auto"],
        locked=session["locked"],
    )
    finished = False
    try:
        finished = asyncio.run(_host(cli, session["session_id"], screen))
    finally:
        if not finished:
            _say_how_on(cli, session["pin"])
    if finished and cli.out.animated:
        cli.out.say(*screen.farewell())
    if finished:
        details = cli.command(f"session results {session['session_id']}")
        cli.out.note(f"all answers: {details}", style="dim")


async def _host(cli: Cli, session_id: str, screen: HostScreen) -> bool:
    from quizkit.cli.screens.hosting import Hosting
    from quizkit.cli.screens.input import Input
    from quizkit.cli.screens.show import Show
    from quizkit.sdk.live import LiveSession

    def tickets() -> Any:
        return cli.admin.host_ticket(session_id)

    async with await LiveSession.host(tickets) as session:
        hosting = Hosting(
            session=session,
            screen=screen,
            show=Show(cli.out, screen),
            find=lambda nickname: participant_named(cli, session_id, nickname),
            typed=Input(keys=cli.out.animated),
        )
        return await hosting.run()


def _say_how_on(cli: Cli, pin: str) -> None:
    attach = cli.command(f"host --session {pin}")
    end = cli.command(f"session end {pin}")
    cli.out.note(f"The session goes on. Back to it: {attach}", f"End it: {end}")
