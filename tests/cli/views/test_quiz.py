"""A quiz with its key, as authors read it."""

from __future__ import annotations

from typing import Any

import pytest

from quizkit.cli.views.quiz import quiz_lines


def shown(question: dict[str, Any], **more: Any) -> list[str]:
    """What is shown of a quiz of one question."""
    return quiz_lines({"title": "T", "questions": [question], **more})


@pytest.mark.parametrize(
    ("question", "lines"),
    [
        (
            {"text": "Capital?", "options": ["Sydney", {"text": "Canberra", "correct": True}]},
            ["1. Capital?", "     a) Sydney", "   * b) Canberra"],
        ),
        (
            {"text": "Which?", "options": ["A", "B", "C"], "correct": ["a", "c"]},
            ["1. Which?", "   * a) A", "     b) B", "   * c) C"],
        ),
        (
            {"text": "Flat?", "kind": "boolean", "correct": False, "points": "double"},
            ["1. Flat? (boolean, 2000 points)", "     a) True", "   * b) False"],
        ),
        (
            {"text": "Who?", "kind": "text", "accept": ["Ada", "Lovelace"], "fold": "loose"},
            ["1. Who? (text, accents do not count)", "   * Ada", "   * Lovelace"],
        ),
        (
            {"text": "When?", "kind": "number", "correct": 1822, "penalty": 50},
            ["1. When? (number, penalty 50)", "   * 1822"],
        ),
        (
            {
                "text": "How high?",
                "kind": "number",
                "correct": 8848.86,
                "tolerance": 1.5,
                "nearest": True,
                "range": [7000, 10000],
            },
            [
                "1. How high? (number)",
                "   * 8848.86 ± 1.5, from 7000 to 10000, the nearer the more",
            ],
        ),
        (
            {"text": "Sort.", "kind": "order", "options": ["II", "I"], "correct": ["I", "II"]},
            ["1. Sort. (order)", "   1. I", "   2. II"],
        ),
        (
            {"text": "Sort.", "kind": "order", "options": ["1", "2"], "grading": "balanced"},
            ["1. Sort. (order, balanced: each right part counts)", "   1. 1", "   2. 2"],
        ),
        (
            {"text": "Like it?", "kind": "poll", "options": ["yes", "no"]},
            ["1. Like it? (poll)", "     a) yes", "     b) no"],
        ),
        ({"text": "Hello.", "kind": "slide"}, ["1. Hello. (slide)"]),
    ],
)
def test_each_kind(question: dict[str, Any], lines: list[str]) -> None:
    """Options with stars, spellings, a number with what is near enough, an order as it is right."""
    assert shown(question) == ["", *lines]


def test_rules_of_the_whole_quiz() -> None:
    """What is not as usual stands first."""
    question = {"text": "Hello.", "kind": "slide"}
    lines = shown(question, scoring="flat", feedback="immediate", streak_bonus=5, shuffle=True)
    assert lines[0] == "(flat scoring, self-paced, streak bonus 5, options shuffled)"


def test_texts_cannot_move_the_cursor() -> None:
    """Control characters of a stored quiz are shown as replacements."""
    assert "\x1b" not in "".join(shown({"text": "a\x1b[2Jb", "kind": "text", "accept": ["\x1bc"]}))
