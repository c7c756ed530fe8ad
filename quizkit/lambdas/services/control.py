"""Moving sessions: the one entry for hosts, programs, schedules and timers.

Load, decide with `core.session.step`, save by compare-and-set, set the timers that carry
the session on, carry out the effects. Timers follow the save, since one that is due at
once would otherwise meet the session as it was before, and be dropped as stale. What is
sent before the save is a message that looks, some seconds later, whether the effects
were reported done, and sets the timers and does the effects again if not: a function
that dies anywhere leaves a session that goes on by itself.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
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
#: A message this early is waited for; an earlier one is sent again with a delay.
_WAIT_MS: Final = 2_000
#: How long a next question waits for the results before it; then it goes on without.
_PATIENCE_MS: Final = 30_000
_POLL_MS: Final = 50
#: An event whose handling was cut short is handled again by a delivery after this time;
#: longer than the function may run, shorter than the queue's visibility timeout.
_EVENT_MS: Final = 75_000
MAX_SECONDS: Final = 3_600
#: Refusals that a late or doubled message meets; they end the message, not the function.
_STALE: Final = frozenset(
    {"conflict", "not_allowed_now", "session_finished", "session_not_found", "quiz_not_found"}
)


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
        for _ in range(_PATIENCE_MS // _POLL_MS):
            if self.clock() - session.changed_at >= _PATIENCE_MS:
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

    # --- messages of the control queue -------------------------------------------------

    def receive(self, body: Mapping[str, Any], sent_at: int) -> None:
        """Handle one message of the control queue; a stale one changes nothing.

        Args:
            body: a timer, a repair, a lobby or an all-answered message of ours, an
                EventBridge event, or a schedule's start.
            sent_at: epoch milliseconds at which the queue took it.
        """
        try:
            if body.get("detail-type") == "Quiz Control":
                sent_at = _event_time(body.get("time")) or sent_at
                self._event(body.get("detail"), str(body.get("id")), sent_at)
            elif "timer" in body:
                self._timer(body["session_id"], body["timer"])
            elif "repair" in body:
                self._repair(body["session_id"], body["repair"])
            elif "lobby" in body:
                self.effects.lobby(self.load(body["session_id"]))
            elif "all_answered" in body:
                self._all_answered(body["session_id"], body["all_answered"])
            elif "schedule" in body:
                self._scheduled(body, sent_at)
        except QuizError as exc:
            if exc.code not in _STALE:
                raise

    def _timer(self, session_id: str, timer: Mapping[str, Any]) -> None:
        command, at = Command(timer["action"]), timer["at"]
        wait = at - self.clock()
        if wait > _WAIT_MS:
            self.timers.set(session_id, Timer(command, timer["index"], at), self.clock())
            return
        # A clock that is being set right may still show less after the sleep.
        while wait > 0:
            self.sleep(wait / 1_000)
            wait = at - self.clock()
        if command is Command.NEXT and -wait < _PATIENCE_MS and self.sessions.pending(session_id):
            # The results are still being sent; the next question must not overtake them.
            self.timers.send({"session_id": session_id, "timer": dict(timer)}, 1)
            return
        self.apply(session_id, command, index=timer["index"])

    def _repair(self, session_id: str, version: int) -> None:
        if self.sessions.pending(session_id) == version:
            session = self.load(session_id)
            self._set_timers(session)
            self._carry_out(session)
            self.sessions.done(session_id, version)

    def _all_answered(self, session_id: str, question_id: str) -> None:
        session = self.load(session_id)
        window = session.window
        if session.state is not State.OPEN or window is None:
            return
        if session.close_early and window.question_id == question_id:
            waiting = self.effects.waiting_for(session, window)
            if not waiting:
                self.apply(session_id, Command.CLOSE, index=session.index)

    def _event(self, detail: object, event_id: str, sent_at: int) -> None:
        if not isinstance(detail, Mapping):
            raise Rejected("not_allowed_now", "a Quiz Control event has an object as detail")
        action = str(detail.get("action"))
        if action not in ("start", "next", "close", "end"):
            raise Rejected("not_allowed_now", f"unknown action {action!r}")
        if detail.get("session_id"):
            self.apply(str(detail["session_id"]), Command(action), sent_at=sent_at)
        elif action == "start":
            self._start_quiz(detail, event_id, sent_at)
        else:
            session_id = self._live(str(detail.get("quiz_id")), action)
            self.apply(str(session_id), Command(action), sent_at=sent_at)

    def _start_quiz(self, detail: Mapping[str, Any], event_id: str, sent_at: int) -> None:
        """Start the lobby that waits, or open a new one that starts by itself; once an event.

        Once the lobby has started, nothing in the session tells a doubled event from a
        wish for another session, so events are remembered.
        """
        # The event's id makes the session's: a retry after a crash makes no second one.
        new_id = hashlib.sha256(event_id.encode()).hexdigest()[:20]
        if not self.sessions.claim(new_id, "event", self.clock(), _EVENT_MS):
            return
        try:
            session_id = self._live(str(detail.get("quiz_id")), "start")
            if session_id is None or session_id == new_id:
                self.create({**detail, "auto": True}, session_id=new_id)
            else:
                self.apply(session_id, Command.START, sent_at=sent_at)
        except QuizError as exc:
            self.sessions.settle_claim(new_id, "event", done=exc.code in _STALE)
            raise
        self.sessions.settle_claim(new_id, "event", done=True)

    def _live(self, quiz_id: str, action: str) -> str | None:
        """The live session of a quiz that an event means; None where one has to be made."""
        cursor: str | None = None
        found: list[dict[str, Any]] = []
        while True:
            page, cursor = self.sessions.listing(live=True, cursor=cursor)
            found += [
                item
                for item in page
                if item["quiz_id"] == quiz_id and item["state"] != State.FINISHED
            ]
            if cursor is None:
                break
        if action == "start":
            found = [item for item in found if item["state"] == State.LOBBY]
            return str(found[0]["session_id"]) if found else None
        if len(found) != 1:
            raise Rejected("session_not_found", f"{len(found)} live sessions of this quiz")
        return str(found[0]["session_id"])

    def _scheduled(self, body: Mapping[str, Any], sent_at: int) -> None:
        if body.get("session_id"):
            self.apply(body["session_id"], Command.START)
            return
        # Scheduler may deliver twice; one run of a schedule is one minute of it.
        at = str(body.get("scheduled_at", ""))
        run = at if at[:1].isdigit() else str(sent_at // 60_000)
        new_id = hashlib.sha256(f"{body['schedule']} {run}".encode()).hexdigest()[:20]
        self.create({**body, "auto": True}, session_id=new_id)


def _event_time(text: object) -> int | None:
    """The latest instant, epoch milliseconds, that an event's `time` may stand for.

    EventBridge gives whole seconds; the event may be from the end of its second.
    """
    try:
        return int(datetime.fromisoformat(str(text)).timestamp() * 1_000) + 999
    except ValueError:
        return None


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
