"""Quizzes as CSV, with the columns that `table` reads back.

Cells that a spreadsheet would run as a formula begin with an apostrophe. A byte order mark
comes first, because Excel takes CSV for UTF-8 only so.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from io import StringIO
from typing import Any, Final

from quizkit.core.kinds import KINDS
from quizkit.sdk.formats.delimited import guarded
from quizkit.sdk.formats.draft import Notes
from quizkit.sdk.formats.writing import (
    QUESTION_DEFAULTS,
    Losses,
    has_own_options,
    in_order,
    kind_of,
    options_of,
)

_OPTIONAL: Final = (
    "tolerance",
    "nearest",
    "range",
    "fold",
    "grading",
    "points",
    "penalty",
    "time_limit",
    "explanation",
    "media",
    "alt",
    "source",
)


def write(document: Mapping[str, Any], notes: Notes) -> str:
    """A quiz as CSV; columns that no question needs are not written."""
    losses = Losses("CSV", notes)
    losses.quiz(document)
    rows = []
    for index, question in enumerate(document["questions"], 1):
        if losses.kind(question, index, KINDS):
            losses.question(question, index, kept=_OPTIONAL)
            rows.append({name: losses.plain(value, index) for name, value in _cells(question)})
    columns = list(dict.fromkeys(["question", *_ordered(name for row in rows for name in row)]))
    text = StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(name.replace("_", " ") for name in columns)
    for row in rows:
        writer.writerow(guarded(row.get(name, "")) for name in columns)
    return "\ufeff" + text.getvalue()


def _cells(question: Mapping[str, Any]) -> Iterable[tuple[str, object]]:
    """The cells of a question by the name of their column."""
    kind = kind_of(question)
    yield "question", question["text"]
    if question.get("kind") or kind not in ("choice", "multiple"):
        yield "kind", kind
    if kind == "order":
        for place, text in enumerate(in_order(question), 1):
            yield f"option {place}", text
    elif kind in ("choice", "multiple", "poll") or has_own_options(question):
        options = options_of(question)
        for place, (text, _) in enumerate(options, 1):
            yield f"option {place}", text
        right = [str(place) for place, (_, right) in enumerate(options, 1) if right]
        yield "correct", ",".join(right)
    elif kind in ("boolean", "number"):
        correct = question["correct"]
        yield "correct", str(correct).lower() if isinstance(correct, bool) else correct
    elif kind == "text":
        for place, spelling in enumerate(question["accept"], 1):
            yield f"accept {place}", spelling
    for name in _OPTIONAL:
        value = question.get(name)
        if value is None or value == QUESTION_DEFAULTS.get(name):
            continue
        if name == "range":
            yield name, "..".join(map(str, value))
        else:
            yield name, str(value).lower() if isinstance(value, bool) else value


def _ordered(names: Iterable[str]) -> list[str]:
    """Columns in an order that reads well: as in one question, options by their number."""
    known = ["question", "kind", "option", "accept", "correct", *_OPTIONAL]
    places = {name: index for index, name in enumerate(known)}

    def place(name: str) -> tuple[int, int]:
        word, _, number = name.partition(" ")
        return places[word], int(number or 0)

    return sorted(dict.fromkeys(names), key=place)
