"""Whatever dies where, a session goes on and ends as it would have.

An automatic game is played again and again; each time the function that handles the
queue is struck at another call to a port, before the call or after it took effect. The
queue delivers its message again later, as SQS does.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from quizkit.core.errors import QuizError
from quizkit.core.session import State
from tests.fakes.faults import Faults, Killed
from tests.fakes.game import RIGHT, VISIBILITY_MS, Player, World

TWO_QUESTIONS: dict[str, Any] = {
    "title": "Two",
    "questions": [
        {"text": "One?", "options": ["x", "y", "z"], "correct": "b"},
        {"text": "Two?", "options": ["x", "y", "z"], "correct": ["a", "c"]},
    ],
}


def unavailable() -> QuizError:
    """What an adapter raises when its vendor fails."""
    return QuizError("unavailable", "struck by the test")


def answer_all(world: World, players: list[Player], answered: set[str]) -> None:
    """Once a question, every player answers at a time of their own."""
    world.faults.paused = True
    (item,) = world.sessions.listing(live=False, cursor=None)[0]
    session = world.sessions.load(item["session_id"])
    assert session is not None
    window = session.window
    if session.state is State.OPEN and window is not None and window.question_id not in answered:
        answered.add(window.question_id)
        for place, player in enumerate(players, start=1):
            world.clock.now = max(world.clock.now, window.opens_at + place * 1_000)
            right = RIGHT[window.question_id] if place < len(players) else ["a"]
            player.answer(window.question_id, *right, at=window.opens_at + place * 1_000)
    world.faults.paused = False


def play(
    faults: Faults, at: int | None = None, *, after: bool = False
) -> tuple[World, list[Player]]:
    """An automatic game of three, struck at one call of those that handle messages."""
    world = World(shards=2, faults=faults)
    world.questions.create("two", world.clock(), TWO_QUESTIONS)
    session = world.control.create({"quiz_id": "two", "auto": True})
    players = [world.join(session, name) for name in ("Ada", "Bob", "Eve")]
    answered: set[str] = set()
    faults.arm(at, after=after)
    for _ in range(200):
        if not world.queue.queue:
            return world, players
        due, sent_at, body = world.queue.pop()
        world.clock.now = max(world.clock.now, due)
        try:
            world.receive(body, sent_at)
        except Killed:
            world.queue.send(body, VISIBILITY_MS // 1_000)
        answer_all(world, players, answered)
    raise AssertionError("the queue never empties")


def outcome(world: World, players: list[Player]) -> dict[str, Any]:
    """The end of a game, without what is random in it."""
    (item,) = world.sessions.listing(live=False, cursor=None)[0]
    session = world.sessions.load(item["session_id"])
    assert session is not None
    results = world.results.results(session)
    board = world.boards.get(session.session_id, 10)
    return {
        "state": session.state,
        "live": world.sessions.listing(live=True, cursor=None)[0],
        "audit": world.results.audit(session)["agrees"],
        "scores": [(p["rank"], p["nickname"], p["score"]) for p in results["participants"]],
        "board": [(e["rank"], e["nickname"], e["score"]) for e in board["entries"]],
        "events": [events_of(player) for player in players],
    }


def events_of(player: Player) -> list[str]:
    """A player's events in the order of their numbers; doubled ones have to be identical."""
    by_seq: dict[int, dict[str, Any]] = {}
    for frame in player.frames:
        assert by_seq.setdefault(frame["seq"], frame) == frame
    return [by_seq[seq]["action"] for seq in sorted(by_seq) if by_seq[seq]["action"] != "lobby"]


@cache
def undisturbed() -> tuple[tuple[str, ...], dict[str, Any]]:
    """The calls and the outcome of a game in which nothing goes wrong."""
    faults = Faults()
    world, players = play(faults)
    calls = tuple(faults.calls)
    assert len(world.topic.published) == 1
    return calls, outcome(world, players)


def strike(at: int, after: bool, faults: Faults) -> World:
    """Play a game with one blow and check that it ends like the undisturbed one."""
    world, players = play(faults, at, after=after)
    faults.paused = True
    assert outcome(world, players) == undisturbed()[1], f"{faults.calls[at]} ({at}, {after=})"
    return world


def test_the_undisturbed_game() -> None:
    """The yardstick: finished, agreed, everything sent."""
    calls, expected = undisturbed()
    shown = ["new_question", "question_closed", "leaderboard"]
    assert expected["state"] is State.FINISHED
    assert expected["audit"]
    assert expected["events"] == [[*shown * 2, "quiz_finished"]] * 3
    assert expected["scores"] == [(1, "Ada", 1_950), (2, "Bob", 1_900), (3, "Eve", 0)]
    assert len(calls) > 100


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_killed_at_every_call(after: bool) -> None:
    """Killed anywhere: same end, same events with the same numbers, winners at most once.

    They are announced exactly once unless the blow falls between taking the duty and
    publishing, where nobody can know whether they are out.
    """
    calls, _ = undisturbed()
    publishing = calls.index("publish")
    for number in range(len(calls)):
        world = strike(number, after, Faults())
        inside = (number, after) in ((publishing - 1, True), (publishing, False))
        assert len(world.topic.published) == (0 if inside else 1), calls[number]


def test_unavailable_at_every_call() -> None:
    """A vendor failing once, anywhere: the same end, and the winners exactly once."""
    calls, _ = undisturbed()
    for number in range(len(calls)):
        world = strike(number, False, Faults(unavailable))
        assert len(world.topic.published) == 1, calls[number]
