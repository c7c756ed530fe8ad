"""The live client against a fake platform over real sockets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from quizkit.sdk.errors import (
    Conflict,
    CredentialsError,
    Misuse,
    NotFound,
    Refused,
    Unreachable,
)
from quizkit.sdk.live import LiveSession
from quizkit.sdk.live_events import (
    Disconnected,
    Joined,
    LiveEvent,
    NewQuestion,
    QuizFinished,
    RawEvent,
    Reconnected,
    ServerError,
)
from quizkit.sdk.live_socket import Patience
from tests.sdk.fake_platform import PIN, FakePlatform, fake_platform

QUICK = Patience(
    connect=5,
    acknowledge=0.2,
    answer=10,
    command=5,
    give_up=5,
    first_delay=0.02,
    longest_delay=0.1,
    keep_alive=0.05,
)


@pytest.fixture
async def platform() -> AsyncIterator[FakePlatform]:
    """A fake platform, running."""
    async with fake_platform() as running:
        yield running


async def join(platform: FakePlatform, nickname: str = "Ada") -> LiveSession:
    """A joined player who is not patient."""
    return await LiveSession.join(platform.http_url, PIN, nickname, patience=QUICK)


async def following(session: LiveSession, kind: type[LiveEvent]) -> LiveEvent:
    """The next event of a kind; others before it are dropped."""
    async for event in session:
        if isinstance(event, kind):
            return event
    raise AssertionError(f"the session ended without {kind.__name__}")


async def test_a_whole_game(platform: FakePlatform) -> None:
    """Join, question, acknowledged answer, end: the events come in order and then stop."""
    async with await join(platform) as session:
        await platform.ask(1)
        seen = []
        async for event in session:
            seen.append(type(event).__name__)
            if isinstance(event, NewQuestion):
                ack = await session.answer(event.question.id, ["a"])
                await platform.broadcast("something_new", text="hello")
                await platform.finish()
    assert seen == ["Joined", "NewQuestion", "RawEvent", "QuizFinished"]
    assert platform.answers["p0", "q1"] == {"answer": ["a"], "received_at": ack.received_at}
    assert session.snapshot.nickname == "Ada"


async def test_it_iterates_on_after_a_break(platform: FakePlatform) -> None:
    """Leaving the loop loses no event: the next loop goes on where the first ended."""
    async with await join(platform) as session:
        assert isinstance(await following(session, Joined), Joined)
        await platform.broadcast("first")
        await platform.broadcast("second")
        for action in ("first", "second"):
            event = await following(session, RawEvent)
            assert isinstance(event, RawEvent)
            assert event.action == action


@pytest.mark.parametrize(
    ("pin", "nickname", "error", "code"),
    [
        ("000000", "Ada", NotFound, "pin_not_found"),
        (PIN, "Taken", Conflict, "nickname_taken"),
    ],
)
async def test_refused_joins(
    platform: FakePlatform, pin: str, nickname: str, error: type[Exception], code: str
) -> None:
    """A refusal of the platform is raised with its code, and nobody has joined."""
    async with await join(platform, "Taken"):
        with pytest.raises(error) as caught:
            await LiveSession.join(platform.http_url, pin, nickname, patience=QUICK)
    assert getattr(caught.value, "code", None) == code
    assert len(platform.players) == 1


async def test_nobody_there() -> None:
    """A platform that is down is Unreachable, at once."""
    with pytest.raises(Unreachable):
        await LiveSession.join("http://127.0.0.1:9", PIN, "Ada", patience=QUICK)


async def test_join_quiz_refused(platform: FakePlatform) -> None:
    """An error that answers `join_quiz` is raised by joining."""
    platform.refuse_join = {"code": "session_not_found", "message": "gone"}
    with pytest.raises(NotFound, match="gone"):
        await join(platform)


async def test_resume_keeps_the_participant(platform: FakePlatform) -> None:
    """With the resume token one is the same participant again, on a new socket."""
    first = await join(platform)
    seat = first.seat
    assert seat is not None
    await first.close()
    async with await LiveSession.resume(
        platform.http_url, PIN, seat.resume_token, patience=QUICK
    ) as again:
        assert again.snapshot.participant_id == seat.participant_id
    assert seat.resume_token not in repr(seat)


async def test_it_comes_back_by_itself(platform: FakePlatform) -> None:
    """A cut socket gives Disconnected, then Reconnected with the state missed meanwhile."""
    async with await join(platform) as session:
        await platform.drop_all()
        await following(session, Disconnected)
        platform.state = "revealed"
        back = await following(session, Reconnected)
        assert isinstance(back, Reconnected)
        assert back.snapshot.participant_id == "p0"
        await platform.until_joined()
        await platform.ask(2)
        asked = await following(session, NewQuestion)
        assert isinstance(asked, NewQuestion)
        assert asked.question.id == "q2"


async def test_losing_the_socket_on_purpose(platform: FakePlatform) -> None:
    """The real socket is cut, as rehearsals do it, and the session gets another one."""
    async with await join(platform) as session:
        assert session.sockets == 1
        session.lose_socket()
        await following(session, Disconnected)
        session.lose_socket()  # there is none now: nothing happens
        await following(session, Reconnected)
        assert session.sockets == 2
        await platform.finish()


async def test_events_come_once_and_in_order(platform: FakePlatform) -> None:
    """A repeated event, and one older than the last, are dropped; also after a reconnection."""
    async with await join(platform) as session:
        await platform.ask(1)
        await platform.ask(2)
        await platform.broadcast("new_question", seq=1, **(platform.open or {}))
        await platform.drop_all()
        await following(session, Disconnected)
        await platform.until_joined()
        await platform.broadcast("new_question", seq=2, **(platform.open or {}))
        await platform.finish()
        numbers = [event.seq async for event in session if isinstance(event, NewQuestion)]
    assert numbers == []
    assert platform.seq == 3


async def test_an_answer_survives_its_socket(platform: FakePlatform) -> None:
    """A socket that dies before the acknowledgement: same ref again, counted once."""
    platform.wrong.drop_on_answer = 1
    async with await join(platform) as session:
        await platform.ask(1)
        ack = await session.answer("q1", ["a"])
    assert ack.received_at == platform.answers["p0", "q1"]["received_at"]
    sent = [frame for frame in platform.frames if frame["action"] == "submit_answer"]
    sent += [body for path, _, body in platform.requests if path == "/answer"]
    assert len(sent) >= 2
    assert {(frame["ref"], tuple(frame["answer"])) for frame in sent} == {(ack.ref, ("a",))}
    assert platform.players[_token(session)].score == 10


@pytest.mark.parametrize("trouble", ["swallow_acks", "unavailable"])
async def test_an_answer_is_repeated_until_acknowledged(
    platform: FakePlatform, trouble: str
) -> None:
    """Lost acknowledgements and passing troubles are tried again on the same socket."""
    setattr(platform.wrong, trouble, 1)
    async with await join(platform) as session:
        await platform.ask(1)
        ack = await session.answer("q1", ["b"])
        assert session.connected
    sent = [frame["ref"] for frame in platform.frames if frame["action"] == "submit_answer"]
    assert sent == [ack.ref, ack.ref]


async def test_answers_go_over_http_without_a_socket(platform: FakePlatform) -> None:
    """While no socket can be had, POST /answer takes the answer, with the resume token."""
    async with await join(platform) as session:
        await platform.ask(1)
        platform.wrong.no_sockets = -1
        await platform.drop_all()
        await following(session, Disconnected)
        ack = await session.answer("q1", ["a"])
        posted = [entry for entry in platform.requests if entry[0] == "/answer"]
        body = {"question_id": "q1", "answer": ["a"], "ref": ack.ref}
        assert posted == [("/answer", _token(session), body)]
        with pytest.raises(Refused) as caught:
            await session.answer("q1", ["b"])
    assert caught.value.code == "already_answered"


@pytest.mark.parametrize("code", ["already_answered", "question_not_open"])
async def test_refused_answers(platform: FakePlatform, code: str) -> None:
    """A refusal of an answer is raised with its code, and the socket stays."""
    async with await join(platform) as session:
        if code == "already_answered":
            await platform.ask(1)
            await session.answer("q1", ["a"])
        with pytest.raises(Refused) as caught:
            await session.answer("q1", ["b"])
        assert session.connected
    assert caught.value.code == code


async def test_an_answer_that_nobody_takes(platform: FakePlatform) -> None:
    """Neither socket nor HTTP: Unreachable after the patience for answers."""
    impatient = Patience(acknowledge=0.05, answer=0.4, first_delay=0.02, connect=5)
    session = await LiveSession.join(platform.http_url, PIN, "Ada", patience=impatient)
    async with session:
        platform.wrong.swallow_acks = -1
        platform.wrong.failing_http = -1
        await platform.ask(1)
        with pytest.raises(Unreachable, match="not acknowledged"):
            await session.answer("q1", ["a"])


async def test_a_stale_ticket_is_replaced(platform: FakePlatform) -> None:
    """A refused ticket is not the end: the resume token gets another."""
    platform.wrong.refuse_tickets = 1
    async with await join(platform) as session:
        assert session.connected


async def test_tickets_that_are_always_refused(platform: FakePlatform) -> None:
    """A platform that refuses every ticket is an error, not an endless loop."""
    platform.wrong.refuse_tickets = -1
    with pytest.raises(CredentialsError):
        await join(platform)


async def test_giving_up(platform: FakePlatform) -> None:
    """Away for longer than the patience: the iterator raises Unreachable."""
    hasty = Patience(give_up=0.2, first_delay=0.02, longest_delay=0.05, connect=5)
    session = await LiveSession.join(platform.http_url, PIN, "Ada", patience=hasty)
    async with session:
        platform.wrong.no_sockets = -1
        await platform.drop_all()
        with pytest.raises(Unreachable):
            await following(session, QuizFinished)


async def test_put_out_of_the_session(platform: FakePlatform) -> None:
    """A resume token that is no longer good ends the session with CredentialsError."""
    async with await join(platform) as session:
        await platform.drop_all()
        platform.players.clear()
        with pytest.raises(CredentialsError):
            await following(session, QuizFinished)


async def test_returning_to_a_finished_session(platform: FakePlatform) -> None:
    """A session that finished meanwhile ends the iteration, by its snapshot."""
    async with await join(platform) as session:
        await platform.drop_all()
        platform.state = "finished"
        events = [event async for event in session]
    assert isinstance(events[-1], Reconnected)
    assert events[-1].snapshot.over


async def test_it_keeps_the_socket_awake(platform: FakePlatform) -> None:
    """Pings go out by themselves, and their pongs are no events."""
    async with await join(platform) as session:
        await platform.until_sent("ping", 2)
        await platform.finish()
        events = [type(event) async for event in session]
    assert events == [Joined, QuizFinished]


async def test_a_host_commands(platform: FakePlatform) -> None:
    """A host's command is answered by the event that it causes, or raises its refusal."""
    async with await LiveSession.host(platform.host_ticket, patience=QUICK) as host:
        assert host.seat is None
        assert host.snapshot.role == "host"
        await host.command("next")
        assert isinstance(await following(host, NewQuestion), NewQuestion)
        with pytest.raises(Conflict) as caught:
            await host.command("start")
        assert caught.value.code == "not_allowed_now"
        platform.wrong.no_sockets = -1
        await platform.drop_all()
        await following(host, Disconnected)
        with pytest.raises(Unreachable, match="not connected"):
            await host.command("next")


async def test_a_host_does_not_answer(platform: FakePlatform) -> None:
    """Where a host's answer would go over HTTP, it is refused here already."""
    platform.wrong.swallow_acks = -1
    async with await LiveSession.host(platform.host_ticket, patience=QUICK) as host:
        await platform.ask(1)
        with pytest.raises(Misuse):
            await host.answer("q1", ["a"])


async def test_an_error_that_nobody_waits_for(platform: FakePlatform) -> None:
    """An error without a request of ours comes as an event."""
    async with await join(platform) as session:
        await platform.broadcast("error", code="internal", message="oops")
        event = await following(session, ServerError)
    assert event == ServerError("internal", "oops")


async def test_cancelling_leaves_nothing_behind(platform: FakePlatform) -> None:
    """A cancelled consumer closes its socket; no task of the session is left."""
    before = asyncio.all_tasks()

    async def consume() -> None:
        async with await join(platform) as session:
            async for _ in session:
                pass

    task = asyncio.create_task(consume())
    await platform.until_joined()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    left = {each for each in asyncio.all_tasks() - before if "quizkit" in each.get_name()}
    assert not left


async def test_closing_ends_the_iteration(platform: FakePlatform) -> None:
    """Closing from elsewhere ends the loop without an error, and closing twice is harmless."""
    session = await join(platform)
    await session.close()
    await session.close()
    assert [type(event) async for event in session] == [Joined]
    assert not session.connected


def _token(session: LiveSession) -> str:
    assert session.seat is not None
    return session.seat.resume_token
