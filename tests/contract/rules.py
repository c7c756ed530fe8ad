"""The contract's formula and ranking, computed once more with exact fractions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import floor
from typing import Any

HALF = Fraction(1, 2)


def speed(points: int, elapsed_ms: int, time_limit: int) -> int:
    """`round(points × (1 − elapsed / time_limit / 2))`, half up; full points under 0.5 s."""
    elapsed = Fraction(elapsed_ms, 1_000)
    if elapsed < HALF:
        return points
    return floor(points * (1 - elapsed / time_limit / 2) + HALF)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as authored and as it was opened."""

    question_id: str
    opens_at: int
    time_limit: int
    points: int
    right: frozenset[str]


@dataclass(frozen=True, slots=True)
class Given:
    """An answer that the server acknowledged."""

    answer: tuple[str, ...]
    received_at: int


def points_of(asked: Asked, given: Given | None, scoring: str) -> int:
    """What an acknowledged answer is worth."""
    if given is None or frozenset(given.answer) != asked.right:
        return 0
    if scoring == "flat":
        return asked.points
    return speed(asked.points, given.received_at - asked.opens_at, asked.time_limit)


def ranking(
    joined: Sequence[str],
    asked: Sequence[Asked],
    given: Mapping[tuple[str, str], Given],
    scoring: str,
) -> list[tuple[int, str, int]]:
    """Rank, participant and score, best first: score, then time of right answers, then join.

    Args:
        joined: participants in the order in which they joined.
        given: acknowledged answers by participant and question.
    """
    lines = []
    for place, who in enumerate(joined):
        score = time = 0
        for question in asked:
            answer = given.get((who, question.question_id))
            score += points_of(question, answer, scoring)
            if answer is not None and frozenset(answer.answer) == question.right:
                time += answer.received_at - question.opens_at
        lines.append((-score, time, place, who))
    lines.sort()
    return [(rank, who, -minus) for rank, (minus, _, _, who) in enumerate(lines, start=1)]


def lines_of(entries: Sequence[Mapping[str, Any]]) -> list[tuple[int, str, int]]:
    """The entries of a board in the form of `ranking`."""
    return [(entry["rank"], entry["participant_id"], entry["score"]) for entry in entries]
