"""A quiz is edited while it is played: the session keeps the version that it began with."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.contract.client import Player
from tests.contract.doors import Doors, Refused, Room, answers_of
from tests.contract.game import opening, question
from tests.contract.together import together

BEFORE: dict[str, Any] = {
    "title": "Edited",
    "questions": [question("one", "b", time_limit=600), question("two", "c", time_limit=600)],
}
#: Another right answer in each, other words, another option, and a question more.
AFTER: dict[str, Any] = {
    "title": "Edited since",
    "questions": [
        question("uno", "d", time_limit=600),
        question("due", "a", options=2, time_limit=300, points=10),
        question("tre", "a", time_limit=600),
    ],
}


async def ask(room: Room, player: Player, command: str, index: int) -> dict[str, Any]:
    """Open a question, answer it with `b`, close it; gives the question as it was sent."""
    await room.command(command)
    asked = await player.line.wait("new_question", since=len(player.line.frames) - 1)
    await opening(asked)
    await player.line.answer(f"q{index}", ["b"])
    await room.command("close")
    await room.closed(player, f"q{index}")
    await player.line.wait("leaderboard", since=len(player.line.frames) - 1)
    shown: dict[str, Any] = asked["question"]
    return shown


@together
async def test_a_session_keeps_the_version_that_it_began_with(doors: Doors) -> None:
    """Questions, verdicts, snapshot, results, seal and audit; the next session has the new one."""
    async with await doors.room(BEFORE) as room:
        ann = await room.player("ann")
        first = await ask(room, ann, "start", 1)
        made = await doors.ask("quiz.update", quiz_id=room.quiz_id, document=AFTER)
        assert (made["version"], made["changed"]) == (2, True)
        second = await ask(room, ann, "next", 2)
        assert (first["text"], second["text"]) == ("one", "two")
        assert (second["count"], len(second["options"])) == (2, 4)
        back = await room.sit(await room.http.resume(room.pin, ann.seat.resume_token))
        await room.command("end")
        await back.line.wait("quiz_finished")
        results = await room.results()
        assert [each["correct"] for each in results["questions"]] == [["b"], ["c"]]
        answers = answers_of(results, ann.seat.participant_id)
        assert [answers[name]["correct"] for name in ("q1", "q2")] == [True, False]
        audit = await room.audit()
        assert (audit["agrees"], audit["key_unchanged"]) == (True, True)
    session = await doors.ask("session.start", quiz_id=room.quiz_id)
    assert (session["quiz_version"], session["questions"]) == (2, 3)
    async with Room(doors, room.quiz_id, session["session_id"], session["pin"]) as later:
        assert (await ask(later, await later.player("bob"), "start", 1))["text"] == "uno"
        await later.command("end")
        older = await doors.ask("quiz.get", quiz_id=room.quiz_id, version=1)
        newer = await doors.ask("quiz.get", quiz_id=room.quiz_id)
    assert (older["title"], newer["title"]) == ("Edited", "Edited since")
    assert [each["version"] for each in newer["versions"]] == [1, 2]


@together
async def test_a_quiz_in_play_is_not_deleted(doors: Doors) -> None:
    """Refused as long as a session of any version is live; then all of it goes."""
    async with await doors.room(BEFORE) as room:
        await doors.ask("quiz.update", quiz_id=room.quiz_id, document=AFTER)
        with pytest.raises(Refused) as refusal:
            await doors.ask("quiz.delete", quiz_id=room.quiz_id)
        assert refusal.value.code == "quiz_in_use"
        ann = await room.player("ann")
        assert (await ask(room, ann, "start", 1))["text"] == "one"
        await room.command("end")
        await ann.line.wait("quiz_finished")
    await doors.ask("quiz.delete", quiz_id=room.quiz_id)
    with pytest.raises(Refused) as refusal:
        await doors.ask("quiz.get", quiz_id=room.quiz_id, version=1)
    assert refusal.value.code == "quiz_not_found"
    assert (await room.results())["questions"][0]["correct"] == ["b"]


@together
async def test_edits_at_once(doors: Doors) -> None:
    """Each is a version; of names at once one is taken."""
    name = f"edits-{id(doors)}"
    tries = [
        asyncio.to_thread(doors.ask_or_code, "quiz.create", document=BEFORE, name=name)
        for _ in range(4)
    ]
    made = await asyncio.gather(*tries)
    assert made.count("conflict") == 3
    [quiz] = [each for each in made if isinstance(each, dict)]
    edits = await asyncio.gather(
        *(
            doors.ask("quiz.update", quiz_id=quiz["quiz_id"], document={**AFTER, "title": f"T{n}"})
            for n in range(4)
        )
    )
    assert len({each["version"] for each in edits}) == 4
    for n, each in enumerate(edits):
        found = await doors.ask("quiz.get", quiz_id=quiz["quiz_id"], version=each["version"])
        assert found["title"] == f"T{n}"
