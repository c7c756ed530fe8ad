"""Which session is meant: by id, by PIN, or the one that is live where none is named."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from quizkit.cli.context import Cli
from quizkit.cli.render import clean
from quizkit.sdk.errors import Misuse, NotFound

if TYPE_CHECKING:
    from quizkit.sdk.documents import SessionDocument, SessionSummary

SessionName = Annotated[
    str | None,
    typer.Argument(
        help="Id or PIN of the session; the one that is live unless named.", metavar="SESSION"
    ),
]


def the_session(cli: Cli, name: str | None) -> SessionDocument:
    """The session that is meant.

    Raises:
        NotFound: there is no such session, or none is named and none is live.
        Misuse: none is named and several are live.
    """
    return cli.admin.get_session(name if name else _only_live(cli)["session_id"])


def the_session_id(cli: Cli, name: str | None) -> str:
    """As `the_session`, without asking about a session that is named by its id."""
    if name and not name.replace(" ", "").isdigit():
        return name
    return the_session(cli, name)["session_id"]


def the_pin(cli: Cli) -> str:
    """The PIN of the one session that is live; raises as `the_session`."""
    return _only_live(cli)["pin"]


def _only_live(cli: Cli) -> SessionSummary:
    live = cli.admin.list_sessions(live=True)
    if len(live) == 1:
        return live[0]
    if live:
        listed = ", ".join(f"{item['pin']} ({clean(item['title'])})" for item in live[:10])
        raise Misuse(
            f"{len(live)} sessions are live: {listed}.", hint="name one of them by its PIN"
        )
    raise NotFound("No session is live.", hint=_instead(cli), code="session_not_found")


def _instead(cli: Cli) -> str:
    """What to type where nothing is live: a start, or the session that finished last."""
    start = cli.command("session start QUIZ")
    past = cli.admin.list_sessions()
    if not past:
        return f"start one with: {start}"
    last = max(past, key=lambda item: item["finished_at"] or item["created_at"])
    return f"start one with: {start}; the last one was {last['session_id']}"
