"""Not even who can write to the platform's storage changes the key in play unnoticed."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from tests.contract.client import Player
from tests.contract.doors import Doors, Room
from tests.contract.game import opening, question
from tests.contract.together import together

QUIZ: dict[str, Any] = {
    "title": "Sealed",
    "questions": [question("one", "b", time_limit=600), question("two", "c", time_limit=600)],
}


async def play(room: Room) -> Player:
    """One player sees both questions closed, and the end."""
    ann = await room.player("ann")
    for number, command in enumerate(("start", "next")):
        await room.command(command)
        asked = await ann.line.wait("new_question", since=len(ann.line.frames) - 1)
        await opening(asked)
        await ann.line.answer(f"q{number + 1}", ["b"])
        await room.command("close")
        await room.closed(ann, f"q{number + 1}")
        await ann.line.wait("leaderboard", since=len(ann.line.frames) - 1)
    await room.command("end")
    await ann.line.wait("quiz_finished")
    return ann


def digest(salt: str, key: list[Any]) -> str:
    """The commitment as docs/protocol.md describes it."""
    text = salt + "\n" + json.dumps(key, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


@together
async def test_a_player_can_check_the_key(doors: Doors) -> None:
    """What was published first opens with what was shown at the end; the audit says so too."""
    async with await doors.room(QUIZ) as room:
        ann = await play(room)
        frames = [frame.body for frame in ann.line.frames]
        first = next(frame for frame in frames if frame["action"] == "new_question")
        key = [
            [frame["question_id"], frame["correct"]]
            for frame in frames
            if frame["action"] == "question_closed"
        ]
        assert digest(frames[-1]["salt"], key) == first["commitment"]
        audit = await room.audit()
        assert (audit["agrees"], audit["key_unchanged"]) == (True, True)


@together
async def test_a_key_changed_in_storage_is_found(doors: Doors) -> None:
    """Its row is overwritten while the lobby waits: players and the audit can tell."""
    async with await doors.room(QUIZ) as room:
        keys = f"quizkit-{doors.output('StageName')}-keys"
        dynamo = doors.aws("dynamodb")
        place = {"pk": {"S": room.quiz_id}, "sk": {"S": "q#001"}}
        row = dynamo.get_item(TableName=keys, Key=place)["Item"]
        dynamo.put_item(TableName=keys, Item={**row, "correct": {"L": [{"S": "b"}]}})
        ann = await play(room)
        audit = await room.audit()
        assert (audit["agrees"], audit["key_unchanged"]) == (False, False)
        said = await doors.command("audit", room.session_id)
        assert said.exit_code == 1
        assert said.document["key_unchanged"] is False
        assert ann.line.frames[-1]["podium"][0]["score"] > 0
