"""Moving sessions: the one entry for hosts, programs, schedules and timers.

Load, decide with `core.session.step`, save by compare-and-set, set the timers that carry
the session on, carry out the effects. Timers follow the save, since one that is due at
once would otherwise meet the session as it was before, and be dropped as stale. What is
sent before the save is a message that looks, some seconds later, whether the effects
were reported done, and sets the timers and does the effects again if not: a function
that dies anywhere leaves a session that goes on by itself. So does a timer's message that
is lost: another follows it.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, Final

from quizkit.core.commitment import commitment
from quizkit.core.errors import QuizError, Rejected
from quizkit.core.kinds import rules_from_row
from quizkit.core.names import PIN_DIGITS
from quizkit.core.owners import ADMINS
from quizkit.core.session import (
    DEFAULT_LOBBY_SECONDS,
    DEFAULT_REVEAL_SECONDS,
    EVENTS,
    MAX_PARTICIPANTS,
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
from quizkit.lambdas.services.authoring import being_deleted
from quizkit.lambdas.services.effects import Effects

_ATTEMPTS: Final = 5
_PIN_ATTEMPTS: Final = 20
REPAIR_SECONDS: Final = 10
#: Each timer is sent twice, the second message for so much later: it finds a session that has
#: moved on, and is stale, unless the first was lost.
SPARE_MS: Final = 10_000
#: How long a next question waits for the results before it; then it goes on without.
PATIENCE_MS: Final = 30_000
_POLL_MS: Final = 50
MAX_SECONDS: Final = 3_600
_MOST_SEATS: Final = 100_000
#: A shard's page of standings is one item; of the longest lines one of 400 KB holds a fifth more,
#: for the shards that draw more players than others.
_PAGE_LINES: Final = 1_500


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

    def create(
        self, options: Mapping[str, Any], session_id: str | None = None, *, owner: str = ADMINS
    ) -> Session:
        """Open the lobby of a new session.

        Args:
            options: `quiz_id`; optional `auto`, `lobby_seconds`, `reveal_seconds`,
                `close_early`, `max_participants`.
            session_id: given where repeating the call must not make another session.
            owner: whose session it will be.

        Raises:
            Rejected: `quiz_not_found`, `bad_request`.
        """
        head = self.questions.head(str(options.get("quiz_id")))
        if head is None:
            raise Rejected("quiz_not_found", f"there is no quiz {options.get('quiz_id')!r}")
        auto = bool(options.get("auto", False))
        lobby = _seconds(options, "lobby_seconds", DEFAULT_LOBBY_SECONDS if auto else None)
        reveal = _seconds(options, "reveal_seconds", DEFAULT_REVEAL_SECONDS)
        seats = _seats(options)
        named = session_id or random_id()
        committed = self._commit(named, head["quiz_id"], head["version"])
        for _ in range(_PIN_ATTEMPTS):
            now = self.clock()
            session = Session(
                session_id=named,
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
                shards=max(self.shards, -(-seats // _PAGE_LINES)),
                owner=owner,
                commitment=committed,
                max_participants=seats,
                quiz_version=head["version"],
                streak_bonus=head.get("streak_bonus", 0),
                shuffle_seed=secrets.token_hex(8) if head.get("shuffle") else "",
            )
            if self.sessions.create(session):
                return self._opened(session, new=True)
            if session_id is not None and (existing := self.sessions.load(session_id)):
                # Whoever made it may have died before its timers were set.
                return self._opened(existing) if existing.state is State.LOBBY else existing
        raise QuizError("unavailable", "no free PIN was found; try again")

    def _opened(self, session: Session, *, new: bool = False) -> Session:
        """Carry on with a stored lobby, unless its quiz is being deleted (`authoring`).

        Raises:
            Rejected: `quiz_not_found`; the session is over then.
        """
        head = self.questions.head(session.quiz_id)
        if head is not None and not being_deleted(head, self.clock()):
            self._set_timers(session)
            return session
        if head is not None and not new:
            raise QuizError("unavailable", "the quiz may be deleted just now; try again")
        now, was = self.clock(), session.version
        over = replace(session, state=State.FINISHED, finished_at=now, changed_at=now)
        over = replace(over, version=was + 1)
        # Nobody has been told of it yet; should somebody have moved it all the same, there is
        # nothing to play.
        with suppress(StaleVersion):
            self.sessions.save(over, was=was, events=0, effects=False)
        self.sessions.retire(over)
        raise Rejected("quiz_not_found", f"the quiz {session.quiz_id!r} is being deleted")

    def _commit(self, session_id: str, quiz_id: str, version: int) -> str:
        """Draw the session's salt, unless it has one, and commit to the quiz's key."""
        salt = self.questions.keep_salt(session_id, secrets.token_hex(16), self.clock())
        return commitment(salt, self.questions.whole_key(quiz_id, version))

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
            # Marked, since equal commands in one instant lead to equal sessions otherwise, and
            # the loser would take the winner's save for its own.
            after = replace(after, attempt=random_id())
            moved = after.state is not session.state
            if moved:
                self._leave(session)
                repair = {"session_id": session_id, "repair": after.version}
                self.timers.send(repair, REPAIR_SECONDS)
            saved = self._save(after, session.version, moved)
            if saved is None:
                continue
            if effects:
                # A cut that took long to be saved is settled later by as much: functions may
                # have taken answers by the window before for so long (core/session.py).
                self._set_timers(saved, 0 if moved else self.clock() - move.now)
            if moved:
                self._carry_out(saved)
            return saved
        # Not a refusal: nothing is stale, so a message that meets this has to come again.
        raise QuizError("unavailable", "others are moving this session; try again")

    def _save(self, after: Session, was: int, moved: bool) -> Session | None:
        """Save a move; None where somebody else has moved the session first."""
        events = EVENTS[after.state] if moved else 0
        try:
            return self.sessions.save(after, was=was, events=events, effects=moved)
        except StaleVersion:
            # A client that repeats a save whose answer was lost is refused by its own first try.
            there = self.load(after.session_id)
            same = replace(
                there, first_seq=after.first_seq, removals=after.removals, removed=after.removed
            )
            return there if same == after else None

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
        row = self.questions.public(session.quiz_id, session.quiz_version, index)
        if row is None:
            raise Rejected("quiz_not_found", f"question {index + 1} of the quiz is gone")
        plan = Plan(
            question_id=row["question_id"],
            kind=row["kind"],
            options=len(row["options"]),
            points=row["points"],
            time_limit=row["time_limit"],
        )
        if not session.self_paced:
            return plan, None
        key = self.questions.key(session.quiz_id, session.quiz_version, index) or {}
        plan = replace(plan, rules=rules_from_row(key.get("rules")))
        return plan, tuple(key.get("correct", ()))

    def _set_timers(self, session: Session, later: int = 0) -> None:
        for timer in timers_of(session):
            for spare in (0, SPARE_MS):
                due = replace(timer, at=timer.at + later + spare)
                self.timers.set(session.session_id, due, self.clock())

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
        # After the row: a board of this number was made without the player. Kicking again
        # repeats it, should it fail.
        self.sessions.removed(session_id, who.participant_id)
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


def _seats(options: Mapping[str, Any]) -> int:
    value = options.get("max_participants")
    if value is None:
        return MAX_PARTICIPANTS
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value <= _MOST_SEATS:
        raise Rejected("bad_request", f"'max_participants' is a number from 1 to {_MOST_SEATS:,}")
    return value


def view(session: Session) -> dict[str, Any]:
    """A session as hosts and admins see it."""
    window = session.window if session.state is State.OPEN else None
    return {
        "session_id": session.session_id,
        "quiz_id": session.quiz_id,
        "quiz_version": session.quiz_version,
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
        "max_participants": session.max_participants,
        "locked": session.locked,
        "created_at": session.created_at,
        "finished_at": session.finished_at,
        "owner": session.owner,
        "commitment": session.commitment,
    }
