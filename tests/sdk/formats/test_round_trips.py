"""Export, then import: the same quiz, wherever the format can hold it."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from quizkit.core.quiz import parse, to_document
from quizkit.sdk.errors import InvalidInput
from quizkit.sdk.formats import load, write
from quizkit.sdk.formats.kahoot import TIMES
from tests.sdk.formats.quizzes import documents

#: Quizzes are made of many small texts; that takes a while, and hides nothing.
SLOW = settings(
    max_examples=30, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
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


def stored(document: dict[str, Any]) -> dict[str, Any]:
    """A document as the platform gives it, with its defaults said."""
    return to_document(parse(document))


#: Kinds of questions that Moodle's GIFT has, too, with what it says of them.
IN_GIFT = ("choice", "multiple", "balanced", "boolean", "text", "number", "slide")


@SLOW
@given(
    documents(
        controls=False,
        quiz=(),
        fields=("explanation",),
        kinds=IN_GIFT,
        title=lambda t: "\n" not in t,
    )
)
def test_gift(document: dict[str, Any]) -> None:
    """Titles, questions, right answers, explanations; where it is not so, that is said."""
    wanted = stored(document)
    written = write(wanted, "gift")
    notes = [note.message for note in written.warnings]
    if not any(re.search("left out|no place|part of the points for", note) for note in notes):
        assert load(written.content, format="gift").document == wanted


@SLOW
@given(documents(controls=False, quiz=(), fields=("explanation",), kinds=("choice", "boolean")))
def test_gift_says_nothing_where_nothing_is_lost(document: dict[str, Any]) -> None:
    """The two kinds that it holds whole come back whole, without a note."""
    document["title"] = "T"
    wanted = stored(document)
    written = write(wanted, "gift")
    assert load(written.content, format="gift").document == wanted
    assert written.warnings == ()


@SLOW
@given(documents(controls=False, quiz=()))
def test_csv(document: dict[str, Any]) -> None:
    """All kinds with all fields; the title is the file's name."""
    wanted = stored(document)
    written = write(wanted, "csv")
    loaded = load(written.content, "x.csv", format="csv")
    assert loaded.document["questions"] == wanted["questions"]
    assert [note.message for note in written.warnings] == [
        "CSV has no title: when it is read, its name becomes one"
    ]


@settings(SLOW, max_examples=20)
@given(
    documents(controls=False, quiz=(), fields=(), kinds=("choice", "multiple"), most_options=4),
    st.sampled_from(TIMES),
)
def test_kahoot(document: dict[str, Any], seconds: int) -> None:
    """Texts that spreadsheets would calculate or change come back as they were."""
    for question in document["questions"]:
        question["time_limit"] = seconds
    wanted = stored(document)
    loaded = load(write(wanted, "kahoot").content, format="kahoot")
    assert loaded.document["questions"] == wanted["questions"]


@SLOW
@given(documents(controls=False))
def test_what_kahoot_cannot_hold_is_said(document: dict[str, Any]) -> None:
    """Where a question does not come back as it was, a note names it by its number."""
    wanted = stored(document)["questions"]
    written = write(stored(document), "kahoot")
    numbered = (re.match(r"questions? ([\d, ]+)", note.message) for note in written.warnings)
    told = {int(each) for found in numbered if found for each in re.findall(r"\d+", found[1])}
    silent = [each for number, each in enumerate(wanted, 1) if number not in told]
    try:
        found = load(written.content, format="kahoot").document["questions"]
    except InvalidInput:
        found = []
    assert all(question in found for question in silent)


OWN = st.lists(st.sampled_from(["Ja", "Nein", "b", "T"]), min_size=2, max_size=2, unique=True)


@pytest.mark.parametrize("form", ["yaml", "json", "markdown", "csv"])
@given(options=OWN, right=st.integers(0, 1))
def test_true_or_false_in_other_words(form: str, options: list[str], right: int) -> None:
    """A true-or-false question with options of its own keeps them."""
    marked = [
        {"text": text, "correct": True} if n == right else text for n, text in enumerate(options)
    ]
    wanted = stored(
        {"title": "T", "questions": [{"text": "Q", "kind": "boolean", "options": marked}]}
    )
    assert load(write(wanted, form).content, "T.csv", format=form).document == wanted


@pytest.mark.parametrize("form", ["yaml", "json", "markdown"])
@given(st.permutations("abcd"))
def test_an_order_that_is_shown_in_another(form: str, right: list[str]) -> None:
    """The options as they are shown, and the order that is right."""
    question = {"text": "Q", "kind": "order", "options": ["w", "x", "y", "z"], "correct": right}
    wanted = stored({"title": "T", "questions": [question]})
    assert load(write(wanted, form).content, format=form).document == wanted


def test_csv_holds_the_right_order() -> None:
    """In a table, options stand in their right order: players see them mixed either way."""
    question = {
        "text": "Q",
        "kind": "order",
        "options": ["x", "y", "z"],
        "correct": ["c", "a", "b"],
    }
    written = write(stored({"title": "T", "questions": [question]}), "csv")
    [found] = load(written.content, "T.csv").document["questions"]
    assert found["options"] == ["z", "x", "y"]
