"""What a demonstration shows."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from quizkit.cli.screens.audience import AudienceScreen
from quizkit.sdk.live_events import LiveEvent
from tests.cli import samples
from tests.cli.samples import as_text


def test_a_session_from_the_lobby_to_the_podium() -> None:
    """Lobby, question, answers, what was right, the board and the winners are shown in turn."""
    screen = AudienceScreen("Capitals", "123456")
    story: list[tuple[LiveEvent, str, str]] = [
        (samples.JOINED, "lobby", ""),
        (samples.LOBBY, "lobby: 2 players", "lobby: 2 players"),
        (samples.opened(), "Capital of Australia?", "Question 1 of 2: Capital of Australia?"),
        (samples.COUNT, "answers: 1 of 2", "  answers: 1 of 2"),
        (samples.CLOSED, "right: Canberra (1 knew it)", "  right: Canberra (1 knew it)"),
        (samples.BOARD, "975", "  1st: Bob (975)\n  2nd: Ada (0)"),
        (samples.FINISHED, "1st", "Finished. The winners:\n  1st: Bob (975)\n  2nd: Ada (0)"),
    ]
    for event, seen, told in story:
        screen.apply(event)
        text = as_text(screen.render())
        assert "Capitals · PIN 123456" in text
        assert seen in text
        assert "\n".join(screen.lines(event)) == told
    assert [entry.nickname for entry in screen.podium] == ["Bob", "Ada"]


@pytest.mark.parametrize(
    ("kind", "ended", "told"),
    [
        ("multiple", {"correct": ["a", "b"], "right": 1}, "right: Sydney, Canberra (1 knew it)"),
        ("order", {"correct": ["b", "a", "c"], "counts": {}, "right": 2},
         "right: Canberra, Sydney, Perth (2 knew it)"),
        ("number", {"correct": 1_822, "counts": {}, "right": 0}, "right: 1822 (0 knew it)"),
        ("text", {"correct": ["ACT"], "counts": {}, "right": 3}, "right: “ACT” (3 knew it)"),
        ("poll", {"correct": [], "right": 0}, "chosen: Sydney 1, Canberra 1, Perth 0"),
        ("slide", {"correct": [], "counts": {}, "right": 0}, ""),
    ],
)  # fmt: skip
def test_the_end_of_each_kind(kind: str, ended: dict[str, Any], told: str) -> None:
    """What was right and how many knew it; a poll's counts; nothing of a slide."""
    screen = AudienceScreen("Capitals", "123456")
    bare = kind in ("number", "text", "slide")
    screen.apply(samples.opened(kind=kind, **({"options": ()} if bare else {})))
    closed = replace(samples.CLOSED, **ended)
    screen.apply(closed)
    assert list(screen.lines(closed)) == ([f"  {told}"] if told else [])
    assert told in as_text(screen.render())
    assert "answers" not in as_text(screen.render())
