"""A quiz with its key, as authors read it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from quizkit.cli.render import clean
from quizkit.core.kinds import UNSCORED
from quizkit.core.quiz import DEFAULT_POINTS, Question, Quiz, parse


def quiz_lines(document: Mapping[str, Any]) -> list[str]:
    """A native document, question by question: right options have a star."""
    quiz = parse(document)
    lines = [f"({rules})"] if (rules := _quiz_rules(quiz)) else []
    for number, question in enumerate(quiz.questions, 1):
        rules = _rules(question)
        lines += ["", f"{number}. {clean(question.text)}{f' ({rules})' if rules else ''}"]
        lines += [f"   {line}" for line in _answers(question)]
    return lines


def _quiz_rules(quiz: Quiz) -> str:
    """What is not as usual in the whole quiz."""
    unusual = (
        ("flat scoring", quiz.scoring == "flat"),
        ("self-paced", quiz.feedback == "immediate"),
        (f"streak bonus {quiz.streak_bonus}", quiz.streak_bonus),
        ("options shuffled", quiz.shuffle),
    )
    return ", ".join(text for text, there in unusual if there)


def _rules(question: Question) -> str:
    """The kind, where the options do not show it, and what is not as usual."""
    kind, rules = question.kind, question.rules
    unusual = (
        (kind, kind not in ("choice", "multiple")),
        (f"{question.points} points", kind not in UNSCORED and question.points != DEFAULT_POINTS),
        ("balanced: each right part counts", rules.grading == "balanced"),
        ("accents do not count", rules.fold == "loose"),
        (f"penalty {rules.penalty}", rules.penalty),
    )
    return ", ".join(text for text, there in unusual if there)


def _answers(question: Question) -> list[str]:
    """The options, or what counts as right."""
    rules = question.rules
    match question.kind:
        case "text":
            return [f"* {clean(spelling)}" for spelling in question.correct]
        case "number":
            within = f" ± {rules.tolerance}" if rules.tolerance != "0" else ""
            span = f", from {rules.range[0]} to {rules.range[1]}" if rules.range else ""
            near = ", the nearer the more" if rules.nearest else ""
            return [f"* {question.correct[0]}{within}{span}{near}"]
        case "order":
            texts = {option.id: clean(option.text) for option in question.options}
            return [f"{place}. {texts[each]}" for place, each in enumerate(question.correct, 1)]
    return [
        f"{'*' if option.correct else ' '} {option.id}) {clean(option.text)}"
        for option in question.options
    ]
