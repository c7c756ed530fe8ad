"""Function output in a process that runs many invocations at once.

Handlers print, as on AWS. Here many share one `sys.stdout`, so it is replaced by a writer that
looks at the writing thread: while that thread runs an invocation, the text belongs to it; any
other text goes to the process's own stream. Threads that a handler starts itself are such others.
"""

from __future__ import annotations

import io
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO


class InvocationOutput:
    """Collects what each thread writes while it runs an invocation."""

    def __init__(self) -> None:
        self._local = threading.local()

    @contextmanager
    def collect(self) -> Iterator[list[str]]:
        """Within the block, this thread's output goes to the list given; complete afterwards.

        The list holds the pieces as written; `lines_of` makes lines of them.
        """
        pieces: list[str] = []
        self._local.pieces = pieces
        try:
            yield pieces
        finally:
            self._local.pieces = None

    def pieces(self) -> list[str] | None:
        """Where this thread's output goes, None while it runs no invocation."""
        found: list[str] | None = getattr(self._local, "pieces", None)
        return found

    def install(self) -> None:
        """Replace `sys.stdout` and `sys.stderr`. Do it before importing handlers."""
        sys.stdout = ThreadWriter(self, sys.stdout)
        sys.stderr = ThreadWriter(self, sys.stderr)


class ThreadWriter(io.TextIOBase):
    """A text stream that writes for the invocation of the writing thread.

    Args:
        output: knows which thread runs an invocation.
        otherwise: takes what other threads write.
    """

    def __init__(self, output: InvocationOutput, otherwise: TextIO) -> None:
        self._output = output
        self._otherwise = otherwise

    @property
    def encoding(self) -> str:  # type: ignore[override]
        """As the stream that it stands for."""
        return self._otherwise.encoding

    def writable(self) -> bool:
        """Always."""
        return True

    def write(self, text: str, /) -> int:
        """Write for the running invocation, else to the stream that this one stands for."""
        pieces = self._output.pieces()
        if pieces is None:
            return self._otherwise.write(text)
        pieces.append(text)
        return len(text)

    def flush(self) -> None:
        """Flush the stream that this one stands for."""
        self._otherwise.flush()


def lines_of(pieces: list[str]) -> list[str]:
    """The lines among the pieces written, without empty ones."""
    return [line for line in "".join(pieces).splitlines() if line.strip()]
