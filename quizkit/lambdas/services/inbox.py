"""Messages of the control queue: timers, events, schedules, and our own reminders.

All of them come at least once, late or twice. Each ends in a move of `Control`, which
refuses what is stale; a refusal of that kind ends the message, anything else has the
queue deliver it again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from quizkit.core.doors import EVENT_ACTIONS
from quizkit.core.errors import QuizError, Rejected
from quizkit.core.owners import ADMINS
from quizkit.core.session import Command, State, Timer
from quizkit.lambdas.services.control import PATIENCE_MS, Control

#: A message this early is waited for; an earlier one is sent again with a delay.
_WAIT_MS: Final = 2_000
#: An event whose handling was cut short is handled again by a delivery after this time;
#: longer than the function may run, shorter than the queue's visibility timeout.
_EVENT_MS: Final = 75_000
#: How many players hear of the lobby in a second, however many are in it: news to everybody
#: about everybody would grow with the square of their number, and be most of a game's cost.
_TOLD_A_SECOND: Final = 20
#: Refusals that a late or doubled message meets; they end the message, not the function.
_STALE: Final = frozenset(
    {"conflict", "not_allowed_now", "session_finished", "session_not_found", "quiz_not_found"}
)


@dataclass(frozen=True, slots=True)
class Inbox:
    """Takes messages in for `control`."""

    control: Control

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
                self.control.repair(body["session_id"], body["repair"])
            elif "lobby" in body:
                self._lobby(body["session_id"], everybody=body["lobby"] != "hosts")
            elif "all_answered" in body:
                self._all_answered(body["session_id"], body["all_answered"])
            elif "schedule" in body:
                self._scheduled(body, sent_at)
        except QuizError as exc:
            if exc.code not in _STALE:
                raise

    def _timer(self, session_id: str, timer: Mapping[str, Any]) -> None:
        command, at = Command(timer["action"]), timer["at"]
        wait = at - self.control.clock()
        if wait > _WAIT_MS:
            self.control.timers.set(
                session_id, Timer(command, timer["index"], at), self.control.clock()
            )
            return
        # A clock that is being set right may still show less after the sleep.
        while wait > 0:
            self.control.sleep(wait / 1_000)
            wait = at - self.control.clock()
        if (
            command is Command.NEXT
            and -wait < PATIENCE_MS
            and self.control.sessions.pending(session_id)
        ):
            # The results are still being sent; the next question must not overtake them.
            self.control.timers.send({"session_id": session_id, "timer": dict(timer)}, 1)
            return
        self.control.apply(session_id, command, index=timer["index"])

    def _lobby(self, session_id: str, *, everybody: bool) -> None:
        """Send the lobby's news; where that is to hosts alone, see that all get some later."""
        left_out = self.control.effects.lobby(self.control.load(session_id), everybody=everybody)
        if not left_out:
            return
        wait, now = max(1, left_out // _TOLD_A_SECOND), self.control.clock()
        mine, _ = self.control.sessions.poke_lobby(session_id, now, wait * 1_000, "all")
        if mine:
            self.control.timers.send({"session_id": session_id, "lobby": "all"}, wait)

    def _all_answered(self, session_id: str, question_id: str) -> None:
        session = self.control.load(session_id)
        window = session.window
        if session.state is not State.OPEN or window is None:
            return
        if session.close_early and window.question_id == question_id:
            waiting = self.control.effects.waiting_for(session, window)
            if not waiting:
                self.control.apply(session_id, Command.CLOSE, index=session.index)

    def _event(self, detail: object, event_id: str, sent_at: int) -> None:
        if not isinstance(detail, Mapping):
            raise Rejected("not_allowed_now", "a Quiz Control event has an object as detail")
        action = str(detail.get("action"))
        if action not in EVENT_ACTIONS:
            raise Rejected("not_allowed_now", f"unknown action {action!r}")
        if detail.get("session_id"):
            self.control.apply(str(detail["session_id"]), Command(action), sent_at=sent_at)
        elif action == "start":
            self._start_quiz(detail, event_id, sent_at)
        else:
            session_id = self._live(str(detail.get("quiz_id")), action)
            self.control.apply(str(session_id), Command(action), sent_at=sent_at)

    def _start_quiz(self, detail: Mapping[str, Any], event_id: str, sent_at: int) -> None:
        """Start the lobby that waits, or open a new one that starts by itself; once an event.

        Once the lobby has started, nothing in the session tells a doubled event from a
        wish for another session, so events are remembered.
        """
        # The event's id makes the session's: a retry after a crash makes no second one.
        new_id = hashlib.sha256(event_id.encode()).hexdigest()[:20]
        if not self.control.sessions.claim(new_id, "event", self.control.clock(), _EVENT_MS):
            return
        try:
            session_id = self._live(str(detail.get("quiz_id")), "start")
            if session_id is None or session_id == new_id:
                self.control.create({**detail, "auto": True}, session_id=new_id)
            else:
                self.control.apply(session_id, Command.START, sent_at=sent_at)
        except QuizError as exc:
            self.control.sessions.settle_claim(new_id, "event", done=exc.code in _STALE)
            raise
        self.control.sessions.settle_claim(new_id, "event", done=True)

    def _live(self, quiz_id: str, action: str) -> str | None:
        """The live session of a quiz that an event means; None where one has to be made."""
        cursor: str | None = None
        found: list[dict[str, Any]] = []
        while True:
            page, cursor = self.control.sessions.listing(live=True, cursor=cursor)
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
            self.control.apply(body["session_id"], Command.START)
            return
        # Scheduler may deliver twice; one run of a schedule is one minute of it.
        at = str(body.get("scheduled_at", ""))
        run = at if at[:1].isdigit() else str(sent_at // 60_000)
        new_id = hashlib.sha256(f"{body['schedule']} {run}".encode()).hexdigest()[:20]
        owner = str(body.get("owner", ADMINS))
        self.control.create({**body, "auto": True}, session_id=new_id, owner=owner)


def _event_time(text: object) -> int | None:
    """The latest instant, epoch milliseconds, that an event's `time` may stand for.

    EventBridge gives whole seconds; the event may be from the end of its second.
    """
    try:
        return int(datetime.fromisoformat(str(text)).timestamp() * 1_000) + 999
    except ValueError:
        return None
