"""One read for all who ask at the same time.

Whoever asks while a read is on its way waits for the next one, together with all others who
ask meanwhile; so each gets what was read after it asked, exactly as if it had read alone.
On AWS a function's environment serves one event at a time, and nothing is ever shared. A
process that serves many at once (the local platform's) makes a few reads of a thousand.
"""

from __future__ import annotations

from collections.abc import Callable
from threading import Event, Lock
from typing import Generic, TypeVar

T = TypeVar("T")


class _Round(Generic[T]):
    """A read that has not begun yet, and then its outcome."""

    def __init__(self) -> None:
        self.over = Event()
        self.result: T | None = None
        self.failure: BaseException | None = None


class SharedReads(Generic[T]):
    """Reads by key, for any number of threads.

    Args:
        read: makes one read; what it raises, every one of the sharers raises.
    """

    def __init__(self, read: Callable[[str], T]) -> None:
        self._read = read
        self._guard = Lock()
        self._gathering: dict[str, _Round[T]] = {}
        self._reading: dict[str, Lock] = {}

    def get(self, key: str) -> T:
        """What a read of `key` gives that begins after this call."""
        with self._guard:
            shared = self._gathering.get(key)
            if shared is None:
                mine = self._gathering[key] = _Round[T]()
                turn = self._reading.setdefault(key, Lock())
        if shared is None:
            self._lead(key, mine, turn)
            shared = mine
        else:
            shared.over.wait()
        if shared.failure is not None:
            raise shared.failure
        result: T = shared.result  # type: ignore[assignment]
        return result

    def _lead(self, key: str, mine: _Round[T], turn: Lock) -> None:
        """Wait for the read on its way; then close the round and read for all of it."""
        with turn:
            with self._guard:
                del self._gathering[key]
            try:
                mine.result = self._read(key)
            except BaseException as exc:  # noqa: BLE001 - every sharer raises it
                mine.failure = exc
            finally:
                mine.over.set()
        with self._guard:
            if key not in self._gathering and not turn.locked():
                self._reading.pop(key, None)
