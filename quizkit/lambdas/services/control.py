"""Moving sessions: the one entry for hosts, programs, schedules and timers.

Load, decide with `core.session.step`, save by compare-and-set, set the timers that carry
the session on, carry out the effects. Timers follow the save, since one that is due at
once would otherwise meet the session as it was before, and be dropped as stale. What is
sent before the save is a message that looks, some seconds later, whether the effects
were reported done, and sets the timers and does the effects again if not: a function
that dies anywhere leaves a session that goes on by itself.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from quizkit.core.errors import QuizError, Rejected
from quizkit.core.names import PIN_DIGITS
from quizkit.core.session import (
    DEFAULT_LOBBY_SECONDS,
    DEFAULT_REVEAL_SECONDS,
    EVENTS,
    Command,
    Move,
    Plan,
    Session,
    State,
    Timer,
    effects_of,
    opens_question,
    step,
    timers_of,
)
from quizkit.lambdas.ids import random_id, shard_of
from quizkit.lambdas.ports import (
    Clock,
    Participants,
    Questions,
    Sessions,
    Sockets,
    StaleVersion,
    Timers,
)
from quizkit.lambdas.services.effects import Effects

_ATTEMPTS: Final = 5
_PIN_ATTEMPTS: Final = 20
REPAIR_SECONDS: Final = 10
#: How long a next question waits for the results before it; then it goes on without.
PATIENCE_MS: Final = 30_000
_POLL_MS: Final = 50
MAX_SECONDS: Final = 3_600


@dataclass(frozen=True, slots=True)
class Control:
    """What moving sessions needs; `shards` is for new sessions."""

    sessions: Sessions
    questions: Questions
    participants: Participants
    timers: Timers
    sockets: Sockets
    effects: Effects
    clock: Clock
    sleep: Callable[[float], None]
    shards: int = 8

    # --- new sessions ----------------------------------------------------------------

    def create(self, options: Mapping[str, Any], session_id: str | None = None) -> Session:
        """Open the lobby of a new session.

        Args:
            options: `quiz_id`; optional `auto`, `lobby_seconds`, `reveal_seconds`,
                `close_early`.
            session_id: given where repeating the call must not make another session.

        Raises:
            Rejected: `quiz_not_found`, `bad_request`.
        """
        head = self.questions.head(str(options.get("quiz_id")))
        if head is None:
            raise Rejected("quiz_not_found", f"there is no quiz {options.get('quiz_id')!r}")
        auto = bool(options.get("auto", False))
        lobby = _seconds(options, "lobby_seconds", DEFAULT_LOBBY_SECONDS if auto else None)
        reveal = _seconds(options, "reveal_seconds", DEFAULT_REVEAL_SECONDS)
        for _ in range(_PIN_ATTEMPTS):
            now = self.clock()
            session = Session(
                session_id=session_id or random_id(),
                quiz_id=head["quiz_id"],
                title=head["title"],
                pin=f"{secrets.randbelow(10**PIN_DIGITS):0{PIN_DIGITS}d}",
                question_count=head["questions"],
                created_at=now,
                changed_at=now,
                scoring=head["scoring"],
                feedback=head["feedback"],
                auto=auto,
                lobby_seconds=None if options.get("scheduled") else lobby,
                reveal_seconds=DEFAULT_REVEAL_SECONDS if reveal is None else reveal,
                close_early=bool(options.get("close_early", False)),
                shards=self.shards,
            )
            if self.sessions.create(session):
                self._set_timers(session)
                return session
            if session_id is not None and (existing := self.sessions.load(session_id)):
                # Whoever made it may have died before its timers were set.
                if existing.state is State.LOBBY:
                    self._set_timers(existing)
                return existing
        raise QuizError("unavailable", "no free PIN was found; try again")

    # --- moves -----------------------------------------------------------------------

    def apply(
        self,
        session_id: str,
        command: Command,
        *,
        index: int | None = None,
        version: int | None = None,
        sent_at: int | None = None,
    ) -> Session:
        """Make one move and carry out what follows from it.

        Args:
            sent_at: epoch milliseconds at which the command was given, where known; a
                command given before the session's last change is stale.

        Raises:
            Rejected: see `core.session.step`; and `session_not_found`.
        """
        for _ in range(_ATTEMPTS):
            session = self.load(session_id)
            if sent_at is not None and sent_at < session.changed_at:
                raise Rejected("conflict", "the session has moved on since this was sent")
            self._await_results(session, command)
            plan, correct = self._plan(session, command)
            move = Move(command, self.clock(), plan, correct, index, version)
            after, effects = step(session, move)
            if after is session:
                return session
            moved = after.state is not session.state
            if moved:
                self._leave(session)
                repair = {"session_id": session_id, "repair": after.version}
                self.timers.send(repair, REPAIR_SECONDS)
            try:
                saved = self.sessions.save(
                    after,
                    was=session.version,
                    events=EVENTS[after.state] if moved else 0,
                    effects=moved,
                )
            except StaleVersion:
                continue
            if effects:
                self._set_timers(saved)
            if moved:
                self._carry_out(saved)
            return saved
        raise Rejected("conflict", "others are moving this session; try again")

    def load(self, session_id: str) -> Session:
        """The session, or `session_not_found`."""
        session = self.sessions.load(session_id)
        if session is None:
            raise Rejected("session_not_found", f"there is no session {session_id!r}")
        return session

    def _await_results(self, session: Session, command: Command) -> None:
        """Let results be sent before what comes next, so that events arrive in order.

        Results that never get through (a repair failed too) are waited for no longer
        than `_PATIENCE_MS`.
        """
        if session.state is not State.REVEALED or command not in (Command.NEXT, Command.END):
            return
        for _ in range(PATIENCE_MS // _POLL_MS):
            if self.clock() - session.changed_at >= PATIENCE_MS:
                return
            if not self.sessions.pending(session.session_id):
                return
            self.sleep(_POLL_MS / 1_000)

    def _plan(
        self, session: Session, command: Command
    ) -> tuple[Plan | None, tuple[str, ...] | None]:
        if not opens_question(session, command):
            return None, None
        index = session.index + 1
        row = self.questions.public(session.quiz_id, index)
        if row is None:
            raise Rejected("quiz_not_found", f"question {index + 1} of the quiz is gone")
        plan = Plan(
            question_id=row["question_id"],
            kind=row["kind"],
            options=len(row["options"]),
            points=row["points"],
            time_limit=row["time_limit"],
        )
        if session.feedback != "immediate":
            return plan, None
        key = self.questions.key(session.quiz_id, index) or {}
        return plan, tuple(key.get("correct", ()))

    def _set_timers(self, session: Session) -> None:
        for timer in timers_of(session):
            self.timers.set(session.session_id, timer, self.clock())

    def _leave(self, session: Session) -> None:
        """Keep what later folds need of a question whose results never went out."""
        if session.state is State.REVEALED and self.sessions.pending(session.session_id):
            self.effects.record(session)

    def _carry_out(self, session: Session) -> None:
        for effect in effects_of(session):
            if not isinstance(effect, Timer):
                self.effects.run(effect, session)
        self.sessions.done(session.session_id, session.version)

    def kick(self, session_id: str, participant_id: object) -> dict[str, Any]:
        """Remove a player: no more events, no answers, not on the board."""
        session = self.load(session_id)
        missing = Rejected("participant_not_found", "there is no such participant")
        try:
            shard_of(str(participant_id))
            who = self.participants.kick(session.session_id, str(participant_id))
        except ValueError:
            raise missing from None
        if who is None:
            raise missing
        if who.connection_id is not None:
            self.sockets.close(who.connection_id)
        self.effects.workers.refresh_board(session.session_id)
        return {"action": "kicked", "participant_id": participant_id, "nickname": who.nickname}

    def repair(self, session_id: str, version: int) -> None:
        """Carry out the effects of a version again, if nobody has reported them done."""
        if self.sessions.pending(session_id) == version:
            session = self.load(session_id)
            self._set_timers(session)
            self._carry_out(session)
            self.sessions.done(session_id, version)


def _seconds(options: Mapping[str, Any], key: str, default: int | None) -> int | None:
    value = options.get(key)
    if value is None:
        return default
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MAX_SECONDS:
        raise Rejected("bad_request", f"{key!r} must be whole seconds, 0 to {MAX_SECONDS}")
    return value


def view(session: Session) -> dict[str, Any]:
    """A session as hosts and admins see it."""
    window = session.window if session.state is State.OPEN else None
    return {
        "session_id": session.session_id,
        "quiz_id": session.quiz_id,
        "title": session.title,
        "pin": session.pin,
        "state": str(session.state),
        "version": session.version,
        "question_index": session.index,
        "questions": session.question_count,
        "question_id": window.question_id if window else None,
        "opens_at": window.opens_at if window else None,
        "closes_at": window.closes_at if window else None,
        "auto": session.auto,
        "lobby_seconds": session.lobby_seconds,
        "reveal_seconds": session.reveal_seconds,
        "close_early": session.close_early,
        "locked": session.locked,
        "created_at": session.created_at,
        "finished_at": session.finished_at,
    }
