"""The platform of a run: the services over the fakes, behind troubled ports."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from random import Random
from typing import Any

from quizkit.core.scoring import AnswerRow
from quizkit.core.session import Timer
from tests.chaos.gateway import Gateway
from tests.chaos.mail import Mail
from tests.chaos.scheduler import ScheduledClock
from tests.chaos.trouble import Trouble
from tests.fakes.game import World
from tests.fakes.services import FakeBoard, FakeTimers
from tests.fakes.sessions import FakeSessions
from tests.fakes.stores import FakeAnswers, FakeTickets


class QueuedTimers(FakeTimers):
    """`ports.Timers` whose messages come by `Mail`."""

    def __init__(self, clock: ScheduledClock, mail: Mail) -> None:
        super().__init__(clock)
        self._mail = mail

    def send(self, message: Mapping[str, Any], delay_seconds: int) -> None:
        """Put a message into the queue."""
        self._mail.enqueue(dict(message), delay_seconds * 1_000)


class UnaskedTimers(QueuedTimers):
    """Those of whoever arrives: no lost timer is set again by them, so others have to do it."""

    def set(self, session_id: str, timer: Timer, now: int) -> None:
        """Nothing."""


class StreamedAnswers(FakeAnswers):
    """`ports.Answers` that tells of every new row."""

    def __init__(self, inserted: Callable[[str, AnswerRow], None]) -> None:
        super().__init__()
        self._inserted = inserted

    def put(self, session_id: str, row: AnswerRow, *, patient: bool) -> AnswerRow | None:
        """Store a row, if there is none."""
        before = super().put(session_id, row, patient=patient)
        if before is None:
            self._inserted(session_id, row)
        return before


class ChaosWorld(World):
    """A `World` in which calls take time and go wrong.

    Attributes:
        kept: the stored sessions, without trouble.
        redis: the board's server, without trouble of calls; `away` and `flush` are its own.
    """

    def __init__(self, shards: int, trouble: Trouble, gateway: Gateway, mail: Mail) -> None:
        self.trouble = trouble
        self.gateway = gateway
        self.mail = mail
        self.ids = Random(f"{trouble.rng.random()} ids")
        clock = trouble.scheduler.clock
        assert isinstance(clock, ScheduledClock)
        super().__init__(shards, trouble, clock)
        gateway.world = mail.world = self

    def _open(self) -> None:
        super()._open()
        assert isinstance(self.clock, ScheduledClock)
        self.kept = FakeSessions()
        self.sessions = self.faults.wrap(self.kept)
        self.stored = StreamedAnswers(self.mail.inserted)
        self.answers = self.faults.wrap(self.stored)
        self.queue = QueuedTimers(self.clock, self.mail)
        self.timers = self.faults.wrap(self.queue)
        self.tickets = self.faults.wrap(FakeTickets())
        self.redis = FakeBoard(self.clock)
        self.board = self.faults.wrap(self.redis)
        self.sockets = self.gateway  # type: ignore[assignment]

    def _build(self) -> None:
        super()._build()
        self.joining = replace(self.joining, new_id=self._new_id)
        assert isinstance(self.clock, ScheduledClock)
        self.presence = replace(self.presence, timers=UnaskedTimers(self.clock, self.mail))

    def _new_id(self, shards: int) -> str:
        """A participant's id, from the seed."""
        return f"{self.ids.randrange(shards):02x}{self.ids.randrange(16**16):016x}"


def same(service: Any, kind: type[Any]) -> Any:
    """A service of another class with the same parts."""
    return kind(*(getattr(service, part.name) for part in fields(service)))
