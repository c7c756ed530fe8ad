"""The gateway between clients and functions.

Clients send through it and are called back by it; it runs the functions as tasks, each
invocation on its own, and stamps what it receives by its own clock. It is also the
callback interface, `ports.Sockets`, that broadcasts go through.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from random import Random
from typing import Any, Final, Protocol

from quizkit.core import messages
from quizkit.core.errors import QuizError, Rejected
from quizkit.core.kinds import stored_form
from quizkit.core.session import Command
from quizkit.lambdas.ports import Participant, Ticket
from quizkit.lambdas.services.control import view
from quizkit.lambdas.services.intake import Intake
from quizkit.lambdas.services.joining import authenticate, issue_ticket
from tests.chaos.scheduler import Ended, Scheduler, Signal
from tests.chaos.weather import Sky
from tests.fakes.faults import Killed
from tests.fakes.game import World

#: How long functions may run, in milliseconds, as the stack has it.
_LIMITS: Final = {"answer": 10_000, "connection": 15_000, "join": 15_000, "board": 15_000}
_LONG_MS: Final = 60_000
_CLIENT_MS: Final = 15_000
_ATTEMPTS: Final = 3

Message = Mapping[str, Any]


class Receiver(Protocol):
    """A client: what comes to it, and whether the callback interface has trouble with it."""

    victim: bool

    def frame(self, connection: Connection, text: str) -> None:
        """A frame comes."""

    def lost(self, connection: Connection) -> None:
        """The socket is closed."""


class Connection:
    """One socket.

    Attributes:
        open: as far as the gateway knows; `ready` once its handshake is finished.
        dead: the client is gone, whether the gateway knows it or not.
        heard, last: when the gateway heard of it last, and when its last frame arrives.
    """

    def __init__(self, number: int, who: Ticket, client: Receiver, now: int) -> None:
        self.id = f"socket-{number:05d}"
        self.who = who
        self.client = client
        self.open = True
        self.ready = False
        self.dead = False
        self.heard = now
        self.last = now


class Gateway:
    """See the module's text; `world` is set once it is built.

    Attributes:
        received: by (participant, question, answer) the times at which it came in.
        winners_unknown: nothing is known of the winners of these sessions.
    """

    def __init__(self, scheduler: Scheduler, sky: Sky, rng: Random) -> None:
        self.scheduler = scheduler
        self.sky = sky
        self.rng = rng
        self.world: World
        self.received: dict[tuple[str, str, tuple[str, ...]], set[int]] = defaultdict(set)
        self._connections: dict[str, Connection] = {}
        self._intakes: list[Intake] = []
        self._free: list[Intake] = []
        self._numbers = 0

    @property
    def now(self) -> int:
        """The time."""
        return self.scheduler.clock.now

    # --- functions -------------------------------------------------------------------

    def _delay(self) -> int:
        if self.sky.strikes(self.sky.weather.cold, "cold start"):
            return self.rng.randint(200, 2_500)
        return self.rng.randint(0, 10)

    def call(self, name: str, work: Callable[[], Any], *, again: bool = False) -> Any:
        """Run a function for a client, which waits; its result, or None where none came."""
        done, results = Signal(), []

        def run() -> None:
            try:
                results.append(work())
            finally:
                self.scheduler.set(done)

        limit = _LIMITS.get(name, _LONG_MS)
        self.scheduler.start(run, after=self._delay(), limit=limit, name=name)
        if again and self.sky.strikes(self.sky.weather.again, "invocation run twice"):
            self.scheduler.start(work, after=self.rng.randint(0, 3_000), limit=limit, name=name)
        self.scheduler.block(done, _CLIENT_MS)
        return results[0] if results else None

    def request(self, name: str, work: Callable[[], Message]) -> tuple[int, Any]:
        """An HTTP request: status and document; 504 where no answer came."""
        self.scheduler.wait(self._way())
        again = name == "answer"
        response = self.call(name, lambda: _replied(work), again=again)
        self.scheduler.wait(self._way())
        return response or (504, {})

    def join(self, body: Message) -> tuple[int, Any]:
        """`POST /join`."""
        return self.request("join", lambda: self.world.joining.join(body))

    def answer(self, token: str, message: Mapping[str, Any]) -> tuple[int, Any]:
        """`POST /answer`; received when it comes in, however long the function waits."""
        received_at = self.now

        def work() -> Message:
            who = authenticate(self.world.participants, token)
            ticket = Ticket(
                who.session_id, who.participant_id, who.role, who.nickname, who.joined_at
            )
            return self._submit(ticket, dict(message), received_at)

        return self.request("answer", work)

    def board(self, session_id: str, top: int) -> tuple[int, Any]:
        """`GET /leaderboard/{session_id}`."""
        return self.request("board", lambda: self.world.boards.get(session_id, top))

    def control(self, work: Callable[[], Any]) -> Any:
        """A direct call of the control function; its result, or None where it failed."""
        return self.call("control", lambda: _quietly(work))

    @contextmanager
    def _intake(self) -> Iterator[Intake]:
        """An environment of the answer function, which serves one invocation at a time."""
        if not self._free or self.sky.strikes(self.sky.weather.cold, "new environment"):
            intake = self.world.new_intake()
        else:
            intake = self._free.pop(self.rng.randrange(len(self._free)))
        try:
            yield intake
        except QuizError:
            self._free.append(intake)
            raise
        self._free.append(intake)

    def _submit(self, who: Ticket, message: dict[str, Any], received_at: int) -> Message:
        answer = message.get("answer")
        given = stored_form(answer)
        for content in {given, tuple(sorted(given))}:  # an order, or a set of options
            question_id = str(message.get("question_id"))
            self.received[who.participant_id, question_id, content].add(received_at)
        with self._intake() as intake:
            return intake.submit(who, message, received_at)

    def host_ticket(self, session_id: str, number: int) -> str | None:
        """A ticket for a host's socket."""

        def work() -> str:
            name = f"host{number:016x}"
            host = Participant(session_id, name, "host", self.now, role="host")
            self.world.participants.add(host)
            return issue_ticket(self.world.tickets, host, self.now)

        ticket: str | None = self.control(work)
        return ticket

    # --- sockets, the clients' side --------------------------------------------------

    def _way(self) -> int:
        return self.rng.randint(1, self.sky.weather.latency)

    def connect(self, ticket: str, client: Receiver) -> Connection | None:
        """Open a socket with a ticket, for a client that waits; None where it is refused."""
        self.scheduler.wait(self._way())
        self._numbers += 1
        number = self._numbers

        def work() -> Connection | None:
            who = self.world.tickets.redeem(ticket, self.now)
            if who is None:
                return None
            connection = Connection(number, who, client, self.now)
            self._connections[connection.id] = connection
            return connection

        connection: Connection | None = self.call("connection", lambda: _quietly(work))
        if connection is None or not connection.open:
            return None
        connection.ready = True
        self._set_limits(connection)
        self.scheduler.wait(self._way())
        return connection

    def leave(self, connection: Connection) -> None:
        """A client is gone; the gateway may hear of it at once, or when it has been idle."""
        connection.dead = True
        soon = self.rng.random() < 0.5
        after = self._way() if soon else self.rng.randint(1_000, self.sky.weather.idle)
        self.scheduler.after(after, partial(self.shut, connection))

    def send(self, connection: Connection, text: str, *, arrives_at: int | None = None) -> None:
        """A frame of a client; it arrives after its way, or at an instant that is given."""
        when = self.now + self._way() if arrives_at is None else arrives_at
        self.scheduler.at(when, partial(self._arrive, connection, text))

    def _arrive(self, connection: Connection, text: str) -> None:
        if not connection.open:
            return
        connection.heard = received_at = self.now
        self._invoke(connection, text, received_at)
        if self.sky.strikes(self.sky.weather.again, "invocation run twice"):
            self._invoke(connection, text, received_at)

    def _invoke(self, connection: Connection, text: str, received_at: int) -> None:
        def work() -> None:
            try:
                act = partial(self._act, connection, received_at)
                self._push(connection, _answered(text, act))
            except (Killed, Ended):
                failed = {"message": "Internal server error", "connectionId": connection.id}
                self._push(connection, json.dumps(failed))
                raise

        name = "answer" if "submit_answer" in text else "connection"
        name = "control" if '"host"' in text else name
        limit = _LIMITS.get(name, _LONG_MS)
        self.scheduler.start(work, after=self._delay(), limit=limit, name=name)

    def _act(self, connection: Connection, received_at: int, message: dict[str, Any]) -> Message:
        match message.get("action"):
            case "ping":
                return {"action": "pong"}
            case "join_quiz":
                return self.world.presence.arrive(connection.who, connection.id)
            case "submit_answer":
                return self._submit(connection.who, message, received_at)
            case "host" if connection.who.role == "host":
                return self._command(connection.who.session_id, message)
        raise Rejected("unknown_action", "no such action")

    def _command(self, session_id: str, message: Message) -> Message:
        control = self.world.control
        if message["command"] == "kick":
            return control.kick(session_id, message.get("participant_id"))
        command = Command(message["command"])
        return {"action": "session", "session": view(control.apply(session_id, command))}

    # --- sockets, the platform's side ------------------------------------------------

    def _set_limits(self, connection: Connection) -> None:
        weather, shut = self.sky.weather, partial(self.shut, connection)
        self.scheduler.after(int(weather.lifetime * self.rng.uniform(0.5, 1)), shut)
        self._watch_idle(connection)
        if weather.cut:
            cut = partial(self._cut, connection)
            self.scheduler.after(int(self.rng.expovariate(1 / weather.cut)), cut)

    def _watch_idle(self, connection: Connection) -> None:
        idle = self.sky.weather.idle
        if self.now - connection.heard >= idle:
            self.shut(connection)
        elif connection.open:
            self.scheduler.at(connection.heard + idle, partial(self._watch_idle, connection))

    def _cut(self, connection: Connection) -> None:
        if connection.open and self.sky.strikes(1.0, "socket cut at random"):
            self.shut(connection)

    def shut(self, connection: Connection) -> None:
        """The gateway closes a socket, or hears that it is gone."""
        if not connection.open:
            return
        connection.open = False
        if not connection.dead:
            half_open = self.rng.random() < 0.2
            after = self.rng.randint(5_000, 40_000) if half_open else self._way()
            self.scheduler.after(after, lambda: connection.client.lost(connection))
        if not self.sky.strikes(self.sky.weather.unsaid, "$disconnect never comes"):
            who, world = connection.who, self.world
            work = lambda: world.presence.disconnect(who, connection.id)  # noqa: E731
            delay = self.rng.randint(0, 2_000)
            limit = _LIMITS["connection"]
            self.scheduler.start(partial(_quietly, work), after=delay, limit=limit)

    def close(self, connection_id: str) -> None:
        """`ports.Sockets.close`."""
        connection = self._connections.get(connection_id)
        if connection is not None:
            self.shut(connection)

    def post(self, frames: Sequence[tuple[str, Sequence[bytes]]]) -> list[str]:
        """`ports.Sockets.post`."""
        gone, slowest = [], 0
        for connection_id, bodies in frames:
            if self.sky.port_fault(("killed before a call",)):
                raise Killed
            connection = self._connections.get(connection_id)
            delay = None if connection is None else self._reach(connection)
            if connection is None or delay is None:
                gone.append(connection_id)
                continue
            slowest = max(slowest, delay)
            # A socket that takes no frame was closed by now: its client comes back.
            for body in bodies if connection.open else ():
                self._push(connection, body.decode(), delay)
        self.scheduler.wait(slowest + self.rng.randint(1, 10))
        return gone

    def _reach(self, connection: Connection) -> int | None:
        """How long a post to it takes, in milliseconds; None where it is, or now was, gone."""
        weather, rng = self.sky.weather, self.rng
        if not connection.open or not connection.ready:
            return None
        if not connection.client.victim:
            return 0
        if self.sky.strikes(weather.posts_gone, "post answered 410"):
            self.shut(connection)
            return None
        delay = 0
        for _ in range(_ATTEMPTS):
            if not self.sky.strikes(weather.posts_throttled, "post answered 429"):
                break
            delay += rng.randint(0, 200)
        else:
            self.shut(connection)
        if self.sky.strikes(weather.posts_slow, "slow post"):
            delay += rng.randint(200, 4_000)
        return delay

    def _push(self, connection: Connection, text: str, delay: int = 0) -> None:
        weather = self.sky.weather
        arrives = self.now + delay + self._way()
        if self.sky.strikes(weather.reordered, "frame out of order"):
            arrives += self.rng.randint(0, 3_000)
        else:
            arrives = connection.last = max(arrives, connection.last)
        self.scheduler.at(arrives, partial(self._deliver, connection, text))
        if self.sky.strikes(weather.doubled, "frame twice"):
            later = arrives + self.rng.randint(0, 2_000)
            self.scheduler.at(later, partial(self._deliver, connection, text))

    def _deliver(self, connection: Connection, text: str) -> None:
        if not connection.dead:
            connection.client.frame(connection, text)


def _replied(work: Callable[[], Message]) -> tuple[int, Any]:
    """What an HTTP request gives: status and document."""
    try:
        return 200, json.loads(messages.encode(work()))
    except QuizError as exc:
        return exc.status, {"error": {"code": exc.code}}


def _answered(text: str, act: Callable[[dict[str, Any]], Message]) -> str:
    """The frame that answers a message."""
    ref = None
    try:
        message = messages.decode(text)
        ref = messages.reference(message)
        return messages.encode(act(message))
    except QuizError as exc:
        return messages.encode(messages.error(exc, ref))


def _quietly(work: Callable[[], Any]) -> Any:
    """What a function gives, or None where it refuses."""
    try:
        return work()
    except QuizError:
        return None
