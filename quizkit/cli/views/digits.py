"""A PIN to be read from the back of the room."""

from __future__ import annotations

from typing import Final

_ROWS: Final = (
    "█▀█ ▀█  ▀▀█ ▀▀█ █ █ █▀▀ █▀▀ ▀▀█ █▀█ █▀█",
    "█ █  █  █▀▀  ▀█ ▀▀█ ▀▀█ █▀█   █ █▀█ ▀▀█",
    "▀▀▀ ▀▀▀ ▀▀▀ ▀▀▀   ▀ ▀▀▀ ▀▀▀   ▀ ▀▀▀ ▀▀▀",
)


def big(pin: str) -> str:
    """The digits of a PIN as three lines of blocks, other characters left out."""
    digits = [int(digit) for digit in pin if digit.isdecimal() and digit.isascii()]
    return "\n".join(
        "  ".join(row[4 * digit : 4 * digit + 3].ljust(3) for digit in digits) for row in _ROWS
    )
