"""The line of a problem, and a caret under it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quizkit.sdk.errors import Problem
from quizkit.sdk.formats.excerpt import excerpt


@pytest.mark.parametrize(
    ("line", "column", "caret"),
    [
        ("options: [x, y]", 11, 10),
        ("\ttab: x", 2, 1),
        ("日本語: x", 4, 6),
        ("e\u0301a: x", 3, 1),
        ("short", 99, 5),
    ],
)
def test_the_caret_stands_under_its_place(line: str, column: int, caret: int) -> None:
    """Wide characters take two cells, combining ones none."""
    found = excerpt(["first", f"{line}\r", "last"], Problem("m", 2, column))
    assert found == (line.replace("\t", " "), " " * caret + "^")


def test_long_lines_are_cut() -> None:
    """What is around the place stays, and says where it was cut."""
    line = "a" * 200 + "X" + "b" * 200
    found = excerpt([line], Problem("m", 1, 201), width=60)
    assert found is not None
    shown, caret = found
    assert shown.startswith("…a")
    assert shown.endswith("b…")
    assert len(shown) <= 60
    assert shown[caret.index("^")] == "X"


@pytest.mark.parametrize(
    "problem", [Problem("m"), Problem("m", 9, 1), Problem("m", 2, 1), Problem("m", 0, 1)]
)
def test_nothing_to_show(problem: Problem) -> None:
    """No place, a place outside of the file, an empty line."""
    assert excerpt(["a", " ", "b"], problem) is None


@given(st.text(max_size=40), st.integers(1, 60), st.integers(10, 40))
def test_it_always_fits(line: str, column: int, width: int) -> None:
    """Whatever the line is, nothing is wider than the terminal."""
    found = excerpt([line.replace("\n", "")], Problem("m", 1, column), width)
    assert found is None or len(found[1]) <= width + 1


class Counted(str):
    """A line that counts how many of its characters are taken."""

    taken = 0

    def __getitem__(self, key: Any) -> str:
        found = super().__getitem__(key)
        Counted.taken += len(found)
        return found

    def rstrip(self, characters: str | None = None, /) -> Counted:
        """The same line."""
        return self


def test_of_a_long_line_only_a_piece_is_looked_at() -> None:
    """A file of a million characters on one line takes no longer than a short one."""
    assert excerpt([Counted("a" * 1_000_000)], Problem("m", 1, 900_000), width=60) is not None
    assert Counted.taken <= 121
