"""Flaws in what came with the kinds of questions: parts, penalties, streaks, orders."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from quizkit.core.kinds import Rules
from quizkit.core.scoring import AnswerRow, ClosedQuestion, Member, Standing, order
from quizkit.core.session import Session
from quizkit.lambdas.services.standings import Standings
from tests.chaos.flawed_scores import OtherStandings
from tests.chaos.world import ChaosWorld, StreamedAnswers
from tests.fakes.sessions import FakeSessions

_NOTHING: Mapping[str, Standing] = MappingProxyType({})


def _under(questions: Sequence[ClosedQuestion], **rules: Any) -> list[ClosedQuestion]:
    return [replace(each, rules=replace(each.rules, **rules)) for each in questions]


class _Mild(Standings):
    def _by_rules(
        self,
        session: Session,
        members: Iterable[Member],
        questions: Sequence[ClosedQuestion],
        rows: Iterable[AnswerRow],
        base: Mapping[str, Standing] = _NOTHING,
    ) -> list[Standing]:
        return super()._by_rules(session, members, _under(questions, penalty=0), rows, base)


class PenaltiesForgotten(OtherStandings):
    """A wrong answer costs nothing."""

    def _make_standings(self) -> Standings:
        return _Mild(self.sessions, self.participants, self.answers)


class _AllOrNothing(Standings):
    def _by_rules(
        self,
        session: Session,
        members: Iterable[Member],
        questions: Sequence[ClosedQuestion],
        rows: Iterable[AnswerRow],
        base: Mapping[str, Standing] = _NOTHING,
    ) -> list[Standing]:
        whole = _under(questions, grading="all", nearest=False)
        return super()._by_rules(session, members, whole, rows, base)


class PartsAreWrong(OtherStandings):
    """An answer that is right in part counts as a wrong one."""

    def _make_standings(self) -> Standings:
        return _AllOrNothing(self.sessions, self.participants, self.answers)


class _OverGaps(Standings):
    def _by_rules(
        self,
        session: Session,
        members: Iterable[Member],
        questions: Sequence[ClosedQuestion],
        rows: Iterable[AnswerRow],
        base: Mapping[str, Standing] = _NOTHING,
    ) -> list[Standing]:
        found: list[Standing] = []
        for member in members:
            own = [row for row in rows if row.participant_id == member.participant_id]
            answered = {row.question_id for row in own}
            asked = [each for each in questions if each.question_id in answered]
            found += super()._by_rules(session, [member], asked, own, base)
        found.sort(
            key=lambda each: order(each.score, each.time, each.joined_at, each.participant_id)
        )
        return [replace(line, rank=rank) for rank, line in enumerate(found, start=1)]


class StreaksPassGaps(OtherStandings):
    """Who leaves a question out keeps the streak."""

    def _make_standings(self) -> Standings:
        return _OverGaps(self.sessions, self.participants, self.answers)


class _Forgetful(Standings):
    def _base(self, session: Session) -> Mapping[str, Standing] | None:
        base = super()._base(session)
        return base and {who: replace(line, streak=0) for who, line in base.items()}

    def finish(self, session: Session) -> tuple[list[Standing], list[AnswerRow]]:
        standings = self.stored(session)
        return super().finish(session) if standings is None else (standings, [])


class StreaksEndAtSettling(OtherStandings):
    """The pages do not carry the streak on, and are believed in the end."""

    def _make_standings(self) -> Standings:
        return _Forgetful(self.sessions, self.participants, self.answers)


class _Sorting(StreamedAnswers):
    def put(self, session_id: str, row: AnswerRow, *, patient: bool) -> AnswerRow | None:
        row = replace(row, answer=tuple(sorted(row.answer)))
        return super().put(session_id, row, patient=patient)


class OrdersAreSets(ChaosWorld):
    """The options of every answer are stored sorted."""

    def _open(self) -> None:
        super()._open()
        self.stored = _Sorting(self.mail.inserted)
        self.answers = self.faults.wrap(self.stored)


class _Usual(FakeSessions):
    def add_question(
        self, session_id: str, question: ClosedQuestion, extra: Mapping[str, Any]
    ) -> None:
        super().add_question(session_id, replace(question, rules=Rules()), extra)


class RulesNotKept(ChaosWorld):
    """Questions are recorded with their key, but without their rules."""

    def _open(self) -> None:
        super()._open()
        self.kept = _Usual()
        self.sessions = self.faults.wrap(self.kept)
