"""P5: who drops and returns with the resume token goes on where they were."""

from __future__ import annotations

from tests.contract.client import Player, Seat
from tests.contract.doors import Doors, Room, rows_of
from tests.contract.game import opening, question
from tests.contract.together import together

LONG = 600
QUIZ = {
    "title": "Coming back",
    "questions": [question("one", "a", time_limit=1), question("two", "b", time_limit=LONG)],
}


async def back(room: Room, player: Player) -> Player:
    """The same player on a new socket, by the resume token."""
    return await room.sit(await room.http.resume(room.pin, player.seat.resume_token))


def same(one: Seat, other: Seat) -> None:
    """Check that two seats are one participant's, each with a ticket of its own."""
    assert one.session_id == other.session_id
    assert one.participant_id == other.participant_id
    assert one.nickname == other.nickname
    assert one.ticket != other.ticket


@together
async def test_a_dropped_player_returns_in_the_middle_of_a_question(doors: Doors) -> None:
    """Name, score, rank, the open question and whether it is answered are as they were left."""
    async with await doors.room(QUIZ) as room:
        host = await room.host()
        ann, bob, cem = [await room.player(name) for name in ("Ann", "Bob", "Cem")]
        await opening(await host.host("start", "new_question"))
        assert (await ann.line.answer("q1", ["a"])).action == "answer_accepted"
        assert (await bob.line.answer("q1", ["b"])).action == "answer_accepted"
        closed = await room.closed(ann, "q1")
        await host.wait("leaderboard")
        asked = await host.host("next", "new_question")
        await opening(asked)
        assert (await ann.line.answer("q2", ["b"])).action == "answer_accepted"
        await ann.line.close()
        bob.line.socket.transport.abort()

        ann2, bob2 = await back(room, ann), await back(room, bob)
        for player, before in ((ann2, ann), (bob2, bob)):
            same(player.seat, before.seat)
            snapshot = player.snapshot
            assert snapshot["session_id"] == room.session_id
            assert snapshot["participant_id"] == before.seat.participant_id
            assert snapshot["nickname"] == before.seat.nickname
            assert snapshot["state"] == "open"
            assert snapshot["question"] == asked["question"]
            assert snapshot["opens_at"] == asked["opens_at"]
            assert snapshot["closes_at"] == asked["closes_at"]
        assert ann2.snapshot["score"] == closed["you"]["score"] > 0
        assert (ann2.snapshot["rank"], ann2.snapshot["answered"]) == (1, ["b"])
        assert (bob2.snapshot["score"], bob2.snapshot["answered"]) == (0, None)

        again = await ann2.line.answer("q2", ["a"])
        assert again["code"] == "already_answered"
        assert (await bob2.line.answer("q2", ["b"])).action == "answer_accepted"
        await room.command("close")
        for player in (ann2, bob2):
            end = await room.closed(player, "q2")
            assert end["you"]["answer"] == ["b"]
            await player.line.wait("leaderboard")
            events = [event.action for event in player.line.events()]
            assert events == ["question_closed", "leaderboard"]
        assert (await room.closed(cem, "q2"))["you"]["answer"] is None
        assert len(rows_of(await room.results())) == 3


@together
async def test_a_new_socket_closes_the_old_one(doors: Doors) -> None:
    """One participant, one socket: the newest gets the events, the one before is closed."""
    async with await doors.room(QUIZ) as room:
        ann = await room.player("Ann")
        ann2 = await back(room, ann)
        await ann.line.wait_closed()
        await room.command("start")
        await ann2.line.wait("new_question")
        assert not [frame for frame in ann.line.frames if frame.action == "new_question"]
        await ann2.line.ping()


@together
async def test_a_player_returns_between_questions_and_after_the_end(doors: Doors) -> None:
    """The snapshot shows the last result in between, and the podium at the end."""
    async with await doors.room({**QUIZ, "questions": QUIZ["questions"][:1]}) as room:
        ann = await room.player("Ann")
        await room.command("start")
        await opening(await ann.line.wait("new_question"))
        await ann.line.answer("q1", ["a"])
        closed = await room.closed(ann, "q1")
        await ann.line.wait("leaderboard")
        ann2 = await back(room, ann)
        assert ann2.snapshot["state"] == "revealed"
        assert ann2.snapshot["score"] == closed["you"]["score"]
        for key in ("question_id", "correct", "counts", "explanation", "you"):
            assert ann2.snapshot["last"][key] == closed[key]
        await room.command("next")
        end = await ann2.line.wait("quiz_finished")
        ann3 = await back(room, ann2)
        assert ann3.snapshot["state"] == "finished"
        assert ann3.snapshot["podium"] == end["podium"]
        assert ann3.snapshot["score"] == closed["you"]["score"]
        assert ann3.snapshot["rank"] == 1


@together
async def test_a_resumed_player_is_not_counted_twice(doors: Doors) -> None:
    """However often somebody returns, the board has one line for them."""
    async with await doors.room(QUIZ) as room:
        ann = await room.player("Ann")
        for _ in range(3):
            ann = await back(room, ann)
        assert (await room.board())["total"] == 1


@together
async def test_a_full_house_lets_players_return(doors: Doors) -> None:
    """A locked session refuses newcomers, not those who were in it."""
    async with await doors.room(QUIZ) as room:
        ann = await room.player("Ann")
        await room.command("lock")
        reply = await room.http.post("/join", {"pin": room.pin, "nickname": "Bob"})
        assert (reply.status, reply.code) == (409, "session_locked")
        ann2 = await back(room, ann)
        await ann2.line.ping()
        await room.command("unlock")
        await room.player("Bob")


@together
async def test_a_token_outlives_its_sockets(doors: Doors) -> None:
    """The token given at joining stays good after returns, for answering and for returning."""
    async with await doors.room(QUIZ) as room:
        ann = await room.player("Ann")
        await back(room, ann)
        same((await back(room, ann)).seat, ann.seat)
        await opening(await (await room.host()).host("start", "new_question"))
        reply = await room.http.answer(ann.seat.resume_token, "q2", ["a"])
        assert (reply.status, reply.code) == (409, "wrong_question")
