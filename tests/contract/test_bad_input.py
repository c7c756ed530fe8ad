"""Bad input on the wire: a typed error each, nothing changed, and the socket stays of use."""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any

import pytest

from tests.contract.client import Http, Player
from tests.contract.doors import Doors, Room, answers_of, rows_of
from tests.contract.game import opening, question
from tests.contract.rooms import BIG, LONG, newcomer, refused, untouched
from tests.contract.together import together

# --- messages --------------------------------------------------------------------------

BAD_MESSAGES = {
    "not JSON": ("question one: b!", "bad_request"),
    "cut off": ('{"action": "ping"', "bad_request"),
    "null": ("null", "bad_request"),
    "a list": ("[]", "bad_request"),
    "a number": ("7", "bad_request"),
    "a string": ('"ping"', "bad_request"),
    "a list of messages": ('[{"action": "ping"}]', "bad_request"),
    "not a number": ('{"action": "ping", "ref": NaN}', "bad_request"),
    "too deep": ('{"action": "ping", "x": ' + "[" * 3_000 + "]" * 3_000 + "}", "bad_request"),
    "unknown action": ('{"action": "win"}', "unknown_action"),
    "no action": ("{}", "unknown_action"),
    "an action of no text": ('{"action": 5}', "unknown_action"),
    "a list as action": ('{"action": ["ping"]}', "unknown_action"),
    "$connect": ('{"action": "$connect"}', "unknown_action"),
    "$disconnect": ('{"action": "$disconnect"}', "unknown_action"),
    "$default": ('{"action": "$default"}', "unknown_action"),
    "40 KB of no JSON": (BIG, "message_too_large"),
    "40 KB ping": (json.dumps({"action": "ping", "x": BIG}), "message_too_large"),
    "40 KB answer": (
        json.dumps({"action": "submit_answer", "question_id": "q1", "answer": ["b"], "ref": BIG}),
        "message_too_large",
    ),
}


@pytest.mark.parametrize("name", BAD_MESSAGES)
async def test_a_bad_message_gets_an_error_and_changes_nothing(player: Player, name: str) -> None:
    """Anything that is no message of the protocol gets a typed error on its own socket."""
    text, code = BAD_MESSAGES[name]
    since = len(player.line.frames)
    await player.line.send_text(text)
    refused(await player.line.wait("error", "pong", since=since), code)
    await untouched(player)


async def test_unknown_fields_are_ignored(player: Player) -> None:
    """A message with more than the protocol knows is taken for what it knows."""
    pong = await player.line.ask({"action": "ping", "later": {"version": 2}}, "pong")
    assert pong.action == "pong"


async def test_errors_name_the_message_that_they_answer(player: Player) -> None:
    """The `ref` of a refused message comes back in the error; one that is no text does no harm."""
    wrong = await player.line.answer("q1", ["z"], "ref-7")
    refused(wrong, "invalid_answer")
    unusable: tuple[object, ...] = (None, 1.5, [], {}, True, "r" * 5_000)
    for ref in unusable:
        since = len(player.line.frames)
        await player.line.send(
            {"action": "submit_answer", "question_id": "q1", "answer": 5, "ref": ref}
        )
        refused(await player.line.wait("error", since=since), "invalid_answer")
    await untouched(player)


async def test_a_players_host_command_is_forbidden(player: Player, doors: Doors) -> None:
    """Whatever the command, a player's socket may not lead the session."""
    session = {"session_id": player.seat.session_id}
    before = doors.admin("session.get", **session)
    for command in ("start", "next", "close", "end", "lock", "kick", "nonsense", None):
        message = {
            "action": "host",
            "command": command,
            "participant_id": player.seat.participant_id,
            "role": "host",
        }
        refused(await player.line.ask(message, "session", "new_question"), "forbidden")
    assert doors.admin("session.get", **session) == before
    await untouched(player)


# --- answers ---------------------------------------------------------------------------

BAD_ANSWERS: list[object] = [
    "b", 5, None, True, {}, {"b": 1}, [], [None], [1], [["b"]], ["z"], ["B"], ["b", "b"],
    ["a", "b"], [""], ["ab"], "a" * 3_000,
]  # fmt: skip


@pytest.mark.parametrize("answer", BAD_ANSWERS, ids=lambda answer: repr(answer)[:20])
async def test_an_answer_of_the_wrong_type_is_refused(
    player: Player, http: Http, answer: object
) -> None:
    """Only ids of the question's options, one where one is right, make an answer to a choice."""
    refused(await player.line.answer("q1", answer), "invalid_answer")
    reply = await http.answer(player.seat.resume_token, "q1", answer)
    assert (reply.status, reply.code) == (400, "invalid_answer")
    await untouched(player)


@pytest.mark.parametrize("question_id", [None, 1, [], {}, True], ids=repr)
async def test_a_question_id_of_the_wrong_type_is_refused(
    player: Player, http: Http, question_id: Any
) -> None:
    """A question is named by text."""
    refused(await player.line.answer(question_id, ["b"]), "bad_request")
    reply = await http.answer(player.seat.resume_token, question_id, ["b"])
    assert (reply.status, reply.code) == (400, "bad_request")
    await untouched(player)


@pytest.mark.parametrize("question_id", ["q2", "q0", "", "q1#", "Q1", "q" * 3_000, "é"])
async def test_an_answer_to_another_question_is_refused(
    player: Player, http: Http, question_id: str
) -> None:
    """Only the open question takes answers, not the next one and none that is not there."""
    refused(await player.line.answer(question_id, ["b"]), "wrong_question")
    reply = await http.answer(player.seat.resume_token, question_id, ["b"])
    assert (reply.status, reply.code) == (409, "wrong_question")
    await untouched(player)


async def test_an_answer_in_the_lobby_is_refused(lobby: Room, http: Http) -> None:
    """Before the first question nothing can be answered."""
    async with lobby as room:
        player = await newcomer(room)
        refused(await player.line.answer("q1", ["b"]), "question_not_open")
        reply = await http.answer(player.seat.resume_token, "q1", ["b"])
        assert (reply.status, reply.code) == (409, "question_not_open")
        await player.line.ping()
        assert (await player.line.join_quiz())["state"] == "lobby"


async def test_flaw_no_window_check_after_the_close(revealed: Room, http: Http) -> None:
    """After the close an answer is refused, and neither results nor board know of it."""
    async with revealed as room:
        player = await newcomer(room)
        refused(await player.line.answer("q1", ["b"]), "question_closed")
        reply = await http.answer(player.seat.resume_token, "q1", ["b"])
        assert (reply.status, reply.code) == (409, "question_closed")
        await player.line.ping()
        results = await room.results()
        assert answers_of(results, player.seat.participant_id) == {}
        assert rows_of(results)[player.seat.participant_id]["score"] == 0
        assert (await room.audit())["agrees"] is True


@together
async def test_flaw_no_window_check_just_after_the_close(doors: Doors) -> None:
    """P4: what comes after `closes_at`, before the question is settled, is late too."""
    document = {"title": "Late", "questions": [question("x", "b", time_limit=1)]}
    async with await doors.room(document) as room:
        player, punctual = [await room.player(name) for name in ("late", "punctual")]
        await room.command("start")
        asked = await player.line.wait("new_question")
        await opening(asked)
        await punctual.line.answer("q1", ["b"])
        await asyncio.sleep(max(0.0, asked["closes_at"] / 1_000 - time.time()) + 0.02)
        refused(await player.line.answer("q1", ["b"]), "question_closed")
        closed = await room.closed(player, "q1")
        assert (closed["you"]["answer"], closed["counts"]["b"]) == (None, 1)


@together
async def test_flaw_no_window_check_before_the_opening(doors: Doors) -> None:
    """P4: an answer sent ahead of `opens_at` is refused and leaves the question unanswered."""
    document = {"title": "Early", "questions": [question("x", "b", time_limit=2)]}
    for _ in range(5):
        async with await doors.room(document) as room:
            player = await room.player("early")
            await room.command("start")
            asked = await player.line.wait("new_question")
            reply = await room.http.answer(player.seat.resume_token, "q1", ["a"])
            early = await player.line.answer("q1", ["a"])
            if early.action == "answer_accepted":
                # The machine was slow: by the server's clock this was not early at all.
                assert early["received_at"] >= asked["opens_at"]
                continue
            refused(early, "question_not_open")
            assert (reply.status, reply.code) == (409, "question_not_open")
            await opening(asked)
            assert (await player.line.answer("q1", ["b"])).action == "answer_accepted"
            closed = await room.closed(player, "q1")
            assert closed["you"]["answer"] == ["b"]
            return
    raise AssertionError("no answer got through before its question opened, five times")


async def test_flaw_same_answer_twice_is_acknowledged_alike(player: Player, http: Http) -> None:
    """P1: a repeat, over whichever door, gets the first one's time and its own `ref`."""
    first = await player.line.answer("q1", ["b"], "one")
    again = await player.line.answer("q1", ["b"], "one")
    assert again.text == first.text
    other = await player.line.answer("q1", ["b"], "two")
    assert other.body == first.body | {"ref": "two"}
    reply = await http.answer(player.seat.resume_token, "q1", ["b"], "three")
    assert (reply.status, reply.body) == (200, first.body | {"ref": "three"})


async def test_flaw_a_decimal_in_the_response(player: Player, http: Http) -> None:
    """What comes back from storage is answered as JSON: a repeat over HTTP is a plain 200."""
    await player.line.answer("q1", ["b"])
    reply = await http.answer(player.seat.resume_token, "q1", ["b"])
    assert reply.status == 200, reply.text
    assert isinstance(reply.body["received_at"], int)


@together
async def test_another_answer_is_refused_and_the_first_stands(doors: Doors) -> None:
    """P1: of many answers at once, equal and different, exactly one counts, in the results too."""
    document = {"title": "Many", "questions": [question("x", "b", time_limit=LONG)]}
    async with await doors.room(document) as room:
        player = await room.player("hasty")
        await room.command("start")
        asked = await player.line.wait("new_question")
        await opening(asked)
        token = player.seat.resume_token
        sent = [["abcd"[number % 4]] for number in range(16)]
        replies = await asyncio.gather(*(room.http.answer(token, "q1", it) for it in sent))
        taken = [
            (it, reply) for it, reply in zip(sent, replies, strict=True) if reply.status == 200
        ]
        first = taken[0][0]
        assert all(it == first for it, _ in taken)
        assert len(taken) == 4
        assert len({reply.body["received_at"] for _, reply in taken}) == 1
        others = [reply for reply in replies if reply.status != 200]
        assert {(reply.status, reply.code) for reply in others} == {(409, "already_answered")}
        late = await player.line.answer("q1", ["b"] if first != ["b"] else ["a"])
        refused(late, "already_answered")
        await player.line.ping()
        await room.command("close")
        closed = await room.closed(player, "q1")
        assert closed["you"]["answer"] == first
        assert sum(closed["counts"].values()) == 1
        answer = answers_of(await room.results(), player.seat.participant_id)["q1"]
        assert answer["answer"] == first
        assert answer["received_at"] == taken[0][1].body["received_at"]
        again = await player.line.answer("q1", first)
        assert again["received_at"] == answer["received_at"]
        refused(
            await player.line.answer("q1", ["b"] if first != ["b"] else ["a"]), "already_answered"
        )


@together
async def test_flaw_the_client_names_its_own_participant(doors: Doors) -> None:
    """Identity comes from ticket and token alone: a body that names another is its sender's."""
    document = {"title": "Forged", "questions": [question("x", "b", time_limit=LONG)]}
    async with await doors.room(document) as room:
        victim, forger, second = [await room.player(name) for name in ("vic", "forger", "second")]
        await room.command("start")
        await opening(await victim.line.wait("new_question"))
        forged = {
            "action": "submit_answer",
            "question_id": "q1",
            "answer": ["a"],
            "ref": "f",
            "participant_id": victim.seat.participant_id,
            "session_id": "another",
            "nickname": "vic",
            "role": "host",
            "received_at": 0,
            "requestContext": {"authorizer": {"participant_id": victim.seat.participant_id}},
        }
        assert (await forger.line.ask(forged, "answer_accepted")).action == "answer_accepted"
        reply = await room.http.post("/answer", forged, second.seat.resume_token)
        assert reply.status == 200, reply.text
        assert (await victim.line.answer("q1", ["b"])).action == "answer_accepted"
        await room.command("close")
        for player, answer in ((victim, ["b"]), (forger, ["a"]), (second, ["a"])):
            assert (await room.closed(player, "q1"))["you"]["answer"] == answer
        assert len(rows_of(await room.results())) == 3
