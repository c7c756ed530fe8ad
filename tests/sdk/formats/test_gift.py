"""Moodle's GIFT."""

from __future__ import annotations

from typing import Any

import pytest

from quizkit.sdk.formats.draft import Draft
from quizkit.sdk.formats.gift import unescaped
from quizkit.sdk.formats.load import read
from quizkit.sdk.formats.source import Source


def draft(text: str) -> Draft:
    """What GIFT text gives."""
    return read(Source(text.encode(), "t.gift"), format="gift")


def only(text: str) -> dict[str, Any]:
    """The one question of a text."""
    [question] = draft(text).document["questions"]
    found: dict[str, Any] = question
    return found


def right(text: str) -> dict[str, Any]:
    """An option that is right."""
    return {"text": text, "correct": True}


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("Q{~a =b}", {"options": ["a", right("b")]}),
        ("Q{=a~b ~ c }", {"options": [right("a"), "b", "c"]}),
        ("Q{T}", {"kind": "boolean", "correct": True}),
        ("Q{ false # no # yes }", {"kind": "boolean", "correct": False, "explanation": "yes"}),
        ("Q{=no one =nobody}", {"kind": "text", "accept": ["no one", "nobody"]}),
        ("Q{nobody}", {"kind": "text", "accept": ["nobody"]}),
        ("Q{#1822}", {"kind": "number", "correct": 1822}),
        ("Q{#1822:5}", {"kind": "number", "correct": 1822, "tolerance": 5}),
        (
            "Q{#=3.14:.005#ok}",
            {"kind": "number", "correct": 3.14, "tolerance": 0.005, "explanation": "ok"},
        ),
        ("Q{#3.141..3.142}", {"kind": "number", "correct": 3.1415, "tolerance": 0.0005}),
        ("Q{#-5..5~#wrong}", {"kind": "number", "correct": 0, "tolerance": 5}),
        ("Q{~%50%a ~%50%b ~%-100%c}", {"options": [right("a"), right("b"), "c"]}),
        ("Q{~%50%a ~%50%b ~c}", {"options": [right("a"), right("b"), "c"], "grading": "balanced"}),
        ("Q{~%100%a ~b}", {"kind": "multiple", "options": [right("a"), "b"]}),
        ("Q{=a#yes ####because}", {"kind": "text", "accept": ["a"], "explanation": "because"}),
        ("Q", {"kind": "slide"}),
    ],
)
def test_each_kind(text: str, fields: dict[str, Any]) -> None:
    """What stands in the braces decides the kind."""
    assert only(text) == {"text": "Q", **fields}


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("Grant is {=entombed ~buried} in a tomb.", "Grant is _____ in a tomb."),
        ("Two and two are {=four =4}.", "Two and two are _____."),
        ("::name:: Q \\{x\\} {T}", "Q {x}"),
        ("\\:\\:Q\\\\n\\n2 {T}", "::Q\\n\n2"),
        ("Q\n   goes on\t\n here{T}", "Q\ngoes on\nhere"),
        ("[html]<p>2<sup>3</sup> &gt; 7</p>{T}", "2³ > 7"),
        ("[plain]<b> & {T}", "<b> &"),
        ("[markdown]**x** <b>y</b>{T}", "**x** <b>y</b>"),
        ("[moodle]x<br>y{T}", "x\ny"),
        ("[other]x{T}", "[other]x"),
        ("a < b & c{T}", "a < b & c"),
    ],
)
def test_texts(text: str, asked: str) -> None:
    """Gaps, escapes, lines and the formats of texts."""
    assert only(text)["text"] == asked


def test_answers_have_the_format_of_the_question() -> None:
    """Unless they say another."""
    question = only("[html]Q{=<p>a</p> ~[plain]<p> ~b}")
    assert question["options"] == [right("a"), "<p>", "b"]


def test_blank_lines_separate_and_comments_say_nothing() -> None:
    """Comments may hold anything; they are gone before blank lines are looked for."""
    made = draft("// {=\nQ1{T}\n \t\n// x\n\n\n\nQ2{\n// {\n=a ~b}\n")
    assert [question["text"] for question in made.document["questions"]] == ["Q1", "Q2"]
    assert made.locate(("questions", 1)) == (8, 1)
    assert made.locate(("questions", 1, "options", 1)) == (10, 5)


def test_one_category_is_the_title() -> None:
    """The last part of its path; several are told, none leaves the file's name."""
    assert draft("$CATEGORY: $course$/top/My quiz//2\n\nQ{T}").document["title"] == "My quiz/2"
    assert draft("$CATEGORY: $course$/top\nQ{T}").document["title"] == "t"
    two = draft("$CATEGORY: a\n\nQ{T}\n\n$CATEGORY: b\n\nR{T}")
    assert two.document["title"] == "t"
    assert "the categories of the questions are left out" in two.notes.warnings[0].message


def test_single_choice_with_shares() -> None:
    """A part of the points is not right; without a full answer the best one is."""
    part = draft("Q{~a ~%50%b =c}")
    assert part.document["questions"][0]["options"] == ["a", "b", right("c")]
    assert "counts as wrong" in part.notes.warnings[0].message
    both = draft("Q{=a =b ~c}")
    assert both.document["questions"][0]["options"] == [right("a"), right("b"), "c"]
    assert "any one of them is enough" in both.notes.warnings[0].message


@pytest.mark.parametrize(
    ("text", "note"),
    [
        ("Q{}", "an essay is left out"),
        ("Q{=a -> b =c -> d}", "a matching is left out"),
        ("Q{#=1 =2}", "right answers cannot all be said"),
        ("Q{#~#wrong}", "right answers cannot all be said"),
        ("Q{=*}", "right answers cannot all be said"),
        ("Q{=%50%a}", "right answers cannot all be said"),
        ("Q{=*in the middle* =a*b}", "only the rest is accepted (2 times)"),
        ("::n::Q{T}", "the names of questions are left out"),
        ("Q{~a#x =b#y ~c}", "feedback to single answers is left out"),
        ("[html]Q<img src='x.png'>{T}", "a picture or sound is left out"),
        ("Q{=a =%50%b}", "a part of the points is not accepted"),
        ("Q{#5 =%50%7}", "a part of the points counts as wrong"),
        ("Q{~%60%a ~%40%b ~%-100%c}", "different shares of the points count the same"),
    ],
)
def test_what_is_left_out_is_said(text: str, note: str) -> None:
    """Never in silence."""
    assert any(note in each.message for each in draft(text).notes.warnings)


def test_a_picture_with_an_address() -> None:
    """It is the question's; a second one is told."""
    question = only("[html]Q<img src='https://example.org/x.png' alt='A tree'>{T}")
    assert (question["media"], question["alt"]) == ("https://example.org/x.png", "A tree")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("Q{=a ~b", "opening and a closing brace"),
        ("Q=a ~b}", "opening and a closing brace"),
        ("Q}{", "opening and a closing brace"),
        ("Q{=a\n\n~b}", "opening and a closing brace"),
        ("Q{#five}", "'five' is no number"),
        ("Q{#5:some}", "'5:some' is no number"),
        ("Q{#1e999..2e999}", "is no number"),
    ],
)
def test_broken_questions(text: str, problem: str) -> None:
    """What cannot be read is a problem at its place, and the rest is still read."""
    made = draft(f"First{{T}}\n\n{text}\n\nLast{{T}}")
    assert any(problem in each.message for each in made.notes.problems)
    assert {each.line for each in made.notes.problems} <= {3, 5}
    texts = [question["text"] for question in made.document["questions"]]
    assert (texts[0], texts[-1]) == ("First", "Last")


def test_small_things() -> None:
    """Backslashes, and numbers exactly as they are written."""
    assert unescaped(r"\\n \n \= \x \\") == "\\n \n = \\x \\"
    [question] = draft("Q{#3.141..3.142}").document["questions"]
    assert (question["correct"], question["tolerance"]) == (3.1415, 0.0005)
    [question] = draft("Q{#9007199254740991:0.1}").document["questions"]
    assert (question["correct"], question["tolerance"]) == (9007199254740991, 0.1)
