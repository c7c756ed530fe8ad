"""What AWS bills for a game: what each step of one uses, and the prices.

A game is a sum of steps (somebody joins, a question is settled, …). What a step uses is
stated here as an upper bound, fixed and for each player; `tests/bench` counts the real
figures on the wire and fails where one of them is above its bound, so a change that makes
games dearer is seen. Prices are data, with their source and date.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Final

#: Prices of us-east-1 in US$, before any free tier, from the services' public price pages.
PRICES_AS_OF: Final = "2025-11"


@dataclass(frozen=True, slots=True)
class Price:
    """What one unit costs.

    Attributes:
        dollars: for one unit.
        what: the unit, for people.
        source: the page that says so, below aws.amazon.com.
    """

    dollars: float
    what: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """Billed units; can be added and multiplied.

    Attributes:
        websocket_messages: frames in and out, each 32 KB begun; answers of routes too.
        connection_minutes: of open sockets.
        http_requests: to the HTTP API.
        lambda_requests: invocations, also those of authorizers and of one function by another.
        lambda_gb_seconds: memory times billed duration.
        read_units, write_units: of DynamoDB on demand.
        queue_requests: sends, receives and deletions.
        topic_publishes: to the winners' topic.
        log_bytes: taken in by the log service.
        bytes_out: to players.
    """

    websocket_messages: float = 0.0
    connection_minutes: float = 0.0
    http_requests: float = 0.0
    lambda_requests: float = 0.0
    lambda_gb_seconds: float = 0.0
    read_units: float = 0.0
    write_units: float = 0.0
    queue_requests: float = 0.0
    topic_publishes: float = 0.0
    log_bytes: float = 0.0
    bytes_out: float = 0.0

    def __add__(self, other: Usage) -> Usage:
        return Usage(**{name: getattr(self, name) + getattr(other, name) for name in UNITS})

    def __mul__(self, times: float) -> Usage:
        return Usage(**{name: getattr(self, name) * times for name in UNITS})


UNITS: Final = tuple(field.name for field in fields(Usage))

PRICES: Final[Mapping[str, Price]] = {
    "websocket_messages": Price(1.00e-6, "WebSocket messages", "api-gateway/pricing"),
    "connection_minutes": Price(0.25e-6, "connection minutes", "api-gateway/pricing"),
    "http_requests": Price(1.00e-6, "HTTP API requests", "api-gateway/pricing"),
    "lambda_requests": Price(0.20e-6, "Lambda requests", "lambda/pricing"),
    "lambda_gb_seconds": Price(13.3334e-6, "Lambda GB-seconds, arm64", "lambda/pricing"),
    "read_units": Price(0.125e-6, "DynamoDB read units", "dynamodb/pricing/on-demand"),
    "write_units": Price(0.625e-6, "DynamoDB write units", "dynamodb/pricing/on-demand"),
    "queue_requests": Price(0.40e-6, "SQS requests", "sqs/pricing"),
    "topic_publishes": Price(0.50e-6, "SNS publishes", "sns/pricing"),
    "log_bytes": Price(0.50e-9, "bytes of logs", "cloudwatch/pricing"),
    "bytes_out": Price(0.09e-9, "bytes to players", "ec2/pricing/on-demand"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a bill: how much of what, and what it comes to."""

    unit: str
    what: str
    quantity: float
    dollars: float


def bill(usage: Usage) -> list[Line]:
    """What a usage costs, the largest part first; what is not used is left out."""
    lines = [
        Line(unit, price.what, getattr(usage, unit), getattr(usage, unit) * price.dollars)
        for unit, price in PRICES.items()
        if getattr(usage, unit)
    ]
    return sorted(lines, key=lambda line: line.dollars, reverse=True)


def total(usage: Usage) -> float:
    """What a usage costs in US$."""
    return sum(line.dollars for line in bill(usage))


# --- functions -------------------------------------------------------------------------

#: Memory in MB as deployed (tests/bench compares), and how long a warm call is billed, in
#: ms: at most, from the CPU time that the bench measures on a share of a CPU that goes with
#: the memory, and 5 ms for each round trip.
FUNCTIONS: Final[Mapping[str, tuple[int, int]]] = {
    "authorizer": (512, 15),
    "connection": (512, 25),
    "answer": (1_024, 10),
    "join": (512, 35),
    "board": (512, 100),
    "control": (1_024, 150),
    "broadcast": (1_024, 60),
    "counter": (512, 40),
}
#: What one post adds to a broadcast, in ms: many are on their way at the same time.
POST_MS: Final = 0.7
#: A line of figures at most; calls that went well leave no lines of Lambda's own.
LOG_BYTES: Final[Mapping[str, int]] = {"broadcast": 400, "control": 400}
_CALLERS: Final = ("control", "counter")
_CALLED: Final = ("broadcast", "board")


def calls(invocations: Mapping[str, float], posts: float = 0.0) -> Usage:
    """Calls of functions, with what the service logs of them.

    Args:
        invocations: how often each is called.
        posts: how many frames the broadcasts among them send.

    A function that calls another waits for it, so that time is billed twice.
    """
    billed = {name: times * FUNCTIONS[name][1] for name, times in invocations.items()}
    if "broadcast" in billed:
        billed["broadcast"] += posts * POST_MS
    waited = sum(billed.get(name, 0.0) for name in _CALLED)
    for name in _CALLERS:
        if name in billed:
            billed[name] += waited
            break
    requests = sum(invocations.values())
    return Usage(
        lambda_requests=requests,
        lambda_gb_seconds=sum(
            FUNCTIONS[name][0] / 1_024 * ms / 1_000 for name, ms in billed.items()
        ),
        log_bytes=sum(LOG_BYTES.get(name, 0) * times for name, times in invocations.items()),
    )


# --- steps -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Step:
    """What a step of a game uses at most: at any size, and for each player more."""

    fixed: Usage
    each: Usage = Usage()

    def of(self, players: float) -> Usage:
        """What it uses with so many players."""
        return self.fixed + self.each * players


#: One frame more in a broadcast that control waits for.
_POST: Final = calls({"control": 0, "broadcast": 0}, posts=1)

#: The steps of a game. Of `join`, `connect`, `arrive`, `answer` and `leave` each player makes
#: one, so nothing of them is fixed; the others are the session's. Counted, and compared with
#: these bounds, by `tests/bench/test_counts.py`.
STEPS: Final[Mapping[str, Step]] = {
    "session": Step(calls({"control": 1}) + Usage(read_units=3, write_units=9)),
    # The session is read, its PIN once a second; a participant and a name in one
    # transaction; a ticket.
    "join": Step(
        Usage(),
        # Seats are counted by one more write for every twenty of them.
        calls({"join": 1})
        + Usage(http_requests=1, read_units=1.5, write_units=5.05, bytes_out=300),
    ),
    # The ticket is taken.
    "connect": Step(Usage(), calls({"authorizer": 1}) + Usage(write_units=1)),
    # The socket is bound; once a second somebody sees to the lobby's news.
    "arrive": Step(
        Usage(),
        calls({"connection": 1})
        + Usage(websocket_messages=2, read_units=1, write_units=1.5, bytes_out=480),
    ),
    # The lobby's news to everybody, and to hosts alone.
    "lobby": Step(
        calls({"control": 1, "broadcast": 1})
        + Usage(read_units=19, write_units=1, queue_requests=3),
        _POST + Usage(websocket_messages=1, read_units=0.125, bytes_out=260),
    ),
    "lobby_hosts": Step(
        calls({"control": 1, "broadcast": 1}, posts=1)
        + Usage(websocket_messages=1, read_units=9, write_units=2, queue_requests=6)
        + Usage(bytes_out=260),
        Usage(read_units=0.065),
    ),
    # Three messages are sent, taken and deleted, the last of which finds nothing to do.
    "ask": Step(
        calls({"control": 2, "broadcast": 1})
        + Usage(read_units=16, write_units=3, queue_requests=9),
        _POST + Usage(websocket_messages=1, read_units=0.065, bytes_out=400),
    ),
    # One conditional write; the acknowledgement is the route's answer.
    "answer": Step(
        Usage(), calls({"answer": 1}) + Usage(websocket_messages=2, write_units=1, bytes_out=130)
    ),
    # What an answer needs more where the session has not been read for a while.
    "lease": Step(Usage(read_units=2)),
    "count": Step(
        calls({"counter": 1, "broadcast": 1}, posts=1)
        + Usage(websocket_messages=1, read_units=3, write_units=2, bytes_out=130)
    ),
    # A page of lines is written, and read by three; two frames go to everybody.
    "settle": Step(
        calls({"control": 1, "board": 1, "broadcast": 1})
        + Usage(read_units=62, write_units=12, queue_requests=3),
        _POST * 2 + Usage(websocket_messages=2, read_units=0.27, write_units=0.09, bytes_out=1_320),
    ),
    # All answers of ten questions are read.
    "finish": Step(
        calls({"control": 1, "board": 1, "broadcast": 1})
        + Usage(read_units=60, write_units=15, queue_requests=3, topic_publishes=1),
        _POST + Usage(websocket_messages=1, read_units=0.45, write_units=0.09, bytes_out=500),
    ),
    "leave": Step(Usage(), calls({"connection": 1}) + Usage(write_units=1)),
}


# --- games -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Game:
    """A game to be priced, with what is assumed of its course.

    Attributes:
        minutes: that every player is connected.
        lobby_seconds: within which everybody joins; hosts hear of it every second.
        lobby_events, lobby_frames: news to everybody meanwhile, and how many sockets they go
            to in all.
        answer_seconds: within which most answers to a question come.
        environments: of the function that takes answers, each with a lease of its own.
        stream_shards: of the answers table; each gives the counter a batch a second.
    """

    players: int = 1_000
    questions: int = 10
    minutes: float = 10.0
    lobby_seconds: int = 60
    lobby_events: int = 8
    lobby_frames: int = 2_000
    answer_seconds: float = 10.0
    environments: int = 4
    stream_shards: int = 4


def plan(players: int, questions: int, minutes: float) -> Game:
    """A game of some size, with a course that is likely for it.

    No less lobby news than `bench/lobby.py` counts for that many players in a minute, an
    environment for every 250 of them, and a shard of the stream for every 10,000.
    """
    return Game(
        players=players,
        questions=questions,
        minutes=minutes,
        lobby_events=min(players, 60, max(8, -(-8_000 // players))),
        lobby_frames=min(players * (players + 1) // 2, 75_000 // players + 1_200 + 2 * players),
        environments=max(1, players // 250),
        stream_shards=max(4, players // 10_000),
    )


#: A lease less its margin (lambdas/services/intake.py), in seconds.
LEASE_SECONDS: Final = 0.75


def game(plan: Game, steps: Mapping[str, Step] = STEPS) -> Usage:
    """What a whole game uses."""
    everybody = plan.players
    used = steps["session"].of(everybody) + Usage(connection_minutes=everybody * plan.minutes)
    for name in ("join", "connect", "arrive", "leave"):
        used += steps[name].of(everybody)
    used += steps["lobby_hosts"].of(everybody / 2) * plan.lobby_seconds
    used += steps["lobby"].fixed * plan.lobby_events + steps["lobby"].each * plan.lobby_frames
    leases = plan.environments * plan.answer_seconds / LEASE_SECONDS
    batches = plan.stream_shards * plan.answer_seconds
    question = steps["answer"].of(everybody)
    # No more of either than there are answers.
    question += steps["lease"].of(everybody) * min(leases, everybody)
    question += steps["count"].of(everybody) * min(batches, everybody)
    for name in ("ask", "settle"):
        question += steps[name].of(everybody)
    finish = steps["finish"].of(everybody)
    # All answers are read once more; the step is that of a game of ten questions.
    beyond = max(0.0, plan.questions / 10 - 1)
    finish += Usage(read_units=steps["finish"].each.read_units * everybody * beyond)
    return used + question * plan.questions + finish
