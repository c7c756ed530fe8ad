"""Logs carry ids: after a whole game with everything that is secret in it, none of it is there."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from websockets.exceptions import InvalidStatus

from tests.contract.client import PATIENCE, Connection
from tests.contract.doors import Doors
from tests.contract.game import everybody_finished, opening, question, start_game
from tests.contract.test_stack_accounts import signed_in

MARK = "xylophone"  # a word that nothing of ours contains


async def test_a_games_logs_hold_no_secret(doors: Doors) -> None:
    """Tickets, tokens, PIN, answers, keys, nicknames, addresses; good and bad messages alike."""
    secrets: dict[str, str] = {"mark": MARK}
    document = {
        "title": f"Title {MARK}",
        "questions": [
            question(f"{number} {MARK}", "b", time_limit=30, explanation=f"because {MARK}")
            for number in (1, 2)
        ],
    }
    game = await start_game(doors, document, players=0)
    async with game.room as room:
        secrets["PIN"] = room.pin
        token = await asyncio.to_thread(signed_in, doors, f"{MARK}-member")
        secrets["ID token"] = token
        member = await room.http.post(
            "/join/member", {"pin": room.pin, "nickname": f"{MARK} member"}, token
        )
        assert member.status == 200, member.text
        seats = [await room.http.join(room.pin, f"{MARK} {name}") for name in ("ann", "bob")]
        secrets["member's ticket"] = member.body["ticket"]
        secrets["member's resume token"] = member.body["resume_token"]
        for seat in seats:
            secrets[f"{seat.nickname}'s ticket"] = seat.ticket
            secrets[f"{seat.nickname}'s resume token"] = seat.resume_token
            game.players.append(await room.sit(seat))
        room.lines.append(
            await Connection.open(member.body["websocket_url"], member.body["ticket"])
        )
        await refusals(doors, room.pin, seats[0].websocket_url, game.players[0].line)
        for index in range(2):
            asked = await game.host.host("next" if index else "start", "new_question")
            await opening(asked)
            ann, bob = game.players
            await ann.line.answer(f"q{index + 1}", ["b"], MARK)
            await room.http.answer(bob.seat.resume_token, f"q{index + 1}", ["a"], MARK)
            await bob.line.answer(f"q{index + 1}", [MARK], MARK)
            await game.host.host("close", "session", "question_closed")
            await game.host.wait("question_closed", question_id=f"q{index + 1}")
        await game.host.host("next", "quiz_finished")
        await everybody_finished(game)
        assert (await room.audit())["agrees"] is True
    written = await asyncio.to_thread(logs_about, doors, room.session_id)
    found = {
        name: line
        for name, secret in secrets.items()
        for line in written.splitlines()
        if secret in line
    }
    assert found == {}


async def refusals(doors: Doors, pin: str, websocket_url: str, line: Connection) -> None:
    """Everything that is refused, with the mark in it: what goes wrong is logged most readily."""
    http = doors.http
    for ticket in (MARK, f"{MARK}.{MARK}"):
        with pytest.raises(InvalidStatus):
            await Connection.open(websocket_url, ticket)
    for body in (f"{{{MARK}", {"pin": MARK, "nickname": MARK}, {"pin": pin, "resume_token": MARK}):
        assert (await http.post("/join", body)).status >= 400
    assert (await http.post("/join/member", {"pin": pin, "nickname": "x"}, MARK)).status == 401
    assert (await http.answer(MARK, "q1", ["a"], MARK)).status >= 400
    assert (await http.get(f"/leaderboard/{MARK}?top={MARK}")).status >= 400
    assert doors.ask_or_code("session.get", session_id=MARK) == "session_not_found"
    assert doors.ask_or_code(MARK) == "unknown_action"
    for text in (f"{{{MARK}", f'{{"action": "{MARK}"}}', f'{{"action": "host", "x": "{MARK}"}}'):
        since = len(line.frames)
        await line.send_text(text)
        await line.wait("error", since=since)


def logs_about(doors: Doors, session_id: str) -> str:
    """All that the functions wrote, once the end of a session is in it; from file and service."""
    deadline = time.monotonic() + PATIENCE
    while True:
        text = "\n".join((*files(doors.platform.home), *groups(doors)))
        ended = [line for line in text.splitlines() if session_id in line and "Completion" in line]
        if ended:
            return text
        assert time.monotonic() < deadline, "the end of the session was never logged"
        time.sleep(0.5)


def files(home: Path) -> Iterator[str]:
    """The functions' log files of the local platform."""
    for path in sorted(home.rglob("functions.log*")):
        yield path.read_text()


def groups(doors: Doors) -> Iterator[str]:
    """Every event of every log group: functions and APIs."""
    logs = doors.aws("logs")
    for page in logs.get_paginator("describe_log_groups").paginate():
        for group in page["logGroups"]:
            for events in logs.get_paginator("filter_log_events").paginate(
                logGroupName=group["logGroupName"]
            ):
                yield from (event["message"] for event in events["events"])
