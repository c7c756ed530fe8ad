"""Taking answers: one conditional write an answer, and nothing else when warm.

The session is read once a lease (`LEASE_MS`) and kept; the write is put-if-absent, and
its refusal brings back the row that stands there, so a retry is acknowledged as the
first try was, in the same round trip. The key is not read here; the role cannot. Only a
session with immediate feedback carries the open question's key in its own row, since
there the acknowledgement is the verdict.

The cost of the lease: a question that the host closes early stays open until the lease
has run out (core/session.py moves `closes_at` there, so everybody agrees on the end).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, Final

from quizkit.core import doors, messages
from quizkit.core.answers import PATIENT_WRITE_MS, may_write, normalise, window_for
from quizkit.core.errors import Rejected
from quizkit.core.kinds import Rules, is_repeat
from quizkit.core.scoring import AnswerRow, ClosedQuestion, Standing, Verdict, bonus, judge
from quizkit.core.session import DRAIN_MS, LEASE_MS, Session, Window
from quizkit.lambdas.ids import shard_of
from quizkit.lambdas.ports import Answers, Board, Clock, Line, Participants, Sessions, Ticket

#: With this much time left before the fold, a write may take `PATIENT_WRITE_MS`.
PATIENT_MS: Final = PATIENT_WRITE_MS + 1_000
#: A closing counts its lease from just before it is saved, by another machine's clock; so
#: much of the lease is left for the saving and for the difference of the clocks.
MARGIN_MS: Final = 250
_CACHED_SESSIONS: Final = 64
_DOOR: Final = doors.DOORS["socket submit_answer"]


@dataclass(slots=True)
class Lease:
    """Sessions as read within the last lease; at most a few of them."""

    sessions: Sessions
    clock: Clock
    _held: dict[str, tuple[int, Session]] = field(default_factory=dict)

    def get(self, session_id: str, fresh: bool = False) -> Session:
        """The session, at most one lease old.

        Raises:
            Rejected: `session_not_found`.
        """
        now = self.clock()
        held = self._held.get(session_id)
        if held is not None and now < held[0] and not fresh:
            return held[1]
        # The lease runs from before the read: what is read may change just after.
        session = self.sessions.load(session_id)
        if session is None:
            raise Rejected("session_not_found", "there is no such session")
        if len(self._held) >= _CACHED_SESSIONS:
            self._held.clear()
        self._held[session_id] = (now + LEASE_MS - MARGIN_MS, session)
        return session


@dataclass(slots=True)
class Intake:
    """What taking answers needs; `board` gives the board of self-paced sessions."""

    lease: Lease
    sessions: Sessions
    participants: Participants
    answers: Answers
    clock: Clock
    board: Callable[[], Board]

    def submit(self, who: Ticket, message: dict[str, Any], received_at: int) -> dict[str, Any]:
        """Take one answer.

        Args:
            who: the identity that the gateway vouches for.
            message: the client's message: `question_id`, `answer`, `ref`.
            received_at: epoch milliseconds at which the gateway received it.

        Returns:
            The `answer_accepted` frame.

        Raises:
            Rejected: see `core.answers`, `already_answered`, and `forbidden` for somebody whom
                the host has removed.
        """
        doors.require(_DOOR, doors.seat(who.role))
        try:
            session, window = self._open(who, message.get("question_id"), received_at)
        except Rejected as refusal:
            return self._repeat_of_closed(who, message, refusal)
        answer = normalise(window, message.get("answer"))
        row = AnswerRow(who.participant_id, window.question_id, answer, received_at)
        left = window.closes_at + DRAIN_MS - self.clock()
        stored = self.answers.put(who.session_id, row, patient=left >= PATIENT_MS)
        if stored is not None and stored.answer != row.answer:
            raise Rejected("already_answered", "the first answer stands")
        verdict = self._verdict(who, session, window, stored or row, move=True)
        at = (stored or row).received_at
        return messages.accepted(row.question_id, messages.reference(message), at, verdict)

    def _admit(self, who: Ticket, session: Session) -> None:
        """Refuse who was removed: the host closed the socket that was bound, not every one.

        The session names them; only where they are too many is the row of each looked at.
        """
        removed = session.has_removed(who.participant_id)
        if removed is None:
            found = self.participants.get(who.session_id, who.participant_id)
            removed = found is None or found.kicked
        if removed:
            raise Rejected("forbidden", "the host has removed you from this session")

    def _open(self, who: Ticket, question_id: object, received_at: int) -> tuple[Session, Window]:
        """The open question's window; a refusal stands only if a fresh read confirms it.

        The first answers to a question may meet a lease from before it opened.
        """
        session = self.lease.get(who.session_id)
        try:
            window = window_for(session, question_id, received_at)
        except Rejected:
            session = self.lease.get(who.session_id, fresh=True)
            window = window_for(session, question_id, received_at)
        # Before the time is looked at: this may take a while.
        self._admit(who, session)
        if not may_write(window, self.clock()):
            raise Rejected("question_closed", "the answer came too late to be stored in time")
        return session, window

    def _repeat_of_closed(
        self, who: Ticket, message: dict[str, Any], refusal: Rejected
    ) -> dict[str, Any]:
        """A retry of an answer that was stored in time is acknowledged even afterwards."""
        question_id, answer = message.get("question_id"), message.get("answer")
        if not isinstance(question_id, str) or not question_id.isalnum():
            raise refusal
        stored = self.answers.get(who.session_id, who.participant_id, question_id)
        if stored is None:
            raise refusal
        if not is_repeat(answer, stored.answer):
            raise Rejected("already_answered", "the first answer stands") from refusal
        session = self.lease.get(who.session_id)
        window = session.window
        known = window is not None and window.question_id == question_id
        verdict = self._verdict(who, session, window, stored) if window and known else {}
        ref = messages.reference(message)
        return messages.accepted(question_id, ref, stored.received_at, verdict)

    def _verdict(
        self, who: Ticket, session: Session, window: Window, row: AnswerRow, *, move: bool = False
    ) -> dict[str, Any]:
        """Nothing in a live game; in a self-paced one, what the answer is worth.

        Args:
            move: move the player on the board, too: absolute totals, safe to repeat.
        """
        if window.correct is None:
            return {}
        settled, line = self._line(who, session)
        if settled == session.index + 1 and line.answer is not None:
            return {"correct": line.correct, "points": line.points}  # it was settled meanwhile
        before = line.standing
        question = as_closed(session, window, window.correct, window.rules)
        verdict = judge(question, session.scoring, row.answer, row.received_at)
        if verdict.correct:
            more = bonus(session.streak_bonus, before.streak + 1)
            verdict = replace(verdict, points=verdict.points + more)
        if move and settled == session.index:
            after = _moved(before, verdict)
            self.board().move(session.session_id, before, after, self.clock())
        return {"correct": verdict.correct, "points": verdict.points}

    def _line(self, who: Ticket, session: Session) -> tuple[int, Line]:
        """The player's line as of the questions settled before, and how many those are."""
        settled, lines = self.sessions.lines(session, shard_of(who.participant_id))
        mine = (line for line in lines if line.standing.participant_id == who.participant_id)
        nothing = Standing(0, who.participant_id, who.nickname, 0, 0, who.joined_at, 0)
        return settled, next(mine, Line(nothing))


def _moved(before: Standing, verdict: Verdict) -> Standing:
    """The line with one more answer."""
    return replace(
        before,
        score=before.score + verdict.points,
        time=before.time + (verdict.elapsed if verdict.correct else 0),
        answered=before.answered + 1,
    )


def as_closed(
    session: Session, window: Window, correct: tuple[str, ...], rules: Rules
) -> ClosedQuestion:
    """The question in a window, as scoring sees it."""
    return ClosedQuestion(
        question_id=window.question_id,
        index=session.index,
        opens_at=window.opens_at,
        closes_at=window.closes_at,
        time_limit=window.time_limit,
        points=window.points,
        correct=correct,
        options=window.options,
        kind=window.kind,
        rules=rules,
    )
