"""The quizzes that come with the package."""

from __future__ import annotations

from collections import Counter
from importlib.resources import files
from pathlib import Path

import pytest

from quizkit.core.kinds import KINDS, UNSCORED
from quizkit.sdk.formats import load
from quizkit.sdk.formats.advice import advice

SAMPLES = sorted(Path(str(files("quizkit") / "samples")).glob("*.yaml"))


def test_there_are_enough() -> None:
    """At least three quizzes of ten or more questions, and a quick one."""
    long = [path.stem for path in SAMPLES if len(load(path).quiz.questions) >= 10]
    assert len(long) >= 3
    quick = load(next(path for path in SAMPLES if path.stem == "quickstart")).quiz
    assert {question.time_limit for question in quick.questions} == {10}


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_each_is_worth_playing(path: Path) -> None:
    """Valid, with explanations and sources, and the right option at varied places."""
    quiz = load(path).quiz
    asked = [question for question in quiz.questions if question.kind not in UNSCORED]
    assert all(question.explanation for question in asked)
    assert "Sources:" in path.read_text("utf-8")
    marked = [question for question in asked if question.kind in ("choice", "multiple")]
    places = Counter(question.correct[0] for question in marked)
    assert len(places) >= 3
    assert max(places.values()) <= len(marked) / 2


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_nothing_is_to_be_advised(path: Path) -> None:
    """`quiz validate` has no warning for what comes along."""
    loaded = load(path)
    assert (*loaded.warnings, *advice(loaded.document, loaded.locate)) == ()


def test_one_has_every_kind() -> None:
    """The sample to learn the kinds from leaves none out, and each has its source."""
    quiz = load(next(path for path in SAMPLES if path.stem == "measuring")).quiz
    assert {question.kind for question in quiz.questions} == set(KINDS)
    assert all(question.source for question in quiz.questions if question.kind != "poll")
    rules = [question.rules for question in quiz.questions]
    assert {each.grading for each in rules} == {"all", "balanced"}
    assert {each.fold for each in rules} == {"case", "loose"}
    assert {each.nearest for each in rules} == {False, True}
    assert any(each.penalty for each in rules)
    assert quiz.streak_bonus > 0
    assert quiz.shuffle
