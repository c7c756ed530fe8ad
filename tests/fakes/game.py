"""A whole platform in memory: every service over fakes, one clock, one queue.

Messages of the control queue are delivered by `step` and `run`, which move the clock to
the moment when each is due; so a game of minutes takes milliseconds and the same course
every time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from quizkit.core.errors import QuizError
from quizkit.core.session import Command, Session, State
from quizkit.lambdas.ids import host_id
from quizkit.lambdas.ports import Participant, Ticket
from quizkit.lambdas.services.boards import Boards
from quizkit.lambdas.services.broadcasting import Broadcasting
from quizkit.lambdas.services.control import Control, view
from quizkit.lambdas.services.counting import Counting
from quizkit.lambdas.services.effects import Effects
from quizkit.lambdas.services.guessing import Guesses
from quizkit.lambdas.services.hosting import Hosting
from quizkit.lambdas.services.inbox import Inbox
from quizkit.lambdas.services.intake import Intake, Lease
from quizkit.lambdas.services.joining import Joining
from quizkit.lambdas.services.media_library import Library
from quizkit.lambdas.services.presence import Presence
from quizkit.lambdas.services.results import Results
from quizkit.lambdas.services.seats import Seats
from quizkit.lambdas.services.standings import Standings
from tests.fakes.clock import FakeClock
from tests.fakes.faults import Faults
from tests.fakes.media import FakeMedia, FakeMediaRows
from tests.fakes.services import (
    FakeBoard,
    FakeMetrics,
    FakeSchedules,
    FakeSockets,
    FakeTimers,
    FakeWinners,
    FakeWorkers,
)
from tests.fakes.sessions import FakeSessions
from tests.fakes.stores import (
    FakeAnswers,
    FakeMisses,
    FakeParticipants,
    FakeQuestions,
    FakeSeatCounts,
    FakeTickets,
)

QUIZ = "capitals-1"
#: Right answers: b, a and c, b.
DOCUMENT: dict[str, Any] = {
    "title": "Capitals",
    "questions": [
        {
            "text": "Australia?",
            "options": ["Sydney", {"text": "Canberra", "correct": True}, "Perth"],
            "explanation": "Chosen in 1908.",
        },
        {
            "text": "Which are capitals?",
            "options": ["Bern", "Geneva", "Rome"],
            "correct": ["a", "c"],
            "points": 500,
            "time_limit": 10,
            "media": "https://media.example/media/map.png",
        },
        {"text": "Canada?", "options": ["Toronto", "Ottawa"], "correct": "b", "time_limit": 5},
    ],
}
RIGHT = {"q1": ["b"], "q2": ["a", "c"], "q3": ["b"]}
#: The queue gives a message that failed again after this time.
VISIBILITY_MS = 90_000


def media_url(media: str) -> str:
    """Where media are served: elsewhere on the web, or from the fake bucket."""
    return media if media.startswith("https://") else f"https://media.example/{media}"


@dataclass
class World:
    """The platform's parts; services see the stores through `faults`."""

    shards: int = 8
    faults: Faults = field(default_factory=Faults)
    clock: FakeClock = field(default_factory=FakeClock)

    def __post_init__(self) -> None:
        self._open()
        self._build()
        self.questions.create(QUIZ, self.clock(), DOCUMENT)
        self.faults.arm(None)
        self._sockets = 0

    def _open(self) -> None:
        """Make the ports."""
        self.sessions = self.faults.wrap(FakeSessions())
        self.questions = self.faults.wrap(FakeQuestions())
        self.participants = self.faults.wrap(FakeParticipants())
        self.stored = FakeAnswers()
        self.answers = self.faults.wrap(self.stored)
        self.tickets = FakeTickets()
        self.misses = FakeMisses()
        self.seats = FakeSeatCounts()
        self.board = FakeBoard(self.clock)
        self.queue = FakeTimers(self.clock)
        self.timers = self.faults.wrap(self.queue)
        self.sockets = FakeSockets()
        self.topic = FakeWinners()
        self.winners = self.faults.wrap(self.topic)
        self.metrics = FakeMetrics()
        self.schedules = FakeSchedules()
        self.media = FakeMedia()
        self.workers = FakeWorkers()

    def _build(self) -> None:
        """Put the services together on the ports."""
        self.standings = Standings(self.sessions, self.participants, self.answers)
        self.boards = Boards(self.sessions, self.standings, self.board, self.clock)
        self.broadcasting = Broadcasting(
            self.sessions, self.participants, self.sockets, self.metrics, self.clock
        )
        self.workers.send = self.broadcasting.send
        self.workers.refresh = self.boards.refresh
        workers = self.faults.wrap(self.workers, only=frozenset({"broadcast", "refresh_board"}))
        self.effects = Effects(
            self.sessions,
            self.questions,
            self.participants,
            self.answers,
            workers,
            self.winners,
            self.metrics,
            self.clock,
            self.clock.sleep,
            media_url,
        )
        self.control = Control(
            self.sessions,
            self.questions,
            self.participants,
            self.timers,
            self.sockets,
            self.effects,
            self.clock,
            self.clock.sleep,
            self.shards,
        )
        self.presence = Presence(
            self.sessions,
            self.questions,
            self.participants,
            self.answers,
            self.timers,
            self.sockets,
            self.clock,
            media_url,
        )
        self.intake = self.new_intake()
        self.counting = Counting(self.sessions, self.timers, workers)
        self.joining = Joining(
            self.sessions,
            self.participants,
            self.tickets,
            Guesses(self.misses, self.clock),
            Seats(self.seats, self.clock),
            self.clock,
            "wss://example/dev",
        )
        self.results = Results(self.sessions, self.participants, self.standings)
        self.hosting = Hosting(
            self.sessions,
            self.questions,
            self.tickets,
            self.results,
            self.schedules,
            Library(self.media, FakeMediaRows(), self.questions, self.clock),
            self._control_function,
            self.clock,
            "wss://example/dev",
        )

    def new_intake(self) -> Intake:
        """An intake function's environment of its own, with nothing cached."""
        lease = Lease(self.sessions, self.clock)
        people = self.participants
        return Intake(lease, self.sessions, people, self.answers, self.clock, lambda: self.board)

    def _control_function(self, payload: Mapping[str, Any]) -> dict[str, Any]:
        """What the control function does with a call by the admin function."""
        if "create" in payload:
            return view(self.control.create(payload["create"], owner=payload["owner"]))
        session_id = str(payload["session_id"])
        if payload.get("command") == "kick":
            return self.control.kick(session_id, payload.get("participant_id"))
        version = payload.get("version")
        command = Command(str(payload["command"]))
        return view(self.control.apply(session_id, command, version=version))

    # --- people ----------------------------------------------------------------------------

    def join(self, session: Session, nickname: str) -> Player:
        """A guest joins, connects and sends `join_quiz`; a millisecond passes."""
        self.clock.advance(1)
        joined = self.joining.join({"pin": session.pin, "nickname": nickname})
        return self._enter(joined["ticket"], joined["resume_token"])

    def resume(self, player: Player) -> Player:
        """The same player again on a new socket."""
        joined = self.joining.join({"pin": "", "resume_token": player.token})
        return self._enter(joined["ticket"], joined["resume_token"])

    def join_host(self, session: Session) -> Player:
        """A host's socket."""
        host = Participant(session.session_id, host_id(), "host", self.clock(), role="host")
        self.participants.add(host)
        who = Ticket(session.session_id, host.participant_id, "host", "host", host.joined_at)
        return self._seat(who, "")

    def _enter(self, ticket: str, token: str) -> Player:
        who = self.tickets.redeem(ticket, self.clock())
        assert who is not None
        return self._seat(who, token)

    def _seat(self, who: Ticket, token: str) -> Player:
        self._sockets += 1
        player = Player(self, who, f"socket-{self._sockets}", token)
        self.sockets.open(player.connection)
        self.presence.connect(who, player.connection)
        player.snapshot = self.presence.arrive(who, player.connection)["session"]
        return player

    # --- time ------------------------------------------------------------------------------

    def create(self, **options: Any) -> Session:
        """A new session of the sample quiz."""
        return self.control.create({"quiz_id": QUIZ, **options})

    def load(self, session: Session) -> Session:
        """The session as stored now."""
        return self.control.load(session.session_id)

    def apply(self, session: Session, command: Command) -> Session:
        """A host's command."""
        return self.control.apply(session.session_id, command)

    def receive(self, body: Mapping[str, Any], sent_at: int | None = None) -> None:
        """One delivery of a message; the queue gives it again later if that fails."""
        try:
            Inbox(self.control).receive(body, self.clock() if sent_at is None else sent_at)
        except QuizError:
            self.queue.send(body, VISIBILITY_MS // 1_000)

    def step(self) -> dict[str, Any]:
        """Deliver the queue's next message, at the time when it is due."""
        due, sent_at, body = self.queue.pop()
        self.clock.now = max(self.clock.now, due)
        self.receive(body, sent_at)
        return body

    def run(self, until: int | None = None) -> None:
        """Deliver every message, or those due until a time, and move the clock there."""
        for _ in range(1_000):
            if not self.queue.queue or (until is not None and self.queue.queue[0][0] > until):
                break
            self.step()
        else:
            raise AssertionError("the queue never empties")
        if until is not None:
            self.clock.now = max(self.clock.now, until)

    def run_to(self, session: Session, state: State) -> Session:
        """Deliver messages until the session is in a state."""
        for _ in range(1_000):
            now = self.load(session)
            if now.state is state:
                return now
            self.step()
        raise AssertionError(f"{session.session_id} never came to {state}")


@dataclass
class Player:
    """Somebody on a socket."""

    world: World
    who: Ticket
    connection: str
    token: str
    snapshot: dict[str, Any] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """The participant's id."""
        return self.who.participant_id

    @property
    def frames(self) -> list[dict[str, Any]]:
        """Everything that the socket received."""
        return self.world.sockets.frames[self.connection]

    def events(self, action: str) -> list[dict[str, Any]]:
        """The received events of one kind."""
        return [frame for frame in self.frames if frame["action"] == action]

    def answer(
        self, question_id: str, *options: str, at: int | None = None, ref: object = "r"
    ) -> dict[str, Any]:
        """Choose options; the gateway receives it at `at`, or now."""
        return self.submit(question_id, list(options), at=at, ref=ref)

    def submit(
        self, question_id: str, answer: object, *, at: int | None = None, ref: object = "r"
    ) -> dict[str, Any]:
        """Submit an answer of any form."""
        message = {
            "action": "submit_answer",
            "question_id": question_id,
            "answer": answer,
            "ref": ref,
        }
        received_at = self.world.clock() if at is None else at
        return self.world.intake.submit(self.who, message, received_at)
