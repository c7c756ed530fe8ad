"""The host's socket: it leads the session, and hears how many have answered."""

from __future__ import annotations

import asyncio

import pytest
from websockets.exceptions import InvalidStatus

from tests.contract.client import PATIENCE, Connection
from tests.contract.doors import Doors, Room, rows_of
from tests.contract.game import opening, question
from tests.contract.together import together

LONG = 600
QUIZ = {
    "title": "Led by a host",
    "questions": [question("one", "a", time_limit=LONG), question("two", "b", time_limit=LONG)],
}


@together
async def test_a_host_leads_a_session_from_start_to_end(doors: Doors) -> None:
    """Start, close, next and end each cause what they name, on the host's socket and players'."""
    async with await doors.room(QUIZ) as room:
        host = await room.host()
        ann, bob = [await room.player(name) for name in ("ann", "bob")]
        asked = await host.host("start", "new_question")
        assert asked["question"]["id"] == "q1"
        await opening(await ann.line.wait("new_question"))
        await ann.line.answer("q1", ["a"])
        assert (await host.host("close", "session", "question_closed")).action != "error"
        await room.closed(bob, "q1")
        await host.wait("question_closed", question_id="q1")
        await host.wait("leaderboard")
        asked = await host.host("next", "new_question")
        assert asked["question"]["id"] == "q2"
        await opening(asked)
        await bob.line.answer("q2", ["b"])
        assert (await host.host("end", "session", "quiz_finished")).action != "error"
        for line in (host, ann.line, bob.line):
            await line.wait("question_closed", question_id="q2")
            end = await line.wait("quiz_finished")
            assert [entry["rank"] for entry in end["podium"]] == [1, 2]
        assert (await room.audit())["agrees"] is True


@together
async def test_a_close_ends_a_question_before_its_time(doors: Doors) -> None:
    """What was answered in time counts; the results name the earlier end."""
    async with await doors.room(QUIZ) as room:
        host = await room.host()
        ann = await room.player("ann")
        asked = await host.host("start", "new_question")
        await opening(asked)
        given = await ann.line.answer("q1", ["a"])
        await host.host("close", "session")
        await room.closed(ann, "q1")
        (closed,) = (await room.results())["questions"]
        assert given["received_at"] <= closed["closes_at"] < asked["closes_at"]
        late = await ann.line.answer("q1", ["b"])
        assert late["code"] == "already_answered"


@together
async def test_commands_that_do_not_fit_are_refused(doors: Doors) -> None:
    """An illegal move is a typed error and changes nothing."""
    async with await doors.room(QUIZ) as room:
        host = await room.host()
        await room.player("ann")
        refused = await host.host("close", "session")
        assert (refused.action, refused["code"]) == ("error", "not_allowed_now")
        await opening(await host.host("start", "new_question"))
        before = await doors.ask("session.get", session_id=room.session_id)
        for command, code in (
            ("start", "not_allowed_now"),
            ("next", "not_allowed_now"),
            ("settle", "bad_request"),
            ("nonsense", "bad_request"),
        ):
            since = len(host.frames)
            await host.send({"action": "host", "command": command})
            refused = await host.wait("error", since=since)
            assert refused["code"] == code
        answer = await host.answer("q1", ["a"])
        assert (answer.action, answer["code"]) == ("error", "forbidden")
        assert await doors.ask("session.get", session_id=room.session_id) == before
        await host.ping()


@together
async def test_the_host_hears_how_many_have_answered(doors: Doors) -> None:
    """`answer_count` grows with the answers and goes to hosts alone; a repeat does not count."""
    async with await doors.room(QUIZ) as room:
        host = await room.host()
        players = [await room.player(name) for name in ("ann", "bob", "cem")]
        await opening(await host.host("start", "new_question"))
        await players[0].line.answer("q1", ["a"])
        await players[0].line.answer("q1", ["a"])
        await host.wait("answer_count", question_id="q1", answers=1, participants=3)
        await asyncio.gather(*(player.line.answer("q1", ["b"]) for player in players[1:]))
        count = await host.wait("answer_count", question_id="q1", answers=3, participants=3)
        assert count["session_id"] == room.session_id
        told = [frame["answers"] for frame in host.frames if frame.action == "answer_count"]
        assert told == sorted(told)
        for player in players:
            await player.line.ping()
            assert not [frame for frame in player.line.frames if frame.action == "answer_count"]


@together
async def test_a_question_closes_early_once_everybody_has_answered(doors: Doors) -> None:
    """With `close_early` nobody waits for the rest of a question that all have answered."""
    async with await doors.room(QUIZ, close_early=True) as room:
        host = await room.host()
        players = [await room.player(name) for name in ("ann", "bob")]
        await opening(await host.host("start", "new_question"))
        await players[0].line.answer("q1", ["a"])
        await host.wait("answer_count", answers=1)
        assert (await doors.ask("session.get", session_id=room.session_id))["state"] == "open"
        await players[1].line.answer("q1", ["b"])
        closed = await room.closed(players[0], "q1")
        assert closed["counts"] == {"a": 1, "b": 1, "c": 0, "d": 0}


@together
async def test_a_locked_session_lets_nobody_in(doors: Doors) -> None:
    """After `lock` a join is refused; after `unlock` it works again."""
    async with await doors.room(QUIZ) as room:
        host = await room.host()
        await host.host("lock", "session")
        reply = await room.http.post("/join", {"pin": room.pin, "nickname": "ann"})
        assert (reply.status, reply.code) == (409, "session_locked")
        await host.host("unlock", "session")
        await room.player("ann")


@together
async def test_a_kicked_player_is_out(doors: Doors) -> None:
    """Out of the board, the results and the audience; neither socket nor token is of use."""
    async with await doors.room(QUIZ) as room:
        host = await room.host()
        ann, bob = [await room.player(name) for name in ("ann", "bob")]
        await opening(await host.host("start", "new_question"))
        await bob.line.answer("q1", ["a"])
        await ann.line.answer("q1", ["b"])
        kicked = await host.host(
            "kick", "kicked", "session", participant_id=bob.seat.participant_id
        )
        assert kicked.action != "error"
        await bob.line.wait_closed()
        reply = await room.http.post(
            "/join", {"pin": room.pin, "resume_token": bob.seat.resume_token}
        )
        assert (reply.status, reply.code) == (403, "forbidden")
        await host.host("close", "session")
        await room.closed(ann, "q1")
        reply = await room.http.answer(bob.seat.resume_token, "q1", ["a"])
        assert (reply.status, reply.code) == (403, "forbidden")
        board = await ann.line.wait("leaderboard")
        only = [ann.seat.participant_id]
        assert [entry["participant_id"] for entry in board["entries"]] == only
        over_http = await room.board()
        assert [entry["participant_id"] for entry in over_http["entries"]] == only
        assert over_http["total"] == 1
        assert list(rows_of(await room.results())) == only
        assert (await room.audit())["agrees"] is True
        await host.wait("leaderboard")
        await host.host("end", "session", "quiz_finished")
        end = await ann.line.wait("quiz_finished")
        assert [entry["participant_id"] for entry in end["podium"]] == only
        assert not [frame for frame in bob.line.frames if frame.action == "question_closed"]


@together
async def test_a_player_kicked_between_questions_leaves_the_board(doors: Doors) -> None:
    """Who is removed after a result was shown is gone from boards, results and audit from then."""
    async with await doors.room(QUIZ) as room:
        host = await room.host()
        ann, bob = [await room.player(name) for name in ("ann", "bob")]
        await opening(await host.host("start", "new_question"))
        await bob.line.answer("q1", ["a"])
        await host.host("close", "session")
        await host.wait("leaderboard")
        await room.board()
        await host.host("kick", "kicked", participant_id=bob.seat.participant_id)
        only = [ann.seat.participant_id]
        board = await room.board()
        assert [entry["participant_id"] for entry in board["entries"]] == only
        assert list(rows_of(await room.results())) == only
        assert (await room.audit())["agrees"] is True


@together
async def test_kicking_nobody_is_an_error(doors: Doors) -> None:
    """A participant that is not there cannot be removed."""
    async with await doors.room(QUIZ) as room:
        host = await room.host()
        for who in ("00ffffffffffffffff", "nobody", None, 5, "x" * 3_000, "00" + "x" * 3_000):
            refused = await host.host("kick", "kicked", participant_id=who)
            assert (refused.action, refused["code"]) == ("error", "participant_not_found")
        await host.ping()


@together
async def test_a_hosts_ticket_opens_one_socket(doors: Doors) -> None:
    """A host's ticket is for one use too, and a host is no participant."""
    async with await doors.room(QUIZ) as room:
        ticket = await doors.ask("session.host_ticket", session_id=room.session_id)
        host = await Connection.open(ticket["websocket_url"], ticket["ticket"])
        room.lines.append(host)
        with pytest.raises(InvalidStatus):
            await Connection.open(ticket["websocket_url"], ticket["ticket"])
        await host.join_quiz()
        state = await doors.ask("session.get", session_id=room.session_id)
        assert state["participants"] == 0
        assert (await room.board())["total"] == 0


@together
async def test_an_ended_lobby_finishes_without_a_question(doors: Doors) -> None:
    """A session that nobody wants to play any more can be ended at once."""
    async with await doors.room(QUIZ) as room:
        host = await room.host()
        ann = await room.player("ann")
        await host.host("end", "session", "quiz_finished")
        end = await ann.line.wait("quiz_finished")
        assert end["you"]["score"] == 0
        refused = await host.host("start", "new_question")
        assert (refused.action, refused["code"]) == ("error", "session_finished")
        reply = await room.http.post("/join", {"pin": room.pin, "nickname": "bob"})
        assert reply.code in ("session_finished", "pin_not_found")
        assert (await room.audit())["agrees"] is True


@together
async def test_a_host_in_a_hurry_does_not_mix_up_the_order(doors: Doors) -> None:
    """A `next` given the very moment it is possible does not overtake the results before it."""
    document = {"title": "Hurry", "questions": [question(t, "a", time_limit=1) for t in "xy"]}
    async with await doors.room(document) as room:
        players = [await room.player(name) for name in ("ann", "bob", "cem")]
        for _ in document["questions"]:
            await hurry(room)
        await hurry(room)
        for player in players:
            await player.line.wait("quiz_finished")
            events = [event for event in player.line.events() if event.action != "lobby"]
            assert [event["seq"] for event in events] == sorted(event["seq"] for event in events)
            rounds = ["new_question", "question_closed", "leaderboard"] * 2
            assert [event.action for event in events] == [*rounds, "quiz_finished"]


async def hurry(room: Room) -> None:
    """Command `next` until it is accepted."""
    async with asyncio.timeout(PATIENCE):
        while True:
            answer = await asyncio.to_thread(
                room.doors.ask_or_code,
                "session.command",
                session_id=room.session_id,
                command="next",
            )
            if answer != "not_allowed_now":
                return


@together
async def test_the_lobby_counts_everybody(doors: Doors) -> None:
    """The `lobby` event reaches those who wait, and in the end counts whoever came last."""
    async with await doors.room({"title": "Lobby", "questions": [question("one", "a")]}) as room:
        host = await room.host()
        first = await room.player("first")
        await first.line.wait("lobby", participants=1)
        second = await room.player("second")
        for line in (host, first.line, second.line):
            await line.wait("lobby", participants=2)
