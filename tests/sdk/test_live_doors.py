"""Ways onto a live session's socket."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from quizkit.sdk.errors import Misuse, NotFound, QuizkitError, Unreachable
from quizkit.sdk.live_doors import HostDoor, PlayerDoor
from quizkit.sdk.player import PlayerApi
from quizkit.sdk.threads import in_thread
from tests.sdk.fake_platform import PIN, FakePlatform, fake_platform


@pytest.fixture
async def platform() -> AsyncIterator[FakePlatform]:
    """A fake platform, running."""
    async with fake_platform() as running:
        yield running


async def test_a_player_uses_each_ticket_once(platform: FakePlatform) -> None:
    """First the ticket of joining, then a new one for the resume token."""
    api = PlayerApi(platform.http_url)
    seat = await in_thread(lambda: api.join(PIN, "Ada"))
    door = PlayerDoor(api, seat)
    first = await door.url()
    second = await door.url()
    api.close()
    assert first == f"{platform.websocket_url}?ticket={seat.ticket}"
    assert second == f"{platform.websocket_url}?ticket={door.seat.ticket}"
    assert first != second


async def test_a_seat_whose_ticket_is_used(platform: FakePlatform) -> None:
    """Coming back later takes a new ticket at once; the old one is not tried."""
    api = PlayerApi(platform.http_url)
    first = await PlayerDoor.join(api, PIN, "Ada")
    door = PlayerDoor(api, first.seat, fresh=False)
    url = await door.url()
    assert url == f"{platform.websocket_url}?ticket={door.seat.ticket}"
    assert first.seat.ticket not in url
    back = await PlayerDoor.resume(api, PIN, first.seat.resume_token)
    api.close()
    assert back.seat.participant_id == first.seat.participant_id


@pytest.mark.parametrize(
    ("code", "expected"), [("not_found", Unreachable), ("session_not_found", NotFound)]
)
async def test_an_api_that_is_not_there_yet_may_come_back(
    code: str, expected: type[QuizkitError]
) -> None:
    """A gateway that does not know the API is tried again; a session that is gone is not."""

    def tickets() -> dict[str, str]:
        raise NotFound("404", code=code)

    with pytest.raises(QuizkitError) as caught:
        await HostDoor(tickets).url()
    assert type(caught.value) is expected


async def test_an_answer_outlives_an_api_that_is_not_there_yet(platform: FakePlatform) -> None:
    """A gateway that does not know the API says nothing about the answer: it is sent again."""
    api = PlayerApi(platform.http_url)
    door = await PlayerDoor.join(api, PIN, "Ada")
    await platform.ask(1)
    platform.says = (404, {"message": "Not Found"})
    with pytest.raises(Unreachable):
        await door.answer("q1", ["a"], "r")
    platform.says = None
    assert (await door.answer("q1", ["a"], "r")).ref == "r"
    api.close()


async def test_a_host_gets_a_ticket_each_time() -> None:
    """The callable is asked for every socket, and a host has no way to answer."""
    numbers = iter("12")
    door = HostDoor(lambda: {"ticket": next(numbers), "websocket_url": "ws://x/dev"})
    assert [await door.url(), await door.url()] == ["ws://x/dev?ticket=1", "ws://x/dev?ticket=2"]
    with pytest.raises(Misuse):
        await door.answer("q1", ["a"], "r")
