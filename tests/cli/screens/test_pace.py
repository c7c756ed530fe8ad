"""Counts worth a line."""

from __future__ import annotations

from quizkit.cli.screens.pace import Paced
from quizkit.sdk.live_events import AnswerCount


def test_once_a_second_and_when_complete() -> None:
    """Between seconds only the complete count is told."""
    now = [0.0]
    paced = Paced(lambda: now[0])

    def count(answers: int) -> bool:
        return paced.worth(AnswerCount("s", 1, "q1", answers, 3))

    assert [count(1), count(2), count(3)] == [True, False, True]
    now[0] = 1.5
    assert count(1)
