"""Flaws that other platforms have, or that this one had, put back on purpose.

Each is a platform with one part replaced by a flawed one, at the layer where the flaw would
be. `test_flaws.py` shows that the runs find every one of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

from quizkit.core.scoring import Standing
from quizkit.core.session import DRAIN_MS, Command, Session, timers_of
from quizkit.lambdas.ports import Line, Participant, Ticket
from quizkit.lambdas.services.control import Control
from quizkit.lambdas.services.presence import Presence
from tests.chaos.flawed_answers import (
    AcknowledgeBeforeWrite,
    ClientsTimeCounts,
    FunctionsTimeCounts,
    LastAnswerWins,
    LeaseForever,
    NoWindowCheck,
    ReadAppendWrite,
)
from tests.chaos.flawed_kinds import (
    OrdersAreSets,
    PartsAreWrong,
    PenaltiesForgotten,
    RulesNotKept,
    StreaksEndAtSettling,
    StreaksPassGaps,
)
from tests.chaos.flawed_scores import (
    IncrementInsteadOfTotal,
    NoLastFold,
    ScoreOnEveryRequest,
    TiesByJoining,
)
from tests.chaos.scheduler import ScheduledClock
from tests.chaos.world import ChaosWorld, QueuedTimers, same
from tests.fakes.services import FakeBoard
from tests.fakes.sessions import FakeSessions
from tests.fakes.stores import FakeParticipants


class _NoVersion(FakeSessions):
    def save(self, session: Session, *, was: int, events: int, effects: bool) -> Session:
        there = self.load(session.session_id)
        return super().save(
            session, was=there.version if there else was, events=events, effects=effects
        )


class NoVersionCheck(ChaosWorld):
    """Whoever saves a session last wins."""

    def _open(self) -> None:
        super()._open()
        self.kept = _NoVersion()
        self.sessions = self.faults.wrap(self.kept)


class _Anytime(Control):
    def apply(
        self,
        session_id: str,
        command: Command,
        *,
        index: int | None = None,
        version: int | None = None,
        sent_at: int | None = None,
    ) -> Session:
        return super().apply(session_id, command)


class StaleCommandsWork(ChaosWorld):
    """A late timer or event moves whatever session it meets."""

    def _build(self) -> None:
        super()._build()
        self.control = same(self.control, _Anytime)


class DrainIgnored(ChaosWorld):
    """A question is folded at its end, with answers still on their way."""

    def _build(self) -> None:
        super()._build()
        self.control = replace(self.control, clock=lambda: self.clock() + DRAIN_MS)


class _Forgetful(QueuedTimers):
    def send(self, message: Mapping[str, Any], delay_seconds: int) -> None:
        if "repair" not in message:
            super().send(message, delay_seconds)


class NoRepair(ChaosWorld):
    """What a function that died has left undone stays undone."""

    def _open(self) -> None:
        super()._open()
        assert isinstance(self.clock, ScheduledClock)
        self.queue = _Forgetful(self.clock, self.mail)
        self.timers = self.faults.wrap(self.queue)


class _Once(Control):
    def _set_timers(self, session: Session, later: int = 0) -> None:
        for timer in timers_of(session):
            due = replace(timer, at=timer.at + later)
            self.timers.set(session.session_id, due, self.clock())


class TimersSentOnce(ChaosWorld):
    """A timer whose message is lost is lost."""

    def _build(self) -> None:
        super()._build()
        self.control = same(self.control, _Once)


class _NoClaims(FakeSessions):
    def claim(self, session_id: str, what: str, now: int, hold_ms: int) -> bool:
        return True


class WinnersWithoutClaim(ChaosWorld):
    """Finishing again announces again."""

    def _open(self) -> None:
        super()._open()
        self.kept = _NoClaims()
        self.sessions = self.faults.wrap(self.kept)


class _Hoarding(FakeSessions):
    def settle_claim(self, session_id: str, what: str, *, done: bool) -> None:
        if done:
            super().settle_claim(session_id, what, done=done)


class RefusedAnnouncementForgotten(ChaosWorld):
    """Once the winners' topic has refused, nobody tries again."""

    def _open(self) -> None:
        super()._open()
        self.kept = _Hoarding()
        self.sessions = self.faults.wrap(self.kept)


# --- what people see -----------------------------------------------------------------


class _AnyBoard(FakeBoard):
    def top(
        self, session_id: str, edition: int, count: int
    ) -> tuple[int, int, list[Standing]] | None:
        kept = self._meta.get(session_id, {}).get("edition", edition)
        return super().top(session_id, kept, count)


class StaleBoardServed(ChaosWorld):
    """Redis is believed, whatever it has seen."""

    def _open(self) -> None:
        super()._open()
        self.redis = _AnyBoard(self.clock)
        self.board = self.faults.wrap(self.redis)


class _NoScore(Presence):
    def _line(self, session: Session, who: Ticket) -> tuple[int, Line | None]:
        settled, _ = super()._line(session, who)
        return settled, None


class ResumeLosesScore(ChaosWorld):
    """Whoever returns starts anew."""

    def _build(self) -> None:
        super()._build()
        self.presence = same(self.presence, _NoScore)


class _OneRoom(FakeParticipants):
    def shard(self, session_id: str, shard: int) -> list[Participant]:
        sessions: Iterable[str] = sorted({name for name, _ in self._people})
        return [who for name in sessions for who in super(_OneRoom, self).shard(name, shard)]


class FramesCross(ChaosWorld):
    """Events go to everybody, whichever session they are in."""

    def _build(self) -> None:
        super()._build()
        rooms = _OneRoom()
        rooms._people = self.participants._people
        self.broadcasting = replace(self.broadcasting, participants=rooms)
        self.workers.send = self.broadcasting.send


#: Flaw → the rules of which at least one has to name it.
FLAWS: Final[Mapping[type[ChaosWorld], frozenset[str]]] = {
    ScoreOnEveryRequest: frozenset({"wrong_results", "wrong_board"}),
    IncrementInsteadOfTotal: frozenset({"wrong_board", "wrong_score", "audit"}),
    TiesByJoining: frozenset({"wrong_results", "wrong_board", "wrong_rank"}),
    NoLastFold: frozenset({"wrong_board", "wrong_score", "audit"}),
    NoWindowCheck: frozenset({"outside_window"}),
    LeaseForever: frozenset({"outside_window"}),
    ClientsTimeCounts: frozenset({"forged_time"}),
    FunctionsTimeCounts: frozenset({"forged_time"}),
    ReadAppendWrite: frozenset({"acknowledged_lost", "acknowledged_changed"}),
    LastAnswerWins: frozenset({"acknowledged_changed"}),
    AcknowledgeBeforeWrite: frozenset({"acknowledged_lost", "acknowledged_changed"}),
    NoVersionCheck: frozenset({"course", "outside_window", "unfinished", "number_reused"}),
    StaleCommandsWork: frozenset({"course", "unfinished"}),
    DrainIgnored: frozenset({"result_misses_answer"}),
    NoRepair: frozenset({"unfinished", "course", "audit", "never_finished"}),
    TimersSentOnce: frozenset({"never_finished", "course", "unfinished"}),
    WinnersWithoutClaim: frozenset({"winners_twice"}),
    RefusedAnnouncementForgotten: frozenset({"winners_missing"}),
    StaleBoardServed: frozenset({"wrong_board"}),
    ResumeLosesScore: frozenset({"wrong_score", "wrong_rank"}),
    FramesCross: frozenset({"foreign_frame"}),
    PenaltiesForgotten: frozenset({"wrong_results", "wrong_board"}),
    PartsAreWrong: frozenset({"wrong_results", "wrong_board"}),
    StreaksPassGaps: frozenset({"wrong_results", "wrong_board"}),
    StreaksEndAtSettling: frozenset({"wrong_board", "wrong_score", "audit"}),
    OrdersAreSets: frozenset({"acknowledged_changed"}),
    RulesNotKept: frozenset({"other_rules"}),
}
