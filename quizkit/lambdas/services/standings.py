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
from types import MappingProxyType

from quizkit.core.scoring import (
    AnswerRow,
    ClosedQuestion,
    Member,
    Standing,
    bonus,
    counts_for,
    fold,
    judge,
    order,
    taken_until,
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
    ) -> tuple[ClosedQuestion, list[Standing], list[AnswerRow]]:
        """Fold the question just settled into the pages; the session is as it was saved then.

        Returns:
            The question with the end that it really had, the standings, and its rows.
        """
        members = self.members(session)
        rows = _of(members, self.answers.of_question(session, question.question_id))
        question = taken_until(question, rows, session.changed_at)
        base = self._base(session)
        if base is None:
            stored = self.sessions.questions(session.session_id)
            before = [closed for closed, _ in stored if closed.index != question.index]
            every = self.answers.of_session(session)
            standings = self._by_rules(session, members, [*before, question], every)
        else:
            standings = self._by_rules(session, members, [question], rows, base)
        self._store(session, standings, question, rows)
        return question, standings, [row for row in rows if counts_for(question, row)]

    def recompute(self, session: Session) -> tuple[list[Standing], list[AnswerRow]]:
        """Fold the whole session from its stored answers; stores nothing."""
        questions = [closed for closed, _ in self.sessions.questions(session.session_id)]
        return self._fold(session, questions, self.answers.of_session(session))

    def finish(self, session: Session) -> tuple[list[Standing], list[AnswerRow]]:
        """Fold everything once more, so that a row stored late still counts; store it."""
        every = self.answers.of_session(session)
        questions = []
        for question, extra in self.sessions.questions(session.session_id):
            taken = taken_until(question, every, extra.get("settled_at", 0))
            if taken != question:
                self.sessions.add_question(session.session_id, taken, extra)
            questions.append(taken)
        standings, rows = self._fold(session, questions, every)
        if questions:
            self._store(session, standings, questions[-1], rows)
        return standings, rows

    def _fold(
        self, session: Session, questions: Sequence[ClosedQuestion], every: Sequence[AnswerRow]
    ) -> tuple[list[Standing], list[AnswerRow]]:
        members = self.members(session)
        rows = _of(members, every)
        standings = self._by_rules(session, members, questions, rows)
        windows = {question.question_id: question for question in questions}
        return standings, [
            row
            for row in rows
            if row.question_id in windows and counts_for(windows[row.question_id], row)
        ]

    def _by_rules(
        self,
        session: Session,
        members: Iterable[Member],
        questions: Sequence[ClosedQuestion],
        rows: Iterable[AnswerRow],
        base: Mapping[str, Standing] = MappingProxyType({}),
    ) -> list[Standing]:
        """The fold under the session's rules."""
        return fold(members, questions, rows, session.scoring, base, session.streak_bonus)

    def current(self, session: Session) -> tuple[list[Standing], bool]:
        """The standings to show now, best first; and whether they are those of the edition.

        They are not while a settling or the finishing is under way: then they may lack
        something, and must not be kept as if they were newer.
        """
        window = session.window
        if session.state is State.OPEN and window is not None and window.correct is not None:
            open_question = as_closed(session, window, window.correct, window.rules)
            questions = [closed for closed, _ in self.sessions.questions(session.session_id)]
            rows = self.answers.of_session(session)
            members = self.members(session)
            return self._by_rules(session, members, [*questions, open_question], rows), True
        if not session.settled:
            return self._by_rules(session, self.members(session), [], []), True
        if session.state is State.FINISHED and self.sessions.ending(session.session_id)[0] is None:
            # The last fold is still writing its pages, which look like those before.
            return self.recompute(session)[0], False
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
        # Not by rank: pages of a settling that was cut short and done again bear two sets.
        ranked = enumerate(sorted(left, key=_place), start=1)
        return [replace(standing, rank=rank) for rank, standing in ranked]

    def listed(
        self, session: Session, standings: Sequence[Standing], shards: Iterable[int]
    ) -> list[Standing]:
        """The standings of these shards without those whose joining the end overtook.

        They came in while the last fold was made: they are on no board and have answered
        nothing, so nobody's place depends on them.
        """
        if session.state is not State.FINISHED or not session.settled:
            return list(standings)
        pages = (self.sessions.lines(session, shard)[1] for shard in shards)
        there = {line.standing.participant_id for lines in pages for line in lines}
        return [line for line in standings if line.answered or line.participant_id in there]

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
            line = Line(standing, kind=question.kind)
            if row is not None:
                verdict = judge(question, session.scoring, row.answer, row.received_at)
                # After a right answer the streak of the standings counts it, too.
                more = bonus(session.streak_bonus, standing.streak) if verdict.correct else 0
                points = verdict.points + more
                line = Line(standing, row.answer, verdict.correct, points, question.kind)
            pages[shard_of(standing.participant_id)].append(line)
        self.sessions.put_lines(session, pages)


def _place(line: Standing) -> tuple[int, int, int, str]:
    return order(line.score, line.time, line.joined_at, line.participant_id)


def _of(members: Sequence[Member], rows: Iterable[AnswerRow]) -> list[AnswerRow]:
    """The rows of those who count."""
    ids = {member.participant_id for member in members}
    return [row for row in rows if row.participant_id in ids]


def member_of(who: Participant) -> Member:
    """A participant as the ranking sees one."""
    return Member(who.participant_id, who.nickname, who.joined_at)
