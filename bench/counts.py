"""The steps of a game, counted on the wire.

What one player causes is counted with a few players who do it one after the other; what a
whole session causes is counted in a session of the wanted size, whose players and answers
are stored beforehand. Nothing here depends on time, so the counts are the same in every run.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bench.seeding import Seeding
from bench.stage import Stage
from bench.wire import Counts
from quizkit.core.costs import Usage, calls

#: Beside every send there are a receive and a deletion.
_QUEUE_CALLS_A_MESSAGE: Final = 3
#: Long enough for the second question's steps; it is closed by command.
_TIME_LIMIT: Final = 10
#: What a player's step is called, and what a session's is.
PLAYER_STEPS: Final = ("join", "connect", "arrive", "answer", "leave")
SESSION_STEPS: Final = (
    "session",
    "lobby",
    "lobby_hosts",
    "ask",
    "lease",
    "count",
    "close",
    "settle",
    "finish",
)


@dataclass(frozen=True, slots=True)
class Counted:
    """Counts of every step.

    Attributes:
        players: how many each of the players' steps was counted with.
        size: how many were in the session of the session's steps.
        steps: by name; `lease` is one answer that has to read the session.
    """

    players: int
    size: int
    steps: Mapping[str, Counts]


@contextmanager
def quiet() -> Iterator[None]:
    """The functions print metrics; nobody reads them here."""
    with Path(os.devnull).open("w") as nowhere, redirect_stdout(nowhere):
        yield


def count(stage: Stage, *, players: int, size: int, questions: int = 2) -> Counted:
    """Count every step, two questions of a game.

    Args:
        players: for the players' steps; at least two.
        size: players of the session whose steps are counted.
        questions: for how many of them `finish` finds answers.
    """
    with quiet():
        steps = _players(stage, players) | _session(stage, size, questions)
    return Counted(players, size, steps)


def _players(stage: Stage, count: int) -> dict[str, Counts]:
    session = stage.session(stage.quiz(1, 30))
    # A first of everything, so that functions are built and connections open.
    warm = stage.enter(session, 1)
    with stage.counting() as join:
        seated = [stage.join(session, f"Guest {number:05d}") for number in range(count)]
    with stage.counting() as connect:
        for player in seated:
            stage.connect(player)
    with stage.counting() as arrive:
        for player in seated:
            stage.arrive(player)
    # One a second, however many arrive: part of the lobby's step.
    del arrive.trips["connection", "sqs", "SendMessage"]
    stage.command(session, "start")
    question_id = _asked(stage, session)
    stage.answer(warm[0], question_id, "b")
    with stage.counting() as answer:
        for player in seated:
            stage.answer(player, question_id, "b")
    with stage.counting() as leave:
        for player in seated:
            stage.leave(player)
    return dict(zip(PLAYER_STEPS, (join, connect, arrive, answer, leave), strict=True))


def _asked(stage: Stage, session: Mapping[str, object]) -> str:
    window = stage.wait_until_open(session).window
    assert window is not None
    return window.question_id


def _session(stage: Stage, size: int, questions: int) -> dict[str, Counts]:
    quiz = stage.quiz(max(3, questions), _TIME_LIMIT)
    with stage.counting() as made:
        session = stage.session(quiz)
    seeding = Seeding(stage)
    stored = stage.load(session)
    people = seeding.players(stored, size)
    one = stage.join(session, "Somebody")
    stage.connect(one)
    with stage.counting() as first:
        stage.arrive(one)
    [(news, _)] = first.sent
    with stage.counting() as lobby:
        stage.deliver(news | {"lobby": "all"})
        # It was an arrival that put the message into the queue.
        lobby.trips["connection", "sqs", "SendMessage"] += 1
    with stage.counting() as hosts:
        stage.deliver(news)
        hosts.trips["connection", "sqs", "SendMessage"] += 1
    stage.command(session, "start")
    seeding.answers(stored, people, "q1", stage.wait_until_open(session).changed_at + 1_000)
    stage.command(session, "close")
    stage.settle(session)
    with stage.counting() as ask:
        stage.command(session, "next")
        # A timer's second message, which finds nothing to do: here that of the question before.
        spare = {"action": "settle", "index": 0, "at": stored.created_at}
        stage.deliver({"session_id": stored.session_id, "timer": spare})
    with stage.counting() as lease:
        stage.answer(one, _asked(stage, session), "b")
    with stage.counting() as batch:
        stage.count([one], "q2")
    seeding.answers(stored, people, "q2", stage.wait_until_open(session).changed_at + 1_000)
    with stage.counting() as close:
        stage.command(session, "close")
    with stage.counting() as settle:
        stage.settle(session)
    for number in range(3, questions + 1):
        seeding.answers(stored, people, f"q{number}", stored.created_at)
    seeding.close()
    with stage.counting() as finish:
        stage.command(session, "end")
    found = (made, lobby, hosts, ask, lease, batch, close, settle, finish)
    return dict(zip(SESSION_STEPS, found, strict=True))


def frames(counts: Counts) -> dict[str, tuple[int, int]]:
    """Of each kind of event that was posted: (frames a socket, bytes of the longest)."""
    found: dict[str, tuple[int, int]] = {}
    for bodies in counts.bodies.values():
        for action, number in Counter(json.loads(body)["action"] for body in bodies).items():
            longest = max(len(body) for body in bodies if json.loads(body)["action"] == action)
            most, bytes_ = found.get(action, (0, 0))
            found[action] = max(most, number), max(bytes_, longest)
    return found


def closing(stage: Stage, size: int, *, connected: bool = True) -> Counts:
    """Count a closing on its own: settling the first question of a session of this size.

    Args:
        connected: whether the players have sockets; without, nothing is posted to them.
    """
    with quiet():
        session = stage.session(stage.quiz(2, 1))
        stored = stage.load(session)
        seeding = Seeding(stage)
        people = seeding.players(stored, size, connected=connected)
        stage.command(session, "start")
        opens_at = stage.wait_until_open(session).changed_at + 1_000
        seeding.answers(stored, people, "q1", opens_at)
        seeding.close()
        with stage.counting() as counts:
            stage.settle(session)
    return counts


def usage(counts: Counts) -> Usage:
    """The billed units of what was counted."""
    return calls(counts.invocations, counts.posts) + Usage(
        websocket_messages=counts.messages,
        http_requests=counts.requests,
        read_units=counts.reads,
        write_units=counts.writes,
        queue_requests=counts.of("sqs") * _QUEUE_CALLS_A_MESSAGE,
        topic_publishes=counts.of("sns"),
        bytes_out=counts.answered
        + sum(len(body) for bodies in counts.bodies.values() for body in bodies),
    )
