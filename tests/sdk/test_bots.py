"""Bots: many players in one event loop."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from quizkit.core.quiz import parse
from quizkit.sdk.bots import BotPlan, Progress, key_of, run_bots
from quizkit.sdk.errors import CredentialsError, NotFound
from quizkit.sdk.live_socket import Patience
from tests.sdk.fake_platform import PIN, FakePlatform, fake_platform

QUICK = Patience(connect=20, acknowledge=2, first_delay=0.02, longest_delay=0.1, give_up=20)


@pytest.fixture
async def platform() -> AsyncIterator[FakePlatform]:
    """A fake platform, running."""
    async with fake_platform() as running:
        yield running


async def play(platform: FakePlatform, bots: int, questions: int, early: bool = False) -> None:
    """Run a session once all the bots are there; `early` opens questions after sending them."""
    await platform.until_joined(bots)
    for number in range(1, questions + 1):
        opened = platform.open
        await platform.ask(number)
        if early:
            opened, platform.open = platform.open, None
            await platform.until_sent("submit_answer", 1)
            platform.open = opened
        while len(platform.answers) < bots * number:
            await asyncio.sleep(0.02)
    await platform.finish()


async def test_bots_play_to_the_end(platform: FakePlatform) -> None:
    """Every bot joins, answers every question, and has its score from the platform."""
    seen: list[Progress] = []
    plan = BotPlan(seed=7, key={"q1": ["a"], "q2": ["a"]}, pace=(0.0, 0.1), patience=QUICK)
    results, _ = await asyncio.gather(
        run_bots(platform.http_url, PIN, 30, plan=plan, on_progress=seen.append),
        play(platform, 30, 2),
    )
    assert len({result.nickname for result in results}) == 30
    assert all(result.error is None and len(result.answers) == 2 for result in results)
    assert all(given.ack is not None for result in results for given in result.answers)
    scores = {player.nickname: player.score for player in platform.players.values()}
    assert {result.nickname: result.score for result in results} == scores
    # With a key and skills of at least a third, some are right and some wrong.
    assert 0 < sum(scores.values()) < 30 * 20
    assert seen[-1] == Progress(bots=30, joined=30, answers=60, finished=30, failed=0)


async def test_two_hundred_bots_and_lost_sockets(platform: FakePlatform) -> None:
    """A crowd fits into one loop; bots whose sockets are cut return and lose nothing."""
    platform.wrong.drop_on_answer = 20
    plan = BotPlan(pace=(0.0, 0.5), patience=QUICK)
    results, _ = await asyncio.gather(
        run_bots(platform.http_url, PIN, 200, plan=plan), play(platform, 200, 1)
    )
    assert all(given.ack is not None for result in results for given in result.answers)
    assert len(platform.answers) == 200
    assert [result.error for result in results] == [None] * 200


async def test_a_question_that_is_not_open_yet(platform: FakePlatform) -> None:
    """A bot that is too early tries again."""
    plan = BotPlan(pace=(0.0, 0.0), patience=QUICK)
    results, _ = await asyncio.gather(
        run_bots(platform.http_url, PIN, 2, plan=plan), play(platform, 2, 1, early=True)
    )
    assert [given.error for result in results for given in result.answers] == [None, None]


async def test_taken_names(platform: FakePlatform) -> None:
    """A name that somebody has already gets a number."""
    from quizkit.sdk.bots import _NAMES
    from tests.sdk.fake_platform import Player

    platform.players["somebody"] = Player("p99", _NAMES[0])
    results, _ = await asyncio.gather(
        run_bots(platform.http_url, PIN, 1, plan=BotPlan(patience=QUICK)), play(platform, 1, 0)
    )
    assert results[0].nickname.startswith(f"{_NAMES[0]}-")


async def test_nobody_can_join(platform: FakePlatform) -> None:
    """With a wrong PIN the first failure is raised."""
    with pytest.raises(NotFound):
        await run_bots(platform.http_url, "000000", 3)


async def test_the_seed_decides(platform: FakePlatform) -> None:
    """The same seed gives the same answers, another one others."""

    async def game(seed: int) -> list[tuple[str, ...]]:
        async with fake_platform() as fresh:
            plan = BotPlan(seed=seed, pace=(0.0, 0.1), patience=QUICK)
            results, _ = await asyncio.gather(
                run_bots(fresh.http_url, PIN, 12, plan=plan), play(fresh, 12, 1)
            )
        return [given.answer for result in results for given in result.answers]

    first, second, other = await game(1), await game(1), await game(2)
    assert first == second
    assert first != other


def test_key_of_a_quiz() -> None:
    """The key names the right options by question id."""
    question = {"text": "?", "options": ["x", {"text": "y", "correct": True}]}
    assert key_of(parse({"title": "T", "questions": [question]})) == {"q1": ("b",)}


async def test_bots_that_are_put_out(platform: FakePlatform) -> None:
    """A bot that cannot return ends with its error in the result, and its answer undone."""

    async def put_out() -> None:
        await platform.until_joined(3)
        await platform.ask(1)
        platform.tickets.clear()
        sockets = [player.socket for player in platform.players.values()]
        platform.players.clear()
        for socket in sockets:
            assert socket is not None
            socket.transport.abort()

    plan = BotPlan(pace=(50.0, 60.0), patience=QUICK)
    seen: list[Progress] = []
    results, _ = await asyncio.gather(
        run_bots(platform.http_url, PIN, 3, plan=plan, on_progress=seen.append), put_out()
    )
    assert [type(result.error) for result in results] == [CredentialsError] * 3
    assert [result.answers for result in results] == [[], [], []]
    assert (seen[-1].joined, seen[-1].failed) == (3, 3)
