"""Folding stored answers into standings, and keeping the result in pages.

A page holds the lines of one shard, so a closing writes as many items as there are
shards, and a broadcast worker reads the page of the shard that it works on. Settling a
question adds its answers to the pages of the question before; where those are not
there (a retry, a lost write), and at the end of a session, everything is folded from the
answers again. Both ways give the same lines.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from quizkit.core.scoring import (
    AnswerRow,
    ClosedQuestion,
    Member,
    Standing,
    counts_for,
    fold,
    judge,
)
from quizkit.core.session import Session, State
from quizkit.lambdas.ids import shard_of
from quizkit.lambdas.ports import Answers, Line, Participant, Participants, Sessions
from quizkit.lambdas.services.intake import as_closed


@dataclass(frozen=True, slots=True)
class Standings:
    """What folding needs."""

    sessions: Sessions
    participants: Participants
    answers: Answers

    def settle(
        self, session: Session, question: ClosedQuestion
    ) -> tuple[list[Standing], list[AnswerRow]]:
        """Fold the question just settled into the pages; returns standings and its rows."""
        members = self.members(session)
        rows = _of(members, self.answers.of_question(session, question.question_id))
        base = self._base(session)
        if base is None:
            questions = [closed for closed, _ in self.sessions.questions(session.session_id)]
            standings = fold(members, questions, self.answers.of_session(session), session.scoring)
        else:
            standings = fold(members, [question], rows, session.scoring, base)
        self._store(session, standings, question, rows)
        return standings, [row for row in rows if counts_for(question, row)]

    def recompute(self, session: Session) -> tuple[list[Standing], list[AnswerRow]]:
        """Fold the whole session from its stored answers; stores nothing."""
        questions = [closed for closed, _ in self.sessions.questions(session.session_id)]
        members = self.members(session)
        rows = _of(members, self.answers.of_session(session))
        standings = fold(members, questions, rows, session.scoring)
        windows = {question.question_id: question for question in questions}
        return standings, [
            row
            for row in rows
            if row.question_id in windows and counts_for(windows[row.question_id], row)
        ]

    def finish(self, session: Session) -> tuple[list[Standing], list[AnswerRow]]:
        """Fold everything once more, so that a row stored late still counts; store it."""
        standings, rows = self.recompute(session)
        questions = self.sessions.questions(session.session_id)
        if questions:
            last = questions[-1][0]
            self._store(session, standings, last, rows)
        return standings, rows

    def current(self, session: Session) -> tuple[list[Standing], bool]:
        """The standings to show now, best first; and whether they are those of `settled`.

        They are not while a settling is under way: then they are of the question before,
        and must not be kept as if they were newer.
        """
        window = session.window
        if session.state is State.OPEN and window is not None and window.correct is not None:
            open_question = as_closed(session, window, window.correct)
            questions = [closed for closed, _ in self.sessions.questions(session.session_id)]
            rows = self.answers.of_session(session)
            members = self.members(session)
            return fold(members, [*questions, open_question], rows, session.scoring), True
        if not session.settled:
            return fold(self.members(session), [], [], session.scoring), True
        stored = self.stored(session)
        return (self.recompute(session)[0], False) if stored is None else (stored, True)

    def stored(self, session: Session) -> list[Standing] | None:
        """The stored standings as of `session.settled`, best first; None if incomplete.

        Somebody whom the host has removed since is left out, and the others move up.
        """
        if not session.settled:
            return None
        found: list[Standing] = []
        for shard in range(session.shards):
            settled, lines = self.sessions.lines(session, shard)
            if settled != session.settled:
                return None
            found.extend(line.standing for line in lines)
        everybody = self.participants.everybody(session)
        kicked = {who.participant_id for who in everybody if who.kicked}
        left = (standing for standing in found if standing.participant_id not in kicked)
        ranked = enumerate(sorted(left, key=lambda standing: standing.rank), start=1)
        return [replace(standing, rank=rank) for rank, standing in ranked]

    def members(self, session: Session) -> list[Member]:
        """Everybody who counts: players, save those whom the host has removed."""
        return [member_of(who) for who in self.participants.everybody(session) if not who.kicked]

    def _base(self, session: Session) -> Mapping[str, Standing] | None:
        """The lines of the question before, by participant; None where they are not whole."""
        if session.settled == 1:
            return {}
        base: dict[str, Standing] = {}
        for shard in range(session.shards):
            settled, lines = self.sessions.lines(session, shard)
            if settled != session.settled - 1:
                return None
            base |= {line.standing.participant_id: line.standing for line in lines}
        return base

    def _store(
        self,
        session: Session,
        standings: Sequence[Standing],
        question: ClosedQuestion,
        rows: Iterable[AnswerRow],
    ) -> None:
        latest = {
            row.participant_id: row
            for row in rows
            if row.question_id == question.question_id and counts_for(question, row)
        }
        pages: dict[int, list[Line]] = {shard: [] for shard in range(session.shards)}
        for standing in standings:
            row = latest.get(standing.participant_id)
            line = Line(standing)
            if row is not None:
                verdict = judge(question, session.scoring, row.answer, row.received_at)
                line = Line(standing, row.answer, verdict.correct, verdict.points)
            pages[shard_of(standing.participant_id)].append(line)
        self.sessions.put_lines(session, pages)


def _of(members: Sequence[Member], rows: Iterable[AnswerRow]) -> list[AnswerRow]:
    """The rows of those who count."""
    ids = {member.participant_id for member in members}
    return [row for row in rows if row.participant_id in ids]


def member_of(who: Participant) -> Member:
    """A participant as the ranking sees one."""
    return Member(who.participant_id, who.nickname, who.joined_at)
