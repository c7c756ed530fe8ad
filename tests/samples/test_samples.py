"""The quizzes that come with the package."""

from __future__ import annotations

from collections import Counter
from importlib.resources import files
from pathlib import Path

import pytest

from quizkit.sdk.formats import load

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
    assert all(question.explanation for question in quiz.questions)
    assert "Sources:" in path.read_text("utf-8")
    places = Counter(question.correct[0] for question in quiz.questions)
    assert len(places) >= 3
    assert max(places.values()) <= len(quiz.questions) / 2
