"""Tables."""

from __future__ import annotations

import pytest

from quizkit.sdk.formats.grid import Cell, Grid, plain_name, whole


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("20", 20),
        ("20.0", 20),
        ("20,00", 20),
        ("20 sec", 20),
        ("20s", 20),
        ("30 Sekunden", 30),
        ("", None),
        ("1,000", "1,000"),
        ("2.5", "2.5"),
        ("-5", "-5"),
        ("soon", "soon"),
        ("９", 9),
    ],
)
def test_whole_numbers(text: str, value: int | str | None) -> None:
    """Numbers as people write them; the rest is left for the rules to judge."""
    assert whole(text) == value


def test_names_without_their_trimmings() -> None:
    """Case, punctuation, brackets and what follows a dash are no part of a name."""
    assert plain_name("Time limit (sec) – 5, 10") == "time limit"
    assert plain_name("time_limit") == "time limit"
    assert plain_name("CorrectAnswer2: x") == "correct answer 2"
    assert plain_name("fill-in-the-blank") == "fill in the blank"


def test_cells_outside_are_empty() -> None:
    """A cell that was never written has a place all the same."""
    grid = Grid([[Cell("x", (1, 1))], [], [Cell("", (3, 1))], [Cell("y", (4, 1))]], True)
    assert grid.cell(0, 0).text == "x"
    assert grid.cell(0, 7) == Cell("", (1, 8))
    assert grid.cell(9, 1) == Cell("", (10, 2))
    assert list(grid.below(0)) == [3]
