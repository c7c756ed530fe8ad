"""Who is gone holds up nobody: a host for good, players whose leaving nobody was told of."""

from __future__ import annotations

import asyncio
import uuid

from tests.contract.client import Connection, Player
from tests.contract.doors import Doors
from tests.contract.game import opening
from tests.contract.rules import lines_of
from tests.contract.test_events import quiz
from tests.contract.test_fairness import now_ms
from tests.contract.together import together
from tests.faults.rows import bind, connection_of


async def vanish(line: Connection) -> None:
    """Leave as a machine does that loses its power."""
    line.socket.transport.abort()
    await line.wait_closed()


async def answer_right(players: list[Player], question_id: str) -> None:
    """All of them answer right, each with an acknowledgement."""
    for player in players:
        taken = await player.line.answer(question_id, ["a"], question_id)
        assert taken.action == "answer_accepted", taken.text


@together
async def test_a_hosted_question_closes_without_its_host(doors: Doors) -> None:
    """The timer closes it; the session waits for whoever may lead, and goes on from there."""
    async with await doors.room(quiz("Host gone", time_limit=4)) as room:
        players = [await room.player(name) for name in ("ann", "bob")]
        host = await room.host()
        asked = await host.host("start", "new_question")
        await opening(asked)
        await answer_right(players, "q1")
        await vanish(host)
        for player in players:
            closed = await room.closed(player, "q1")
            assert closed["you"]["correct"] is True
            await player.line.wait("leaderboard")
        state = await doors.ask("session.get", session_id=room.session_id)
        assert (state["state"], state["question_index"]) == ("revealed", 0)
        assert (await room.audit())["agrees"] is True
        # Somebody else takes over, on another socket.
        other = await room.host()
        await opening(await other.host("next", "new_question"))
        await answer_right(players, "q2")
        await vanish(other)
        await room.command("end")
        for player in players:
            assert (await room.closed(player, "q2"))["you"]["correct"] is True
            assert (await player.line.wait("quiz_finished"))["you"]["score"] > 1_000


@together
async def test_an_automatic_session_ends_without_its_host(doors: Doors) -> None:
    """With `auto` nobody is needed: every question closes, the next one opens, the end comes."""
    document = quiz("Host gone, automatic", time_limit=4, count=2)
    async with await doors.room(document, auto=True, lobby_seconds=1, reveal_seconds=1) as room:
        players = [await room.player(name) for name in ("ann", "bob")]
        host = await room.host()
        await opening(await host.wait("new_question"))
        await answer_right(players, "q1")
        await vanish(host)
        for player in players:
            closed = await room.closed(player, "q1")
            asked = await player.line.wait("new_question", since=player.line.frames.index(closed))
            assert asked["question"]["id"] == "q2"
        await opening(asked)
        await answer_right(players[:1], "q2")
        for player in players:
            end = await player.line.wait("quiz_finished")
            assert [line["nickname"] for line in end["podium"]] == ["ann", "bob"]
        audit = await room.audit()
        assert (audit["agrees"], audit["answers"]) == (True, 3)


@together
async def test_everybody_may_leave_an_automatic_session(doors: Doors) -> None:
    """Answers of players who all vanish count; the session ends with nobody there."""
    document = quiz("Everybody gone", time_limit=2, count=2)
    async with await doors.room(document, auto=True, lobby_seconds=1, reveal_seconds=1) as room:
        players = [await room.player(name) for name in ("ann", "bob", "cem")]
        await opening(await players[0].line.wait("new_question"))
        await answer_right(players, "q1")
        await asyncio.gather(*(vanish(player.line) for player in players))
        async with asyncio.timeout(30):
            while True:
                state = await doors.ask("session.get", session_id=room.session_id)
                if state["state"] == "finished":
                    break
                await asyncio.sleep(0.3)
        back = await room.sit(await room.http.resume(room.pin, players[1].seat.resume_token))
        assert back.snapshot["state"] == "finished"
        assert back.snapshot["score"] > 500
        assert [line["nickname"] for line in back.snapshot["podium"]] == ["ann", "bob", "cem"]


@together
async def test_a_disconnect_that_never_came(doors: Doors) -> None:
    """Who is bound to a dead socket is let go of; others get everything, and so do returners."""
    async with await doors.room(quiz("Never told", time_limit=4)) as room:
        players = [await room.player(f"there {number}") for number in range(8)]
        seats = [await room.http.join(room.pin, f"gone {number}") for number in range(8)]
        for seat in seats:
            # As the row is a minute after the death of a socket of which nobody was told.
            dead = f"dead{uuid.uuid4().hex[:12]}"
            await asyncio.to_thread(bind, doors, seat.participant_id, dead, now_ms() - 60_000)
        await room.command("start")
        asked = await asyncio.gather(*(player.line.wait("new_question") for player in players))
        assert len({frame.text for frame in asked}) == 1
        await opening(asked[0])
        await answer_right(players, "q1")
        # Their sockets' end was noticed by sending; the next event is sent to nobody who is gone.
        for seat in seats:
            async with asyncio.timeout(30):
                while await asyncio.to_thread(connection_of, doors, seat.participant_id):
                    await asyncio.sleep(0.2)
        for player in players:
            assert await asyncio.to_thread(connection_of, doors, player.seat.participant_id)
        back = await room.sit(await room.http.resume(room.pin, seats[0].resume_token))
        assert back.snapshot["question"] == asked[0]["question"]
        for player in (*players, back):
            closed = await room.closed(player, "q1")
            assert closed["counts"]["a"] == len(players)
            board = await player.line.wait("leaderboard")
            assert len(board["entries"]) == 10
        served = lines_of((await room.http.board(room.session_id, 16))["entries"])
        assert {who for _, who, score in served if score} == {
            player.seat.participant_id for player in players
        }
        assert len(served) == 16
