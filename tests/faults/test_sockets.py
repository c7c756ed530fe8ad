"""P5: sockets end at the worst of moments; the SDK's client is back within 5 s, as it was."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

from quizkit.sdk.live import LiveSession
from quizkit.sdk.live_doors import PlayerDoor
from quizkit.sdk.live_events import (
    Answer,
    Disconnected,
    Event,
    LiveEvent,
    Lobby,
    NewQuestion,
    QuestionClosed,
    QuizFinished,
    Reconnected,
)
from quizkit.sdk.live_protocol import Ack
from quizkit.sdk.live_socket import Patience
from quizkit.sdk.player import PlayerApi
from tests.contract.client import PATIENCE
from tests.contract.doors import Doors, Room, answers_of, rows_of
from tests.contract.game import question
from tests.contract.test_events import quiz
from tests.contract.together import together
from tests.faults.gateway_limits import Limits, limited
from tests.faults.rows import connection_of

LONG = 600
BACK_SECONDS = 5.0


class Watched:
    """A live session of the SDK, and every event of it with the moment at which it came."""

    def __init__(self, session: LiveSession) -> None:
        self.session = session
        self.events: list[tuple[float, LiveEvent]] = []
        self._changed = asyncio.Condition()
        self._task = asyncio.create_task(self._follow())

    async def _follow(self) -> None:
        async for event in self.session:
            async with self._changed:
                self.events.append((time.monotonic(), event))
                self._changed.notify_all()

    async def until(
        self, kind: type[LiveEvent], count: int = 1, ready: Callable[[Any], bool] = lambda _: True
    ) -> tuple[float, Any]:
        """The `count`-th event of a kind that is as it should be, and when it came."""

        def found() -> list[tuple[float, LiveEvent]]:
            return [(at, it) for at, it in self.events if isinstance(it, kind) and ready(it)]

        async with asyncio.timeout(PATIENCE), self._changed:
            await self._changed.wait_for(lambda: len(found()) >= count)
            return found()[count - 1]

    def of(self, *kinds: type[LiveEvent]) -> list[LiveEvent]:
        """All events of some kinds."""
        return [event for _, event in self.events if isinstance(event, kinds)]

    async def close(self) -> None:
        """Leave; what the session raised at its end is raised here."""
        await self.session.close()
        await self._task


async def watched(room: Room, nickname: str, **patience: float) -> Watched:
    """A player who uses the SDK."""
    url = room.doors.output("HttpApiUrl")
    return Watched(await LiveSession.join(url, room.pin, nickname, patience=Patience(**patience)))


def seat_of(player: Watched) -> Any:
    """The player's seat."""
    assert player.session.seat is not None
    return player.session.seat


async def cut_by_the_server(doors: Doors, player: Watched) -> None:
    """Close a player's socket through the gateway's management interface."""
    who = seat_of(player).participant_id
    connection = await asyncio.to_thread(connection_of, doors, who)
    assert connection is not None
    callback = doors.output("WebSocketApiUrl").replace("ws://", "http://", 1)
    reply = await asyncio.to_thread(
        doors.http.raw, f"{callback}/@connections/{connection}", "DELETE"
    )
    assert reply.status == 204


async def cut_by_the_line(doors: Doors, player: Watched) -> None:
    """Reset the connection without a word of either side."""
    player.session.lose_socket()


CUTS = (cut_by_the_server, cut_by_the_line)


async def back(player: Watched, count: int) -> Reconnected:
    """The `count`-th return, which came in time."""
    lost, _ = await player.until(Disconnected, count)
    returned, event = await player.until(Reconnected, count)
    assert returned - lost < BACK_SECONDS
    assert isinstance(event, Reconnected)
    return event


@together
async def test_a_cut_player_is_back_in_every_state(doors: Doors) -> None:
    """Lobby, open question before and after the answer, results, end: name, score and state."""
    document = {
        "title": "Cut",
        "questions": [question("one", "a", time_limit=LONG), question("two", "a", time_limit=LONG)],
    }
    async with await doors.room(document) as room:
        players = [await watched(room, f"cut {number}") for number in range(2)]
        host = await room.host()
        cuts = 0

        async def everybody_cut() -> list[Reconnected]:
            nonlocal cuts
            cuts += 1
            for number, player in enumerate(players):
                await CUTS[(cuts + number) % 2](doors, player)
            found = [await back(player, cuts) for player in players]
            for number, event in enumerate(found):
                assert event.snapshot.nickname == f"cut {number}"
                assert event.snapshot.participant_id == seat_of(players[number]).participant_id
            return found

        for event in await everybody_cut():
            assert (event.snapshot.state, event.snapshot.score) == ("lobby", 0)
        asked = await host.host("start", "new_question")
        await asyncio.gather(*(player.until(NewQuestion) for player in players))
        for event in await everybody_cut():
            assert event.snapshot.state == "open"
            assert event.snapshot.question is not None
            assert event.snapshot.question.id == "q1"
            assert event.snapshot.closes_at == asked["closes_at"]
            assert event.snapshot.answered is None
        await asyncio.sleep(max(0.0, asked["opens_at"] / 1_000 - time.time()))
        acks = await asyncio.gather(*(player.session.answer("q1", ["a"]) for player in players))
        for event in await everybody_cut():
            assert event.snapshot.answered == ["a"]
        await host.host("close", "session")
        scores = []
        for player in players:
            _, closed = await player.until(QuestionClosed)
            scores.append(closed.you.score)
        await host.wait("leaderboard")
        for event, score in zip(await everybody_cut(), scores, strict=True):
            assert (event.snapshot.state, event.snapshot.score) == ("revealed", score)
            assert event.snapshot.last is not None
            assert event.snapshot.last["you"]["answer"] == ["a"]
        await host.host("end", "session", "quiz_finished")
        for player, ack, score in zip(players, acks, scores, strict=True):
            _, end = await player.until(QuizFinished)
            assert end.you.score == score > 0
            stored = answers_of(await room.results(), seat_of(player).participant_id)["q1"]
            assert stored["received_at"] == ack.received_at
            await player.close()
        assert (await room.audit())["agrees"] is True


@together
async def test_answers_survive_their_sockets(doors: Doors) -> None:
    """Sockets cut while answers are under way: each is acknowledged, stored once, and counts."""
    document = quiz("Cut answers", time_limit=LONG, count=2)
    async with await doors.room(document) as room:
        players = [await watched(room, f"p{number}", acknowledge=1.0) for number in range(8)]
        host = await room.host()
        asked = await host.host("start", "new_question")
        await asyncio.gather(*(player.until(NewQuestion) for player in players))
        await asyncio.sleep(max(0.0, asked["opens_at"] / 1_000 - time.time()))

        async def answer(number: int, player: Watched) -> Ack:
            acknowledged = asyncio.create_task(player.session.answer("q1", ["ab"[number % 2]]))
            await asyncio.sleep(0.005 * (number // 2))
            await CUTS[number // 2 % 2](doors, player)
            return await acknowledged

        acks = await asyncio.gather(*(answer(*numbered) for numbered in enumerate(players)))
        for player in players:
            await back(player, 1)
        await host.host("close", "session")
        for number, (player, ack) in enumerate(zip(players, acks, strict=True)):
            _, closed = await player.until(QuestionClosed)
            assert closed.you.answer == ["ab"[number % 2]]
            stored = answers_of(await room.results(), seat_of(player).participant_id)
            assert [it["received_at"] for it in stored.values()] == [ack.received_at]
            await player.close()
        assert closed.counts == {"a": 4, "b": 4, "c": 0, "d": 0}
        audit = await room.audit()
        assert (audit["agrees"], audit["answers"]) == (True, 8)


# --- the gateway's own limits, shortened -----------------------------------------------------


class Through:
    """A player's way onto a socket that leads through the limits."""

    def __init__(self, inner: PlayerDoor, limits: Limits) -> None:
        self._inner = inner
        self._limits = limits

    async def url(self) -> str:
        """A URL with a fresh ticket, as the limits want it."""
        return self._limits.through(await self._inner.url())

    async def answer(self, question_id: str, answer: Answer, ref: str) -> Ack:
        """Answer without a socket."""
        return await self._inner.answer(question_id, answer, ref)


async def limited_player(room: Room, limits: Limits, nickname: str, **patience: float) -> Watched:
    """A player of the SDK behind limits."""
    api = PlayerApi(room.doors.output("HttpApiUrl"))
    door = Through(await PlayerDoor.join(api, room.pin, nickname), limits)
    return Watched(await LiveSession(door, patience=Patience(**patience)).start())


@together
async def test_the_idle_limit_is_never_met(doors: Doors) -> None:
    """10 minutes, shortened: pings in between keep a silent player's socket; without, it is cut.

    The SDK pings every 240 s against 600; here every half a second against two.
    """
    assert Patience().keep_alive < 600 / 2
    async with (
        limited(doors.platform.gateway_url, idle=2.0, oldest=LONG) as limits,
        await doors.room(quiz("Idle", time_limit=LONG)) as room,
    ):
        quiet = await limited_player(room, limits, "pings", keep_alive=0.5)
        await asyncio.sleep(5)
        assert limits.closed == []
        assert limits.messages >= 5
        assert quiet.of(Disconnected, Reconnected) == []
        # What the limit does to one who does not ping; they return and miss nothing.
        mute = await limited_player(room, limits, "mute", keep_alive=LONG)
        await back(mute, 1)
        assert "idle" in limits.closed
        await room.command("start")
        for player in (quiet, mute):
            await player.until(NewQuestion)
        assert quiet.of(Disconnected) == []
        await quiet.close()
        await mute.close()


async def play(session: LiveSession) -> tuple[list[LiveEvent], dict[str, int]]:
    """Answer every question right as soon as it is open; the events, and the acknowledged times."""
    events: list[LiveEvent] = []
    answered: dict[str, int] = {}
    async for event in session:
        events.append(event)
        asked, opens_at = None, None
        if isinstance(event, NewQuestion):
            asked, opens_at = event.question, event.opens_at
        elif isinstance(event, Reconnected) and event.snapshot.answered is None:
            asked, opens_at = event.snapshot.question, event.snapshot.opens_at
        if asked is None or opens_at is None or asked.id in answered:
            continue
        await asyncio.sleep(max(0.0, opens_at / 1_000 - time.time()))
        answered[asked.id] = (await session.answer(asked.id, ["a"])).received_at
    return events, answered


@together
async def test_the_age_limit_is_survived(doors: Doors) -> None:
    """2 hours, shortened to 2 s: the client returns each time; all answers count, each once."""
    document = quiz("Old", time_limit=2, count=2)
    async with (
        limited(doors.platform.gateway_url, idle=LONG, oldest=2.0) as limits,
        await doors.room(document, auto=True, lobby_seconds=1, reveal_seconds=1) as room,
    ):
        api = PlayerApi(doors.output("HttpApiUrl"))
        sessions = []
        for number in range(3):
            door = Through(await PlayerDoor.join(api, room.pin, f"p{number}"), limits)
            sessions.append(
                await LiveSession(door, patience=Patience(acknowledge=1.0, settled=1.0)).start()
            )
        played = await asyncio.gather(*map(play, sessions))
        results = await room.results()
        for session, (events, acknowledged) in zip(sessions, played, strict=True):
            lost = [event for event in events if isinstance(event, Disconnected)]
            assert len(lost) >= 3
            assert {event.reason for event in lost} == {"1001 Going away"}
            numbered = [it for it in events if isinstance(it, Event) and not isinstance(it, Lobby)]
            assert [it.seq for it in numbered] == sorted({it.seq for it in numbered})
            who = session.snapshot.participant_id
            assert who is not None
            stored = answers_of(results, who)
            assert {key: row["received_at"] for key, row in stored.items()} == acknowledged
            last = events[-1]
            assert isinstance(last, QuizFinished | Reconnected)
            you = last.you if isinstance(last, QuizFinished) else last.snapshot
            assert you is not None
            assert you.score == rows_of(results)[who]["score"] > 0
            await session.close()
        assert sum(len(acknowledged) for _, acknowledged in played) == 6
        assert set(limits.closed) == {"old"}
        assert (await room.audit())["agrees"] is True
