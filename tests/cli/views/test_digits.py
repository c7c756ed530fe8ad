"""Big digits."""

from __future__ import annotations

from quizkit.cli.views.digits import big


def test_a_pin_is_three_lines_of_equal_width() -> None:
    """Every digit has a shape of its own."""
    lines = big("0123456789").splitlines()
    assert len(lines) == 3
    assert len({len(line) for line in lines}) == 1
    assert len({big(str(digit)) for digit in range(10)}) == 10


def test_other_characters_are_left_out() -> None:
    """A PIN written with a space is the same PIN."""
    assert big("12 3") == big("123")
