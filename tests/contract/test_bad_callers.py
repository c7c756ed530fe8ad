"""Who may not come in, and whom nobody believes: joins, tickets, tokens, unknown boards."""

from __future__ import annotations

import asyncio

import pytest
from websockets.exceptions import InvalidStatus

from tests.contract.client import Connection, Http, Player, seat_of
from tests.contract.doors import Doors, Room
from tests.contract.game import question
from tests.contract.rooms import BIG, new_name, newcomer, refused, untouched

# --- joining ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "pin", ["", "12", "abcdef", "0000000", None, 123_456, [], "１２３４５６"], ids=repr
)
async def test_an_unknown_pin_is_not_found(http: Http, pin: object) -> None:
    """A PIN that no session has, or that can be none, lets nobody in."""
    reply = await http.post("/join", {"pin": pin, "nickname": "ann"})
    assert (reply.status, reply.code) == (404, "pin_not_found")


async def test_a_pin_of_no_session_is_not_found(http: Http, doors: Doors) -> None:
    """Six digits that nobody was given are unknown too."""
    pins = (f"{number:06d}" for number in range(100))
    free = next(p for p in pins if doors.ask_or_code("session.get", pin=p) == "pin_not_found")
    reply = await http.post("/join", {"pin": free, "nickname": "ann"})
    assert (reply.status, reply.code) == (404, "pin_not_found")


@pytest.mark.parametrize(
    "nickname",
    ["", "   ", "n" * 300, None, 5, ["ann"], "a\u0000b", "\u200b", "a\nb", "\u202eann"],
    ids=lambda name: ascii(name)[:20],
)
async def test_a_nickname_that_cannot_be_is_refused(
    lobby: Room, http: Http, doors: Doors, nickname: object
) -> None:
    """Empty, endless and invisible names are refused, and nobody has joined by them."""
    before = await doors.ask("session.get", session_id=lobby.session_id)
    reply = await http.post("/join", {"pin": lobby.pin, "nickname": nickname})
    assert (reply.status, reply.code) == (400, "invalid_nickname")
    assert await doors.ask("session.get", session_id=lobby.session_id) == before


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


async def test_flaw_a_guest_cannot_choose_who_to_be(asking: Room, http: Http) -> None:
    """What a join names beside PIN and nickname gives no other identity and no other role."""
    async with asking as room:
        first = await newcomer(room)
        body = {
            "pin": room.pin,
            "nickname": new_name(),
            "participant_id": first.seat.participant_id,
            "role": "host",
            "user_id": "somebody",
        }
        forger = await room.sit(seat_of(await http.post("/join", body)))
        assert forger.seat.participant_id != first.seat.participant_id
        refused(await forger.line.host("end", "session"), "forbidden")


# --- tickets and tokens ------------------------------------------------------------------


async def test_a_ticket_opens_one_socket_once(lobby: Room) -> None:
    """The second use of a ticket is refused, and the first socket does not notice."""
    async with lobby as room:
        player = await newcomer(room)
        with pytest.raises(InvalidStatus) as refusal:
            await Connection.open(player.seat.websocket_url, player.seat.ticket)
        assert refusal.value.response.status_code in (401, 403)
        await player.line.ping()


async def test_a_ticket_used_by_two_at_once_lets_one_in(lobby: Room, http: Http) -> None:
    """Of several sockets that try one ticket in the same moment, one opens."""
    seat = await http.join(lobby.pin, new_name())
    tries = await asyncio.gather(
        *(Connection.open(seat.websocket_url, seat.ticket) for _ in range(6)),
        return_exceptions=True,
    )
    opened = [line for line in tries if isinstance(line, Connection)]
    await asyncio.gather(*(line.close() for line in opened))
    assert len(opened) == 1
    assert all(isinstance(line, Connection | InvalidStatus) for line in tries)


@pytest.mark.parametrize("ticket", [None, "", "x", "a" * 43, "../../x", "é", "x" * 3_000])
async def test_flaw_no_authorizer_on_the_socket(doors: Doors, ticket: str | None) -> None:
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
    player: Player, asking: Room, http: Http
) -> None:
    """No part of a token fits another's: neither the participant nor the session can be swapped."""
    mine = (await http.join(asking.pin, new_name())).resume_token
    theirs = player.seat.resume_token
    for place in range(3):
        parts = mine.split(".")
        parts[place] = theirs.split(".")[place]
        forged = ".".join(parts)
        if forged == mine:
            continue
        reply = await http.answer(forged, "q1", ["b"])
        assert (reply.status, reply.code) == (401, "unauthorized")
        reply = await http.post("/join", {"pin": asking.pin, "resume_token": forged})
        assert (reply.status, reply.code) == (401, "unauthorized")
    await untouched(player)


async def test_a_token_of_another_session_answers_only_there(
    player: Player, lobby: Room, http: Http
) -> None:
    """A token is good in its own session: elsewhere's open question stays unanswered."""
    elsewhere = await http.join(lobby.pin, new_name())
    reply = await http.answer(elsewhere.resume_token, "q1", ["b"])
    assert (reply.status, reply.code) == (409, "question_not_open")
    await untouched(player)


@pytest.mark.parametrize("token", ["", "x", None, 5, "a.00aa.c", "x" * 3_000 + ".00aa.c"])
async def test_a_wrong_resume_token_is_unauthorized(
    asking: Room, http: Http, token: object
) -> None:
    """Returning needs the token that joining gave."""
    reply = await http.post("/join", {"pin": asking.pin, "resume_token": token})
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
async def test_a_top_that_is_no_number_is_refused(revealed: Room, http: Http, top: str) -> None:
    """`top` is a whole number from 1."""
    reply = await http.get(f"/leaderboard/{revealed.session_id}?top={top}")
    assert (reply.status, reply.code) == (400, "bad_request")
