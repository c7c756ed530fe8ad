"""Boards and podiums."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from quizkit.cli.render import clean, moment, table

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table

    from quizkit.sdk.live_events import Entry

_MEDALS = {1: "1st", 2: "2nd", 3: "3rd"}


def board_view(document: Mapping[str, Any]) -> RenderableType:
    """The board as `GET /leaderboard/{session_id}` gives it, and where it comes from."""
    from rich.console import Group
    from rich.text import Text

    rows = table("rank", "nickname", "score", right=("rank", "score"))
    for entry in document["entries"]:
        rows.add_row(str(entry["rank"]), clean(entry["nickname"]), str(entry["score"]))
    more = document["total"] - len(document["entries"])
    state = f"{document['state']}, " if "state" in document else ""
    told = (
        f"{f'and {more} more; ' if more > 0 else ''}{state}as of {moment(document['as_of'])} "
        f"from {document['source']}"
    )
    return Group(rows, Text(told, style="dim"))


def entries_table(entries: Iterable[Entry], *, own: str | None = None) -> Table:
    """Lines of a board; the line of the participant `own` stands out."""
    rows = table("rank", "nickname", "score", right=("rank", "score"))
    for entry in entries:
        rows.add_row(
            str(entry.rank),
            clean(entry.nickname),
            str(entry.score),
            style="bold cyan" if entry.participant_id == own else None,
        )
    return rows


def podium_table(entries: Iterable[Entry]) -> Table:
    """The winners."""
    rows = table("place", "winner", "score", right=("score",))
    for entry in entries:
        rows.add_row(
            _MEDALS.get(entry.rank, str(entry.rank)),
            clean(entry.nickname),
            str(entry.score),
            style="bold yellow" if entry.rank == 1 else None,
        )
    return rows


def podium_lines(entries: Iterable[Entry]) -> list[str]:
    """The winners, a line each."""
    return [
        f"  {_MEDALS.get(entry.rank, entry.rank)}: {clean(entry.nickname)} ({entry.score})"
        for entry in entries
    ]
