"""The form of what comes in: I-JSON or nothing, through every door that takes a message.

What is not is refused with a code of the protocol's page, or with 4xx; nothing has changed then,
nobody else notices, and the socket stays of use.
"""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any

import pytest

from tests.contract.client import Http, Player
from tests.contract.doors import Doors, Room
from tests.contract.rooms import new_name, newcomer, refused, untouched
from tests.contract.test_events import quiz, settled
from tests.contract.test_stack_accounts import signed_in

DEEP = "[" * 10_000 + "]" * 10_000
BIGGEST = 2**53 - 1

#: What stands for `#` in a message, and the code of its refusal.
FORMS = {
    "10,000 arrays": (DEEP, "message_too_large"),
    "10,000 open arrays": ("[" * 10_000, "message_too_large"),
    "2,000 arrays": ("[" * 2_000 + "]" * 2_000, "bad_request"),
    "2,000 objects": ('{"a":' * 1_000 + "1" + "}" * 1_000, "bad_request"),
    "2^53": (str(BIGGEST + 1), "bad_request"),
    "-2^53": (str(-BIGGEST - 1), "bad_request"),
    "5,000 digits": ("9" * 5_000, "bad_request"),
    "1e400": ("1e400", "bad_request"),
    "a large real": ("9007199254740992.5", "bad_request"),
    "NaN": ("NaN", "bad_request"),
    "Infinity": ("Infinity", "bad_request"),
    "-Infinity": ("-Infinity", "bad_request"),
    "half a character": ('"\\ud800"', "bad_request"),
    "the other half": ('"\\uDC00 and so on"', "bad_request"),
    "halves the wrong way round": ('["\\ude00\\ud83d"]', "bad_request"),
    "half a character as name": ('{"\\ud800": 1}', "bad_request"),
    "a name given twice": ('{"a": 1, "a": 1}', "bad_request"),
}


def with_form(message: dict[str, Any], field: str, form: str) -> str:
    """The JSON of a message one field of which has a form that `json` would not write."""
    return json.dumps({**message, field: "#"}).replace('"#"', form)


def answer(ref: str = "r") -> dict[str, Any]:
    """A message that would answer the open question."""
    return {"action": "submit_answer", "question_id": "q1", "answer": ["b"], "ref": ref}


async def state_of(room: Room) -> dict[str, Any]:
    """The session as hosts see it."""
    return await room.doors.ask("session.get", session_id=room.session_id)


# --- sockets -----------------------------------------------------------------------------


@pytest.mark.parametrize("name", FORMS)
async def test_no_field_of_a_message_takes_it(
    player: Player, asking: Room, http: Http, name: str
) -> None:
    """Over socket and HTTP: in a known field, an unknown one, and in the place of the whole."""
    form, code = FORMS[name]
    bystander = await newcomer(asking)
    before = await state_of(asking)
    texts = [with_form(answer(), field, form) for field in ("answer", "question_id", "ref", "more")]
    texts += [with_form({"action": "ping"}, "more", form), with_form({}, "action", form), form]
    for text in texts:
        since = len(player.line.frames)
        await player.line.send_text(text)
        refused(await player.line.wait("error", "pong", "answer_accepted", since=since), code)
    status = {"bad_request": 400, "message_too_large": 413}[code]
    for text in texts[:4]:
        reply = await http.post("/answer", text, player.seat.resume_token)
        assert (reply.status, reply.code) == (status, code)
    assert await state_of(asking) == before
    assert [frame.action for frame in bystander.line.frames] == ["quiz_joined"]
    await untouched(player)
    await untouched(bystander)


@pytest.mark.parametrize(
    "text",
    [
        '{"action": "ping", "action": "ping"}',
        '{"action": "ping", "action": "submit_answer", "question_id": "q1", "answer": ["b"]}',
        '{"action": "submit_answer", "action": "ping", "question_id": "q1", "answer": ["b"]}',
        '{"action": "submit_answer", "question_id": "q1", "answer": ["a"], "answer": ["b"]}',
        '{"action": "submit_answer", "question_id": "q1", "answer": ["b"], "\\u0061nswer": ["b"]}',
    ],
)
async def test_a_field_given_twice_is_no_message(player: Player, text: str) -> None:
    """Whatever the readers on its way took it for: nobody has to guess which one was meant."""
    since = len(player.line.frames)
    await player.line.send_text(text)
    refused(await player.line.wait("error", "pong", "answer_accepted", since=since), "bad_request")
    await untouched(player)


async def test_the_largest_of_everything_is_taken(player: Player, http: Http) -> None:
    """What is just I-JSON gets through: the largest numbers, whole characters, 16 levels."""
    whole = json.dumps({"deep": None, "face": "\U0001f600", "n": [BIGGEST, -BIGGEST, 0.5]})
    deep = whole.replace("null", "[" * 14 + "]" * 14)
    text = with_form(answer() | {"ref": BIGGEST}, "more", deep)
    since = len(player.line.frames)
    await player.line.send_text(text)
    taken = await player.line.wait("answer_accepted", "error", since=since)
    assert (taken.action, taken["ref"]) == ("answer_accepted", BIGGEST), taken.text
    again = await http.post("/answer", text, player.seat.resume_token)
    assert again.body == taken.body


# --- joining -----------------------------------------------------------------------------


@pytest.mark.parametrize("name", FORMS)
async def test_no_field_of_a_join_takes_it(lobby: Room, http: Http, name: str) -> None:
    """Neither PIN, nickname and token nor what is unknown; nobody has joined by it."""
    form, code = FORMS[name]
    status = {"bad_request": 400, "message_too_large": 413}[code]
    before = await state_of(lobby)
    body = {"pin": lobby.pin, "nickname": new_name()}
    for field in ("pin", "nickname", "resume_token", "more"):
        reply = await http.post("/join", with_form(body, field, form))
        assert (reply.status, reply.code) == (status, code)
    assert await state_of(lobby) == before


async def test_a_body_that_is_no_text_is_refused(lobby: Room, http: Http) -> None:
    """Bytes that are not UTF-8, from a client that declares no JSON."""
    before = await state_of(lobby)
    body = b'{"pin": "%s", "nickname": "Z\xeb"}' % lobby.pin.encode()
    reply = await http.request("POST", "/join", body, headers={"content-type": "image/png"})
    assert (reply.status, reply.code) == (400, "bad_request")
    assert await state_of(lobby) == before


# --- hosts and programs --------------------------------------------------------------------


async def test_no_field_of_a_hosts_request_takes_it(lobby: Room, doors: Doors) -> None:
    """`POST /host/…` is as strict, though its limit is higher; no quiz, session or move is made."""
    token = await asyncio.to_thread(signed_in, doors, "strict", host=True)
    before = await state_of(lobby)
    quizzes = await doors.ask("quiz.list")
    document = {"title": "Form", "questions": [{"text": "x", "options": ["a"]}]}
    requests: dict[str, dict[str, Any]] = {
        "session.command": {"session_id": lobby.session_id, "command": "start"},
        "session.get": {"pin": lobby.pin},
        "quiz.create": {"document": document},
    }
    for form, _ in FORMS.values():
        if form.isdigit() and len(form) > 20:
            continue
        for operation, body in requests.items():
            reply = await doors.http.post(f"/host/{operation}", with_form(body, "x", form), token)
            assert (reply.status, reply.code) == (400, "bad_request"), (operation, form[:30])
    assert await state_of(lobby) == before
    assert await doors.ask("quiz.list") == quizzes


async def test_a_hosts_socket_takes_no_bad_message(doors: Doors) -> None:
    """A host's command in a bad form moves nothing."""
    async with await doors.room(quiz("Host's form")) as room:
        host = await room.host()
        before = await state_of(room)
        for form, code in FORMS.values():
            since = len(host.frames)
            await host.send_text(with_form({"action": "host", "command": "start"}, "version", form))
            refused(await host.wait("error", "new_question", since=since), code)
        assert await state_of(room) == before
        await host.ping()


DETAILS = [
    '{"action": "start", "session_id": "#", "n": 9007199254740993}',
    '{"action": "start", "session_id": "#", "n": "\\ud800"}',
    '{"action": "start", "session_id": "#", "action": "end"}',
    '{"action": "start", "session_id": "#", "n": ' + "[" * 500 + "]" * 500 + "}",
    '{"action": "start", "quiz_id": "?", "lobby_seconds": 1e3}',
    '{"action": "start", "quiz_id": "?", "reveal_seconds": "soon"}',
]


async def test_events_in_a_bad_form_are_dropped(doors: Doors) -> None:
    """An event on the bus, or its message in the queue: no move, no session, no dead letter."""
    dead = doors.aws("sqs").get_queue_url(QueueName="quizkit-dev-control-dead")["QueueUrl"]
    made = await doors.ask("quiz.create", document=quiz("Bad events"))
    async with await doors.room(quiz("Unmoved")) as room:
        before = await state_of(room)
        texts = [
            text.replace("#", room.session_id).replace("?", made["quiz_id"]) for text in DETAILS
        ]
        for text in texts:
            envelope = '{"detail-type": "Quiz Control", "id": "%s", "detail": %s}'
            doors.aws("sqs").send_message(
                QueueUrl=doors.output("ControlQueueUrl"),
                MessageBody=envelope % (new_name(), text),
            )
            # Two of one name are one to whatever the bus does with them.
            entry = {"Source": "quiz.platform", "DetailType": "Quiz Control", "Detail": text}
            if "end" not in text:
                doors.aws("events").put_events(Entries=[entry])
        await settled(doors)
        assert await state_of(room) == before
        listed = await doors.ask("session.list", live=True)
        assert made["quiz_id"] not in [session["quiz_id"] for session in listed["sessions"]]
        found = doors.aws("sqs").get_queue_attributes(
            QueueUrl=dead, AttributeNames=["ApproximateNumberOfMessages"]
        )
        assert found["Attributes"]["ApproximateNumberOfMessages"] == "0"


# --- floods --------------------------------------------------------------------------------


async def test_a_flood_from_one_socket_hurts_nobody(
    player: Player, asking: Room, http: Http
) -> None:
    """100 messages a second: what is too much is refused by `ref`; others' answers get through."""
    accepted = await player.line.answer("q1", ["b"], "mine")
    bystander = await newcomer(asking)
    before = await state_of(asking)
    since, began = len(player.line.frames), time.monotonic()
    kinds = ({"action": "ping"}, {"action": "join_quiz"}, {"action": "win"}, answer())
    flood = [{**kinds[number % 4], "ref": number} for number in range(200)]

    async def others() -> None:
        await asyncio.sleep(0.5)
        own = await bystander.line.answer("q1", ["c"], "own")
        assert own.action == "answer_accepted"
        await bystander.line.ping()
        late = await newcomer(asking)
        assert (await http.answer(late.seat.resume_token, "q1", ["d"])).status == 200

    meanwhile = asyncio.create_task(others())
    for message in flood:
        await player.line.send(message)
        await asyncio.sleep(0.01)
    await meanwhile
    while len(player.line.frames) - since < len(flood):
        await asyncio.sleep(0.05)
    seconds = time.monotonic() - began
    replies = player.line.frames[since:]
    assert len(replies) == len(flood)
    many = [frame["ref"] for frame in replies if frame.body.get("code") == "too_many_requests"]
    assert len(set(many)) == len(many)
    # Two functions answered, each with a budget: a burst and five a second.
    assert len(flood) - len(many) <= 2 * (20 + 5 * seconds + 1)
    assert many
    taken = [frame for frame in replies if frame.action == "answer_accepted"]
    assert taken
    assert {frame["received_at"] for frame in taken} == {accepted["received_at"]}
    after = await state_of(asking)
    assert after == before | {"participants": before["participants"] + 1}
    await asyncio.sleep(1)
    await player.line.ping()
    assert (await player.line.join_quiz())["answered"] == ["b"]
    reply = await http.answer(player.seat.resume_token, "q1", ["b"], "mine")
    assert reply.body == accepted.body
    assert (await bystander.line.join_quiz())["answered"] == ["c"]


async def test_a_flooding_host_moves_nothing_by_it(doors: Doors) -> None:
    """Commands beyond the budget are not carried out, and the host goes on after a moment."""
    async with await doors.room(quiz("Hasty host")) as room:
        host = await room.host()
        since = len(host.frames)
        for number in range(60):
            command = "lock" if number % 2 else "unlock"
            await host.send({"action": "host", "command": command, "ref": number})
        while len(host.frames) - since < 60:
            await asyncio.sleep(0.05)
        codes = [frame.body.get("code") for frame in host.frames[since:]]
        done = codes.count(None)
        assert done >= 20
        assert codes.count("too_many_requests") == 60 - done > 0
        assert (await state_of(room))["version"] <= 1 + done
        await asyncio.sleep(1)
        assert (await host.host("start", "new_question")).action == "new_question"
