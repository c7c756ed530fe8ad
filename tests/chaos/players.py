"""Players, who write down what they sent and what they were told.

A player repeats an answer over its socket and then over HTTP until it knows what became of
it, as the SDK does. Every try is an attempt in the history, with the reply that came to it,
if any.
"""

from __future__ import annotations

import json
from collections import Counter
from random import Random
from typing import Any, Final

from quizkit.core.history import PASSING, Attempt, Ending, Fate, Place
from quizkit.core.kinds import stored_form, wire_answer
from quizkit.core.quiz import Question as Authored
from quizkit.sdk.live_events import (
    Entry,
    NewQuestion,
    Question,
    QuestionClosed,
    QuizFinished,
    Snapshot,
)
from quizkit.sdk.live_protocol import PING, Settled
from tests.chaos.clients import FIRST_DELAY_MS, Client
from tests.chaos.gateway import Gateway
from tests.chaos.records import Records
from tests.chaos.scheduler import Signal
from tests.chaos.settings import Habits

#: As the SDK has it (`Patience`), in milliseconds.
_ACKNOWLEDGE_MS: Final = 4_000
_ANSWER_MS: Final = 30_000
_JOIN_TRIES: Final = 12
_FOREVER: Final = 10**9
#: What those type who do not know; some of it is right by looser rules, or nearly.
_TYPED: Final = ("ZURICH", "zu\u0308rich", "Genf", "Bern  ist es")
_NUMBERS: Final = ("43", "2", "3.5", "80", "-7", "99999")


class Player(Client):
    """See the module's text.

    Attributes:
        key: the questions as they were written, for those who know what is right.
        inside: the platform knows this player.
    """

    def __init__(
        self,
        gateway: Gateway,
        records: Records,
        name: str,
        rng: Random,
        habits: Habits,
        key: dict[str, Authored],
        pin: str,
    ) -> None:
        super().__init__(gateway, records, name, rng)
        self.habits = habits
        self.key = key
        self.pin = pin
        self.id = ""
        self.token = ""
        self._first_ticket: str | None = None
        self._answered: set[str] = set()
        self._contents: dict[str, tuple[str, tuple[str, ...]]] = {}
        self._wires: dict[str, Any] = {}
        self._sent: Counter[str] = Counter()
        self._doubtful: set[str] = set()
        self._waits: dict[str, Signal] = {}

    @property
    def inside(self) -> bool:
        """Whether the player ever got in."""
        return bool(self.id)

    # --- life ------------------------------------------------------------------------

    def life(self) -> None:
        """Join, play, drop, return, until the end or for as long as it likes."""
        habits, clock = self.habits, self.scheduler.clock
        started = clock.now
        self.scheduler.wait(habits.joins_after)
        if not self._enter():
            self.gone = True
            return
        leaves = started + habits.leaves_at if habits.leaves_at else _FOREVER * 10_000
        while not self.over and not self.gone:
            self.connect()
            self._be_there(leaves)
            if clock.now >= leaves and not self.over:
                self.leave()
                self.gone = True
        self.leave()

    def _be_there(self, leaves: int) -> None:
        """Stay on the socket until it is lost; keep it awake, and lose it at times."""
        habits, clock = self.habits, self.scheduler.clock
        drops = clock.now + _FOREVER
        if habits.drops:
            drops = clock.now + int(self.rng.expovariate(1 / habits.drops))
        ping = int(self.gateway.sky.weather.idle * 0.4) if habits.pings else _FOREVER
        while self.connection is not None and not self.over and clock.now < leaves:
            if clock.now >= drops:
                self.leave()
                self.scheduler.wait(self.rng.randint(0, habits.away))
                return
            self.stay(max(1, min(ping, drops - clock.now, leaves - clock.now)))
            if habits.pings:
                self.transmit(PING)
        if not self.over:
            self.scheduler.wait(int(FIRST_DELAY_MS * self.rng.uniform(0.5, 1)))

    def come_back(self) -> None:
        """Return after the end, to see how it went."""
        self.gone = False
        self.connect()
        self.leave()

    def _enter(self) -> bool:
        """Join as somebody new; whether that worked. A lost answer asks for another name."""
        for attempt in range(_JOIN_TRIES):
            nickname = f"{self.name}{'x' * attempt}"
            status, seat = self.gateway.join({"pin": self.pin, "nickname": nickname})
            if status == 200:
                self.id, self.token = seat["participant_id"], seat["resume_token"]
                self._first_ticket = seat["ticket"]
                return True
            passing = ("nickname_taken", "session_locked")
            if status < 500 and seat["error"]["code"] not in passing:
                return False
            self.scheduler.wait(self.rng.randint(100, 2_000))
        return False

    def ticket(self) -> str | None:
        """That of the joining, or by the resume token; put out of the session, it goes."""
        ticket, self._first_ticket = self._first_ticket, None
        if ticket is not None:
            return ticket
        status, seat = self.gateway.join({"pin": self.pin, "resume_token": self.token})
        if status == 200:
            return str(seat["ticket"])
        if status in (401, 403):
            self.gone = True
        return None

    # --- what happens in the session -------------------------------------------------

    def snapshot(self, snapshot: Snapshot) -> None:
        """Answer the open question, if it is not answered; see the end, if it is there."""
        if snapshot.question is not None and snapshot.answered is None:
            self._consider(snapshot.question, snapshot.opens_at or 0, snapshot.closes_at or 0)
        if snapshot.podium is not None and snapshot.over:
            self._ends(snapshot.score, snapshot.rank, snapshot.podium)

    def event(self, event: object) -> None:
        """Answer a question, keep a result, see the end."""
        if isinstance(event, NewQuestion):
            self._consider(event.question, event.opens_at, event.closes_at)
        elif isinstance(event, QuestionClosed) and event.you is not None:
            answer = event.you.answer
            shown = None if answer is None else stored_form(answer)
            self.records.results.append((self.id, event.question_id, shown, event.you.score))
        elif isinstance(event, QuizFinished):
            you = event.you
            score, rank = (None, None) if you is None else (you.score, you.rank)
            self._ends(score, rank, event.podium)

    def _ends(self, score: int | None, rank: int | None, podium: tuple[Entry, ...]) -> None:
        places: tuple[Place, ...] = tuple((e.rank, e.participant_id, e.score) for e in podium)
        self.records.endings[self.id] = Ending(self.id, score, rank, places)

    def settled(self, output: Settled) -> None:
        """An answer has its reply, or joining on the socket was refused."""
        if output.ref in self._waits:
            self.scheduler.set(self._waits[output.ref])
        elif output.ref == "":
            self.leave()
            self.scheduler.set(self.changed)

    def replied(self, fields: dict[str, Any]) -> None:
        """Write down a reply to an answer."""
        ref = fields.get("ref")
        if not isinstance(ref, str) or ref not in self._contents:
            return
        question_id, answer = self._contents[ref]
        if fields["action"] == "answer_accepted":
            at = fields["received_at"]
            attempt = Attempt(self.id, question_id, answer, Fate.OK, received_at=at)
        elif fields.get("code") in PASSING:
            self._doubtful.add(ref)  # nothing is known of this try, whatever comes later
            return
        else:
            code = fields.get("code")
            attempt = Attempt(self.id, question_id, answer, Fate.FAIL, code=code)
        if self._sent[ref] > 1:
            self._doubtful.add(ref)  # one try may be answered twice, and another never
        self._sent[ref] -= 1
        self.records.attempts.append(attempt)

    def close_books(self) -> None:
        """What was never answered is unknown."""
        for ref, unanswered in self._sent.items():
            if unanswered > 0 or ref in self._doubtful:
                question_id, answer = self._contents[ref]
                unknown = Attempt(self.id, question_id, answer, Fate.UNKNOWN)
                self.records.attempts.append(unknown)

    # --- answering -------------------------------------------------------------------

    def _consider(self, question: Question, opens_at: int, closes_at: int) -> None:
        if question.id in self._answered:
            return
        self._answered.add(question.id)
        tries = self.habits.answers if question.kind != "slide" else 0.1
        if self.rng.random() < tries:
            self.scheduler.start(
                lambda: self._answer(question, opens_at, closes_at), name=f"{self.name} answers"
            )

    def _choose(self, question: Question) -> tuple[str, ...]:
        """An answer, as it is stored but for the order of options that have none."""
        rng, ids = self.rng, sorted(option.id for option in question.options)
        knows = rng.random() < self.habits.skill
        match question.kind:
            case "text":
                right = rng.choice(self.key[question.id].correct)
                return (rng.choice((right, right.upper())) if knows else rng.choice(_TYPED),)
            case "number":
                return self.key[question.id].correct if knows else (rng.choice(_NUMBERS),)
            case "order" if knows:
                places = {option.text: option.id for option in question.options}
                return tuple(places[option.text] for option in self.key[question.id].options)
            case "slide":
                return ("a",)
            case "choice" | "multiple" | "boolean" if knows:
                return self.key[question.id].correct
            case "order":
                return tuple(rng.sample(ids, len(ids)))
        several = question.kind == "multiple"
        return tuple(rng.sample(ids, rng.randint(1, len(ids)) if several else 1))

    def _answer(self, question: Question, opens_at: int, closes_at: int) -> None:
        habits, rng, clock = self.habits, self.rng, self.scheduler.clock
        answer = self._choose(question)
        if rng.random() < habits.early:
            self._wait_until(opens_at - rng.randint(1, 900))
            self._submit(question, answer)
        if rng.random() < habits.edge:
            edges = (opens_at - 1, opens_at, closes_at, closes_at + 1)
            arrives_at = max(clock.now, rng.choice(edges))
            self._wait_until(arrives_at - 50)
            self._submit(question, answer, arrives_at=arrives_at)
        elif rng.random() < habits.sprint:
            self._wait_until(closes_at - rng.randint(0, 400))
            self._submit(question, answer)
        elif rng.random() < habits.late:
            self._wait_until(closes_at + rng.randint(1, 2_500))
            self._submit(question, answer)
        else:
            usual = (closes_at - opens_at) * rng.betavariate(1.2, 2)
            self._wait_until(opens_at + int(usual))
            self._submit(question, answer)
        if rng.random() < habits.contradicts:
            self._submit(question, self._choose(question))

    def _wait_until(self, when: int) -> None:
        self.scheduler.wait(max(0, when - self.scheduler.clock.now))

    def _submit(
        self, question: Question, answer: tuple[str, ...], *, arrives_at: int | None = None
    ) -> None:
        """Send an answer until it is known what became of it, as the SDK does."""
        ref, frame = self._prepare(question, answer)
        frames = [frame] * (self.rng.randint(2, 4) if self._often(self.habits.repeats) else 1)
        if self.habits.burst:
            _, other = self._prepare(question, self._another(question, answer))
            frames = [frame, other] * self.habits.burst
        signal = self._waits[ref]
        started, clock = self.scheduler.clock.now, self.scheduler.clock
        tries = 0
        while self._unanswered(signal) and clock.now - started < _ANSWER_MS and not self.gone:
            tries += 1
            sent = False
            if tries <= 2 and not self._often(self.habits.by_http):
                results = [self._transmit(frame, arrives_at) for frame in frames]
                sent = all(results)
            self.scheduler.block(signal, _ACKNOWLEDGE_MS if sent else 4 * FIRST_DELAY_MS)
            if (tries > 1 or not sent) and self._unanswered(signal) and self._post(ref):
                break
        for ref in list(self.protocol.waiting):
            if self._contents[ref][0] == question.id:
                self.protocol.withdraw(ref)

    def _another(self, question: Question, answer: tuple[str, ...]) -> tuple[str, ...]:
        """What somebody in two minds sends, too."""
        if question.kind in ("text", "number"):
            return self._choose(question)
        ids = answer if question.kind == "order" else tuple("abcde"[: len(answer)])
        return tuple(reversed(ids))

    def _unanswered(self, signal: Signal) -> bool:
        return not signal.is_set

    def _often(self, rate: float) -> bool:
        return self.rng.random() < rate

    def _prepare(self, question: Question, answer: tuple[str, ...]) -> tuple[str, str]:
        wire = wire_answer(question.kind, answer)
        assert wire is not None
        ref, frame = self.protocol.answer(question.id, wire)
        kept = answer if question.kind == "order" else tuple(sorted(answer))
        self._contents[ref], self._wires[ref] = (question.id, kept), wire
        self._waits[ref] = Signal()
        return ref, frame

    def transmit(self, frame: str, *, arrives_at: int | None = None) -> bool:
        """Send a frame, and count it if it is an answer."""
        sent = super().transmit(frame, arrives_at=arrives_at)
        ref = json.loads(frame).get("ref")
        if sent and ref in self._contents:
            self._sent[ref] += 1
        return sent

    def _transmit(self, frame: str, arrives_at: int | None) -> bool:
        return self.transmit(self._forged(frame), arrives_at=arrives_at)

    def _forged(self, frame: str) -> str:
        """The frame, with times that are none of the client's business."""
        if not self.habits.forges:
            return frame
        now = self.scheduler.clock.now
        claims = {"received_at": now - 5_000, "elapsed": 0, "requestTimeEpoch": now - 5_000}
        return json.dumps({**json.loads(frame), **claims, "participant_id": "somebody"})

    def _post(self, ref: str) -> bool:
        """`POST /answer`; whether it is settled now."""
        question_id, _ = self._contents[ref]
        self._sent[ref] += 1
        message = {"question_id": question_id, "answer": self._wires[ref], "ref": ref}
        status, document = self.gateway.answer(self.token, message)
        if status == 200:
            self.replied(document)
            return True
        code = document["error"]["code"] if "error" in document else "unavailable"
        self.replied({"action": "error", "ref": ref, "code": code})
        if code not in PASSING:
            return True
        self.scheduler.wait(FIRST_DELAY_MS)
        return False
