"""Ports that take time and go wrong: every call is a moment at which others run.

A call waits, takes effect, and waits again; so whatever else is due happens between two
effects. What may go wrong at a call depends on what its adapter does there: a write may
take effect and seem to fail, and a client library repeats a write whose answer was lost,
with what a conditional write then says. Outside of tasks nothing waits or goes wrong.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from random import Random
from typing import Any, Final, TypeAlias, cast

from quizkit.core.answers import PATIENT_WRITE_MS, WRITE_TIMEOUT_MS
from quizkit.core.errors import QuizError
from quizkit.lambdas.ids import shard_of
from tests.chaos.scheduler import Scheduler
from tests.chaos.weather import Sky
from tests.fakes.faults import Faults, Killed, Port

Call: TypeAlias = Callable[..., Any]

_READ: Final = (
    "killed before a call",
    "killed after a call",
    "unavailable",
    "throttled",
    "slow call",
)
_WRITE: Final = (*_READ, "timeout after commit", "repeated after commit")
#: Writes that are safe to repeat by their request's token or holder: a repeat is no event.
_GUARDED: Final = (*_READ, "timeout after commit")
#: Redis never fails its caller: away is an answer.
_COPY: Final = ("killed before a call", "killed after a call", "slow call")

_READS: Final = frozenset(
    {
        *("load", "pending", "find_pin", "listing", "questions", "lines", "ending", "is_settled"),
        *("head", "public", "key", "whole_key", "salt", "document"),
        *("get", "shard", "hosts", "everybody", "of_question", "of_session", "of_shard"),
    }
)
_GUARDED_WRITES: Final = frozenset({"create", "add", "claim", "broadcast", "refresh_board"})
_COPIES: Final = frozenset({"write", "move", "top"})
#: The longest that a slow call takes, in milliseconds; clients give up after that.
_SLOW_MS: Final = 2_500


def unavailable() -> QuizError:
    """What an adapter raises when its vendor fails."""
    return QuizError("unavailable", "struck by chaos")


class Trouble(Faults):
    """Wraps ports for a `World`; see the module's text."""

    def __init__(self, scheduler: Scheduler, sky: Sky, rng: Random) -> None:
        super().__init__()
        self.scheduler = scheduler
        self.sky = sky
        self.rng = rng

    def wrap(self, port: Port, only: frozenset[str] | None = None) -> Port:
        """The port; with `only` these methods of it."""
        return cast(Port, _Troubled(port, self, only))

    def usual(self) -> int:
        """How long half of a call takes, in milliseconds."""
        drawn = self.rng.random()
        return int(drawn * 6) if drawn < 0.9 else int((drawn - 0.9) * 500)

    def call(self, name: str, method: Call, args: Any, kwargs: Any) -> Any:
        """One call by a task."""
        special = _SPECIAL.get(name)
        if special is not None:
            return special(self, method, args, kwargs)
        return self.around(possible(name), lambda: method(*args, **kwargs))

    def around(self, faults: tuple[str, ...], effect: Callable[[], Any]) -> Any:
        """Wait, take effect, wait, with one of these faults or none."""
        return self._struck(self.sky.port_fault(faults), effect)

    def _struck(self, fault: str | None, effect: Callable[[], Any]) -> Any:
        wait = self.scheduler.wait
        wait(self.usual())
        if fault == "killed before a call":
            raise Killed
        if fault == "unavailable":
            raise unavailable()
        if fault in ("throttled", "slow call"):
            wait(self.rng.randint(50, _SLOW_MS))
        result = effect()
        if fault == "repeated after commit":
            wait(self.rng.randint(50, 500))
            result = effect()
        if fault in ("slow call", "timeout after commit"):
            wait(self.rng.randint(50, _SLOW_MS))
        if fault == "timeout after commit":
            raise unavailable()
        if fault == "killed after a call":
            raise Killed
        wait(self.usual())
        return result

    # --- calls with a way of their own -----------------------------------------------

    def put_answer(self, method: Call, args: Any, kwargs: Any) -> Any:
        """A write of an answer ends in time, one way or the other; its client sees to that."""
        fault = self.sky.port_fault(_GUARDED)
        if fault is None and self.sky.strikes(self.sky.weather.slow_writes, "slow write"):
            fault = "slow call"
        if fault is None or fault.startswith("killed"):
            return self._struck(fault, lambda: method(*args, **kwargs))
        bound = PATIENT_WRITE_MS if kwargs["patient"] else WRITE_TIMEOUT_MS
        before = self.rng.randint(0, bound)
        self.scheduler.wait(before)
        if fault == "unavailable":
            raise unavailable()
        result = method(*args, **kwargs)
        self.scheduler.wait(self.rng.randint(0, bound - before))
        if fault == "timeout after commit":
            raise unavailable()
        return result

    def write_pages(self, method: Call, args: Any, kwargs: Any) -> None:
        """A batch of pages is no transaction: each is there on its own."""
        session, pages = args
        for shard, lines in pages.items():
            self.around(_WRITE, partial(method, session, {shard: lines}))

    def read_shards(self, method: Call, args: Any, kwargs: Any) -> Any:
        """A read of all shards is no snapshot: each is as of its own moment."""
        if self.rng.random() < 0.7:
            return self.around(_READ, lambda: method(*args, **kwargs))
        found = []
        for shard in range(args[0].shards):
            whole = self.around(_READ, lambda: method(*args, **kwargs))
            found += [row for row in whole if shard_of(row.participant_id) == shard]
        return found

    def broadcast(self, method: Call, args: Any, kwargs: Any) -> Any:
        """Another function, which may die on its own: its caller sees it fail."""

        def invoke() -> Any:
            try:
                return method(*args, **kwargs)
            except Killed:
                raise unavailable() from None

        return self.around(_GUARDED, invoke)

    def refresh_board(self, method: Call, args: Any, kwargs: Any) -> bool:
        """As `broadcast`; a refresh that fails is an answer."""
        try:
            return bool(self.broadcast(method, args, kwargs))
        except QuizError:
            return False

    def publish(self, method: Call, args: Any, kwargs: Any) -> None:
        """The topic refuses a few times; a time-out is taken for a success."""
        if self.sky.weather.refusals > self.sky.counts["winners' topic refuses"]:
            self.sky.counts["winners' topic refuses"] += 1
            raise unavailable()
        self.around(_READ, lambda: method(*args, **kwargs))


def possible(name: str) -> tuple[str, ...]:
    """The ways in which a call of this name may go wrong."""
    if name in _COPIES:
        return _COPY
    if name in _READS:
        return _READ
    return _GUARDED if name in _GUARDED_WRITES else _WRITE


_SPECIAL: Final[dict[str, Callable[[Trouble, Call, Any, Any], Any]]] = {
    "put": Trouble.put_answer,
    "put_lines": Trouble.write_pages,
    "everybody": Trouble.read_shards,
    "of_session": Trouble.read_shards,
    "of_question": Trouble.read_shards,
    "broadcast": Trouble.broadcast,
    "refresh_board": Trouble.refresh_board,
    "publish": Trouble.publish,
}


class _Troubled:
    def __init__(self, port: Any, trouble: Trouble, only: frozenset[str] | None) -> None:
        self._port, self._trouble, self._only = port, trouble, only

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._port, name)
        if not callable(method) or (self._only is not None and name not in self._only):
            return method
        trouble = self._trouble

        def call(*args: Any, **kwargs: Any) -> Any:
            if trouble.scheduler.current is None:
                return method(*args, **kwargs)
            return trouble.call(name, method, args, kwargs)

        self.__dict__[name] = call
        return call
