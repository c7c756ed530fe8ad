"""`leaderboard` and `audit`: standings, and whether they are what the answers say."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from quizkit.cli.choosing import SessionName, the_session_id
from quizkit.cli.context import Cli
from quizkit.cli.exits import Exit
from quizkit.cli.patience import Patience
from quizkit.sdk.errors import Unreachable

if TYPE_CHECKING:
    from collections.abc import Iterator

_EVERY_SECONDS: Final = 1.0


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(leaderboard)
    app.command()(audit)


def leaderboard(
    context: typer.Context,
    session: SessionName = None,
    watch: Annotated[
        bool, typer.Option("--watch", "-w", help="Follow it until the session is finished.")
    ] = False,
    top: Annotated[int, typer.Option(help="How many lines.", min=1, max=5_000, metavar="N")] = 10,
) -> None:
    """The board of a session."""
    from quizkit.cli.views.tables import board_view

    cli = Cli.of(context)
    session_id = the_session_id(cli, session)
    if watch:
        _watch(cli, session_id, top)
        return
    document = cli.board.leaderboard(session_id, top)
    cli.out.result(document, board_view(document))


def audit(context: typer.Context, session: SessionName = None) -> None:
    """Recompute the standings from the stored answers and say whether they agree."""
    cli = Cli.of(context)
    found = cli.admin.audit(the_session_id(cli, session))
    counts = f"{found['answers']} answers of {found['participants']} participants"
    changed = found.get("key_unchanged") is False
    if found["agrees"]:
        lines = [f"The standings agree with {counts}."]
    elif found["differences"] or not changed:
        lines = [f"The standings do NOT agree with {counts}:"]
        lines += [f"  {difference}" for difference in found["differences"]]
    else:
        lines = [f"The standings follow from {counts}."]
    if changed:
        lines.append("The key is NOT the one that the session committed to at its start.")
    elif found.get("key_unchanged"):
        lines.append("The key is the one that the session committed to at its start.")
    cli.out.result(found, *lines)
    if not found["agrees"]:
        raise typer.Exit(Exit.OTHER)


def _watch(cli: Cli, session_id: str, top: int) -> None:
    """Show the board as it changes, moving on a terminal, else each change."""
    from quizkit.cli.views.tables import board_view

    if not cli.out.animated:
        for document in _changes(cli, session_id, top):
            cli.out.line(document)
            if not cli.out.as_json:
                cli.out.say(board_view(document))
        return
    from rich.live import Live

    with Live(console=cli.out.people, auto_refresh=False) as live:
        for document in _polls(cli, session_id, top):
            live.update(board_view(document), refresh=True)


def _changes(
    cli: Cli, session_id: str, top: int, every: float = _EVERY_SECONDS
) -> Iterator[dict[str, Any]]:
    """The board whenever it says something new."""
    before: dict[str, Any] | None = None
    for document in _polls(cli, session_id, top, every):
        content = {key: document.get(key) for key in ("state", "total", "entries")}
        if content != before:
            before = content
            yield document


def _polls(
    cli: Cli, session_id: str, top: int, every: float = _EVERY_SECONDS
) -> Iterator[dict[str, Any]]:
    """The board again and again; the last one is of the finished session.

    Raises:
        Unreachable: the platform has not answered for too long.
    """
    patience = Patience(cli.out)
    finished = False
    while True:
        try:
            document = cli.board.leaderboard(session_id, top)
        except Unreachable as exc:
            patience.missed(exc)
        else:
            patience.answered()
            yield document
            if finished:
                return
            # Finishing folds everything once more, so one more look comes after it.
            finished = document.get("state") == "finished"
        time.sleep(every)
