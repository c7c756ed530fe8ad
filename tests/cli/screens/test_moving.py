"""What moves: it is drawn while it is shown, and stops however it is left."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from rich.console import Console
from rich.live import Live

from quizkit.cli.screens.moving import Moving


class Dot(Moving):
    """Counts how often it was drawn."""

    def __init__(self, live: Live | None) -> None:
        self.drawn = 0
        self._where = live

    def _place(self) -> Live | None:
        return self._where

    def refresh(self) -> None:
        """One more."""
        self.drawn += 1


def live() -> Any:
    """A place to move that nobody looks at."""
    return Live(console=Console(quiet=True), auto_refresh=False)


async def test_it_is_drawn_until_it_is_left() -> None:
    """And the terminal is given back, also where something failed."""
    place = live()
    dot = Dot(place)

    async def break_down() -> None:
        async with dot:
            assert place.is_started
            while dot.drawn < 2:
                await asyncio.sleep(0.01)
            raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        await break_down()
    assert not place.is_started
    drawn = dot.drawn
    await asyncio.sleep(0.3)
    assert dot.drawn == drawn


async def test_nothing_moves_without_a_place() -> None:
    """It can be used all the same."""
    async with Dot(None) as dot:
        await asyncio.sleep(0.01)
    assert dot.drawn == 0
