"""A schedule for the next minute, and players who wait for it."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

from tests.contract.doors import Doors, Room
from tests.contract.game import question

# Schedules are precise to the minute, and the minute may have just begun.
SCHEDULE_SECONDS = 150


async def wait_for_schedule(doors: Doors) -> None:
    """Plan a session by `session schedule QUIZ --at`, join it, and see it start by itself."""
    document = {"title": "By schedule", "questions": [question("one", "a", time_limit=600)]}
    made = await doors.ask("quiz.create", document=document)
    # So far ahead that everybody can have joined by then.
    at = datetime.now(UTC).replace(second=0, microsecond=0) + timedelta(minutes=1)
    if at - datetime.now(UTC) < timedelta(seconds=15):
        at += timedelta(minutes=1)
    text = at.strftime("%Y-%m-%dT%H:%M")
    done = await doors.command("session", "schedule", made["quiz_id"], "--at", text)
    assert done.exit_code == 0, done
    async with asyncio.timeout(SCHEDULE_SECONDS):
        session = await planned(doors, made["quiz_id"])
        async with Room(doors, made["quiz_id"], session["session_id"], session["pin"]) as room:
            players = [await room.player(name) for name in ("ann", "bob")]
            while not any(frame.action == "new_question" for frame in players[0].line.frames):
                await asyncio.sleep(0.5)
            for player in players:
                asked = await player.line.wait("new_question")
                assert asked["question"]["index"] == 0
                assert asked["opens_at"] >= int(at.timestamp() * 1_000)


async def planned(doors: Doors, quiz_id: str) -> dict[str, str]:
    """The quiz's session, which `session list` shows as soon as people can join it."""
    while True:
        listed = await doors.command("session", "list")
        found = [item for item in listed.document["sessions"] if item["quiz_id"] == quiz_id]
        assert len(found) <= 1, found
        if found:
            return dict(found[0])
        await asyncio.sleep(1)
