"""Export, then import: the same quiz, wherever the format can hold it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from quizkit.core.quiz import parse, to_document
from quizkit.sdk.formats import load, write
from quizkit.sdk.formats.kahoot import TIMES
from quizkit.sdk.formats.load import read
from quizkit.sdk.formats.source import Source
from tests.sdk.formats.quizzes import documents, of_every_kind

#: Quizzes are made of many small texts; that takes a while, and hides nothing.
SLOW = settings(
    max_examples=50, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
)


@pytest.mark.parametrize("form", ["yaml", "json", "markdown"])
@SLOW
@given(data=st.data())
def test_native_formats_hold_everything(form: str, data: st.DataObject) -> None:
    """Any quiz comes back as it was, its format found by itself, and nothing is said."""
    document = to_document(parse(data.draw(documents())))
    written = write(document, form)
    loaded = load(written.content, "quiz")
    assert loaded.format == form
    assert loaded.document == document
    assert written.warnings == loaded.warnings == ()


@SLOW
@given(documents(controls=False, quiz=(), question=("explanation",), title=lambda t: "\n" not in t))
def test_gift(document: dict[str, Any]) -> None:
    """Titles, questions, right answers, explanations, in whatever characters."""
    quiz = parse(document)
    loaded = load(write(to_document(quiz), "gift").content, format="gift")
    assert loaded.quiz == quiz


@SLOW
@given(documents(controls=False, quiz=()))
def test_csv(document: dict[str, Any]) -> None:
    """All fields of questions; the title is the file's name."""
    quiz = parse(document)
    loaded = load(write(to_document(quiz), "csv").content, "x.csv", format="csv")
    assert loaded.quiz.questions == quiz.questions


@settings(SLOW, max_examples=40)
@given(documents(controls=False, quiz=(), question=(), most_options=4), st.sampled_from(TIMES))
def test_kahoot(document: dict[str, Any], seconds: int) -> None:
    """Texts that spreadsheets would calculate or change come back as they were."""
    for question in document["questions"]:
        question["time_limit"] = seconds
    quiz = parse(document)
    loaded = load(write(to_document(quiz), "kahoot").content, format="kahoot")
    assert loaded.quiz.questions == quiz.questions


ALL = ("balanced", "boolean", "text", "number", "nearest", "order", "poll", "slide")


@pytest.mark.parametrize("form", ["yaml", "json", "markdown"])
@SLOW
@given(data=st.data())
def test_every_kind_in_native_formats(form: str, data: st.DataObject) -> None:
    """The document of every kind comes back exactly."""
    extra = ("points", "penalty", "media", "alt", "explanation")
    question = data.draw(of_every_kind(kinds=ALL, controls=True, extra=extra))
    document = {"title": "T", "questions": [question]}
    assert read(Source(write(document, form).content), format=form).document == document


@SLOW
@given(of_every_kind(kinds=ALL, controls=False, extra=("points", "penalty", "alt", "media")))
def test_every_kind_in_csv(question: dict[str, Any]) -> None:
    """A column for each field."""
    document = {"title": "T", "questions": [question]}
    assert read(Source(write(document, "csv").content, "T.csv"), format="csv").document == document


@SLOW
@given(of_every_kind(kinds=("balanced", "text", "number", "slide"), controls=False))
def test_every_kind_in_gift(question: dict[str, Any]) -> None:
    """The kinds that Moodle has, too; what would become another one is left out and said."""
    document = {"title": "T", "questions": [question]}
    written = write(document, "gift")
    found = read(Source(written.content), format="gift").document
    if any("left out" in note.message for note in written.warnings):
        assert found["questions"] == []
    else:
        assert found == document
