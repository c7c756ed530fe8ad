"""Boards and podiums."""

from __future__ import annotations

from quizkit.cli.views.tables import board_view, entries_table, podium_lines, podium_table
from tests.cli.samples import ENTRIES, as_text

DOCUMENT = {
    "session_id": "s1",
    "state": "open",
    "as_of": 1_700_000_000_000,
    "source": "redis",
    "total": 5,
    "entries": [{"rank": 1, "participant_id": "p", "nickname": "Eve\x1b[2J", "score": 10}],
}


def test_a_board_says_how_many_and_from_where() -> None:
    """Lines, what is not shown, state and source stand there; nicknames do nothing."""
    text = as_text(board_view(DOCUMENT))
    assert "Eve�[2J" in text
    assert "and 4 more; open, as of 2023-11-1" in text
    assert "from redis" in text


def test_a_whole_board_says_nothing_more() -> None:
    """Where all lines are shown, none are counted."""
    whole = {**DOCUMENT, "total": 1}
    assert "more" not in as_text(board_view(whole))


def test_podiums_and_boards_keep_the_order() -> None:
    """The first comes first, in tables and in lines."""
    assert podium_lines(ENTRIES) == ["  1st: Bob (975)", "  2nd: Ada (0)"]
    for text in (as_text(podium_table(ENTRIES)), as_text(entries_table(ENTRIES, own="p1"))):
        assert text.index("Bob") < text.index("Ada")
