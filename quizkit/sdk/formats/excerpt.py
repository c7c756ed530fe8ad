"""The line of a problem with a caret under its place."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import Final

from quizkit.sdk.errors import Problem

_CUT: Final = "…"


def excerpt(lines: Sequence[str], problem: Problem, width: int = 100) -> tuple[str, str] | None:
    """The line where a problem is, and a line with a caret under it.

    Args:
        lines: of the whole file.
        width: how many cells of a terminal both may take.

    Returns:
        None where the problem has no place in the file, or the line there is empty.
    """
    if problem.line is None or problem.column is None or not 0 < problem.line <= len(lines):
        return None
    line = lines[problem.line - 1].rstrip("\r")
    column = min(problem.column - 1, len(line))
    # Only what may be shown is looked at: a file may be one line.
    first = max(0, column - width)
    line, column = line[first : column + width + 1].replace("\t", " "), column - first
    if not line.strip():
        return None
    start = 0
    while _cells(line[start:column]) > width * 2 // 3:
        start += 1
    is_cut = first + start > 0
    shown = (_CUT if is_cut else "") + line[start:]
    if _cells(shown) > width:
        while _cells(shown) >= width:
            shown = shown[:-1]
        shown += _CUT
    caret = _cells(line[start:column]) + (1 if is_cut else 0)
    return shown, " " * caret + "^"


def _cells(text: str) -> int:
    """How many cells of a terminal a text takes."""
    return sum(_width(character) for character in text)


def _width(character: str) -> int:
    if unicodedata.combining(character) or unicodedata.category(character) in ("Mn", "Cf", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
