"""S6 and P7: programs and schedules drive sessions by EventBridge, safely repeated."""

from __future__ import annotations

import asyncio
import json
import time
import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from tests.contract.client import PATIENCE, Player
from tests.contract.doors import Doors, Room
from tests.contract.game import opening, question
from tests.contract.together import together

SCHEDULE_SECONDS = 150.0


def quiz(title: str, *, time_limit: int = 600, count: int = 2) -> dict[str, Any]:
    """A quiz whose questions wait to be closed."""
    texts = [f"question {number}" for number in range(count)]
    return {"title": title, "questions": [question(t, "a", time_limit=time_limit) for t in texts]}


async def put(doors: Doors, *details: Mapping[str, Any]) -> None:
    """Send `Quiz Control` events, as any program may."""
    entries = [
        {
            "Source": "quiz.platform",
            "DetailType": "Quiz Control",
            "Detail": json.dumps(detail),
        }
        for detail in details
    ]
    answer = await asyncio.to_thread(doors.aws("events").put_events, Entries=entries)
    assert answer["FailedEntryCount"] == 0


def event(detail: Mapping[str, Any]) -> dict[str, Any]:
    """An event as EventBridge hands it over."""
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": "Quiz Control",
        "source": "quiz.platform",
        "account": "000000000000",
        "time": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "region": "us-east-1",
        "resources": [],
        "detail": detail,
    }


async def deliver(doors: Doors, envelope: Mapping[str, Any], times: int = 1) -> None:
    """Deliver one event, again and again as the bus and the queue may: same id, same time."""
    for _ in range(times):
        await asyncio.to_thread(
            doors.aws("sqs").send_message,
            QueueUrl=doors.output("ControlQueueUrl"),
            MessageBody=json.dumps(envelope),
        )


async def a_while() -> None:
    """Leave a second event the time to do what it should not."""
    await asyncio.sleep(2)


async def settled(doors: Doors) -> None:
    """Wait until the control queue has nothing left that waits or is being tried again.

    A message that fails stays in flight for its visibility time, far beyond this patience.
    """
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    empty = 0
    async with asyncio.timeout(PATIENCE):
        while empty < 3:
            found = await asyncio.to_thread(
                doors.aws("sqs").get_queue_attributes,
                QueueUrl=doors.output("ControlQueueUrl"),
                AttributeNames=names,
            )
            idle = all(int(found["Attributes"][name]) == 0 for name in names)
            empty = empty + 1 if idle else 0
            await asyncio.sleep(0.2)


async def sessions_of(doors: Doors, quiz_id: str) -> list[dict[str, Any]]:
    """The sessions of a quiz, as `session list` shows them."""
    listed = await doors.command("session", "list")
    assert listed.exit_code == 0, listed
    return [item for item in listed.document["sessions"] if item["quiz_id"] == quiz_id]


async def sessions_once(
    doors: Doors, quiz_id: str, ready: Callable[[list[dict[str, Any]]], bool], patience: float
) -> list[dict[str, Any]]:
    """The sessions of a quiz, once they are as they should become."""
    deadline = time.monotonic() + patience
    while not ready(found := await sessions_of(doors, quiz_id)):
        assert time.monotonic() < deadline, found
        await asyncio.sleep(0.3)
    return found


async def state_of(room: Room) -> dict[str, Any]:
    """The session as hosts see it."""
    return await room.doors.ask("session.get", session_id=room.session_id)


def asked_of(player: Player) -> list[int]:
    """The indexes of the questions that a player was sent."""
    return [f["question"]["index"] for f in player.line.frames if f.action == "new_question"]


@together
async def test_flaw_the_events_detail_is_parsed_as_text(doors: Doors) -> None:
    """An event whose detail is an object starts a session; all who joined get the question."""
    async with await doors.room(quiz("By event")) as room:
        players = [await room.player(name) for name in ("ann", "bob", "cem")]
        await put(doors, {"action": "start", "session_id": room.session_id})
        for player in players:
            asked = await player.line.wait("new_question")
            assert asked["question"]["index"] == 0
        await opening(asked)
        assert (await players[0].line.answer("q1", ["a"])).action == "answer_accepted"


@together
async def test_flaw_a_started_quiz_reaches_nobody(doors: Doors) -> None:
    """Everybody who has joined receives the question, also who is in another partition."""
    async with await doors.room(quiz("Reaches all")) as room:
        players = await asyncio.gather(*(room.player(f"p{number}") for number in range(24)))
        await put(doors, {"action": "start", "quiz_id": room.quiz_id})
        await asyncio.gather(*(player.line.wait("new_question") for player in players))


@together
async def test_a_start_without_a_session_makes_one(doors: Doors) -> None:
    """A start by quiz opens a lobby that `session list` shows; whoever joins it plays."""
    made = await doors.ask("quiz.create", document=quiz("Made by event"))
    await put(doors, {"action": "start", "quiz_id": made["quiz_id"]})
    (session,) = await sessions_once(doors, made["quiz_id"], bool, PATIENCE)
    assert session["state"] == "lobby"
    async with Room(doors, made["quiz_id"], session["session_id"], session["pin"]) as room:
        player = await room.player("ann")
        await put(doors, {"action": "start", "session_id": room.session_id})
        await player.line.wait("new_question")


@together
async def test_events_lead_a_session_to_its_end(doors: Doors) -> None:
    """Start, close, next and end by events, naming the session or its quiz."""
    async with await doors.room(quiz("All by events", count=3)) as room:
        player = await room.player("ann")
        by_session, by_quiz = {"session_id": room.session_id}, {"quiz_id": room.quiz_id}
        await put(doors, {"action": "start", **by_quiz})
        await opening(await player.line.wait("new_question"))
        await player.line.answer("q1", ["a"])
        await put(doors, {"action": "close", **by_quiz})
        assert (await room.closed(player, "q1"))["you"]["correct"] is True
        await player.line.wait("leaderboard")
        since = len(player.line.frames)
        await put(doors, {"action": "next", **by_session})
        assert (await player.line.wait("new_question", since=since))["question"]["id"] == "q2"
        await put(doors, {"action": "close", **by_session})
        await room.closed(player, "q2")
        await put(doors, {"action": "end", **by_quiz})
        end = await player.line.wait("quiz_finished")
        assert end["you"]["score"] > 0
        assert asked_of(player) == [0, 1]


async def doubled(doors: Doors, title: str, twice: Callable[..., Any]) -> None:
    """Lead a session by events, each of which comes twice."""
    async with await doors.room(quiz(title, count=3)) as room:
        player = await room.player("ann")
        by_session = {"session_id": room.session_id}
        await twice({"action": "start", **by_session})
        await opening(await player.line.wait("new_question"))
        await a_while()
        await twice({"action": "close", **by_session})
        await room.closed(player, "q1")
        await player.line.wait("leaderboard")
        since = len(player.line.frames)
        await twice({"action": "next", **by_session})
        await player.line.wait("new_question", since=since)
        await a_while()
        assert asked_of(player) == [0, 1]
        state = await state_of(room)
        assert (state["state"], state["question_index"]) == ("open", 1)
        await twice({"action": "end", **by_session})
        await player.line.wait("quiz_finished")
        await a_while()
        actions = [event.action for event in player.line.events() if event.action != "lobby"]
        assert actions.count("quiz_finished") == 1
        assert actions.count("question_closed") == 2


@together
async def test_an_event_sent_twice_changes_nothing(doors: Doors) -> None:
    """P7: the second of two equal events finds its move made, and moves nothing."""
    await doubled(doors, "Sent twice", lambda detail: put(doors, detail, detail))


@together
async def test_an_event_delivered_twice_changes_nothing(doors: Doors) -> None:
    """P7: one event that comes twice, as the bus and the queue may do, moves once."""
    await doubled(doors, "Repeated", lambda detail: deliver(doors, event(detail), 2))


@together
async def test_a_start_delivered_twice_makes_one_session_and_leaves_its_lobby(
    doors: Doors,
) -> None:
    """P7: the second delivery of a start neither makes another session nor hurries the first."""
    made = await doors.ask("quiz.create", document=quiz("Delivered twice"))
    start = event({"action": "start", "quiz_id": made["quiz_id"]})
    await deliver(doors, start, 2)
    await sessions_once(doors, made["quiz_id"], bool, PATIENCE)
    await deliver(doors, start)
    await a_while()
    (session,) = await sessions_of(doors, made["quiz_id"])
    assert session["state"] == "lobby"


@together
async def test_a_start_delivered_twice_starts_the_waiting_session_only(doors: Doors) -> None:
    """P7: once a start has opened the first question, its repeat does not make a new session."""
    async with await doors.room(quiz("Waiting")) as room:
        player = await room.player("ann")
        start = event({"action": "start", "quiz_id": room.quiz_id})
        await deliver(doors, start, 2)
        await player.line.wait("new_question")
        await deliver(doors, start)
        await a_while()
        (session,) = await sessions_of(doors, room.quiz_id)
        assert session["session_id"] == room.session_id
        assert asked_of(player) == [0]


BAD_DETAILS: list[dict[str, Any]] = [
    {},
    {"action": "start"},
    {"action": "start", "quiz_id": "no-such-quiz"},
    {"action": "start", "session_id": "nosuchsession"},
    {"action": "start", "session_id": "x" * 3_000},
    {"action": "start", "quiz_id": ["x"], "session_id": None},
    {"action": "start", "session_id": {"a": 1}},
    {"action": "next", "quiz_id": "no-such-quiz"},
    {"action": "close", "session_id": "nosuchsession"},
    {"action": "end", "session_id": "nosuchsession"},
    {"action": "explode", "session_id": "nosuchsession"},
    {"action": None, "session_id": 5},
]


async def test_unknown_ids_do_not_poison_the_queue(doors: Doors, lobby: Room) -> None:
    """Events that mean nothing are dropped: none waits to be tried again, and later ones work."""
    dead = doors.aws("sqs").get_queue_url(QueueName="quizkit-dev-control-dead")["QueueUrl"]
    async with await doors.room(quiz("After bad events")) as room:
        player = await room.player("ann")
        for start in range(0, len(BAD_DETAILS), 10):
            await put(doors, *BAD_DETAILS[start : start + 10])
        await put(doors, {"action": "start", "session_id": room.session_id})
        await player.line.wait("new_question")
        await settled(doors)
        found = doors.aws("sqs").get_queue_attributes(
            QueueUrl=dead, AttributeNames=["ApproximateNumberOfMessages"]
        )
        assert found["Attributes"]["ApproximateNumberOfMessages"] == "0"


@together
async def test_events_of_another_source_are_not_ours(doors: Doors) -> None:
    """The rule takes `quiz.platform` and `Quiz Control` only."""
    async with await doors.room(quiz("Not ours")) as room:
        detail = json.dumps({"action": "start", "session_id": room.session_id})
        others = [("somebody", "Quiz Control"), ("quiz.platform", "Something")]
        await asyncio.to_thread(
            doors.aws("events").put_events,
            Entries=[
                {"Source": source, "DetailType": kind, "Detail": detail} for source, kind in others
            ],
        )
        await a_while()
        assert (await state_of(room))["state"] == "lobby"
