"""The Markdown form; a longer file is in the corpus."""

from __future__ import annotations

from typing import Any

import pytest

from quizkit.sdk.errors import InvalidInput
from quizkit.sdk.formats import load
from quizkit.sdk.formats.draft import Draft
from quizkit.sdk.formats.load import read
from quizkit.sdk.formats.source import Source


def draft(text: str) -> Draft:
    """What Markdown text gives."""
    return read(Source(text.encode(), "my_quiz.md"), format="markdown")


def questions(text: str) -> list[dict[str, Any]]:
    """The questions of a text."""
    found: list[dict[str, Any]] = draft(text).document["questions"]
    return found


X = {"text": "x", "correct": True}


def test_a_whole_quiz() -> None:
    """Front matter, headings, tasks, fields, quotations, a picture."""
    loaded = load(
        b"---\ntitle: Capitals\nscoring: flat\n---\n\n## Capital of Peru?\n\n"
        b"![Lima](images/lima.jpg)\n\n- [ ] Quito\n- [x] Lima\n\ntime_limit: 30\nsource: 'a: b'\n\n"
        b"> Since 1535.\n>\n> Founded by Pizarro.\n"
    )
    assert loaded.format == "markdown"
    assert loaded.document == {
        "title": "Capitals",
        "scoring": "flat",
        "feedback": "on_close",
        "questions": [
            {
                "text": "Capital of Peru?",
                "options": ["Quito", {"text": "Lima", "correct": True}],
                "points": 1000,
                "time_limit": 30,
                "explanation": "Since 1535.\n\nFounded by Pizarro.",
                "media": "images/lima.jpg",
                "alt": "Lima",
                "source": "a: b",
            }
        ],
    }
    assert loaded.source is not None
    assert loaded.source["format"] == "markdown"


def test_titles() -> None:
    """Front matter, a first-level heading, or the file's name."""
    body = "\n## Q?\n- [x] x\n- [ ] y\n"
    assert draft(f"---\ntitle: A\n---{body}").document["title"] == "A"
    assert draft(f"---\ntitle: A\n---\n# A{body}").notes.warnings == ()
    assert draft(f"# B #{body}").document["title"] == "B"
    assert draft(body).document["title"] == "my quiz"
    assert draft(f"---\n# nothing\n---{body}").document["title"] == "my quiz"


def test_questions_as_paragraphs() -> None:
    """Each begins where the one before has ended: after options, fields, quotations, rules."""
    made = questions(
        "One?\n- [x] x\n- [ ] y\nTwo,\nstill two,\n\nand still?\n\n* [X] x\n+ [ ] y\n> So.\n\n"
        "Three?\n\nkind: text\naccept: [a, b]\n\nFour.\n\n---\n\nFive?\n- [x] x\n- [ ] y"
    )
    assert [question["text"] for question in made] == [
        "One?",
        "Two,\nstill two,\n\nand still?",
        "Three?",
        "Four.",
        "Five?",
    ]
    assert made[1]["explanation"] == "So."
    assert made[2] == {"kind": "text", "text": "Three?", "accept": ["a", "b"]}


def test_text_under_a_heading() -> None:
    """One empty line after it is no part of the text; lists and bullets may be."""
    [one, two] = questions(
        "## One\n\nmore\n\n- a bullet\n- another\n\n1. first\n\n- [x] x\n- [ ] y\n\n"
        "### Two ###\n- [x] x\n- [ ] y\n"
    )
    assert one["text"] == "One\nmore\n\n- a bullet\n- another\n\n1. first"
    assert two["text"] == "Two"


def test_text_before_the_first_heading_is_the_description() -> None:
    """As long as it is no question itself."""
    made = draft("# T\n\nAbout\nthis.\n\n## Q?\n- [x] x\n- [ ] y\n")
    assert made.document["description"] == "About\nthis."
    assert draft("Q0?\n- [x] x\n- [ ] y\n\n## Q?\n- [x] x\n- [ ] y").document.keys() == {
        "title",
        "questions",
    }


def test_options_over_several_lines() -> None:
    """Indented lines go on with an option, also after an empty one."""
    [question] = questions("Q?\n - [x] one\n   two\n\n       three\n - [ ] y\n")
    assert question["options"] == [{"text": "one\ntwo\n\nthree", "correct": True}, "y"]


def test_orders_are_numbered() -> None:
    """A numbered list is options where the kind says so, and text elsewhere."""
    [order, choice] = questions(
        "## Order\n\nby size\n\n1. a\n2) b\n   and b\n3. c\n\nkind: order\n\n"
        "## Choice\n1. a\n\n- [x] x\n- [ ] y\n"
    )
    assert order == {"kind": "order", "text": "Order\nby size", "options": ["a", "b\nand b", "c"]}
    assert choice["text"] == "Choice\n1. a"


def test_code_is_text() -> None:
    """Between fences nothing has a meaning; a fence that never closes is a line of text."""
    [question] = questions("## Q?\n~~~\n# a \\* b\n- [ ] c\n~~~\n- [x] x\n- [ ] y")
    assert question["text"] == "Q?\n~~~\n# a \\* b\n- [ ] c\n~~~"
    assert questions("Q?\n```\n- [x] x\n- [ ] y")[0]["text"] == "Q?\n```"


def test_comments_say_nothing() -> None:
    """On one line or several."""
    made = questions("<!-- # no -->\nQ?\n<!--\n- [x] no\n-->\n- [x] x\n- [ ] y\n")
    assert made == [{"text": "Q?", "options": [X, "y"]}]


def test_comments_above_the_front_matter() -> None:
    """It is front matter still, and its problems are found where they are."""
    text = "<!-- ours\n-->\n\n<!-- b -->\n---\ntitle: T\nwrong: 1\n---\nQ?\n- [x] x\n- [ ] y\n"
    with pytest.raises(InvalidInput) as raised:
        load(text.encode())
    assert [(each.line, each.column) for each in raised.value.problems] == [(7, 8)]
    assert load(text.replace("wrong: 1", "tags: [a]").encode()).document["title"] == "T"
    with pytest.raises(InvalidInput) as raised:
        load(b"<!-- a -->\n---\ntitle: T\n\n## Q?\n\n- [x] x\n- [ ] y\n", format="markdown")
    assert [each.line for each in raised.value.problems] == [2]


def test_fields_may_be_lists() -> None:
    """A field goes on in indented lines, as in YAML."""
    [question] = questions("Q?\n\naccept:\n  - a\n  - b\nkind: text\n\npoints: 5\n")
    assert question == {"kind": "text", "text": "Q?", "accept": ["a", "b"], "points": 5}


def test_places() -> None:
    """Every part points at its line, whatever stands between."""
    made = draft("\n## Q?\n\n![](x.png)\n- [x] x\n  - [ ] y\n\npoints: 5\n\ntime_limit: 7\n> so\n")
    found = {
        path: made.locate(("questions", 0, *path))
        for path in (("text",), ("media",), ("points",), ("time_limit",), ("explanation",))
    }
    assert found == {
        ("text",): (2, 1),
        ("media",): (4, 5),
        ("points",): (8, 9),
        ("time_limit",): (10, 13),
        ("explanation",): (11, 1),
    }
    assert made.locate(("questions", 0, "options", 0)) == (5, 1)


def test_second_pictures_and_sections_are_told() -> None:
    """What has no place here is said."""
    made = draft("## Q?\n![](a.png)\n![](b.png)\n- [x] x\n- [ ] y\n# Part two\n")
    assert [str(note) for note in made.notes.warnings] == [
        "3:1: a second picture of a question is left out",
        "6:1: headings of sections are left out",
    ]


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        ("---\ntitle: T\n", [(1, "never closed")]),
        ("---\n- a\n---\n## Q?\n- [x] x\n- [ ] y", [(2, "fields of the quiz")]),
        ("---\nquestions: []\n---\n# x", [(2, "questions stand below")]),
        ("---\ntitle: [\n---\n# x", [(2, "not valid YAML")]),
        ("---\ntitel: T\n---\n## Q?\n- [x] x\n- [ ] y", [(2, "unknown field 'titel'")]),
        ("<!-- x\n## Q?", [(1, "never closed")]),
        ("<!-- x --> y\n## Q?\n- [x] x\n- [ ] y", [(1, "behind a comment")]),
        ("- [x] x\n## Q?\n- [x] x\n- [ ] y", [(1, "none yet")]),
        ("## Q?\n- [x] x\n- y\n- [ ] z", [(3, "begins with")]),
        ("## Q?\n- [ ] x\n- [ ] y", [(2, "no option is marked right")]),
        ("## Q?\nand?", [(1, "'options' is missing")]),
        ("## Q?\n- [x] x\n- [ ] x", [(3, "the same text")]),
        ("## \n- [x] x\n- [ ] y", [(1, "'text' is empty")]),
        (
            "## Q?\n- [x] x\n- [ ] y\n\npoints: -1\ntime_limit: soon",
            [(5, "points"), (6, "time_limit")],
        ),
        ("## Q?\n- [x] x\n- [ ] y\n\npoints: [", [(5, "not valid YAML")]),
        ("## Q?\n- [x] x\n- [ ] y\n\nexplanation: a\n\n> b", [(7, "given twice")]),
        ("## Q?\n![](../x.png)\n- [x] x\n- [ ] y", [(2, "outside")]),
    ],
)
def test_problems_have_their_line(text: str, problems: list[tuple[int, str]]) -> None:
    """All of them, where they are."""
    with pytest.raises(InvalidInput) as caught:
        load(text.encode(), "q.md", format="markdown")
    found = caught.value.problems
    assert [problem.line for problem in found] == [line for line, _ in problems]
    for problem, (_, part) in zip(found, problems, strict=True):
        assert part in problem.message


def test_an_order_above_and_below_its_kind() -> None:
    """The numbered list stands in the text or behind the fields; elsewhere it begins a question."""
    above = "## Q?\n\n1. x\n2. y\n   more\n\nkind: order\ntime_limit: 9\n"
    below = "## Q?\n\nkind: order\ntime_limit: 9\n\n1. x\n2. y\n   more\n"
    wanted = {"kind": "order", "text": "Q?", "options": ["x", "y\nmore"], "time_limit": 9}
    assert questions(above) == questions(below) == [wanted]
    other = questions("## Q?\n\nkind: text\naccept: [x]\n\n1. x\n- [x] y\n")
    assert [question["text"] for question in other] == ["Q?", "1. x"]
