"""Plays whole games with bots that differ, and keeps all that went over the wire.

What a bot sends follows from its number and the question's, so a game covers every habit
below whatever the machine's speed; what came of it is read from the server's own answers,
never from this machine's clock.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.contract.client import Connection, Frame, Player
from tests.contract.doors import Doors, Room
from tests.contract.rules import Asked, Given

# Habit, and seconds after the opening at which the bot acts.
HABITS = (
    ("right", 0.05),
    ("right", 0.7),
    ("wrong", 0.1),
    ("right", 0.6),
    ("http", 0.2),
    ("silent", 0.0),
    ("twice", 0.3),
    ("changes", 0.5),
    ("wrong", 0.6),
    ("right", 0.35),
    ("http", 0.55),
)


@dataclass(slots=True)
class Game:
    """One game and everything about it that a player or host could see."""

    room: Room
    document: Mapping[str, Any]
    players: list[Player]
    host: Connection
    given: dict[tuple[str, str], Given] = field(default_factory=dict)
    repeats: list[tuple[Mapping[str, Any], Mapping[str, Any]]] = field(default_factory=list)
    refused: list[Mapping[str, Any]] = field(default_factory=list)

    @property
    def joined(self) -> list[str]:
        """The participants in the order in which they joined."""
        return [player.seat.participant_id for player in self.players]

    @property
    def asked(self) -> list[Asked]:
        """The questions as they were opened, with the keys of the document."""
        frames = [frame for frame in self.players[0].line.frames if frame.action == "new_question"]
        return [
            Asked(
                question_id=frame["question"]["id"],
                opens_at=frame["opens_at"],
                time_limit=frame["question"]["time_limit"],
                points=question.get("points", 1_000),
                right=right_of(question),
            )
            for frame, question in zip(frames, self.document["questions"], strict=True)
        ]


def question(
    text: str, right: str, *, options: int = 4, time_limit: int = 2, **fields: Any
) -> dict[str, Any]:
    """A question of the native format; `right` holds the ids of the right options."""
    listed: list[object] = []
    for letter in "abcdefghijklmnopqrstuvwxyz"[:options]:
        name = f"{text} {letter}"
        listed.append({"text": name, "correct": True} if letter in right else name)
    return {"text": text, "options": listed, "time_limit": time_limit, **fields}


def right_of(document: Mapping[str, Any]) -> frozenset[str]:
    """The ids of a question's right options."""
    options = enumerate(document["options"])
    return frozenset(
        chr(ord("a") + place)
        for place, option in options
        if isinstance(option, Mapping) and option.get("correct")
    )


def wrong_of(document: Mapping[str, Any]) -> list[str]:
    """One wrong option, as an answer."""
    letters = "abcdefghijklmnopqrstuvwxyz"[: len(document["options"])]
    return [next(letter for letter in letters if letter not in right_of(document))]


async def opening(asked: Frame) -> None:
    """Wait until a question is open."""
    await asyncio.sleep(max(0.0, asked["opens_at"] / 1_000 - time.time()) + 0.02)


async def start_game(
    doors: Doors, document: Mapping[str, Any], players: int, **options: Any
) -> Game:
    """A room with its players and a host in the lobby; the players join one by one."""
    room = await doors.room(document, **options)
    seats = [await room.http.join(room.pin, f"Player {number}") for number in range(players)]
    people = await asyncio.gather(*(room.sit(seat) for seat in seats))
    return Game(room, document, list(people), await room.host())


async def answer_all(game: Game, asked: Frame, silent: int = 0) -> None:
    """Every player acts on the question; the last `silent` players never do."""
    acting = game.players[: len(game.players) - silent]
    await asyncio.gather(
        *(_act(game, player, number, asked) for number, player in enumerate(acting))
    )


async def _act(game: Game, player: Player, number: int, asked: Frame) -> None:
    index = asked["question"]["index"]
    question_id = asked["question"]["id"]
    document = game.document["questions"][index]
    habit, delay = HABITS[(3 * number + index) % len(HABITS)]
    if habit == "silent" and number < 4:
        habit = "right"  # so that somebody completes the game
    right, wrong = sorted(right_of(document)), wrong_of(document)
    await player.line.wait("new_question", seq=asked["seq"])
    await opening(asked)
    await asyncio.sleep(delay)
    if habit == "silent":
        return
    answer = wrong if habit == "wrong" else right
    if habit == "http":
        reply = await game.room.http.answer(player.seat.resume_token, question_id, answer, "h1")
        body = reply.body
    else:
        body = (await player.line.answer(question_id, answer, "r1")).body
    if body.get("action") != "answer_accepted":
        game.refused.append(body)
        return
    game.given[player.seat.participant_id, question_id] = Given(tuple(answer), body["received_at"])
    if habit == "twice":
        again = (await player.line.answer(question_id, answer, "r1")).body
        game.repeats.append((body, again))
    if habit == "changes":
        other = await player.line.answer(question_id, wrong, "r2")
        assert other["code"] == "already_answered", other.text


async def play_hosted(game: Game, silent: int = 0) -> None:
    """A host leads through all questions; every third is closed once everybody has acted."""
    count = len(game.document["questions"])
    for index in range(count):
        asked = await game.host.host("next" if index else "start", "new_question")
        assert asked.action == "new_question", asked.text
        await answer_all(game, asked, silent)
        if index % 3 == 0:
            await game.host.host("close", "session", "question_closed")
        closed = await game.host.wait("question_closed", question_id=asked["question"]["id"])
        await game.host.wait("leaderboard", since=game.host.frames.index(closed))
    await game.host.host("next", "quiz_finished")
    await everybody_finished(game)


async def play_auto(game: Game, silent: int = 0) -> None:
    """The session leads itself; the players only answer."""
    since = 0
    for _ in game.document["questions"]:
        asked = await game.host.wait("new_question", since=since)
        since = game.host.frames.index(asked) + 1
        await answer_all(game, asked, silent)
    await everybody_finished(game)


async def everybody_finished(game: Game) -> None:
    """Wait until the end has reached every player."""
    await asyncio.gather(*(player.line.wait("quiz_finished") for player in game.players))
