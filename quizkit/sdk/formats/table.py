"""Any table of questions: CSV, TSV, or a spreadsheet of nobody's layout.

Columns are found by their headers (`layouts`), or named with `--map question=Frage,…`. The
right options are numbers (`2`, `2,4`), letters or texts: whichever can be read so in every
row, since one row alone may say either. Columns with wrong answers only are understood, too;
then the options are mixed, because the right one always comes first.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from string import ascii_lowercase
from typing import Any, Final

from quizkit.sdk.formats.draft import Draft, mixed, option, tidy
from quizkit.sdk.formats.grid import HEADER_ROWS, Cell, Grid, plain_name, whole
from quizkit.sdk.formats.layouts import FIELDS, field_of, header_row
from quizkit.sdk.formats.source import Mark, Path, Source, Unreadable, problem_at

_MANY: Final = ("option", "wrong", "accept", "options")
_NUMBER: Final = re.compile(r"[-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d{1,3})?")
_LONGEST: Final = 25
_BOOLEANS: Final = {
    **dict.fromkeys(("true", "yes", "wahr", "ja", "richtig", "t"), True),
    **dict.fromkeys(("false", "no", "falsch", "nein", "f"), False),
}


#: What people call kinds in tables of their own; of the first the options say which it is.
_KINDS: Final = {
    **dict.fromkeys(
        ("multiple choice", "multichoice", "mcq", "mc", "quiz", "auswahl", "checkbox"), ""
    ),
    **dict.fromkeys(("single choice", "einfachauswahl"), "choice"),
    **dict.fromkeys(("multiple select", "multiple response", "mehrfachauswahl"), "multiple"),
    **dict.fromkeys(("true false", "true or false", "truefalse", "wahr falsch", "tf"), "boolean"),
    **dict.fromkeys(
        ("short answer", "shortanswer", "open", "typed", "fill in the blank", "text"), "text"
    ),
    **dict.fromkeys(("numeric", "numerical", "estimate", "zahl"), "number"),
    **dict.fromkeys(("ordering", "sequence", "reihenfolge"), "order"),
    **dict.fromkeys(("survey", "vote", "umfrage"), "poll"),
}


@dataclass(frozen=True, slots=True)
class _Row:
    """The cells of one question by their field; those of `_MANY` without empty ones at the end."""

    cells: Mapping[str, list[Cell]]
    mark: Mark

    def first(self, name: str) -> Cell:
        found = self.cells.get(name)
        return found[0] if found else Cell("", self.mark)

    def texts(self, name: str) -> list[str]:
        return [cell.text for cell in self.cells.get(name, ())]

    @property
    def options(self) -> list[Cell]:
        """The options, empty cells between them included, so that numbers stay true."""
        cells = list(self.cells.get("option", ()))
        for cell in self.cells.get("options", ()):
            # The others may be part of an option, such as `||` in questions about code.
            separator = max("\n;|", key=cell.text.count)
            cells += [Cell(part.strip(), cell.mark) for part in cell.text.split(separator)]
        while cells and not cells[-1].text:
            cells.pop()
        return cells

    @property
    def kind(self) -> str | None:
        said = self.first("kind").text.strip().lower()
        return _KINDS.get(plain_name(said), said) or None


def read(source: Source) -> Draft:
    """A draft of a table; its title is the file's name.

    Raises:
        Unreadable: no header is found, or a mapped column is not there.
    """
    grid = source.grid
    draft = Draft.titled(source.title)
    draft.cells = grid.spreadsheet
    draft.notes.take(grid.notes)
    header = _mapped_header(grid, source) if source.columns else header_row(grid)
    if header is None:
        message = (
            "no header names a column with questions and one with answers; name the columns "
            "with --map question=…,option=…,correct=…"
        )
        raise Unreadable(problem_at((1, 1), message))
    fields = _fields(grid, header, source)
    for index, cell in enumerate(grid.rows[header]):
        if index not in fields and cell.text:
            draft.notes.add(f"the column {cell.text[:60]!r} is left out", cell.mark)
    rows = [_row(grid, index, fields) for index in grid.below(header)]
    rows = [row for row in rows if any(cell.text for each in row.cells.values() for cell in each)]
    reading = _Reading(rows, draft)
    for row in rows:
        _add(draft, row, reading)
    return draft


def _mapped_header(grid: Grid, source: Source) -> int:
    """The row that holds the mapped names."""
    wanted = {plain_name(name): name for names in source.columns.values() for name in names}
    best, missing = 0, set(wanted)
    for index, row in enumerate(grid.rows[:HEADER_ROWS]):
        left = set(wanted) - {plain_name(cell.text) for cell in row}
        if len(left) < len(missing):
            best, missing = index, left
    if missing:
        names = ", ".join(repr(wanted[name]) for name in sorted(missing))
        raise Unreadable(problem_at((best + 1, 1), f"there is no column {names}, named in --map"))
    return best


def _fields(grid: Grid, header: int, source: Source) -> dict[int, str]:
    """Which field each column holds, by its index; what is mapped comes before what is guessed."""
    mapped = {plain_name(name): field for field, names in source.columns.items() for name in names}
    fields: dict[int, str] = {}
    for index, cell in enumerate(grid.rows[header]):
        name = mapped.get(plain_name(cell.text))
        if name is None and cell.text:
            guessed = field_of(cell.text)
            name = None if guessed in source.columns else guessed
        if name in FIELDS and (name in _MANY or name not in fields.values()):
            fields[index] = name
    return fields


def _row(grid: Grid, index: int, fields: Mapping[int, str]) -> _Row:
    cells: dict[str, list[Cell]] = {}
    for column, name in fields.items():
        cells.setdefault(name, []).append(grid.cell(index, column))
    return _Row(cells, grid.cell(index, next(iter(fields), 0)).mark)


class _Reading:
    """How the column with the right answers is meant: as numbers, letters or texts."""

    def __init__(self, rows: list[_Row], draft: Draft) -> None:
        self._draft = draft
        judged = [row for row in rows if row.options and row.first("correct").text]
        self._how = next((how for how in _WAYS if all(how(row) for row in judged)), _by_any)
        if self._how in (_by_number, _by_letter) and judged and self._reads_as_text(judged):
            message = (
                "the right answers were read as the options' numbers or letters, though each "
                "is an option's text, too"
            )
            draft.notes.add(message, judged[0].first("correct").mark)

    def _reads_as_text(self, rows: list[_Row]) -> bool:
        return all(_by_text(row) for row in rows) and any(
            _by_text(row) != self._how(row) for row in rows
        )

    def right(self, row: _Row) -> set[int]:
        """Indexes of the right options of a row."""
        cell = row.first("correct")
        found = self._how(row)
        if not row.options:
            message = (
                "there are no options: name their columns with --map option=…, or that of typed "
                "answers with --map accept=…"
            )
            self._draft.notes.problem(message, cell.mark)
        elif found is None:
            said = repr(cell.text[:60])
            message = f"{said} is none of the options: not a text, a letter or a number from 1"
            self._draft.notes.problem(message, cell.mark)
        return found or set()


def _by_number(row: _Row) -> set[int] | None:
    parts = [part for part in re.split(r"[,;/&\s).]+", row.first("correct").text) if part]
    found = {int(part) - 1 for part in parts if re.fullmatch(r"[1-9]\d?", part)}
    return found if len(found) == len(set(parts)) and _there(row, found) else None


def _by_letter(row: _Row) -> set[int] | None:
    parts = [part for part in re.split(r"[,;/&\s).]+", row.first("correct").text.lower()) if part]
    found = {ascii_lowercase.find(part) for part in parts if len(part) == 1}
    return found if len(found) == len(set(parts)) and _there(row, found) else None


def _by_text(row: _Row) -> set[int] | None:
    texts = [cell.text for cell in row.options]
    whole_cell = row.first("correct").text
    if whole_cell in texts:
        return {texts.index(whole_cell)}
    # From the end, so that of equal texts the first one counts.
    folded = {texts[n].casefold(): n for n in range(len(texts) - 1, -1, -1)}
    parts = [part.strip().casefold() for part in re.split(r"[|;\n]", whole_cell) if part.strip()]
    found = {folded[part] for part in parts if part in folded}
    return found if found and len(found) == len(set(parts)) else None


def _by_any(row: _Row) -> set[int] | None:
    """For columns where each row is meant in its own way."""
    return _by_text(row) or _by_number(row) or _by_letter(row)


_WAYS: Final = (_by_number, _by_letter, _by_text)


def _there(row: _Row, indexes: set[int]) -> bool:
    options = row.options
    return all(0 <= index < len(options) and options[index].text for index in indexes)


def _add(draft: Draft, row: _Row, reading: _Reading) -> None:
    marks: dict[Path, Mark] = {
        (name,): cells[0].mark for name, cells in row.cells.items() if name not in _MANY
    }
    marks[("text",)] = row.first("question").mark
    question: dict[str, Any] = {"kind": row.kind, "text": row.first("question").text}
    options = [cell for cell in row.options if cell.text]
    typed = not options and any(row.texts("accept"))
    if row.kind in ("number", "text") or (row.kind == "boolean" and not options) or typed:
        _add_answer(question, row, marks)
    elif row.kind != "slide":
        _add_options(question, row, reading, marks)
    for name in ("points", "time_limit", "penalty"):
        question[name] = whole(row.first(name).text)
    for name in ("grading", "explanation", "media", "alt", "source", "fold"):
        question[name] = row.first(name).text or None
    draft.add(question, row.mark, marks)


def _add_options(
    question: dict[str, Any], row: _Row, reading: _Reading, marks: dict[Path, Mark]
) -> None:
    wrong = [text for text in row.texts("wrong") if text]
    correct = row.first("correct")
    if wrong and not row.options:
        question["options"] = mixed(question["text"], correct.text, wrong)
        marks[("options",)] = correct.mark
        return
    marked = row.kind not in ("order", "poll") and correct.text
    right = reading.right(row) if marked else set()
    marks[("options",)] = correct.mark
    question["options"] = []
    for index, cell in enumerate(row.options):
        if cell.text:
            marks[("options", len(question["options"]))] = cell.mark
            question["options"].append(option(cell.text, index in right))


def _add_answer(question: dict[str, Any], row: _Row, marks: dict[Path, Mark]) -> None:
    """The answer of a question without options."""
    correct = row.first("correct").text
    if row.kind == "boolean":
        question["correct"] = _BOOLEANS.get(correct.casefold(), correct or None)
    elif row.kind == "number":
        question["correct"] = number(correct)
        question["tolerance"] = number(row.first("tolerance").text)
        question["nearest"] = _BOOLEANS.get(row.first("nearest").text.casefold())
        bounds = row.first("range").text
        if bounds:
            question["range"] = [number(part.strip()) for part in bounds.split("..")]
    else:
        question["kind"] = "text"
        question["accept"] = [text for text in [*row.texts("accept"), correct] if text]
        if row.cells.get("accept"):
            marks[("accept",)] = row.cells["accept"][0].mark


def number(text: str) -> int | float | str | None:
    """A number; the text where it is none, for the rules to judge; None if empty."""
    plain = text.replace(",", ".", 1) if re.fullmatch(r"-?\d+,\d+", text) else text
    if len(plain) <= _LONGEST and _NUMBER.fullmatch(plain):
        return tidy(Decimal(plain))
    return text or None
