"""Rooms at rest for tests of what is refused, and how to check a refusal.

A room stands still while tests come and go, each with a player of its own.
"""

from __future__ import annotations

import asyncio
import time

from tests.contract.client import PATIENCE, Frame, Player
from tests.contract.doors import Doors, Room
from tests.contract.game import question

LONG = 600
BIG = "x" * 40_000

LONG_QUIZ = {"title": "Long", "questions": [question(t, "b", time_limit=LONG) for t in "xy"]}
SHORT_QUIZ = {
    "title": "Short",
    "questions": [question("x", "b", time_limit=1), question("y", "a")],
}


def waiting_room(doors: Doors) -> Room:
    """A session in its lobby."""
    return doors.open_room(LONG_QUIZ)


def answering_room(doors: Doors) -> Room:
    """A session whose first question is open for long."""
    room = doors.open_room(LONG_QUIZ)
    doors.admin("session.command", session_id=room.session_id, command="start")
    return room


def revealed_room(doors: Doors) -> Room:
    """A session whose first question is closed and shown."""
    room = doors.open_room(SHORT_QUIZ)
    doors.admin("session.command", session_id=room.session_id, command="start")
    deadline = time.monotonic() + PATIENCE
    while doors.admin("session.get", session_id=room.session_id)["state"] != "revealed":
        assert time.monotonic() < deadline
        time.sleep(0.2)
    return room


def new_name() -> str:
    """A nickname that nobody has."""
    return f"n{time.monotonic_ns()}"[:24]


async def newcomer(room: Room) -> Player:
    """A new player with a name that nobody has."""
    return await room.player(new_name())


async def open_now(player: Player) -> None:
    """Wait until the question of the player's snapshot is open."""
    await asyncio.sleep(max(0.0, player.snapshot["opens_at"] / 1_000 - time.time()) + 0.02)


def refused(frame: Frame, code: str) -> None:
    """Check the form and the code of an error frame."""
    assert frame.action == "error", frame.text
    assert frame["code"] == code, frame.text
    assert frame["message"]


async def untouched(player: Player) -> None:
    """Prove that the socket works and that no answer was stored: the first one still counts."""
    await player.line.ping()
    again = await player.line.join_quiz()
    assert (again["score"], again["state"]) == (0, "open")
    first = await player.line.answer("q1", ["a"], "proof")
    assert first.action == "answer_accepted", first.text
