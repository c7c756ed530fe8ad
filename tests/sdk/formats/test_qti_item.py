"""Single QTI items; one as exporters write it is in the corpus."""

from __future__ import annotations

from typing import Any

import pytest

from quizkit.sdk.errors import InvalidInput
from quizkit.sdk.formats import load
from quizkit.sdk.formats.draft import Draft
from quizkit.sdk.formats.load import read
from quizkit.sdk.formats.source import Source

NS = 'xmlns="http://www.imsglobal.org/xsd/imsqti_v2p1"'


def item(
    body: str, *right: str, more: str = "", base: str = "identifier", attributes: str = ""
) -> str:
    """An item with one response."""
    values = "".join(f"<value>{each}</value>" for each in right)
    correct = f"<correctResponse>{values}</correctResponse>" if right else ""
    return (
        f'<assessmentItem {NS} identifier="i" title="Title" {attributes}>\n'
        f'<responseDeclaration identifier="RESPONSE" baseType="{base}">{correct}'
        f"</responseDeclaration>\n<itemBody>{body}</itemBody>\n{more}</assessmentItem>"
    )


def choice(*choices: str, attributes: str = "", prompt: str = "Q?") -> str:
    """A choice between a, b, …"""
    shown = "".join(
        f'\n<simpleChoice identifier="{chr(ord("a") + n)}">{each}</simpleChoice>'
        for n, each in enumerate(choices)
    )
    return (
        f'<choiceInteraction responseIdentifier="RESPONSE" {attributes}><prompt>{prompt}</prompt>'
        f"{shown}</choiceInteraction>"
    )


def draft(xml: str) -> Draft:
    """What an item gives."""
    return read(Source(xml.encode(), "item.xml"))


def only(xml: str) -> dict[str, Any]:
    """The question of an item."""
    [question] = draft(xml).document["questions"]
    found: dict[str, Any] = question
    return found


ENTRY = '<p>It is <textEntryInteraction responseIdentifier="RESPONSE"/>.</p>'
X = {"text": "x", "correct": True}
COMPARED = '<equal toleranceMode="absolute" tolerance="{}"><variable identifier="{}"/></equal>'


@pytest.mark.parametrize(
    ("xml", "question"),
    [
        (item(choice("x", "y"), "a"), {"text": "Q?", "options": [X, "y"]}),
        (
            item(choice("x", "y", "z", attributes='maxChoices="0"'), "a", "c"),
            {"text": "Q?", "options": [X, "y", {"text": "z", "correct": True}]},
        ),
        (
            item(choice("x", "y").replace("choiceI", "orderI"), "b", "a"),
            {"kind": "order", "text": "Q?", "options": ["y", "x"]},
        ),
        (
            item(ENTRY, "York", base="string"),
            {"kind": "text", "text": "It is _____.", "accept": ["York"]},
        ),
        (
            item(ENTRY, "3.5", base="float"),
            {"kind": "number", "text": "It is _____.", "correct": 3.5},
        ),
        (item("<p>Read</p><p>this.</p>"), {"kind": "slide", "text": "Read\n\nthis."}),
        (item(choice("x", "y")), {"kind": "poll", "text": "Q?", "options": ["x", "y"]}),
    ],
)
def test_each_interaction(xml: str, question: dict[str, Any]) -> None:
    """Choices, orders, gaps, and texts without a question."""
    assert only(xml) == question


def test_shuffled_options() -> None:
    """An item that shuffles makes a quiz that does."""
    made = draft(item(choice("x", "y", attributes='shuffle="true"'), "a"))
    assert made.document["shuffle"] is True
    assert made.document["title"] == "Title"


def test_partial_credit() -> None:
    """Items that count each choice are balanced."""
    mapping = (
        "<mapping><mapEntry mapKey='a' mappedValue='1'/><mapEntry mapKey='b' mappedValue='0.5'/>"
        "<mapEntry mapKey='c' mappedValue='-1'/></mapping>"
    )
    xml = item(choice("x", "y", "z", attributes='maxChoices="0"')).replace(
        "</responseDeclaration>", f"{mapping}</responseDeclaration>"
    )
    scored = xml.replace(
        "</assessmentItem>",
        "<responseProcessing template='http://x/map_response'/></assessmentItem>",
    )
    assert only(scored)["options"] == [X, {"text": "y", "correct": True}, "z"]
    assert only(scored)["grading"] == "balanced"
    assert "grading" not in only(xml)


@pytest.mark.parametrize(
    ("equal", "tolerance"),
    [
        ('<equal toleranceMode="absolute" tolerance="2 2"/>', 2),
        ('<equal toleranceMode="absolute" tolerance="0.5"/>', 0.5),
        ('<equal toleranceMode="relative" tolerance="5 5"/>', 15),
        ('<equal toleranceMode="exact"/>', None),
        ('<equal toleranceMode="absolute" tolerance="1 2"/>', None),
        (
            f"{COMPARED.format(2, 'RESPONSE')}{COMPARED.format(9, 'SCORE')}",
            2,
        ),
    ],
)
def test_tolerances(equal: str, tolerance: float | None) -> None:
    """Absolute ones and those in percent are taken, uneven ones are told."""
    made = draft(
        item(ENTRY, "300", base="integer", more=f"<responseProcessing>{equal}</responseProcessing>")
    )
    assert made.document["questions"][0].get("tolerance") == tolerance
    assert bool(made.notes.warnings) is ("1 2" in equal)


def test_rounded_numbers() -> None:
    """They are told: here a number is right within its tolerance alone."""
    rounded = '<equalRounded figures="2"><variable identifier="RESPONSE"/></equalRounded>'
    made = draft(item(ENTRY, "3.14", base="float", more=rounded))
    assert [note.message for note in made.notes.warnings] == ["rounded numbers count as wrong here"]


def test_texts_and_formulas() -> None:
    """Raised digits and fractions keep their meaning; feedback is no text."""
    body = (
        "<p>Is <math><msup><mi>m</mi><mn>2</mn></msup><mfrac><mi>a</mi><mi>b</mi></mfrac>"
        "<annotation>m^2</annotation></math> so?"
        "<feedbackInline identifier='f'>No.</feedbackInline></p>"
    )
    made = draft(item(body + choice("x<sub>1</sub>", "y", prompt=""), "a"))
    question = made.document["questions"][0]
    assert question["text"] == "Is m²(a)/(b) so?"
    assert question["options"][0]["text"] == "x₁"
    said = [note.message for note in made.notes.warnings]
    assert "feedback and instructions inside of texts are left out" in said


def test_pictures_and_explanations() -> None:
    """A picture beside the item, its alternative text, and the one feedback there is."""
    feedback = '<modalFeedback identifier="f" outcomeIdentifier="F">Because.</modalFeedback>'
    body = '<p>Look.<img src="images/a.png" alt="A sign"/><img src="b.png"/></p>'
    made = draft(item(body + choice("x", "<img src='c.png'/>y"), "a", more=feedback))
    question = made.document["questions"][0]
    assert (question["media"], question["alt"]) == ("images/a.png", "A sign")
    assert question["explanation"] == "Because."
    assert [note.message for note in made.notes.warnings] == [
        "a picture in an answer is left out",
        "a picture is left out: a question has one",
    ]
    two = draft(item(choice("x", "y"), "a", more=feedback * 2))
    assert "explanation" not in two.document["questions"][0]
    assert "several texts" in two.notes.warnings[0].message


@pytest.mark.parametrize(
    ("xml", "note"),
    [
        (item(choice("x", "y"), "a", attributes='adaptive="true"'), "changes while"),
        (item(choice("x", "y"), "a", more="<templateDeclaration/>"), "changes while"),
        (item(choice("x", "y") * 2, "a"), "several things at once"),
        (item("<hottextInteraction/>"), "no such kind of question: hottextInteraction"),
        (item(choice("x").replace("choiceI", "orderI")), "its right answer is not said"),
        (item(ENTRY, base="string"), "its right answer is not said"),
        (item(ENTRY, base="float"), "its right answer is not said"),
        (
            item(choice("x", "y", "z").replace("choiceI", "orderI"), "b", "a"),
            "does not name each of its choices",
        ),
        (item(choice("x", "y"), "a").replace('r="RESPONSE"', 'r="R"', 1), "is not declared"),
        (item(choice("<img src='x.png'/>", "<img src='y.png'/>"), "a"), "choices are pictures"),
        (item("<p>Which?</p><include href='choice.xml'/>", "a"), "is not in the file"),
        (
            item("<p>Which?</p><qti-choice-interaction/>", "a"),
            "no such kind of question: qti-choice-interaction",
        ),
        (f'<assessmentItem {NS} title="t"/>', "it has no text"),
    ],
)
def test_what_is_left_out_is_said(xml: str, note: str) -> None:
    """Items that are more than one question with a fixed key."""
    with pytest.raises(InvalidInput) as caught:
        load(xml.encode(), "i.xml")
    assert any(note in problem.message for problem in caught.value.problems)


@pytest.mark.parametrize(
    ("xml", "problem"),
    [
        (item(choice("x", "y"), "z"), "the right answer 'z' is none of the choices"),
        (item(choice("x", "y"), "a", "b"), "2 answers are right, but only one may be chosen"),
        (item(choice("x", "x"), "a"), "the same text as option 'a'"),
    ],
)
def test_problems_have_their_place(xml: str, problem: str) -> None:
    """Two right where one may be, and keys that name nothing."""
    with pytest.raises(InvalidInput) as caught:
        load(xml.encode(), "i.xml")
    assert any(problem in each.message for each in caught.value.problems)
    assert all(each.line is not None and each.line >= 3 for each in caught.value.problems)


def scored(xml: str, mapping: str, processing: str) -> dict[str, Any]:
    """The question of an item with a mapping and its response processing."""
    return only(
        xml.replace("</responseDeclaration>", f"{mapping}</responseDeclaration>").replace(
            "</assessmentItem>", f"{processing}</assessmentItem>"
        )
    )


@pytest.mark.parametrize(
    ("default", "grading"), [("0", "balanced"), ("-1", "balanced"), ("-2", None), ("-3", None)]
)
def test_wrong_choices_that_take_everything(default: str, grading: str | None) -> None:
    """Then it is all or nothing, whatever the right ones give."""
    mapping = (
        f"<mapping defaultValue='{default}'><mapEntry mapKey='a' mappedValue='1'/>"
        "<mapEntry mapKey='b' mappedValue='1'/></mapping>"
    )
    processing = (
        "<responseProcessing><setOutcomeValue identifier='SCORE'>"
        "<mapResponse identifier='RESPONSE'/></setOutcomeValue></responseProcessing>"
    )
    xml = item(choice("x", "y", "z", attributes='maxChoices="0"'), "a", "b")
    assert scored(xml, mapping, processing).get("grading") == grading


@pytest.mark.parametrize(
    ("xml", "mapped", "note"),
    [
        (item(choice("x", "y"), "a"), "b", "a choice with a part of the points"),
        (
            item(choice("x", "y", "z", attributes='maxChoices="0"'), "a", "b"),
            "b",
            "choices with different shares",
        ),
        (item(ENTRY, "York", base="string"), "Yorks", "a spelling with a part of the points"),
    ],
)
def test_answers_that_give_a_part(xml: str, mapped: str, note: str) -> None:
    """They are right or wrong here, which is said."""
    mapping = (
        "<mapping><mapEntry mapKey='a' mappedValue='1'/><mapEntry mapKey='York' mappedValue='1'/>"
        f"<mapEntry mapKey='{mapped}' mappedValue='0.5'/></mapping>"
    )
    made = draft(
        xml.replace("</responseDeclaration>", f"{mapping}</responseDeclaration>").replace(
            "</assessmentItem>",
            "<responseProcessing template='http://x/map_response'/></assessmentItem>",
        )
    )
    assert any(note in each.message for each in made.notes.warnings)


@pytest.mark.parametrize(
    ("xml", "note"),
    [
        (item(ENTRY, "York", base="string"), "capital letters do not count here"),
        (
            item(choice("x", "y", attributes='shuffle="true"'), "a").replace(
                'identifier="b"', 'identifier="b" fixed="true"'
            ),
            "choices with a fixed place",
        ),
        (
            item("<p>Of <printedVariable identifier='N'/>:</p>" + choice("x", "y"), "a"),
            "worked out while answering",
        ),
    ],
)
def test_what_is_lost_of_a_question_is_said(xml: str, note: str) -> None:
    """The question comes in, and what it had beyond that is told."""
    made = draft(xml)
    assert len(made.document["questions"]) == 1
    assert any(note in each.message for each in made.notes.warnings)


def test_spellings_without_capitals() -> None:
    """Where capital letters do not count there, either, nothing is told."""
    mapping = "<mapping><mapEntry mapKey='York' mappedValue='1' caseSensitive='false'/></mapping>"
    made = draft(
        item(ENTRY, "York", base="string").replace(
            "</responseDeclaration>", f"{mapping}</responseDeclaration>"
        )
    )
    assert made.notes.warnings == ()
