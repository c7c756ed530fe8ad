"""P1, P7 and P8: what comes many times, at once, late or in another order happens once."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.contract.client import Player
from tests.contract.doors import Doors, Room, answers_of, rows_of
from tests.contract.game import opening, question
from tests.contract.test_events import a_while, asked_of, deliver, event, put, quiz
from tests.contract.test_fairness import handled, now_ms, over_socket
from tests.contract.together import together
from tests.contract.watching import subscribe
from tests.faults.rows import leave_pending

LONG = 600


def stored_rows(doors: Doors, participant_id: str) -> list[dict[str, Any]]:
    """A participant's rows in the answers table, whatever their keys."""
    pages = doors.aws("dynamodb").get_paginator("scan").paginate(TableName="quizkit-dev-answers")
    items: list[dict[str, Any]] = [item for page in pages for item in page["Items"]]
    return [item for item in items if participant_id in str(item)]


@together
async def test_one_answer_fifty_times_at_once(doors: Doors) -> None:
    """P1: over a socket, over others' events and over HTTP, two payloads: one row, one truth."""
    document = {"title": "Fifty", "questions": [question("x", "a", time_limit=LONG)]}
    async with await doors.room(document) as room:
        player = await room.player("hasty")
        await room.command("start")
        await opening(await player.line.wait("new_question"))
        seat, token = player.seat, player.seat.resume_token

        async def by_socket(answer: list[str], ref: str) -> dict[str, Any]:
            message = {"action": "submit_answer", "question_id": "q1", "answer": answer}
            await player.line.send({**message, "ref": ref})
            return (await player.line.wait("answer_accepted", "error", ref=ref)).body

        async def by_event(answer: list[str], ref: str) -> dict[str, Any]:
            message = {"question_id": "q1", "answer": answer, "ref": ref}
            return await handled(doors, over_socket(seat, message, now_ms()))

        async def by_http(answer: list[str], ref: str) -> dict[str, Any]:
            body = (await room.http.answer(token, "q1", answer, ref)).body
            error: dict[str, Any] = body.get("error", body)
            return error

        ways = (by_socket, by_event, by_http)
        sent = [(ways[number % 3], ["ab"[number // 3 % 2]], f"r{number}") for number in range(50)]
        replies = await asyncio.gather(*(way(answer, ref) for way, answer, ref in sent))

        taken = [
            (answer, ref, reply)
            for (_, answer, ref), reply in zip(sent, replies, strict=True)
            if "code" not in reply
        ]
        first = taken[0][0]
        assert {tuple(answer) for answer, _, _ in taken} == {tuple(first)}
        assert len(taken) == sum(answer == first for _, answer, _ in sent)
        assert all(reply["ref"] == ref for _, ref, reply in taken)
        (received_at,) = {reply["received_at"] for _, _, reply in taken}
        assert {reply["code"] for reply in replies if "code" in reply} == {"already_answered"}

        (row,) = await asyncio.to_thread(stored_rows, doors, seat.participant_id)
        assert {"N": str(received_at)} in row.values()
        await room.command("close")
        closed = await room.closed(player, "q1")
        assert (closed["you"]["answer"], sum(closed["counts"].values())) == (first, 1)
        own = answers_of(await room.results(), seat.participant_id)
        assert list(own) == ["q1"]
        assert (own["q1"]["answer"], own["q1"]["received_at"]) == (first, received_at)
        audit = await room.audit()
        assert (audit["agrees"], audit["answers"], audit["participants"]) == (True, 1, 1)


@together
async def test_five_hosts_go_on_at_once(doors: Doors) -> None:
    """P7: of five equal commands for one version one moves the session; the others are told."""
    async with await doors.room(quiz("Five hosts", time_limit=1, count=3)) as room:
        player = await room.player("ann")
        hosts = [await room.host() for _ in range(5)]
        await room.command("start")
        await room.closed(player, "q1")
        version = (await doors.ask("session.get", session_id=room.session_id))["version"]
        since = len(player.line.frames)

        async def go_on(number: int) -> str | None:
            """The code of the refusal, if it is one."""
            line, ref = hosts[number], f"n{number}"
            begun = len(line.frames)
            await line.send({"action": "host", "command": "next", "version": version, "ref": ref})
            # Messages of one socket are answered in order: with the pong the answer is there.
            await line.send({"action": "ping"})
            await line.wait("pong", since=begun)
            errors = [frame for frame in line.frames[begun:] if frame.action == "error"]
            assert all(frame["ref"] == ref for frame in errors)
            return errors[0]["code"] if errors else None

        codes = await asyncio.gather(*map(go_on, range(5)))
        assert codes.count(None) == 1, codes
        assert set(codes) <= {None, "conflict", "not_allowed_now"}
        await room.closed(player, "q2")
        assert asked_of(player) == [0, 1]
        events = [frame.action for frame in player.line.frames[since:]]
        assert events.count("new_question") == 1


@together
async def test_five_events_at_once_make_one_move(doors: Doors) -> None:
    """P7: five `next` on the bus at once, then stragglers of them: one question each time."""
    async with await doors.room(quiz("Five events", time_limit=LONG, count=3)) as room:
        player = await room.player("ann")
        start, go_on, stop = (
            {"action": action, "session_id": room.session_id}
            for action in ("start", "next", "close")
        )
        await put(doors, *[start] * 5)
        await opening(await player.line.wait("new_question"))
        await put(doors, *[stop] * 5)
        await room.closed(player, "q1")
        await player.line.wait("leaderboard")
        since = len(player.line.frames)
        await put(doors, *[go_on] * 5)
        await opening(await player.line.wait("new_question", since=since))
        await a_while()
        await deliver(doors, event(go_on), 5)
        await a_while()
        state = await doors.ask("session.get", session_id=room.session_id)
        assert (state["state"], state["question_index"]) == ("open", 1)
        assert asked_of(player) == [0, 1]
        closed = [frame for frame in player.line.frames if frame.action == "question_closed"]
        assert len(closed) == 1


@together
async def test_late_and_reordered_events_change_nothing(doors: Doors) -> None:
    """P7: events of a minute ago, in any order, find the session moved on, in every state."""
    async with await doors.room(quiz("Late", time_limit=LONG, count=3)) as room:
        player = await room.player("ann")
        ago = (datetime.now(UTC) - timedelta(minutes=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
        # `start` is too late for nothing: the lobby has waited since before it was sent.
        late = [
            event({"action": action, "session_id": room.session_id}) | {"time": ago}
            for action in ("end", "next", "close", "start")
        ]

        async def unmoved() -> None:
            before = await doors.ask("session.get", session_id=room.session_id)
            for envelope in late:
                await deliver(doors, envelope)
            await a_while()
            assert await doors.ask("session.get", session_id=room.session_id) == before

        await unmoved()
        await room.command("start")
        await opening(await player.line.wait("new_question"))
        await unmoved()
        await room.command("close")
        await room.closed(player, "q1")
        await player.line.wait("leaderboard")
        await unmoved()
        await room.command("end")
        await player.line.wait("quiz_finished")
        await unmoved()
        events = [frame.action for frame in player.line.events() if frame.action != "lobby"]
        assert events == ["new_question", "question_closed", "leaderboard", "quiz_finished"]


@together
async def test_an_end_many_times_announces_once(doors: Doors) -> None:
    """P8: ended by host, admin and bus at once, finished again and again: one announcement."""
    inbox = await asyncio.to_thread(subscribe, doors)
    async with await doors.room(quiz("Ends", count=1)) as room:
        player = await room.player("ann")
        host = await room.host()
        await opening(await host.host("start", "new_question"))
        await player.line.answer("q1", ["a"])
        await host.host("close", "session")
        await room.closed(player, "q1")
        await host.wait("leaderboard")
        ending = {"action": "end", "session_id": room.session_id}
        await asyncio.gather(
            host.host("end", "session", "quiz_finished"),
            *(
                asyncio.to_thread(
                    doors.ask_or_code,
                    "session.command",
                    session_id=room.session_id,
                    command="end",
                )
                for _ in range(3)
            ),
            put(doors, *[ending] * 5),
        )
        end = await player.line.wait("quiz_finished")
        await put(doors, *[ending] * 3)
        await deliver(doors, event(ending), 3)
        await a_while()
        finished = [frame for frame in player.line.frames if frame.action == "quiz_finished"]
        assert len(finished) == 1
        # As the row is whose function died before it could report that all was done.
        version = (await doors.ask("session.get", session_id=room.session_id))["version"]
        await asyncio.to_thread(leave_pending, doors, room.session_id, version)
        await deliver(doors, {"session_id": room.session_id, "repair": version}, 5)
        again = await player.line.wait("quiz_finished", since=player.line.frames.index(end) + 1)
        assert again.text == end.text
        await a_while()
        (announced,) = await asyncio.to_thread(inbox.of, room.session_id)
        assert announced["winners"] == end["podium"]
        assert (await room.audit())["agrees"] is True


@together
async def test_two_sessions_of_one_quiz_do_not_mix(doors: Doors) -> None:
    """Same quiz, same names, same moments: frames, answers and boards stay with their session."""
    document = quiz("Twice at once", time_limit=2, count=2)
    made = await doors.ask("quiz.create", document=document)
    rooms = []
    for _ in range(2):
        opened = await doors.ask("session.start", quiz_id=made["quiz_id"])
        rooms.append(Room(doors, made["quiz_id"], opened["session_id"], opened["pin"]))
    async with rooms[0], rooms[1]:
        people = [[await room.player(f"p{number}") for number in range(4)] for room in rooms]
        hosts = [await room.host() for room in rooms]
        for index, (right, wrong) in enumerate((("a", "b"), ("a", "c"))):
            command = "next" if index else "start"
            asked = await asyncio.gather(*(host.host(command, "new_question") for host in hosts))
            await asyncio.gather(*map(opening, asked))
            # In the first room all are right, in the second nobody is.
            await asyncio.gather(
                *(
                    answer(player, f"q{index + 1}", choice)
                    for room, choice in zip(people, (right, wrong), strict=True)
                    for player in room
                )
            )
            for host in hosts:
                closed = await host.wait("question_closed", question_id=f"q{index + 1}")
                await host.wait("leaderboard", since=host.frames.index(closed))
        await asyncio.gather(*(host.host("next", "quiz_finished") for host in hosts))
        for room, players, host in zip(rooms, people, hosts, strict=True):
            own = {player.seat.participant_id for player in players}
            for line in (host, *(player.line for player in players)):
                await line.wait("quiz_finished")
                events = line.events()
                assert {frame["session_id"] for frame in events} == {room.session_id}
                for frame in events:
                    lines = frame.body.get("entries", frame.body.get("podium", []))
                    assert {entry["participant_id"] for entry in lines} <= own
            board = await room.board()
            assert {entry["participant_id"] for entry in board["entries"]} == own
            results = await room.results()
            assert set(rows_of(results)) == own
            scores = [line["score"] for line in results["participants"]]
            assert all(scores) if room is rooms[0] else not any(scores)
            assert (await room.audit())["agrees"] is True


async def answer(player: Player, question_id: str, choice: str) -> None:
    """Answer, and have it acknowledged."""
    taken = await player.line.answer(question_id, [choice], f"{question_id} {choice}")
    assert taken.action == "answer_accepted", taken.text
