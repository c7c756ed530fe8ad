"""Bad input on the wire: a typed error each, nothing changed, and the socket stays of use."""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import dataclass
from typing import Any

import pytest
from websockets.exceptions import InvalidStatus

from tests.contract.client import PATIENCE, Connection, Frame, Http, Player, seat_of
from tests.contract.doors import Doors, Room, answers_of, rows_of
from tests.contract.game import opening, question

LONG = 600


@dataclass(frozen=True, slots=True)
class Rooms:
    """Three sessions at rest: in the lobby, with a question open, with one closed."""

    lobby: Room
    open: Room
    closed: Room


@pytest.fixture(scope="module")
def rooms(doors: Doors) -> Rooms:
    """Sessions that stand still while tests of this module come and go."""
    long = {"title": "Long", "questions": [question(t, "b", time_limit=LONG) for t in "xy"]}
    short = {"title": "Short", "questions": [question("x", "b", time_limit=1), question("y", "a")]}
    closed, opened = doors.open_room(short), doors.open_room(long)
    for room in (closed, opened):
        doors.admin("session.command", session_id=room.session_id, command="start")
    deadline = time.monotonic() + PATIENCE
    while doors.admin("session.get", session_id=closed.session_id)["state"] != "revealed":
        assert time.monotonic() < deadline
        time.sleep(0.2)
    return Rooms(doors.open_room(long), opened, closed)


@pytest.fixture
async def player(rooms: Rooms, request: pytest.FixtureRequest) -> Any:
    """A player of this test's own in the room whose question is open."""
    async with rooms.open as room:
        player = await newcomer(room)
        await open_now(player)
        yield player


async def newcomer(room: Room) -> Player:
    """A new player with a name that nobody has."""
    return await room.player(f"n{time.monotonic_ns()}"[:24])


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


# --- messages --------------------------------------------------------------------------

BIG = "x" * 40_000
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
    unusable: tuple[object, ...] = (None, 1.5, [], {}, True, "\ud800", "r" * 5_000)
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
    ["a", "b"], [""], ["ab"], ["\ud800"], "a" * 3_000,
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


async def test_an_answer_in_the_lobby_is_refused(rooms: Rooms, http: Http) -> None:
    """Before the first question nothing can be answered."""
    async with rooms.lobby as room:
        player = await newcomer(room)
        refused(await player.line.answer("q1", ["b"]), "question_not_open")
        reply = await http.answer(player.seat.resume_token, "q1", ["b"])
        assert (reply.status, reply.code) == (409, "question_not_open")
        await player.line.ping()
        assert (await player.line.join_quiz())["state"] == "lobby"


async def test_flaw_no_window_check_after_the_close(rooms: Rooms, http: Http) -> None:
    """After the close an answer is refused, and neither results nor board know of it."""
    async with rooms.closed as room:
        player = await newcomer(room)
        refused(await player.line.answer("q1", ["b"]), "question_closed")
        reply = await http.answer(player.seat.resume_token, "q1", ["b"])
        assert (reply.status, reply.code) == (409, "question_closed")
        await player.line.ping()
        results = await room.results()
        assert answers_of(results, player.seat.participant_id) == {}
        assert rows_of(results)[player.seat.participant_id]["score"] == 0
        assert (await room.audit())["agrees"] is True


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


# --- joining ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "pin", ["", "12", "abcdef", "0000000", None, 123_456, [], "１２３４５６"], ids=repr
)
async def test_an_unknown_pin_is_not_found(http: Http, pin: object) -> None:
    """A PIN that no session has, or that can be none, lets nobody in."""
    reply = await http.post("/join", {"pin": pin, "nickname": "ann"})
    assert (reply.status, reply.code) == (404, "pin_not_found")


async def test_a_pin_of_no_session_is_not_found(http: Http, rooms: Rooms) -> None:
    """Six digits that nobody was given are unknown too."""
    used = {rooms.lobby.pin, rooms.open.pin, rooms.closed.pin}
    free = next(f"{number:06d}" for number in range(10) if f"{number:06d}" not in used)
    reply = await http.post("/join", {"pin": free, "nickname": "ann"})
    assert (reply.status, reply.code) == (404, "pin_not_found")


@pytest.mark.parametrize(
    "nickname",
    ["", "   ", "n" * 300, None, 5, ["ann"], "a\u0000b", "\u200b", "a\nb", "\u202eann", "\ud800"],
    ids=lambda name: ascii(name)[:20],
)
async def test_a_nickname_that_cannot_be_is_refused(
    rooms: Rooms, http: Http, doors: Doors, nickname: object
) -> None:
    """Empty, endless and invisible names are refused, and nobody has joined by them."""
    before = await doors.ask("session.get", session_id=rooms.lobby.session_id)
    reply = await http.post("/join", {"pin": rooms.lobby.pin, "nickname": nickname})
    assert (reply.status, reply.code) == (400, "invalid_nickname")
    assert await doors.ask("session.get", session_id=rooms.lobby.session_id) == before


async def test_a_nickname_is_taken_once(doors: Doors) -> None:
    """Of twelve who ask for one name at once, however written, one gets it, and keeps it."""
    document = {"title": "Names", "questions": [question("x", "b")]}
    async with await doors.room(document) as room:
        spellings = ["Zoë", "zoë", "ZOË", " Zoë ", "Zoe\u0308", "ｚoë"] * 2
        replies = await asyncio.gather(
            *(room.http.post("/join", {"pin": room.pin, "nickname": name}) for name in spellings)
        )
        (taken,) = [reply for reply in replies if reply.status == 200]
        others = [reply for reply in replies if reply.status != 200]
        assert {(reply.status, reply.code) for reply in others} == {(409, "nickname_taken")}
        owner = await room.sit(seat_of(taken))
        await owner.line.ping()
        assert (await doors.ask("session.get", session_id=room.session_id))["participants"] == 1
        board = await room.board()
        assert [entry["participant_id"] for entry in board["entries"]] == [
            owner.seat.participant_id
        ]


@pytest.mark.parametrize("body", ["", "pin=1", "null", "[]", "7", '"x"', '{"pin":'], ids=repr)
@pytest.mark.parametrize("path", ["/join", "/answer"])
async def test_a_request_that_is_no_json_object_is_refused(
    player: Player, http: Http, path: str, body: str
) -> None:
    """HTTP bodies follow the rules of messages."""
    reply = await http.post(path, body, player.seat.resume_token)
    assert (reply.status, reply.code) == (400, "bad_request")
    await untouched(player)


@pytest.mark.parametrize("path", ["/join", "/answer"])
async def test_a_request_of_40_kb_is_refused(player: Player, http: Http, path: str) -> None:
    """A body far beyond any real one is refused unread."""
    body = {"pin": "123456", "nickname": "x", "question_id": "q1", "answer": ["b"], "x": BIG}
    reply = await http.post(path, body, player.seat.resume_token)
    assert (reply.status, reply.code) == (413, "message_too_large")
    await untouched(player)


async def test_flaw_a_guest_cannot_choose_who_to_be(rooms: Rooms, http: Http) -> None:
    """What a join names beside PIN and nickname gives no other identity and no other role."""
    async with rooms.open as room:
        first = await newcomer(room)
        body = {
            "pin": room.pin,
            "nickname": f"f{time.monotonic_ns()}"[:24],
            "participant_id": first.seat.participant_id,
            "role": "host",
            "user_id": "somebody",
        }
        forger = await room.sit(seat_of(await http.post("/join", body)))
        assert forger.seat.participant_id != first.seat.participant_id
        refused(await forger.line.host("end", "session"), "forbidden")


# --- tickets and tokens ------------------------------------------------------------------


async def test_a_ticket_opens_one_socket_once(rooms: Rooms, http: Http) -> None:
    """The second use of a ticket is refused, and the first socket does not notice."""
    async with rooms.lobby as room:
        player = await newcomer(room)
        with pytest.raises(InvalidStatus) as refusal:
            await Connection.open(player.seat.websocket_url, player.seat.ticket)
        assert refusal.value.response.status_code in (401, 403)
        await player.line.ping()


async def test_a_ticket_used_by_two_at_once_lets_one_in(rooms: Rooms, http: Http) -> None:
    """Of several sockets that try one ticket in the same moment, one opens."""
    seat = await http.join(rooms.lobby.pin, f"t{time.monotonic_ns()}"[:24])
    tries = await asyncio.gather(
        *(Connection.open(seat.websocket_url, seat.ticket) for _ in range(6)),
        return_exceptions=True,
    )
    opened = [line for line in tries if isinstance(line, Connection)]
    await asyncio.gather(*(line.close() for line in opened))
    assert len(opened) == 1
    assert all(isinstance(line, Connection | InvalidStatus) for line in tries)


@pytest.mark.parametrize("ticket", [None, "", "x", "a" * 43, "../../x", "é", "x" * 3_000])
async def test_flaw_no_authorizer_on_the_socket(
    doors: Doors, rooms: Rooms, ticket: str | None
) -> None:
    """Without a ticket that was given out no socket opens."""
    with pytest.raises(InvalidStatus) as refusal:
        await Connection.open(doors.output("WebSocketApiUrl"), ticket)
    assert refusal.value.response.status_code in (401, 403)


@pytest.mark.parametrize(
    "token", [None, "", "x", "a.b.c", "a.00aa.c", "..", "é.é.é", "x" * 3_000 + ".00aa.c"]
)
async def test_flaw_no_authorizer_on_answers(player: Player, http: Http, token: str | None) -> None:
    """`POST /answer` without a valid resume token is unauthorized, and stores nothing."""
    reply = await http.post(
        "/answer",
        {"question_id": "q1", "answer": ["b"], "participant_id": player.seat.participant_id},
        None if token is None else token.encode().decode("latin-1"),
    )
    assert (reply.status, reply.code) == (401, "unauthorized")
    assert (await player.line.join_quiz())["answered"] is None
    await untouched(player)


async def test_a_token_with_another_participants_id_is_unauthorized(
    player: Player, rooms: Rooms, http: Http
) -> None:
    """No part of a token fits another's: neither the participant nor the session can be swapped."""
    mine = (await http.join(rooms.open.pin, f"m{time.monotonic_ns()}"[:24])).resume_token
    theirs = player.seat.resume_token
    for place in range(3):
        parts = mine.split(".")
        parts[place] = theirs.split(".")[place]
        forged = ".".join(parts)
        if forged == mine:
            continue
        reply = await http.answer(forged, "q1", ["b"])
        assert (reply.status, reply.code) == (401, "unauthorized")
        reply = await http.post("/join", {"pin": rooms.open.pin, "resume_token": forged})
        assert (reply.status, reply.code) == (401, "unauthorized")
    await untouched(player)


async def test_a_token_of_another_session_answers_only_there(
    player: Player, rooms: Rooms, http: Http
) -> None:
    """A token is good in its own session: elsewhere's open question stays unanswered."""
    elsewhere = await http.join(rooms.lobby.pin, f"e{time.monotonic_ns()}"[:24])
    reply = await http.answer(elsewhere.resume_token, "q1", ["b"])
    assert (reply.status, reply.code) == (409, "question_not_open")
    await untouched(player)


@pytest.mark.parametrize("token", ["", "x", None, 5, "a.00aa.c", "x" * 3_000 + ".00aa.c"])
async def test_a_wrong_resume_token_is_unauthorized(
    rooms: Rooms, http: Http, token: object
) -> None:
    """Returning needs the token that joining gave."""
    reply = await http.post("/join", {"pin": rooms.open.pin, "resume_token": token})
    assert (reply.status, reply.code) == (401, "unauthorized")


# --- boards ----------------------------------------------------------------------------


@pytest.mark.parametrize("session_id", ["nosuchsession", "x" * 3_000, "%23", "sessions"])
async def test_the_board_of_an_unknown_session_is_not_found(http: Http, session_id: str) -> None:
    """`GET /leaderboard` of what is no session is 404."""
    reply = await http.get(f"/leaderboard/{session_id}")
    assert (reply.status, reply.code) == (404, "session_not_found")


async def test_the_command_for_an_unknown_board_ends_with_not_found(doors: Doors) -> None:
    """`leaderboard` of a session that does not exist: the typed error, exit code 3."""
    done = await doors.command("leaderboard", "nosuchsession")
    assert done.exit_code == 3
    assert done.document["error"]["code"] == "session_not_found"
    assert done.document["error"]["message"]


@pytest.mark.parametrize("top", ["0", "-1", "x", "1.5", "", "9" * 30])
async def test_a_top_that_is_no_number_is_refused(rooms: Rooms, http: Http, top: str) -> None:
    """`top` is a whole number from 1."""
    reply = await http.get(f"/leaderboard/{rooms.closed.session_id}?top={top}")
    assert (reply.status, reply.code) == (400, "bad_request")
