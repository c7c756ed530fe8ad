"""Sessions from the command line; what needs no platform."""

from __future__ import annotations

from typing import cast

import pytest

from quizkit.cli.commands.session import _expression, _results_table, _standing
from quizkit.sdk.documents import ResultsDocument
from quizkit.sdk.errors import Misuse
from tests.cli.samples import as_text


@pytest.mark.parametrize(
    ("at", "cron", "rate", "timezone", "expression"),
    [
        ("2030-01-31T18:00", None, None, None, "at(2030-01-31T18:00:00)"),
        ("2030-01-31 18:00:05", None, None, "Europe/Berlin", "at(2030-01-31T17:00:05)"),
        ("2030-01-31T18:00+02:00", None, None, None, "at(2030-01-31T16:00:00)"),
        (None, "0 18 ? * FRI *", None, "Europe/Berlin", "cron(0 18 ? * FRI *)"),
        (None, None, "1 day", None, "rate(1 day)"),
    ],
)
def test_schedules_are_written_as_eventbridge_does(
    at: str | None, cron: str | None, rate: str | None, timezone: str | None, expression: str
) -> None:
    """Each of the three ways becomes its expression; a single time is told in UTC."""
    assert _expression(at, cron, rate, timezone) == expression


@pytest.mark.parametrize(
    ("at", "cron", "timezone"),
    [
        (None, None, None),
        ("2030-01-31", "* * * * ? *", None),
        ("tomorrow", None, None),
        ("2030-01-31T18:00Z", None, "UTC"),
        ("2030-01-31T18:00", None, "Mars/Olympus"),
    ],
)
def test_a_schedule_needs_one_clear_time(
    at: str | None, cron: str | None, timezone: str | None
) -> None:
    """No time, two, an unreadable one, one with two zones, an unknown zone: wrong usage."""
    with pytest.raises(Misuse):
        _expression(at, cron, None, timezone)


@pytest.mark.parametrize(
    ("state", "told"),
    [
        ("lobby", "in the lobby, locked"),
        ("open", "question 2 of 3 is open, locked"),
        ("revealed", "question 2 of 3 is over, locked"),
        ("finished", "finished"),
    ],
)
def test_where_a_session_stands(state: str, told: str) -> None:
    """Each state is told in words."""
    session = {
        "session_id": "s1",
        "state": state,
        "question_index": 1,
        "questions": 3,
        "locked": True,
    }
    assert _standing(session) == f"session s1: {told}"


def test_results_have_a_column_a_question() -> None:
    """Right answers carry their points with a plus, missing ones a dash."""
    found = {
        "title": "Capitals",
        "state": "finished",
        "questions": [{"question_id": "q1"}, {"question_id": "q2"}, {"question_id": "q3"}],
        "participants": [
            {
                "rank": 1,
                "nickname": "Ada",
                "score": 975,
                "answers": [
                    {"question_id": "q1", "answer": ["b"], "correct": True, "points": 975},
                    {"question_id": "q2", "answer": ["a", "c"], "correct": False, "points": 0},
                ],
            }
        ],
    }
    text = as_text(_results_table(cast(ResultsDocument, found)))
    line = next(line for line in text.splitlines() if "Ada" in line)
    assert line.split() == ["1", "Ada", "975", "b", "+975", "a,c", "0", "–"]
