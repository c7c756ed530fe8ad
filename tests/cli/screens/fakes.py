"""A live session under a test's control, and a person who types into a pipe."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

from quizkit.cli.screens.input import Input
from quizkit.sdk.errors import QuizkitError
from quizkit.sdk.live_events import Answer, LiveEvent
from quizkit.sdk.live_protocol import Ack


@dataclass
class FakeSession:
    """Gives the events that a test puts in; keeps commands and answers.

    Attributes:
        done: what was asked of it, in order.
        refusals: raised by the next requests, one each.
    """

    done: list[Any] = field(default_factory=list)
    refusals: list[QuizkitError] = field(default_factory=list)
    _events: asyncio.Queue[LiveEvent | QuizkitError | None] = field(default_factory=asyncio.Queue)

    def put(self, *events: LiveEvent | QuizkitError | None) -> None:
        """Let events happen; None ends the session, an error breaks it."""
        for event in events:
            self._events.put_nowait(event)

    async def __aiter__(self) -> AsyncIterator[LiveEvent]:
        """The events."""
        while (event := await self._events.get()) is not None:
            if isinstance(event, QuizkitError):
                raise event
            yield event

    async def command(self, command: str, **arguments: object) -> None:
        """Keep a host's command."""
        self._refuse()
        self.done.append((command, arguments) if arguments else command)

    async def answer(self, question_id: str, answer: Answer) -> Ack:
        """Keep an answer."""
        self._refuse()
        self.done.append((question_id, answer))
        return Ack(question_id, "r", 1)

    def _refuse(self) -> None:
        if self.refusals:
            raise self.refusals.pop(0)


class Person:
    """Types into a pipe; `input` is what a screen reads from it."""

    def __init__(self, *, keys: bool = False) -> None:
        self._read, self._write = os.pipe()
        self.input = PipedKeys(self._read) if keys else Input(keys=False, descriptor=self._read)

    def type(self, text: str) -> None:
        """Type something."""
        os.write(self._write, text.encode())

    def leave(self) -> None:
        """End the input."""
        os.close(self._write)
        self._write = -1

    def close(self) -> None:
        """Clean up."""
        for descriptor in (self._read, self._write):
            if descriptor >= 0:
                os.close(descriptor)


class PipedKeys(Input):
    """Single keys from a pipe, which has no terminal settings to change."""

    def __init__(self, descriptor: int) -> None:
        super().__init__(keys=True, descriptor=descriptor)

    def _take_terminal(self) -> None:
        pass


async def until(condition: Callable[[], object]) -> None:
    """Wait until something is so."""
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0.01)
