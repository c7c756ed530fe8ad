"""The client's side of the wire protocol, without any input or output.

`LiveProtocol` is fed with what happens to a socket and says what to send and what it means:

    opened()            a socket is there → the frames to send first
    received(text)      a frame came → events, and requests that are settled by it
    lost()              the socket is gone; what waits for an answer stays waiting

Its two laws:

1. An answer keeps its `ref` and payload until it is settled. Whoever cannot know whether a
   frame arrived sends it again; the platform makes one of it. So `opened` repeats every
   answer that waits.
2. The game's events (`new_question`, `question_closed`, `leaderboard`, `quiz_finished`) are
   passed on in the order of `seq`, each once. One that comes after a later one is dropped: the
   later one supersedes it. `lobby` and `answer_count` have an order of their own, since the
   platform numbers them in one row with the others but sends them from other places.
   The cost of dropping instead of waiting is that a late result is seen only as part of the
   next score; the gain is that no event is ever held back for one that may never come.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from math import isfinite
from typing import Any, Final, TypeAlias

from quizkit.sdk.errors import Misuse, QuizkitError, Refused, refusal
from quizkit.sdk.live_events import (
    Answer,
    AnswerCount,
    Event,
    Joined,
    LiveEvent,
    Lobby,
    QuizFinished,
    RawEvent,
    Reconnected,
    ServerError,
    Snapshot,
    read_event,
)

PING: Final = json.dumps({"action": "ping"})

#: Troubles of the platform that say nothing about the answer itself.
_PASSING: Final = frozenset({"unavailable", "internal", "too_many_requests"})

#: How many refs of settled answers are remembered, so that late repeats are not events.
_REMEMBERED: Final = 1_000


@dataclass(frozen=True, slots=True)
class Ack:
    """An answer is stored and counts.

    Attributes:
        received_at: when the gateway received the answer first; epoch milliseconds.
        verdict: `correct`, `points`, … in sessions with immediate feedback, else empty.
    """

    question_id: str
    ref: str
    received_at: int
    verdict: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def read(cls, fields: Mapping[str, Any]) -> Ack:
        """Read an acknowledgement of the socket or of `POST /answer`.

        Raises:
            Refused: it is none.
        """
        try:
            known = ("action", "question_id", "ref", "received_at")
            return cls(
                question_id=fields["question_id"],
                ref=fields["ref"],
                received_at=int(fields["received_at"]),
                verdict={key: value for key, value in fields.items() if key not in known},
            )
        except (KeyError, TypeError, ValueError) as exc:
            raise Refused("The platform acknowledged an answer in an unknown form.") from exc


@dataclass(frozen=True, slots=True)
class Settled:
    """A request has its answer: an acknowledgement, another frame's fields, or an error."""

    ref: str
    result: Ack | Mapping[str, Any] | QuizkitError


Output: TypeAlias = LiveEvent | Settled


class LiveProtocol:
    """State of one client over all its sockets.

    Args:
        make_ref: gives a new unique text for each request.
    """

    def __init__(self, make_ref: Callable[[], str]) -> None:
        self._make_ref = make_ref
        self._waiting: dict[str, str] = {}
        self._settled: dict[str, None] = {}
        self._join_ref: str | None = None
        self._joined_before = False
        self._newest: dict[type, int] = {}
        self.snapshot: Snapshot | None = None
        self.over = False

    @property
    def waiting(self) -> tuple[str, ...]:
        """Refs of the requests that have no answer yet, oldest first."""
        return tuple(self._waiting)

    def opened(self) -> tuple[str, ...]:
        """A socket is open: the frames to send, the first of which joins the session."""
        self._join_ref = self._make_ref()
        join = _frame("join_quiz", ref=self._join_ref)
        return (join, *self._waiting.values())

    def lost(self) -> None:
        """The socket is gone. Commands of a host are not repeated: they may have worked."""
        self._join_ref = None

    def answer(self, question_id: str, answer: Answer) -> tuple[str, str]:
        """A new answer: its ref, and the frame that may be sent as often as needed.

        Raises:
            Misuse: the number is none that JSON has.
        """
        if isinstance(answer, float) and not isfinite(answer):
            # No platform could read the frame, and so none could say whose answer is refused.
            raise Misuse(f"{answer} is no number that can be sent.")
        ref = self._make_ref()
        frame = _frame("submit_answer", question_id=question_id, answer=answer, ref=ref)
        self._waiting[ref] = frame
        return ref, frame

    def command(self, command: str, **arguments: object) -> tuple[str, str]:
        """A host's command: its ref and its frame, to be sent once."""
        ref = self._make_ref()
        return ref, _frame("host", command=command, ref=ref, **arguments)

    def withdraw(self, ref: str) -> None:
        """Nobody waits for this request any more."""
        if self._waiting.pop(ref, None) is not None:
            self._remember(ref)

    def received(self, text: str | bytes) -> tuple[Output, ...]:
        """A frame came; what it means. Never raises, whatever the frame holds."""
        try:
            fields = json.loads(text)
        except ValueError:
            return (RawEvent("", {"text": text}),)
        if not isinstance(fields, dict):
            return (RawEvent("", {"value": fields}),)
        action = fields.get("action")
        if action == "quiz_joined":
            return self._quiz_joined(fields)
        if action == "pong":
            return ()
        if action == "error":
            return self._error(fields)
        ref = fields.get("ref")
        if action == "answer_accepted":
            return self._accepted(ref, fields)
        reply = (Settled(ref, fields),) if isinstance(ref, str) else ()
        return reply if reply and "seq" not in fields else (*reply, *self._event(fields))

    def _quiz_joined(self, fields: Mapping[str, Any]) -> tuple[Output, ...]:
        try:
            snapshot = Snapshot.read(fields["session"])
        except (KeyError, TypeError, ValueError, AttributeError):
            return (RawEvent("quiz_joined", fields),)
        again, self._joined_before = self._joined_before, True
        self._join_ref = None
        self.snapshot = snapshot
        self.over = self.over or snapshot.over
        return (Reconnected(snapshot) if again else Joined(snapshot),)

    def _accepted(self, ref: object, fields: Mapping[str, Any]) -> tuple[Output, ...]:
        if not isinstance(ref, str) or ref not in self._waiting:
            known = isinstance(ref, str) and ref in self._settled
            return () if known else (RawEvent("answer_accepted", fields),)
        try:
            ack = Ack.read(fields)
        except Refused as exc:
            return self._settle(ref, exc)
        return self._settle(ref, ack)

    def _error(self, fields: Mapping[str, Any]) -> tuple[Output, ...]:
        ref = fields.get("ref")
        error = refusal(fields)
        if self._join_ref is not None and ref in (None, self._join_ref):
            # The join comes first on every socket, so an error that names nothing is its.
            self._join_ref = None
            return (Settled("", error),)
        if isinstance(ref, str) and ref in self._waiting:
            if error.code in _PASSING:
                return ()  # still waiting: whoever waits will send it again
            return self._settle(ref, error)
        if isinstance(ref, str) and ref in self._settled:
            return ()
        if isinstance(ref, str):
            return (Settled(ref, error),)
        return (ServerError(error.code, error.message, ref if isinstance(ref, int) else None),)

    def _settle(self, ref: str, result: Ack | QuizkitError) -> tuple[Output, ...]:
        self.withdraw(ref)
        return (Settled(ref, result),)

    def _remember(self, ref: str) -> None:
        self._settled[ref] = None
        if len(self._settled) > _REMEMBERED:
            del self._settled[next(iter(self._settled))]

    def _event(self, fields: Mapping[str, Any]) -> tuple[Output, ...]:
        event = read_event(fields)
        if isinstance(event, Event):
            order = type(event) if isinstance(event, Lobby | AnswerCount) else Event
            # A server that numbers nothing (seq 0) is believed to send in order.
            if 0 < event.seq <= self._newest.get(order, 0):
                return ()
            self._newest[order] = event.seq
            self.over = self.over or isinstance(event, QuizFinished)
        return (event,)


def _frame(action: str, **fields: object) -> str:
    return json.dumps({"action": action, **fields}, ensure_ascii=False, separators=(",", ":"))
