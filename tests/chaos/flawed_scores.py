"""Flaws in folding: platforms that make other standings of the same answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from quizkit.core.scoring import AnswerRow, ClosedQuestion, Standing
from quizkit.core.session import Session
from quizkit.lambdas.services.effects import Effects
from quizkit.lambdas.services.results import Results
from quizkit.lambdas.services.standings import Standings
from tests.chaos.world import ChaosWorld, StreamedAnswers, same


class OtherStandings(ChaosWorld):
    """A platform that folds in another way."""

    def _make_standings(self) -> Standings:
        """The flawed fold."""
        raise NotImplementedError

    def _build(self) -> None:
        super()._build()
        make = self._make_standings

        class OtherEffects(Effects):
            @property
            def standings(self) -> Standings:
                return make()

        self.standings = make()
        self.effects = same(self.effects, OtherEffects)
        self.control = replace(self.control, effects=self.effects)
        self.boards = replace(self.boards, standings=self.standings)
        self.workers.refresh = self.boards.refresh
        self.results = Results(self.sessions, self.participants, self.standings)


class _EveryRequest(StreamedAnswers):
    """Keeps what was asked beside what is stored."""

    def __init__(self, inserted: Callable[[str, AnswerRow], None]) -> None:
        super().__init__(inserted)
        self.requests: list[tuple[str, AnswerRow]] = []

    def put(self, session_id: str, row: AnswerRow, *, patient: bool) -> AnswerRow | None:
        before = super().put(session_id, row, patient=patient)
        self.requests.append((session_id, before or row))
        return before


class _Requests:
    """Reads of answers that give one row for every request."""

    def __init__(self, answers: _EveryRequest) -> None:
        self._answers = answers

    def of_session(self, session: Session) -> list[AnswerRow]:
        return [row for name, row in self._answers.requests if name == session.session_id]

    def of_question(self, session: Session, question_id: str) -> list[AnswerRow]:
        return [row for row in self.of_session(session) if row.question_id == question_id]


class ScoreOnEveryRequest(OtherStandings):
    """The same answer sent twice counts twice."""

    def _open(self) -> None:
        super()._open()
        self.stored = _EveryRequest(self.mail.inserted)
        self.answers = self.faults.wrap(self.stored)

    def _make_standings(self) -> Standings:
        assert isinstance(self.stored, _EveryRequest)
        requests: Any = _Requests(self.stored)
        return Standings(self.sessions, self.participants, requests)


class _Adding(Standings):
    """Adds a question's points to whatever is there, and believes the sum in the end."""

    def _base(self, session: Session) -> Mapping[str, Standing]:
        shards = range(session.shards)
        lines = [line for shard in shards for line in self.sessions.lines(session, shard)[1]]
        return {line.standing.participant_id: line.standing for line in lines}

    def finish(self, session: Session) -> tuple[list[Standing], list[AnswerRow]]:
        return self.stored(session) or [], []


class IncrementInsteadOfTotal(OtherStandings):
    """A question that is settled again counts again."""

    def _make_standings(self) -> Standings:
        return _Adding(self.sessions, self.participants, self.answers)


class _ByJoining(Standings):
    """Ties go to whoever came first, whatever time they took."""

    def stored(self, session: Session) -> list[Standing] | None:
        return _by_joining(super().stored(session))

    def _fold(
        self, session: Session, questions: Sequence[ClosedQuestion], every: Sequence[AnswerRow]
    ) -> tuple[list[Standing], list[AnswerRow]]:
        standings, rows = super()._fold(session, questions, every)
        return _by_joining(standings) or [], rows


def _by_joining(standings: list[Standing] | None) -> list[Standing] | None:
    if standings is None:
        return None
    order = sorted(standings, key=lambda line: (-line.score, line.joined_at))
    return [replace(line, rank=rank) for rank, line in enumerate(order, start=1)]


class TiesByJoining(OtherStandings):
    """Equal scores are not decided by time."""

    def _make_standings(self) -> Standings:
        return _ByJoining(self.sessions, self.participants, self.answers)


class _NoLastFold(Standings):
    """Believes the pages in the end."""

    def finish(self, session: Session) -> tuple[list[Standing], list[AnswerRow]]:
        standings = self.stored(session)
        return super().finish(session) if standings is None else (standings, [])


class NoLastFold(OtherStandings):
    """What was stored after its question's fold is forgotten."""

    def _make_standings(self) -> Standings:
        return _NoLastFold(self.sessions, self.participants, self.answers)
