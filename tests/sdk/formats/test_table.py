"""Tables of nobody's layout: CSV, TSV, plain spreadsheets."""

from __future__ import annotations

from typing import Any

import pytest

from quizkit.sdk.errors import InvalidInput
from quizkit.sdk.formats import load
from quizkit.sdk.formats.draft import Draft
from quizkit.sdk.formats.load import read
from quizkit.sdk.formats.source import Source
from quizkit.sdk.formats.table import number
from tests.sdk.formats.workbooks import workbook


def draft(text: str, **columns: tuple[str, ...]) -> Draft:
    """What CSV text gives."""
    return read(Source(text.encode(), "t.csv", columns), format="csv")


def options(text: str) -> list[Any]:
    """The options of each question."""
    return [question.get("options") for question in draft(text).document["questions"]]


RIGHT = {"text": "y", "correct": True}


@pytest.mark.parametrize("correct", ["2", "b", "B)", "y", "2.", '"2"'])
def test_right_answers_as_people_name_them(correct: str) -> None:
    """By number, letter or text."""
    assert options(f"question,a,b,c,correct\nQ?,x,y,z,{correct}\n") == [["x", RIGHT, "z"]]


@pytest.mark.parametrize("correct", ["2;3", '"2, 3"', "b/c", "y|z", "Y;Z"])
def test_several_right_answers(correct: str) -> None:
    """Separated in whatever way."""
    right = {"text": "z", "correct": True}
    assert options(f"question,a,b,c,correct\nQ?,x,y,z,{correct}\n") == [["x", RIGHT, right]]


def test_all_rows_are_read_the_same_way() -> None:
    """A row that could be read as a number is a text if another row is."""
    text = "question,option 1,option 2,correct\n1+1?,2,1,2\nCapital?,Rome,Bern,Bern\n"
    first, second = options(text)
    assert first == [{"text": "2", "correct": True}, "1"]
    assert second == ["Rome", {"text": "Bern", "correct": True}]


def test_two_readings_are_told() -> None:
    """Where every row could be meant both ways, the one that was taken is said."""
    made = draft("question,option 1,option 2,correct\n1+1?,2,1,2\n")
    assert made.document["questions"][0]["options"] == ["2", {"text": "1", "correct": True}]
    assert "read as the options' numbers" in made.notes.warnings[0].message


def test_wrong_answers_in_columns_of_their_own() -> None:
    """Then the options are mixed, since the right one would always be the first."""
    text = "question,correct answer,wrong answer 1,wrong answer 2,wrong answer 3\n"
    text += "".join(f"Question {n}?,right,a,b,c\n" for n in range(30))
    places = {made.index({"text": "right", "correct": True}) for made in options(text)}
    assert places == {0, 1, 2, 3}


def test_options_in_one_cell() -> None:
    """Separated by bars, semicolons or lines."""
    assert options('question,options,correct\nQ?,x|y| z,2\nR?,"x\ny",b\n') == [
        ["x", RIGHT, "z"],
        ["x", RIGHT],
    ]


def test_separators_inside_of_options() -> None:
    """Only the one that a cell has most of separates; the others belong to its options."""
    right = {"text": "||", "correct": True}
    assert options('question,options,correct\nOr?,"&&;and;||;or",||\n') == [
        ["&&", "and", right, "or"]
    ]


def test_a_table_without_options() -> None:
    """It is said how to name their columns, or that of typed answers."""
    text = "question,answer\nCapital of Peru?,Lima\n"
    with pytest.raises(InvalidInput, match="there are no options: name their columns with --map"):
        load(text.encode(), "t.csv")
    assert draft(text, accept=("answer",)).document["questions"][0]["accept"] == ["Lima"]


def test_named_columns() -> None:
    """`--map` names columns in any language; the rest is still guessed, or told."""
    text = "Preguntas;Uno;Dos;Buena;Tiempo;Nota;Explanation\n¿Qué?;x;y;Dos;15;ok;Porque sí\n"
    made = draft(
        text.replace("Dos;15", "2;15"),
        question=("preguntas",),
        option=("Uno", "Dos"),
        correct=("Buena",),
        time_limit=("Tiempo",),
    )
    assert made.document["questions"] == [
        {"text": "¿Qué?", "options": ["x", RIGHT], "time_limit": 15, "explanation": "Porque sí"}
    ]
    assert [str(note) for note in made.notes.warnings] == ["1:32: the column 'Nota' is left out"]


@pytest.mark.parametrize(
    ("text", "columns", "reason"),
    [
        ("a,b\n1,2\n", {}, "--map question="),
        ("a,b\n1,2\n", {"question": ("a",), "correct": ("c", "d")}, "no column 'c', 'd'"),
    ],
)
def test_headers_that_are_not_there(
    text: str, columns: dict[str, tuple[str, ...]], reason: str
) -> None:
    """What is missing is named, with the way to say it."""
    with pytest.raises(InvalidInput, match=reason):
        draft(text, **columns)


def test_kinds() -> None:
    """A column for the kind, and what each kind needs."""
    made = draft(
        "question,kind,option 1,option 2,accept 1,accept 2,correct,tolerance,nearest,range,points\n"
        "B?,boolean,,,,,true,,,,500\n"
        "T?,,,,Rhein,Rhine,,,,,\n"
        "U?,text,,,,,Rhein,,,,double\n"
        "N?,number,,,,,-2.5,0.5,,,\n"
        "M?,number,,,,,100,,true,0..200,\n"
        "O?,order,x,y,,,,,,,\n"
        "P?,poll,x,y,,,,,,,\n"
        "S.,slide,,,,,,,,,\n"
    )
    assert made.document["questions"] == [
        {"kind": "boolean", "text": "B?", "correct": True, "points": 500},
        {"kind": "text", "text": "T?", "accept": ["Rhein", "Rhine"]},
        {"kind": "text", "text": "U?", "accept": ["Rhein"], "points": "double"},
        {"kind": "number", "text": "N?", "correct": -2.5, "tolerance": 0.5},
        {"kind": "number", "text": "M?", "correct": 100, "nearest": True, "range": [0, 200]},
        {"kind": "order", "text": "O?", "options": ["x", "y"]},
        {"kind": "poll", "text": "P?", "options": ["x", "y"]},
        {"kind": "slide", "text": "S."},
    ]


def test_a_plain_spreadsheet() -> None:
    """A table in a workbook is read like CSV, and its problems name cells."""
    rows: dict[int, list[Any]] = {1: ["Frage", "A", "B", "Richtig"], 2: ["Q?", 1, 2, "C"]}
    with pytest.raises(InvalidInput, match="cell D2: 'C' is none of the options"):
        load(workbook(rows), "t.xlsx")
    rows[2][3] = "B"
    assert load(workbook(rows), "t.xlsx").quiz.questions[0].correct == ("b",)


def test_all_problems_at_once() -> None:
    """Each with its line and column."""
    text = "question,a,b,correct,time limit\nQ?,x,x,1,soon\n,x,y,9,20\n"
    with pytest.raises(InvalidInput) as caught:
        load(text.encode(), "t.csv")
    assert [(p.line, p.column) for p in caught.value.problems] == [
        (2, 6),
        (2, 10),
        (3, 1),
        (3, 6),
        (3, 6),
    ]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("5", 5),
        ("-2.50", -2.5),
        ("2,5", 2.5),
        ("", None),
        ("1e5", 100000),
        ("-2.5e-7", -2.5e-7),
        ("x", "x"),
        ("9" * 30, "9" * 30),
    ],
)
def test_numbers(text: str, value: object) -> None:
    """Decimal points and commas; the rest is for the rules to judge."""
    assert number(text) == value


def test_kinds_in_other_words() -> None:
    """What people call kinds in tables of their own; what nobody knows is left to the rules."""
    made = draft(
        "question,type,a,b,correct\nQ1?,Multiple Choice,x,y,1\nQ2?,True/False,,,false\n"
        "Q3?,short answer,,,Rhein\nQ4?,Umfrage,x,y,\nQ5?,riddle,x,y,1\n"
        "Q6?,multichoice,x,y,1\nQ7?,truefalse,,,true\nQ8?,shortanswer,,,Elbe\n"
    )
    kinds = [question.get("kind") for question in made.document["questions"]]
    assert kinds == [None, "boolean", "text", "poll", "riddle", None, "boolean", "text"]
    assert made.document["questions"][1]["correct"] is False
