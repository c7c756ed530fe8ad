"""Guessers and bad joins at the real door: refused alike, and nobody else notices.

The emulator gives every caller the same address, so guessing has a platform of its own here:
whoever else used this one would be refused, too. Guessing beside honest sources is tested on the
handlers (tests/lambdas/handlers/test_join.py).
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator

import pytest

from tests.contract.client import Http
from tests.contract.doors import Doors, Room
from tests.contract.rooms import LONG_QUIZ, new_name, open_now
from tests.deployed import Deployed, run_platform

#: Wrong guesses that the contract gives an address in ten minutes (docs/protocol.md).
BUDGET = 100


def elsewhere(number: int) -> dict[str, str]:
    """Headers of a guesser who says that each request comes from another address."""
    address = f"198.51.100.{number}"
    return {
        "X-Forwarded-For": address,
        "X-Real-IP": address,
        "Forwarded": f"for={address}",
        "True-Client-IP": address,
    }


@pytest.fixture(scope="module")
def guessed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Doors]:
    """A platform that nobody else uses."""
    platforms: Iterator[Deployed] = run_platform(tmp_path_factory)
    for platform in platforms:
        doors = Doors.of(platform)
        yield doors
        doors.close()


async def test_guessing_ends_and_the_game_goes_on(guessed: Doors) -> None:
    """Of 150 guesses 100 are looked up; then the right PIN is refused, too; the game plays on.

    An address is the connection's, whatever the guesser's headers say of it; and players come
    back with their tokens from the very address that guesses.
    """
    async with await guessed.room(LONG_QUIZ) as room:
        player, host = await room.player("ann"), await room.host()
        pins = [f"{number:06d}" for number in range(151) if f"{number:06d}" != room.pin][:150]
        found: Counter[tuple[int, str]] = Counter()
        for start in range(0, 150, 10):
            bodies = [{"pin": pin, "nickname": "eve"} for pin in pins[start : start + 10]]
            replies = await asyncio.gather(
                *(
                    room.http.request("POST", "/join", body, headers=elsewhere(start + number))
                    for number, body in enumerate(bodies)
                )
            )
            found.update((reply.status, reply.code) for reply in replies)
        assert found == {(404, "pin_not_found"): BUDGET, (429, "too_many_requests"): 50}
        for path_body in (
            {"pin": room.pin, "nickname": "eve"},
            {"pin": "abc", "nickname": "eve"},
        ):
            reply = await room.http.request("POST", "/join", path_body, headers=elsewhere(200))
            assert (reply.status, reply.code) == (429, "too_many_requests")
        back = await room.http.resume(room.pin, player.seat.resume_token)
        assert back.participant_id == player.seat.participant_id
        assert (await guessed.ask("session.get", session_id=room.session_id))["participants"] == 1
        assert (await host.host("start", "new_question")).action == "new_question"
        await player.line.wait("new_question")
        player.snapshot = await player.line.join_quiz()
        await open_now(player)
        assert (await player.line.answer("q1", ["b"])).action == "answer_accepted"


@pytest.mark.parametrize("pin", ["000000", "abc", "1234567", "", " ", "000000\x00", "-00000"])
async def test_every_bad_pin_gets_the_same_answer(http: Http, pin: str) -> None:
    """A PIN that cannot be and one that is not look alike in every byte, and in their headers."""
    unknown = await http.post("/join", {"pin": None, "nickname": "ann"})
    reply = await http.post("/join", {"pin": pin, "nickname": "ann"})
    assert (reply.status, reply.code) == (404, "pin_not_found")
    assert reply.text == unknown.text
    assert set(reply.headers) == set(unknown.headers)


async def test_oversized_headers_are_refused(lobby: Room, http: Http) -> None:
    """A request with 100 KB of headers lets nobody in, and the next one is served."""
    before = await lobby.doors.ask("session.get", session_id=lobby.session_id)
    body = {"pin": lobby.pin, "nickname": new_name()}
    reply = await http.request("POST", "/join", body, headers={"x-padding": "x" * 100_000})
    assert 400 <= reply.status < 500, reply.text
    assert await lobby.doors.ask("session.get", session_id=lobby.session_id) == before
    assert (await http.post("/join", body)).status == 200


@pytest.mark.parametrize(
    "pair", [("Ada", "ＡＤＡ"), ("ﬁx", "FIX"), ("Straße", "STRASSE"), ("Å", "A\u030a")]
)
async def test_of_twins_at_once_one_gets_in(doors: Doors, pair: tuple[str, str]) -> None:
    """Names that look alike, asked for in the same moment: one joins, whoever it is."""
    async with await doors.room(LONG_QUIZ) as room:
        bodies = [{"pin": room.pin, "nickname": name} for name in pair * 4]
        replies = await asyncio.gather(*(room.http.post("/join", body) for body in bodies))
        assert Counter(reply.status for reply in replies) == {200: 1, 409: 7}
        assert {reply.code for reply in replies if reply.status == 409} == {"nickname_taken"}


async def test_a_session_takes_as_many_as_its_host_said(doors: Doors, http: Http) -> None:
    """`session start --max-players 2`: of six at once two are in, and a kick makes no room."""
    quiz = await doors.ask("quiz.create", document=LONG_QUIZ)
    done = await doors.command("session", "start", quiz["quiz_id"], "--max-players", "2")
    assert (done.exit_code, done.document["max_participants"]) == (0, 2)
    pin, session_id = done.document["pin"], done.document["session_id"]
    bodies = [{"pin": pin, "nickname": new_name()} for _ in range(6)]
    replies = await asyncio.gather(*(http.post("/join", body) for body in bodies))
    (one, _), full = [[r for r in replies if (r.status == 200) is good] for good in (True, False)]
    assert {(reply.status, reply.code) for reply in full} == {(409, "session_full")}
    kicked = {"participant_id": one.body["participant_id"]}
    await doors.ask("session.command", session_id=session_id, command="kick", **kicked)
    assert (await http.post("/join", {"pin": pin, "nickname": new_name()})).code == "session_full"
    back = await http.post("/join", {"pin": pin, "resume_token": one.body["resume_token"]})
    assert (back.status, back.code) == (403, "forbidden")


@pytest.mark.parametrize(
    "nickname", ["Shit", "f.u.c.k", "\u202eadA", "A\u200bda", "\u2066Ada\u2069"]
)
async def test_names_that_are_not_wanted(lobby: Room, http: Http, nickname: str) -> None:
    """Refused words and characters that nobody sees are refused alike; Scunthorpe may play."""
    reply = await http.post("/join", {"pin": lobby.pin, "nickname": nickname})
    assert (reply.status, reply.code) == (400, "invalid_nickname")
    name = f"Scunthorpe {new_name()[-10:]}"
    assert (await http.post("/join", {"pin": lobby.pin, "nickname": name})).status == 200
