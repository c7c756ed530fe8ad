"""The HTTP doors for players."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from quizkit.sdk.errors import Conflict, CredentialsError, NotFound, Refused, Unreachable
from quizkit.sdk.player import PlayerApi, is_loopback
from quizkit.sdk.threads import in_thread
from tests.sdk.fake_platform import PIN, FakePlatform, fake_platform


@pytest.fixture
async def platform() -> AsyncIterator[FakePlatform]:
    """A fake platform, running."""
    async with fake_platform() as running:
        yield running


@pytest.fixture
async def api(platform: FakePlatform) -> AsyncIterator[PlayerApi]:
    """A guest's API."""
    made = PlayerApi(platform.http_url + "/")
    yield made
    made.close()


async def test_join_and_resume(platform: FakePlatform, api: PlayerApi) -> None:
    """Joining gives a seat, its token the same seat again with another ticket."""
    seat = await in_thread(lambda: api.join(PIN, "Ada"))
    again = await in_thread(lambda: api.resume(PIN, seat.resume_token))
    assert (seat.nickname, seat.pin, seat.session_id) == ("Ada", PIN, "s1")
    assert again.participant_id == seat.participant_id
    assert again.ticket != seat.ticket
    assert seat.ticket not in repr(seat)


async def test_members_send_their_token(platform: FakePlatform) -> None:
    """A signed-in player joins by the members' door, with the bearer token."""
    api = PlayerApi(platform.http_url, bearer=lambda *, fresh=False: "secret")
    await in_thread(lambda: api.join(PIN, "Ada"))
    api.close()
    assert platform.requests[0] == (
        "/join/member",
        "secret",
        {"pin": PIN, "nickname": "Ada"},
    )


async def test_refusals(api: PlayerApi) -> None:
    """Refusals become errors with the platform's codes."""
    await in_thread(lambda: api.join(PIN, "Ada"))
    with pytest.raises(Conflict):
        await in_thread(lambda: api.join(PIN, "Ada"))
    with pytest.raises(NotFound):
        await in_thread(lambda: api.join("000000", "Bob"))
    with pytest.raises(CredentialsError):
        await in_thread(lambda: api.answer("wrong", "q1", ["a"], "r"))


async def test_only_what_may_be_repeated_is(platform: FakePlatform, api: PlayerApi) -> None:
    """A 503 is tried again for the board, not for joining as somebody new."""
    platform.wrong.failing_http = 1
    assert (await in_thread(lambda: api.leaderboard("s/1", 5)))["entries"] == []
    assert [path for path, _, _ in platform.requests] == ["/leaderboard/s%2F1?top=5"] * 2
    platform.requests.clear()
    platform.wrong.failing_http = 1
    with pytest.raises(Unreachable):
        await in_thread(lambda: api.join(PIN, "Ada"))
    assert len(platform.requests) == 1


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (200, {"hello": 1}, Refused),
        (200, [], Refused),
        (404, {"message": "Not Found"}, NotFound),
        (403, {"message": "Forbidden"}, CredentialsError),
        (413, {"message": "Too Large"}, Refused),
        (418, "tea", Refused),
        (429, {"message": "Too Many Requests"}, Unreachable),
        (502, {"error": "bad gateway"}, Unreachable),
        (500, {"error": {"code": "internal", "message": "oops"}}, Unreachable),
    ],
)
async def test_what_gateways_say(
    platform: FakePlatform, api: PlayerApi, status: int, body: Any, kind: type[Exception]
) -> None:
    """Answers of gateways and strangers become errors, whatever their shape."""
    platform.says = (status, body)
    with pytest.raises(kind):
        await in_thread(lambda: api.join(PIN, "Ada"))


async def test_a_stage_without_guests(platform: FakePlatform, api: PlayerApi) -> None:
    """It has no such route; a guest hears what to do, a member and who returns do not."""
    platform.says = (404, {"message": "Not Found"})
    with pytest.raises(NotFound) as caught:
        await in_thread(lambda: api.join(PIN, "Ada"))
    assert caught.value.code == "no_guests"
    assert "--user" in (caught.value.hint or "")
    with pytest.raises(NotFound) as caught:
        await in_thread(lambda: api.resume(PIN, "token"))
    assert caught.value.code == NotFound.default_code
    platform.says = (404, {"error": {"code": "pin_not_found", "message": "no session"}})
    with pytest.raises(NotFound) as caught:
        await in_thread(lambda: api.join(PIN, "Ada"))
    assert caught.value.code == "pin_not_found"


def test_nobody_answers() -> None:
    """A closed port is Unreachable, with a hint."""
    api = PlayerApi("http://127.0.0.1:9")
    with pytest.raises(Unreachable) as caught:
        api.leaderboard("s1")
    assert caught.value.hint


@pytest.mark.parametrize(
    ("url", "loopback"),
    [
        ("http://127.0.0.1:4566/x", True),
        ("ws://localhost:1/", True),
        ("ws://[::1]:1/", True),
        ("http://abc.execute-api.localhost:4566", True),
        ("https://abc.execute-api.eu-central-1.amazonaws.com", False),
        ("http://10.0.0.1/", False),
        ("nonsense", False),
    ],
)
def test_loopback(url: str, loopback: bool) -> None:
    """Proxies are left out for this machine and for nothing else."""
    assert is_loopback(url) is loopback


def test_a_proxy_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Other hosts go through the environment's proxy; loopback and no_proxy do not."""
    from urllib3 import ProxyManager

    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("no_proxy", "inside.example")
    proxied = {
        url: isinstance(PlayerApi(url)._pool, ProxyManager)
        for url in ("https://quiz.example", "https://inside.example", "http://127.0.0.1:1")
    }
    assert list(proxied.values()) == [True, False, False]
