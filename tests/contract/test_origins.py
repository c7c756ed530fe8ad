"""Origins: pages of the listed origin may connect, those of any other may not.

On the strict platform, whose stage lists one origin; the shared one lists none.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Iterator, Mapping
from contextlib import closing

import pytest
import urllib3
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from tests.contract.client import PATIENCE
from tests.contract.doors import Doors, Room
from tests.contract.game import question
from tests.core.test_origins import LOOKALIKES
from tests.deployed import ORIGIN, Deployed

#: Lookalikes that reach the platform as they are: spaces around a header's value belong to
#: HTTP, and a client refuses to send what is not ASCII.
SENT = [origin for origin in LOOKALIKES if origin.isascii() and origin == origin.strip()]
_NAMES = itertools.count()


@pytest.fixture(scope="module")
def room(strict: Deployed) -> Iterator[Room]:
    """A session in its lobby, on the platform that lists ORIGIN."""
    with closing(Doors.of(strict)) as doors:
        yield doors.open_room({"title": "Origins", "questions": [question("x", "b")]})


async def seat_of(room: Room) -> str:
    """A URL with a fresh ticket."""
    seat = await room.http.join(room.pin, f"Origin {next(_NAMES)}")
    return f"{seat.websocket_url}?ticket={seat.ticket}"


async def connecting(url: str, *origins: str) -> int:
    """What `$connect` answers a client that sends these `Origin` headers."""
    headers = [("Origin", origin) for origin in origins]
    try:
        async with connect(
            url, additional_headers=headers, proxy=None, open_timeout=PATIENCE
        ) as line:
            await (await line.ping())
            return 101
    except InvalidStatus as exc:
        return exc.response.status_code


async def test_a_page_of_the_listed_origin_connects(room: Room) -> None:
    """As it stands."""
    assert await connecting(await seat_of(room), ORIGIN) == 101


async def test_a_program_that_is_no_browser_connects(room: Room) -> None:
    """It sends no origin: the SDK, the command line, a bot."""
    assert await connecting(await seat_of(room)) == 101


async def test_other_pages_are_refused(room: Room) -> None:
    """However much their origin looks like the listed one; the ticket is good all the while."""
    url = await seat_of(room)
    assert {origin: await connecting(url, origin) for origin in SENT} == dict.fromkeys(SENT, 403)
    assert await connecting(url) == 101


async def test_where_no_origin_is_listed_no_page_connects(doors: Doors) -> None:
    """The default: players use programs."""
    url = await seat_of(await doors.room({"title": "None", "questions": [question("x", "b")]}))
    assert await connecting(url, ORIGIN) == 403
    assert await connecting(url) == 101


async def cors_of(room: Room, method: str, path: str, headers: Mapping[str, str]) -> str | None:
    """Whom the HTTP API's answer lets read it."""
    base = room.doors.output("HttpApiUrl")
    with urllib3.PoolManager() as pool:
        answer = await asyncio.to_thread(
            pool.request, method, base + path, headers=dict(headers), retries=False
        )
    allowed: str | None = answer.headers.get("access-control-allow-origin")
    return allowed


async def test_the_http_api_invites_the_listed_origin(room: Room) -> None:
    """Preflight and answer alike name it."""
    asked = {"Access-Control-Request-Method": "POST", "Origin": ORIGIN}
    assert await cors_of(room, "OPTIONS", "/join", asked) == ORIGIN
    board = f"/leaderboard/{room.session_id}"
    assert await cors_of(room, "GET", board, {"Origin": ORIGIN}) == ORIGIN


async def test_the_http_api_invites_no_other_origin(room: Room) -> None:
    """Neither before a request nor in its answer, so no page can read what it says."""
    board = f"/leaderboard/{room.session_id}"
    for origin in SENT:
        # The emulator compares without regard to case; browsers send lower case anyway.
        if origin == origin.lower():
            asked = {"Access-Control-Request-Method": "POST", "Origin": origin}
            assert await cors_of(room, "OPTIONS", "/join", asked) is None, origin
            assert await cors_of(room, "GET", board, {"Origin": origin}) is None, origin


@pytest.mark.parametrize("origin", [ORIGIN, "null", "https://evil.test", f"{ORIGIN}.evil.test"])
def test_the_media_bucket_takes_uploads_from_listed_pages_only(room: Room, origin: str) -> None:
    """By the bucket's own rules."""
    url = f"{room.doors.platform.gateway_url}/{room.doors.output('MediaBucketName')}"
    asked = {"Access-Control-Request-Method": "POST", "Origin": origin}
    with urllib3.PoolManager() as pool:
        answer = pool.request("OPTIONS", url, headers=asked, retries=False)
    expected = ORIGIN if origin == ORIGIN else None
    assert answer.headers.get("access-control-allow-origin") == expected
