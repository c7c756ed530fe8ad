"""Requests of a live session that wait for their answers, by `ref`."""

from __future__ import annotations

import asyncio
from typing import Any

from quizkit.sdk.errors import QuizkitError


class Replies:
    """Hands answers to whoever waits for them; each request is expected, then forgotten."""

    def __init__(self) -> None:
        self._waiting: dict[str, asyncio.Future[Any]] = {}
        self._commands: set[str] = set()

    def expect(self, ref: str, *, command: bool = False) -> asyncio.Future[Any]:
        """The answer to come; `command`: a host's, which any event of the game answers."""
        reply: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting[ref] = reply
        if command:
            self._commands.add(ref)
        return reply

    def forget(self, ref: str) -> None:
        """Nobody waits for this answer any more."""
        self._commands.discard(ref)
        reply = self._waiting.pop(ref)
        if reply.done() and not reply.cancelled():
            reply.exception()  # seen, so that asyncio does not warn where HTTP was faster

    def settle(self, ref: str, result: object) -> bool:
        """Hand an answer or an error over; False where nobody waits for it."""
        reply = self._waiting.get(ref)
        if reply is None or reply.done():
            return False
        if isinstance(result, QuizkitError):
            reply.set_exception(result)
        else:
            reply.set_result(result)
        return True

    def commands_worked(self) -> None:
        """A host's command is answered by the event that it causes, which bears no ref."""
        for ref in self._commands:
            self.settle(ref, None)
