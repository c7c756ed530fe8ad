"""The host's screen."""

from __future__ import annotations

from dataclasses import replace

import pytest

from quizkit.cli.screens.host import HostScreen
from quizkit.cli.views.digits import big
from quizkit.sdk.live_events import Disconnected, LiveEvent, Reconnected, ServerError
from tests.cli import samples
from tests.cli.samples import as_text


@pytest.fixture
def screen() -> HostScreen:
    """A screen before its first event."""
    return HostScreen(
        title="Capitals", pin="123456", join="quizkit play 123456", auto=False, locked=False
    )


def seen(screen: HostScreen, *events: LiveEvent) -> str:
    """What stands on the screen after these events."""
    for event in events:
        screen.apply(event)
    return as_text(screen.render())


def test_the_lobby_shows_how_to_join(screen: HostScreen) -> None:
    """The PIN stands there big, with the command that joins and who has come."""
    text = seen(screen, samples.JOINED, samples.LOBBY)
    assert all(line in text for line in big("123456").splitlines())
    assert "quizkit play 123456" in text
    assert "2 players in the lobby" in text
    assert "Bob, Ada" in text
    assert "[n] first question" in text


def test_a_question_shows_clock_and_answers(screen: HostScreen) -> None:
    """While a question is open, time runs and answers are counted."""
    text = seen(screen, samples.JOINED, samples.opened(), samples.COUNT)
    assert screen.state == "open"
    assert "Question 1 of 2" in text
    assert "1 of 2 have answered" in text
    assert "[c] close now" in text


def test_results_and_board_then_the_podium(screen: HostScreen) -> None:
    """After a question its result and the board stand there, at the end the winners."""
    screen.notice = "closing …"
    text = seen(screen, samples.JOINED, samples.opened(), samples.CLOSED, samples.BOARD)
    assert "✓ b" in text
    assert "Chosen in 1908." in text
    assert "975" in text
    assert "closing" not in text
    text = seen(screen, samples.FINISHED)
    assert screen.state == "finished"
    assert "1st" in text
    assert "1st" in as_text(*screen.farewell())


def test_polls_show_their_counts_and_no_key(screen: HostScreen) -> None:
    """Nothing is ticked in a poll; how often each option was chosen stands there."""
    closed = replace(samples.CLOSED, correct=[], counts={"a": 3, "b": 1, "c": 0}, right=0)
    text = seen(screen, samples.JOINED, samples.opened(kind="poll"), closed)
    assert "✓" not in text
    assert "█ 3" in text
    assert "right" not in text
    assert "Chosen: Sydney 3, Canberra 1, Perth 0" in screen.lines(closed)


def test_typed_questions_show_the_key_and_how_many_knew_it(screen: HostScreen) -> None:
    """There are no options to count, so the number of right answers stands there."""
    asked = samples.opened(kind="number", options=(), range=(1500, 1900))
    closed = replace(samples.CLOSED, correct=1_822, counts={}, right=4)
    assert "a number from 1500 to 1900" in "\n".join(screen.lines(asked))
    text = seen(screen, samples.JOINED, asked, closed)
    assert "✓ 1822" in text
    assert "4 players were right" in text
    assert "Right: 1822 (4 players were right)" in screen.lines(closed)


def test_slides_are_only_shown(screen: HostScreen) -> None:
    """Nobody is waited for, and nothing was right."""
    asked = samples.opened(kind="slide", options=())
    text = seen(screen, samples.JOINED, asked, samples.COUNT)
    assert "only shown" in text
    assert "have answered" not in text
    closed = replace(samples.CLOSED, correct=[], counts={}, explanation=None, right=0)
    assert "right" not in seen(screen, closed)
    assert list(screen.lines(closed)) == []


def test_coming_back_between_questions(screen: HostScreen) -> None:
    """A host who attaches while a result is shown elsewhere knows what to do."""
    from quizkit.sdk.live_events import Joined

    text = seen(screen, Joined(samples.snapshot(state="revealed")))
    assert "next one has not been opened yet" in text
    assert "[n] next" in text


def test_coming_back_into_a_question(screen: HostScreen) -> None:
    """A host who attaches while a question is open sees it with the time that is left."""
    event = samples.opened()
    state = samples.snapshot(
        state="open",
        question=event.question,
        opens_at=event.opens_at - 12_000,
        closes_at=event.closes_at - 12_000,
    )
    assert " 8 s" in seen(screen, Reconnected(state))


def test_a_lost_connection_is_told(screen: HostScreen) -> None:
    """The screen says so while it lasts, and no longer."""
    assert "CONNECTION LOST" in seen(screen, samples.JOINED, Disconnected("gone"))
    assert "CONNECTION LOST" not in seen(screen, Reconnected(samples.snapshot()))


def test_locks_notices_and_prompts_are_shown(screen: HostScreen) -> None:
    """What the host did, and is doing, stands below the panel."""
    screen.locked = True
    screen.prompt = "kick whom? E▏"
    text = seen(screen, samples.JOINED, ServerError("c", "the platform is unwell"))
    assert "locked" in text
    assert "the platform is unwell" in text
    assert "kick whom? E" in text


def test_lines_tell_the_whole_story(screen: HostScreen) -> None:
    """Without a moving screen every event that matters is a line."""
    story: list[tuple[LiveEvent, str]] = [
        (samples.JOINED, "PIN 123456 · Capitals · join with: quizkit play 123456"),
        (samples.LOBBY, "lobby: 2 players; newest: Bob, Ada"),
        (Disconnected("gone"), "connection lost; trying to get it back"),
        (Reconnected(samples.snapshot()), "connected again"),
        (samples.COUNT, "  answers: 1 of 2"),
        (samples.BOARD, "Board:\n  1st: Bob (975)\n  2nd: Ada (0)"),
        (ServerError("c", "hm"), "the platform says: hm"),
        (samples.FINISHED, "\nFinished. Winners:\n  1st: Bob (975)\n  2nd: Ada (0)"),
    ]
    for event, told in story:
        screen.apply(event)
        assert "\n".join(screen.lines(event)) == told
    question = samples.opened()
    screen.apply(question)
    assert "Capital of Australia?" in "\n".join(screen.lines(question))
    assert "Right: b) Canberra" in "\n".join(screen.lines(samples.CLOSED))
