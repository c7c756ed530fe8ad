"""The player's screen."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from quizkit.cli.screens.player import PlayerScreen
from quizkit.sdk.live_events import Disconnected, Joined, LiveEvent, Reconnected, ServerError, You
from tests.cli import samples
from tests.cli.samples import as_text


@pytest.fixture
def screen() -> PlayerScreen:
    """A screen before its first event."""
    return PlayerScreen()


def seen(screen: PlayerScreen, *events: LiveEvent) -> str:
    """What stands on the screen after these events."""
    for event in events:
        screen.apply(event)
    return as_text(screen.render())


def test_the_lobby(screen: PlayerScreen) -> None:
    """One's name stands there, and that it has not begun."""
    text = seen(screen, samples.JOINED, samples.LOBBY)
    assert "Capitals · Ada · 0 points" in text
    assert "Wait for the first question" in text
    assert "2 players are here" in text


def test_a_question_says_how_to_answer(screen: PlayerScreen) -> None:
    """One option is answered with a letter, several are marked and sent; sent is sent."""
    assert "Answer with a letter." in seen(screen, samples.JOINED, samples.opened())
    several = samples.opened(id="q2", kind="multiple")
    assert "send with Enter" in seen(screen, several)
    screen.chosen, screen.sent = ["a"], True
    text = seen(screen)
    assert "▶ a" in text
    assert "Your answer is in." in text


def test_the_result_tells_points_and_rank(screen: PlayerScreen) -> None:
    """Right or wrong, with the points, the score and the place, and the board."""
    text = seen(screen, samples.JOINED, samples.opened(), samples.CLOSED, samples.BOARD)
    assert "Right: 975 points. You have 975 points, rank 1." in text
    assert "✓ b" in text
    assert "Bob" in text
    wrong = replace(samples.CLOSED, you=You(0, 2, ["a"], False, 0))
    assert "Wrong: 0 points." in seen(screen, wrong)
    missed = replace(samples.CLOSED, you=You(0, 2, None, False, 0))
    assert "No answer: 0 points." in seen(screen, missed)


def test_the_end(screen: PlayerScreen) -> None:
    """The winners and one's own place stand there, and stay on the terminal."""
    text = seen(screen, samples.JOINED, samples.FINISHED)
    assert screen.state == "finished"
    for shown in (text, as_text(*screen.farewell())):
        assert "1st" in shown
        assert "You have 975 points, rank 1." in shown


def test_coming_back_keeps_score_and_answer(screen: PlayerScreen) -> None:
    """After a lost connection the score is there, and an answer given is not asked for again."""
    asked = samples.opened()
    state = samples.snapshot(
        state="open",
        score=500,
        rank=3,
        question=asked.question,
        opens_at=asked.opens_at,
        closes_at=asked.closes_at,
        answered=["b"],
    )
    assert "CONNECTION LOST" in seen(screen, samples.JOINED, Disconnected("gone"))
    text = seen(screen, Reconnected(state))
    assert "500 points" in text
    assert "▶ b" in text
    assert screen.sent
    waiting = seen(PlayerScreen(), Joined(samples.snapshot(state="revealed", score=5, rank=1)))
    assert "Wait for the next question." in waiting


def test_marks_survive_a_short_loss(screen: PlayerScreen) -> None:
    """What was marked before the connection was lost is still marked after it."""
    asked = samples.opened(kind="multiple")
    seen(screen, samples.JOINED, asked)
    screen.chosen = ["a", "c"]
    state = samples.snapshot(
        state="open",
        question=asked.question,
        opens_at=asked.opens_at,
        closes_at=asked.closes_at,
    )
    seen(screen, Disconnected("gone"), Reconnected(state))
    assert screen.chosen == ["a", "c"]


@pytest.mark.parametrize(
    ("kind", "more", "told"),
    [
        ("boolean", {}, "Answer with a letter."),
        ("poll", {}, "Answer with a letter."),
        ("order", {}, "Type the letters in order"),
        ("text", {"options": ()}, "Type your answer"),
        ("number", {"options": ()}, "Type a number, send with Enter"),
        ("number", {"options": (), "range": (1500, 1900)}, "a number from 1500 to 1900"),
        ("slide", {"options": ()}, "Nothing to answer"),
    ],
)
def test_each_kind_says_how_it_is_answered(
    screen: PlayerScreen, kind: str, more: dict[str, Any], told: str
) -> None:
    """What to type is said in words, before anything is typed."""
    assert told in seen(screen, samples.JOINED, samples.opened(kind=kind, **more))


def test_what_is_typed_stands_there(screen: PlayerScreen) -> None:
    """A text with a cursor until it is sent; options with their places in the order."""
    seen(screen, samples.JOINED, samples.opened(kind="text", options=()))
    screen.typed = "Canb"
    assert "▶ Canb▏" in seen(screen)
    screen.sent = True
    assert "▶ Canb\n" in "\n".join(line.rstrip(" │") for line in seen(screen).splitlines())
    seen(screen, samples.opened(id="q2", kind="order"))
    screen.chosen = ["c", "a"]
    text = seen(screen)
    assert "1 c  Perth" in text
    assert "2 a  Sydney" in text


def test_coming_back_to_a_typed_answer(screen: PlayerScreen) -> None:
    """A number that was sent before the connection was lost is shown again, as sent."""
    asked = samples.opened(kind="number", options=())
    state = samples.snapshot(
        state="open",
        question=asked.question,
        opens_at=asked.opens_at,
        closes_at=asked.closes_at,
        answered=0,
    )
    assert "▶ 0" in seen(screen, Joined(state))
    assert screen.sent


VERDICTS: list[tuple[str, You, str]] = [
    ("multiple", You(400, 2, ["a"], False, 400), "Partly right: 400 points."),
    ("number", You(400, 2, 7, False, 400), "Close: 400 points."),
    ("number", You(-50, 2, 7, False, -50), "Wrong: -50 points. You have -50 points, rank 2."),
    ("text", You(0, 2, "Sydney", False, 0), "Wrong: 0 points."),
    ("order", You(9, 1, ["a", "b", "c"], True, 9), "Right: 9 points."),
    ("poll", You(0, 2, ["a"], False, 0), "Thanks for your answer."),
    ("poll", You(0, 2, None, False, 0), "No answer."),
]


@pytest.mark.parametrize(("kind", "you", "told"), VERDICTS)
def test_the_verdict_of_each_kind(screen: PlayerScreen, kind: str, you: You, told: str) -> None:
    """Partial credit, penalties and polls have words of their own, as lines and on the screen."""
    closed = replace(samples.CLOSED, you=you)
    text = seen(screen, samples.JOINED, samples.opened(kind=kind), closed)
    assert told in text
    assert next(iter(screen.lines(closed))).startswith(told)


def test_slides_have_no_verdict(screen: PlayerScreen) -> None:
    """A slide ends with what it explains, and nothing is said of an answer."""
    you = You(0, 1, None, False, 0)
    closed = replace(samples.CLOSED, correct=[], counts={}, you=you)
    text = seen(screen, samples.JOINED, samples.opened(kind="slide", options=()), closed)
    assert "Chosen in 1908." in text
    assert "answer" not in text
    assert list(screen.lines(closed)) == ["  Chosen in 1908."]


def test_polls_show_what_others_chose(screen: PlayerScreen) -> None:
    """In a poll the counts are the result, so players see them as lines, too."""
    closed = replace(samples.CLOSED, correct=[], explanation=None)
    screen.apply(samples.opened(kind="poll"))
    screen.apply(closed)
    assert "Chosen: Sydney 1, Canberra 1, Perth 0" in screen.lines(closed)


def test_lines_tell_the_whole_story(screen: PlayerScreen) -> None:
    """Without a moving screen every event that matters is a line."""
    asked = samples.opened()
    story: list[tuple[LiveEvent, str]] = [
        (samples.JOINED, "Ada has joined “Capitals”"),
        (asked, "Capital of Australia?"),
        (Disconnected("gone"), "connection lost"),
        (Reconnected(samples.snapshot()), "connected again"),
        (samples.CLOSED, "Right: 975 points. You have 975 points, rank 1."),
        (samples.BOARD, "1st: Bob (975)"),
        (ServerError("c", "hm"), "the platform says: hm"),
        (samples.FINISHED, "You have 975 points, rank 1."),
    ]
    for event, told in story:
        screen.apply(event)
        assert told in "\n".join(screen.lines(event))
    assert list(screen.lines(samples.COUNT)) == []
