"""Whose table is it? Headers of spreadsheets and CSV, and what their columns hold.

Headers are compared by their words: `Time limit (sec) – 5, 10, …` is `time limit`, whatever
dash Kahoot uses this year. The English and German words that people put over columns of their
own are known; for others there is `--map`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from quizkit.sdk.formats.grid import HEADER_ROWS, Grid, plain_name

#: What a column may hold; `option`, `wrong` and `accept` may stand over several.
FIELDS: Final = (
    "question",
    "option",
    "options",
    "correct",
    "wrong",
    "kind",
    "points",
    "time_limit",
    "explanation",
    "media",
    "alt",
    "source",
    "accept",
    "tolerance",
    "nearest",
    "range",
    "grading",
    "penalty",
    "fold",
)
_NAMES: Final[dict[str, str]] = {
    name: field
    for field, names in {
        "question": "question,question text,questions,text,frage,fragen,fragetext",
        "options": "options,answers,choices,antworten,antwortmöglichkeiten,optionen",
        "correct": "correct,correct answer,correct answers,correct option,answer,right,"
        "right answer,solution,key,richtig,richtige antwort,richtige antworten,lösung,antwort",
        "wrong": "wrong,wrong answer,wrong answers,incorrect,incorrect answer,"
        "incorrect answers,falsch,falsche antwort,falsche antworten",
        "kind": "kind,type,question type,typ,art,fragetyp",
        "points": "points,score,punkte",
        "time_limit": "time limit,time,seconds,time in seconds,zeit,zeitlimit,sekunden",
        "explanation": "explanation,answer explanation,feedback,erklärung,erläuterung",
        "media": "media,image,image link,picture,bild,medien",
        "alt": "alt,alt text,alternative text,alternativtext",
        "source": "source,quelle",
        "accept": "accept,accepted",
        "tolerance": "tolerance,toleranz",
        "nearest": "nearest",
        "range": "range",
        "grading": "grading",
        "penalty": "penalty",
        "fold": "fold",
    }.items()
    for name in names.split(",")
}
_NUMBERED: Final = re.compile(
    r"(?P<name>option|answer|choice|antwort|wrong answer|incorrect answer|wrong|falsch|"
    r"falsche antwort|accept|accepted) (?P<place>\d{1,2}|[a-z])"
)
_ORDINAL: Final = re.compile(r"(?P<place>\d)(?:st|nd|rd|th) answer")
_ANSWER: Final = {"option", "answer", "choice", "antwort"}


def field_of(header: str) -> str | None:
    """The field that a column of this header holds; None for one that says nothing."""
    name = plain_name(header)
    if re.fullmatch(r"[a-h]", name) or _ORDINAL.fullmatch(name):
        return "option"
    found = _NUMBERED.fullmatch(name)
    if found is None:
        return _NAMES.get(name)
    kind = found["name"]
    return "option" if kind in _ANSWER else "accept" if kind.startswith("accept") else "wrong"


def is_header(cells: Sequence[str]) -> bool:
    """Whether a row stands over a table of questions."""
    fields = {field_of(cell) for cell in cells if cell}
    return "question" in fields and bool(
        fields & {"option", "options", "correct", "wrong", "accept", "kind"}
    )


def header_row(grid: Grid) -> int | None:
    """The index of the row that names the columns."""
    for index, row in enumerate(grid.rows[:HEADER_ROWS]):
        if is_header([cell.text for cell in row]):
            return index
    return None


def known_layout(grid: Grid) -> str | None:
    """`kahoot`, `quizizz` or `classquiz` where the header is theirs, else None."""
    row = header_row(grid)
    if row is None:
        return None
    names = [plain_name(cell.text) for cell in grid.rows[row]]
    if "question text" in names and "question type" in names and "option 1" in names:
        return "quizizz"
    if any(_ORDINAL.fullmatch(name) for name in names):
        return "classquiz"
    kahoot = {"question", "answer 1", "answer 2", "time limit"}
    if kahoot <= set(names) and any(name.startswith("correct answer") for name in names):
        return "kahoot"
    return None
