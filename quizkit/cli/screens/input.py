"""What a person types while a screen is up: single keys on a terminal, lines elsewhere.

One thread waits for standard input, so that the event loop never does, and so that input
from a file, which no event loop can watch, works as well. It reads the descriptor itself: a
thread left waiting inside `sys.stdin` would abort the interpreter at its end. For keys the
terminal is switched to one key at a time, without echo, and given back on the way out;
Ctrl-C stays a signal.
"""

from __future__ import annotations

import asyncio
import codecs
import os
import re
import select
import sys
import threading
from contextlib import suppress
from types import TracebackType
from typing import Any, Final, Self

#: Cursor and function keys arrive as several characters, which must not count as answers.
_SEQUENCE: Final = re.compile(r"\x1b(?:\[[0-9;?]*[ -/]*[@-~]|O.|[^\[O])")


class Input:
    """Standard input as a queue; an asynchronous context manager.

    Args:
        keys: one item a key, on a terminal; otherwise one item a line, without its end.
        descriptor: what to read; standard input where None.

    Attributes:
        keys: whether items are keys.
    """

    def __init__(self, *, keys: bool, descriptor: int | None = None) -> None:
        self.keys = keys
        self._descriptor = sys.stdin.fileno() if descriptor is None else descriptor
        self._items: asyncio.Queue[str | None] = asyncio.Queue()
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._pending = ""
        self._terminal: list[Any] | None = None

    async def __aenter__(self) -> Self:
        """Take the terminal, if keys are wanted, and start reading."""
        if self.keys:
            self._take_terminal()
        self._wake, self._woken = os.pipe()
        self._loop = asyncio.get_running_loop()
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        exc: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop reading and give the terminal back."""
        try:
            os.write(self._woken, b"!")
            self._thread.join(timeout=1)
        finally:
            self._give_terminal_back()
        os.close(self._wake)
        os.close(self._woken)

    async def get(self) -> str | None:
        """The next key or line; None at the end of input, again and again."""
        item = await self._items.get()
        if item is None:
            self._items.put_nowait(None)
        return item

    def _take_terminal(self) -> None:
        import termios
        import tty

        self._terminal = termios.tcgetattr(self._descriptor)
        tty.setcbreak(self._descriptor, termios.TCSANOW)

    def _give_terminal_back(self) -> None:
        if self._terminal is not None:
            import termios

            # Flushed, so that keys meant for the screen do not reach the shell.
            with suppress(termios.error):
                termios.tcsetattr(self._descriptor, termios.TCSAFLUSH, self._terminal)
            self._terminal = None

    def _read(self) -> None:
        while True:
            ready, _, _ = select.select([self._descriptor, self._wake], [], [])
            if self._wake in ready:
                return
            try:
                chunk = os.read(self._descriptor, 4096)
            except OSError:  # the terminal is gone
                chunk = b""
            items: list[str | None] = [*self._split(chunk)]
            if not chunk:
                items.append(None)
            with suppress(RuntimeError):  # the loop has ended meanwhile
                self._loop.call_soon_threadsafe(self._put, items)
            if not chunk:
                return

    def _split(self, chunk: bytes) -> list[str]:
        text = self._decoder.decode(chunk, final=not chunk)
        if self.keys:
            # Enter is "\r" where `tty.setcbreak` ends its translation: in Python 3.12.0 and
            # 3.12.1. Delete the replacement when these are not supported any more.
            return list(_SEQUENCE.sub("", text).replace("\r", "\n"))
        *lines, self._pending = (self._pending + text).split("\n")
        if not chunk and self._pending:
            lines.append(self._pending)
        return [line.rstrip("\r") for line in lines]

    def _put(self, items: list[str | None]) -> None:
        for item in items:
            self._items.put_nowait(item)
