"""Wayground's (Quizizz's) spreadsheet: a header, maybe a row of instructions, questions.

Columns: Question Text, Question Type, Option 1 to 5, Correct Answer (numbers from 1), Time in
seconds, Image Link, Answer explanation. A type that is empty is Multiple Choice.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from quizkit.sdk.formats.draft import Draft, option
from quizkit.sdk.formats.grid import Cell, Grid, plain_name, whole
from quizkit.sdk.formats.kahoot import places
from quizkit.sdk.formats.layouts import field_of, header_row
from quizkit.sdk.formats.source import Path, Source, Unreadable, problem_at

#: What an empty cell means there, in seconds.
DEFAULT_TIME: Final = 30
_KINDS: Final[Mapping[str, str]] = {
    "": "",
    "multiple choice": "",
    "checkbox": "multiple",
    "fill in the blank": "text",
    "poll": "poll",
}


def read(source: Source) -> Draft:
    """A draft of a Quizizz sheet; its title is the file's name."""
    grid = source.grid
    row = header_row(grid)
    if row is None:
        raise Unreadable(problem_at((1, 1), "there is no header with “Question Text”"))
    draft = Draft.titled(source.title)
    draft.cells = grid.spreadsheet
    draft.notes.take(grid.notes)
    columns: dict[str, list[int]] = {}
    for index, cell in enumerate(grid.rows[row]):
        columns.setdefault(field_of(cell.text) or plain_name(cell.text), []).append(index)
    known = ("question", "kind", "option", "correct", "time_limit", "media", "explanation", "")
    for name in columns.keys() - set(known):
        draft.notes.add(f"the column {name!r} is left out", grid.rows[row][columns[name][0]].mark)
    for index in grid.below(row):
        cells = {name: [grid.cell(index, each) for each in columns.get(name, ())] for name in known}
        if not (index == row + 1 and _is_instruction(grid, index)):
            _read_row(draft, cells, grid.cell(index, 0))
    return draft


def _is_instruction(grid: Grid, row: int) -> bool:
    """Whether the row under the header explains the columns, as the template's does."""
    said = " ".join(cell.text for cell in grid.rows[row]).casefold()
    return "(required)" in said or "(optional" in said


def _read_row(draft: Draft, cells: Mapping[str, list[Cell]], leftmost: Cell) -> None:
    def first(name: str) -> Cell:
        return cells[name][0] if cells[name] else Cell("", leftmost.mark)

    asked, right, limit = first("question"), first("correct"), first("time_limit")
    given = {place: cell for place, cell in enumerate(cells["option"], 1) if cell.text}
    if not asked.text and not given:
        return
    kind = _KINDS.get(plain_name(first("kind").text.replace("-", " ")))
    if kind is None:
        said = first("kind").text
        draft.notes.add(f"a question of the type {said!r} is left out", first("kind").mark)
        return
    marks: dict[Path, tuple[int, int]] = {
        ("text",): asked.mark,
        ("time_limit",): limit.mark,
        ("media",): first("media").mark,
        ("options",): right.mark,
        ("accept",): next(iter(given.values()), right).mark,
    }
    question: dict[str, Any] = {"kind": kind or None, "text": asked.text}
    if kind == "text":
        question["accept"] = [cell.text for cell in given.values()]
    else:
        chosen = places(right, draft.notes) if kind != "poll" else []
        if kind == "multiple" and len(chosen) != 1:
            question["kind"] = None  # the options say it
        for place in chosen:
            if place not in given:
                draft.notes.problem(f"option {place} is right, but empty", right.mark)
        question["options"] = [option(cell.text, place in chosen) for place, cell in given.items()]
        for index, cell in enumerate(given.values()):
            marks[("options", index)] = cell.mark
    question["time_limit"] = whole(limit.text) or DEFAULT_TIME
    question["media"] = first("media").text or None
    question["explanation"] = first("explanation").text or None
    draft.add(question, asked.mark, marks)
