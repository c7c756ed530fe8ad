"""Ports that fail, or whose caller dies, at a call that the test chooses."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

Port = TypeVar("Port")


class Killed(BaseException):
    """The process ends here; nothing catches it."""


class Faults:
    """Counts the calls of the ports that it wraps and strikes at one of them.

    Attributes:
        at: the call to strike at, from 0; None: never.
        after: strike when the call has taken effect, not before.
        error: what is raised.
        calls: names of the calls so far.
        paused: nothing is counted meanwhile.
    """

    def __init__(self, error: Callable[[], BaseException] = Killed) -> None:
        self.at: int | None = None
        self.after = False
        self.error = error
        self.calls: list[str] = []
        self.paused = False

    def arm(self, at: int | None, *, after: bool = False) -> None:
        """Count anew, and strike at this call."""
        self.at, self.after, self.calls = at, after, []

    def wrap(self, port: Port, only: frozenset[str] | None = None) -> Port:
        """The port, its calls counted; with `only` those of these methods."""
        return cast(Port, _Wrapped(port, self, only))

    def strike(self, number: int, after: bool) -> None:
        """Raise if this is the moment."""
        if number == self.at and after == self.after:
            raise self.error()


class _Wrapped:
    def __init__(self, port: Any, faults: Faults, only: frozenset[str] | None) -> None:
        self._port, self._faults, self._only = port, faults, only

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._port, name)
        if not callable(method) or (self._only is not None and name not in self._only):
            return method

        def call(*args: Any, **kwargs: Any) -> Any:
            if self._faults.paused:
                return method(*args, **kwargs)
            number = len(self._faults.calls)
            self._faults.calls.append(name)
            self._faults.strike(number, after=False)
            result = method(*args, **kwargs)
            self._faults.strike(number, after=True)
            return result

        return call
