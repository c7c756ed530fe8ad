"""What a demonstration shows."""

from __future__ import annotations

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
