"""Kahoot's spreadsheet: one sheet, a header in row 8, questions from row 9, columns B to H.

Read by its header, wherever that stands, so that a template with rows added or taken away
still works; ClassQuiz's sheet differs in its title and the words of its header alone.
Several right answers mean something else there: any one of them is enough.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from io import BytesIO
from typing import Any, Final

from quizkit.core.kinds import GRADING
from quizkit.sdk.formats.draft import Draft, Notes, option
from quizkit.sdk.formats.grid import Cell, Grid, plain_name, whole
from quizkit.sdk.formats.html_text import looks_like_html, noted
from quizkit.sdk.formats.layouts import field_of, header_row
from quizkit.sdk.formats.source import Path, Source, Unreadable, problem_at
from quizkit.sdk.formats.writing import Losses, kind_of, options_of

TEXT_LIMIT: Final = 120
OPTION_LIMIT: Final = 75
TIMES: Final = (5, 10, 20, 30, 60, 90, 120, 240)
OPTIONS: Final = 4
HEADER: Final = (
    "Question - max 120 characters",
    "Answer 1 - max 75 characters",
    "Answer 2 - max 75 characters",
    "Answer 3 - max 75 characters",
    "Answer 4 - max 75 characters",
    "Time limit (sec) – 5, 10, 20, 30, 60, 90, 120, or 240 secs",
    "Correct answer(s) - choose at least one",
)
_ANY: Final = "several answers are right: there any one of them is enough, here it takes them all"


def read(source: Source) -> Draft:
    """A draft of a Kahoot sheet; its title is the file's name, since the sheet has none."""
    draft = Draft.titled(source.title)
    read_rows(draft, source.grid)
    return draft


def read_rows(
    draft: Draft, grid: Grid, *, without_right: str | None = None, html: bool = False
) -> None:
    """Add the questions of a sheet with Kahoot's columns.

    Args:
        html: whether texts may be HTML.
        without_right: the kind of questions where no answer is right; None leaves such
            a question to the rules.

    Raises:
        Unreadable: there is no header.
    """
    row = header_row(grid)
    names = [] if row is None else [field_of(cell.text) for cell in grid.rows[row]]
    if row is None or not {"question", "option"} <= set(names):
        raise Unreadable(problem_at((1, 1), "there is no header with question and answers"))
    draft.cells = grid.spreadsheet
    draft.notes.take(grid.notes)
    columns: dict[str, list[int]] = {}
    for index, cell in enumerate(grid.rows[row]):
        columns.setdefault(field_of(cell.text) or plain_name(cell.text), []).append(index)
    known = {"question", "option", "time_limit", "correct", ""}
    for name in columns.keys() - known:
        draft.notes.add(f"the column {name!r} is left out", grid.rows[row][columns[name][0]].mark)
    for index in grid.below(row):
        if html:
            grid.rows[index] = [without_html(cell, draft.notes) for cell in grid.rows[index]]
        _read_row(draft, grid, index, columns, without_right)


def without_html(cell: Cell, notes: Notes) -> Cell:
    """A cell with plain text in place of its HTML."""
    if not looks_like_html(cell.text):
        return cell
    return Cell(noted(cell.text, notes, cell.mark).text, cell.mark)


def _read_row(
    draft: Draft, grid: Grid, row: int, columns: Mapping[str, list[int]], without_right: str | None
) -> None:
    def first(name: str) -> Cell:
        return grid.cell(row, columns.get(name, [10_000])[0])

    asked, limit, right = first("question"), first("time_limit"), first("correct")
    answers = [grid.cell(row, column) for column in columns["option"]]
    if not asked.text and not any(cell.text for cell in answers):
        return  # a numbered line that waits for its question
    chosen = places(right, draft.notes)
    given = {place: cell for place, cell in enumerate(answers, 1) if cell.text}
    for place in chosen:
        if place not in given:
            draft.notes.problem(f"answer {place} is right, but empty", right.mark)
    if len(chosen) > 1:
        draft.notes.add(_ANY, right.mark)
    marks: dict[Path, tuple[int, int]] = {("text",): asked.mark, ("time_limit",): limit.mark}
    marks[("options",)] = right.mark if right.text or not answers else answers[0].mark
    for index, cell in enumerate(given.values()):
        marks[("options", index)] = cell.mark
    question = {
        "kind": without_right if without_right and not right.text else None,
        "text": asked.text,
        "options": [option(cell.text, place in chosen) for place, cell in given.items()],
        "time_limit": whole(limit.text),
    }
    if question["kind"]:
        draft.notes.add(f"no answer is right: taken as a {question['kind']}", asked.mark)
    draft.add(question, asked.mark, marks)


def places(cell: Cell, notes: Notes) -> list[int]:
    """The answers that a cell like `2,4` names, counted from 1."""
    text = cell.text
    if re.fullmatch(r"[1-9]\.[1-9]", text):
        # A spreadsheet with decimal commas has taken `2,4` for a number.
        notes.add(f"{text!r} was read as the answers {text.replace('.', ' and ')}", cell.mark)
        text = text.replace(".", ",")
    parts = [part for part in re.split(r"[,;/&\s]+|\band\b", text) if part]
    if not all(part.isascii() and part.isdigit() and len(part) < 4 for part in parts):
        notes.problem(f"{cell.text[:40]!r} does not number the right answers, as in 2,4", cell.mark)
        return []
    return list(dict.fromkeys(int(part) for part in parts))


def write(document: Mapping[str, Any], notes: Notes) -> bytes:
    """A workbook that Kahoot imports; questions that it cannot hold are left out."""
    from openpyxl import Workbook
    from openpyxl.styles import Alignment, Font

    losses = Losses("a Kahoot spreadsheet", notes)
    losses.quiz(document)
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Sheet1"
    sheet.cell(2, 2, "Quiz template").font = Font(bold=True)
    for column, name in enumerate(HEADER, 2):
        heading = sheet.cell(8, column, name)
        heading.font = Font(bold=True)
        heading.alignment = Alignment(wrap_text=True)
        sheet.column_dimensions[heading.column_letter].width = 60 if column == 2 else 24
    row = 9
    for number, question in enumerate(document["questions"], 1):
        cells = _cells(question, number, losses)
        if cells is None:
            continue
        sheet.cell(row, 1, row - 8)
        for column, value in enumerate(cells, 2):
            if value is not None:
                written = sheet.cell(row, column, value)
                if isinstance(value, str):
                    written.data_type = "s"  # also where it begins with “=”
        row += 1
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


def _cells(
    question: Mapping[str, Any], number: int, losses: Losses
) -> list[str | int | None] | None:
    """The cells of one question; None where the sheet has no place for it."""
    if not losses.kind(question, number, ("choice", "multiple", "boolean")):
        return None
    options = options_of(question)
    if len(options) > OPTIONS:
        losses.left_out(number, f"Kahoot has at most {OPTIONS} answers")
        return None
    losses.question(question, number, kept=("time_limit",))
    text = losses.plain(question["text"], number)
    shown = [losses.plain(each, number) for each, _ in options]
    if len(text) > TEXT_LIMIT or any(len(each) > OPTION_LIMIT for each in shown):
        losses.note(
            number,
            f"longer than Kahoot takes: {TEXT_LIMIT} and {OPTION_LIMIT} characters",
        )
    wanted = question.get("time_limit", 20)
    limit = next((each for each in TIMES if each >= wanted), TIMES[-1])
    if limit != wanted:
        losses.note(number, "another time limit, since Kahoot has a few fixed ones")
    right = [str(place) for place, (_, right) in enumerate(options, 1) if right]
    if len(right) > 1:
        losses.note(number, "with Kahoot any one of several right answers is enough")
    elif kind_of(question) != "choice":
        losses.note(number, "Kahoot has no place for 'kind': one answer is right")
    if question.get("grading", GRADING[0]) != GRADING[0]:
        losses.note(number, "a Kahoot spreadsheet has no place for 'grading'")
    padded: list[str | None] = [*shown, *[None] * (OPTIONS - len(shown))]
    return [text, *padded, limit, ",".join(right)]
