"""Drafts and the notes about them."""

from __future__ import annotations

from quizkit.sdk.errors import Problem
from quizkit.sdk.formats.draft import Draft, Notes, cell_name, mixed, option


def test_the_same_note_is_told_once() -> None:
    """Notes keep their first place and count; of questions they name the numbers."""
    notes = Notes()
    notes.add("names are left out", (3, 1))
    notes.add("other", (4, 1))
    notes.add("names are left out", (9, 1))
    for number in (2, 2, *range(5, 17)):
        notes.add("no place for 'points'", question=number)
    notes.add("left out", question=7)
    assert notes.warnings == (
        Problem("names are left out (2 times)", 3, 1),
        Problem("other", 4, 1),
        Problem("questions 2, 5, 6, 7, 8, 9, 10, 11, 12, 13 and 3 more: no place for 'points'"),
        Problem("question 7: left out"),
    )


def test_notes_are_taken_over() -> None:
    """What was noted on reading a table belongs to the quiz."""
    table, quiz = Notes(), Notes()
    table.add("a formula", (1, 2))
    table.problem("bad", (3, 4))
    quiz.add("first", (1, 1))
    quiz.take(table)
    assert [note.message for note in quiz.warnings] == ["first", "a formula"]
    assert quiz.problems == [Problem("bad", 3, 4)]


def test_questions_and_their_places() -> None:
    """Absent fields are left out, and parts are found, or what is around them."""
    draft = Draft.titled("T", (1, 8))
    draft.add({"kind": None, "text": "q", "options": [], "points": 0}, (2, 1), {("text",): (2, 9)})
    assert draft.document == {
        "title": "T",
        "questions": [{"text": "q", "options": [], "points": 0}],
    }
    assert draft.locate(("title",)) == (1, 8)
    assert draft.locate(("questions", 0, "text")) == (2, 9)
    assert draft.locate(("questions", 0, "points")) == (2, 1)
    assert draft.locate(("questions",)) == (1, 1)


def test_mixed_options_are_the_same_every_time() -> None:
    """The right answer may come anywhere, always at the same place, marked and not lost."""
    made = [mixed(f"Question {n}?", "right", ["a", "b", "c"]) for n in range(40)]
    places = [options.index(option("right", True)) for options in made]
    assert set(places) == {0, 1, 2, 3}
    assert made == [mixed(f"Question {n}?", "right", ["a", "b", "c"]) for n in range(40)]


def test_cells_are_called_as_in_spreadsheets() -> None:
    """A column beyond Z has two letters."""
    assert [cell_name(mark) for mark in ((9, 3), (1, 26), (12, 27), (7, 703))] == [
        "C9",
        "Z1",
        "AA12",
        "AAA7",
    ]
