"""Moodle XML; a whole export is in the corpus."""

from __future__ import annotations

from base64 import b64encode

import pytest

from quizkit.sdk.errors import InvalidInput
from quizkit.sdk.formats import load
from quizkit.sdk.formats.draft import Draft
from quizkit.sdk.formats.load import read
from quizkit.sdk.formats.source import Source

FEEDBACK = "<generalfeedback><text>f</text></generalfeedback>"
PICTURE = '<img src="@@PLUGINFILE@@/gone.png">'
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR\x00\x00\x00\x01\x00\x00\x00\x01 picture"


def question(kind: str, body: str, text: str = "Q?") -> str:
    """A question as old and new exporters write it."""
    return (
        f'<question type="{kind}"><questiontext format="html"><text><![CDATA[{text}]]></text>'
        f"</questiontext>{body}</question>"
    )


def answer(text: str, share: float = 100, more: str = "") -> str:
    """An answer with its share of the points."""
    return f'<answer fraction="{share}"><text>{text}</text>{more}</answer>'


def draft(*questions: str) -> Draft:
    """What a file with these questions gives."""
    return read(Source(f"<quiz>\n{chr(10).join(questions)}\n</quiz>".encode(), "t.xml"))


@pytest.mark.parametrize(
    ("kind", "body", "fields"),
    [
        (
            "multichoice",
            answer("a") + answer("b", 0),
            {"options": [{"text": "a", "correct": True}, "b"]},
        ),
        ("shortanswer", answer("a") + answer("b"), {"kind": "text", "accept": ["a", "b"]}),
        (
            "numerical",
            answer("1.5e3", 100, "<tolerance>0.5</tolerance>"),
            {"kind": "number", "correct": 1500, "tolerance": 0.5},
        ),
        ("numerical", answer("many"), {"kind": "number", "correct": "many"}),
        ("ordering", answer("x") + answer("y", 0), {"kind": "order", "options": ["x", "y"]}),
        (
            "truefalse",
            answer("true", 0) + answer("false"),
            {"kind": "boolean", "correct": False},
        ),
        ("description", "", {"kind": "slide"}),
    ],
)
def test_each_kind(kind: str, body: str, fields: dict[str, object]) -> None:
    """What Moodle asks in its own kinds becomes one of ours."""
    [made] = draft(question(kind, body)).document["questions"]
    assert made == {"text": "Q?", **fields}


@pytest.mark.parametrize(
    ("xml", "note"),
    [
        (question("essay", ""), "kind 'essay' is left out"),
        (question("cloze", "", "{1:SA:=x}"), "kind 'cloze' is left out"),
        (question("numerical", answer("1") + answer("2")), "kind 'numerical' is left out"),
        (question("truefalse", ""), "kind 'truefalse' is left out"),
        (question("shortanswer", answer("x") + "<usecase>1</usecase>"), "capital letters do not"),
        (
            question("shortanswer", answer("x") + "<hint><text>h</text></hint>"),
            "hints are left out",
        ),
        (question("shortanswer", answer("x") + "<idnumber>7</idnumber>"), "id numbers"),
        (
            question(
                "multichoice",
                answer("x")
                + answer("y", 0)
                + "<correctfeedback><text>Yes!</text></correctfeedback>"
                + "<incorrectfeedback><text>No!</text></incorrectfeedback>",
            ),
            "wrong answers as a whole is left out",
        ),
        (
            question("multichoice", answer("&lt;img src='x.png'&gt;") + answer("b", 0)),
            "some answers are pictures",
        ),
        (
            question(
                "ordering",
                answer("x", 1)
                + answer("y", 2)
                + answer("z", 3)
                + "<selecttype>1</selecttype><selectcount>2</selectcount>",
            ),
            "an ordering of some of its items",
        ),
        (
            question(
                "numerical", answer("1") + "<units><unit><unit_name>m</unit_name></unit></units>"
            ),
            "units of numbers",
        ),
        (question("numerical", answer("1") + answer("2", 50)), "counts as wrong"),
        (
            question("description", "<generalfeedback><text>f</text></generalfeedback>"),
            "feedback to texts",
        ),
        (
            question("description", "", '<img src="@@PLUGINFILE@@/gone.png">'),
            "'gone.png' is not in the file",
        ),
        (
            question("multichoice", answer("&lt;img src='x.png'&gt;a") + answer("b", 0)),
            "a question has one",
        ),
    ],
)
def test_what_is_left_out_is_said(xml: str, note: str) -> None:
    """Never in silence, and with its line."""
    notes = draft(xml).notes.warnings
    assert any(note in each.message and each.line == 2 for each in notes)


def embedded(content: str, name: str = "x y.png") -> str:
    """A question with a file in it."""
    return (
        '<question type="description"><questiontext format="html">'
        '<text>&lt;p&gt;See &lt;img src="@@PLUGINFILE@@/x%20y.png" alt="An oak"&gt;</text>'
        f'<file name="{name}" encoding="base64">{content}</file></questiontext></question>'
    )


def test_embedded_pictures() -> None:
    """They come along under names of ours, with their alternative text."""
    made = draft(embedded(b64encode(PNG).decode()))
    assert made.document["questions"] == [
        {"kind": "slide", "text": "See", "media": "q1.png", "alt": "An oak"}
    ]
    assert made.media == {"q1.png": PNG}


@pytest.mark.parametrize(
    ("content", "note"),
    [("!!!", "damaged"), ("QUJD", "no picture, sound or film"), ("QUI", "damaged")],
)
def test_embedded_files_that_are_no_pictures(content: str, note: str) -> None:
    """They are left out with a note."""
    made = draft(embedded(content))
    assert made.media == {}
    assert any(note in each.message for each in made.notes.warnings)


def test_pictures_of_moodle_1_9() -> None:
    """They stood in an element of their own."""
    old = f"<image>a.png</image><image_base64>\n{b64encode(PNG).decode()}\n</image_base64>"
    assert draft(question("description", old)).document["questions"][0]["media"] == "q1.png"


def test_pictures_with_an_address() -> None:
    """They stay where they are."""
    made = draft(question("description", "", 'x<img src="https://example.org/a.png">'))
    assert made.document["questions"][0]["media"] == "https://example.org/a.png"


@pytest.mark.parametrize(
    ("grade", "points"), [("1.0000000", None), ("2", 2000), ("0.5", 500), ("0", 0), ("x", None)]
)
def test_grades_are_points(grade: str, points: int | None) -> None:
    """A question that says nothing gives 1."""
    [made] = draft(
        question("shortanswer", answer("x") + f"<defaultgrade>{grade}</defaultgrade>")
    ).document["questions"]
    assert made.get("points") == points


def test_text_without_an_element_of_its_own() -> None:
    """Old files put answers straight into their element."""
    xml = (
        '<question type="multichoice"><questiontext><text>Q?</text></questiontext>'
        '<answer fraction="100">a</answer><answer fraction="0">b</answer></question>'
    )
    assert draft(xml).document["questions"][0]["options"] == [{"text": "a", "correct": True}, "b"]


def test_problems_have_their_line() -> None:
    """What the rules refuse is told at the answer where it stands."""
    xml = f"<quiz>\n{question('multichoice', '')}\n"
    xml += f"{question('multichoice', answer('a') + chr(10) + answer('a', 0))}\n</quiz>"
    with pytest.raises(InvalidInput) as caught:
        load(xml.encode())
    assert [(p.line, p.column) for p in caught.value.problems] == [(2, 1), (4, 1)]


def test_only_what_we_do_not_have() -> None:
    """A file of essays is refused with the reason."""
    with pytest.raises(InvalidInput) as caught:
        load(f"<quiz>{question('essay', '')}</quiz>".encode())
    messages = " ".join(problem.message for problem in caught.value.problems)
    assert "'essay' is left out" in messages
    assert "at least one question" in messages


def test_blank_answers() -> None:
    """Moodle's form has empty fields for more answers; they are none."""
    xml = question("multichoice", answer("x") + answer("y", 0) + answer("", 0) + answer(" ", 0))
    [made] = draft(xml).document["questions"]
    assert made["options"] == [{"text": "x", "correct": True}, "y"]


@pytest.mark.parametrize(
    ("answers", "right"),
    [
        (answer("Wahr") + answer("Falsch", 0), True),
        (answer("Wahr", 0) + answer("Falsch"), False),
        (answer("false") + answer("true", 0), False),
    ],
)
def test_true_and_false_in_other_languages(answers: str, right: bool) -> None:
    """In old files the answers are named in the language of the site, true first."""
    [made] = draft(question("truefalse", answers)).document["questions"]
    assert made["correct"] is right


def test_linked_sounds() -> None:
    """A file that a text links to is what the question is about."""
    sound = b64encode(b"ID3\x04\x00\x00\x00\x00\x00\x00 a sound").decode()
    made = draft(
        '<question type="description"><questiontext format="html">'
        '<text>&lt;a href="@@PLUGINFILE@@/bird.mp3"&gt;Listen&lt;/a&gt;</text>'
        f'<file name="bird.mp3" encoding="base64">{sound}</file></questiontext></question>'
    )
    assert made.document["questions"] == [{"kind": "slide", "text": "Listen", "media": "q1.mp3"}]
    assert made.notes.warnings == ()


def test_pictures_inside_of_the_text() -> None:
    """A picture as a `data:` address comes along, however long it is."""
    content = PNG + bytes(90_000)
    address = f"data:image/png;base64,{b64encode(content).decode()}"
    made = draft(question("description", "", f'See <img src="{address}" alt="An oak">'))
    assert made.document["questions"] == [
        {"kind": "slide", "text": "See", "media": "q1.png", "alt": "An oak"}
    ]
    assert made.media == {"q1.png": content}


def test_questions_that_are_a_picture() -> None:
    """Their name is their text, since there has to be one."""
    picture = '<img src="https://example.org/a.png">'
    made = draft(question("description", "<name><text>Oak</text></name>", picture))
    assert made.document["questions"][0]["text"] == "Oak"


def test_pictures_of_questions_that_are_left_out() -> None:
    """They do not come along without their question."""
    essay = embedded(b64encode(PNG).decode()).replace("description", "essay")
    assert draft(essay, question("description", "")).media == {}
