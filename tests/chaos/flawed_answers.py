"""Flaws in taking and storing answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any

from quizkit.core.errors import QuizError
from quizkit.core.scoring import AnswerRow
from quizkit.core.session import Session, Window
from quizkit.lambdas.ports import Ticket
from quizkit.lambdas.services.intake import Intake, Lease
from tests.chaos.gateway import Gateway
from tests.chaos.scheduler import ScheduledClock
from tests.chaos.world import ChaosWorld, StreamedAnswers


class _OtherIntake(ChaosWorld):
    """A platform that takes answers in another way."""

    kind: type[Intake] = Intake

    def new_intake(self) -> Intake:
        """One of the flawed kind."""
        intake = super().new_intake()
        return self.kind(*(getattr(intake, part.name) for part in fields(Intake)))


class _NoWindow(Intake):
    def _open(self, who: Ticket, question_id: object, received_at: int) -> tuple[Session, Window]:
        session = self.lease.get(who.session_id, fresh=True)
        if session.window is None or session.window.question_id != question_id:
            return super()._open(who, question_id, received_at)
        return session, session.window


class NoWindowCheck(_OtherIntake):
    """The current question takes answers at any time."""

    kind = _NoWindow


class _Forever(Lease):
    def get(self, session_id: str, fresh: bool = False) -> Session:
        held = self._held.get(session_id)
        if held is not None and not fresh:
            return held[1]
        return super().get(session_id, fresh)


class LeaseForever(ChaosWorld):
    """A function goes by the window that it saw first, also when that was cut short."""

    def new_intake(self) -> Intake:
        """One that goes by the lease it has."""
        intake = super().new_intake()
        return replace(intake, lease=_Forever(self.sessions, self.clock))


class _Believing(Intake):
    def submit(self, who: Ticket, message: dict[str, Any], received_at: int) -> dict[str, Any]:
        claimed = message.get("received_at", received_at)
        session = self.lease.get(who.session_id)
        opens_at = session.window.opens_at if session.window else 0
        return super().submit(who, message, max(opens_at, claimed))


class ClientsTimeCounts(_OtherIntake):
    """A time in the message is believed."""

    kind = _Believing


class _OwnTime(Intake):
    def submit(self, who: Ticket, message: dict[str, Any], received_at: int) -> dict[str, Any]:
        return super().submit(who, message, self.clock())


class FunctionsTimeCounts(_OtherIntake):
    """An answer is as late as the function that takes it."""

    kind = _OwnTime


class _ReadAppendWrite(StreamedAnswers):
    """All answers to a question in one item, which is read, added to and written."""

    def __init__(self, inserted: Callable[[str, AnswerRow], None], clock: ScheduledClock) -> None:
        super().__init__(inserted)
        self._scheduler = clock.scheduler

    def put(self, session_id: str, row: AnswerRow, *, patient: bool) -> AnswerRow | None:
        key = (session_id, row.question_id)
        read = {name: old for name, old in self._rows.items() if name[:2] == key}
        name = (*key, row.participant_id)
        if name in read:
            return read[name]
        self._scheduler.wait(5)
        others = {at: old for at, old in self._rows.items() if at[:2] != key}
        self._rows = {**others, **read, name: row}
        return None


class ReadAppendWrite(ChaosWorld):
    """Of answers that come together, the last writer's stays."""

    def _open(self) -> None:
        super()._open()
        assert isinstance(self.clock, ScheduledClock)
        self.stored = _ReadAppendWrite(self.mail.inserted, self.clock)
        self.answers = self.faults.wrap(self.stored)


class _LastWins(StreamedAnswers):
    def put(self, session_id: str, row: AnswerRow, *, patient: bool) -> AnswerRow | None:
        self._rows[session_id, row.question_id, row.participant_id] = row
        return None


class LastAnswerWins(ChaosWorld):
    """A second answer replaces the first."""

    def _open(self) -> None:
        super()._open()
        self.stored = _LastWins(self.mail.inserted)
        self.answers = self.faults.wrap(self.stored)


class _Later:
    """Says that an answer is stored, and stores it then."""

    def __init__(self, answers: Any, gateway: Gateway) -> None:
        self._answers = answers
        self._gateway = gateway

    def put(self, session_id: str, row: AnswerRow, *, patient: bool) -> AnswerRow | None:
        before: AnswerRow | None
        before = self._answers.get(session_id, row.participant_id, row.question_id)
        if before is None:
            self._gateway.scheduler.start(lambda: self._write(session_id, row, patient))
        return before

    def _write(self, session_id: str, row: AnswerRow, patient: bool) -> None:
        try:
            self._answers.put(session_id, row, patient=patient)
        except QuizError:
            return

    def __getattr__(self, name: str) -> Any:
        return getattr(self._answers, name)


class AcknowledgeBeforeWrite(ChaosWorld):
    """The player hears of it before it is stored."""

    def _open(self) -> None:
        super()._open()
        later: Any = _Later(self.answers, self.gateway)
        self.answers = later
