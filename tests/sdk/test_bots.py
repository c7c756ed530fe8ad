"""Bots: many players in one event loop."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from random import Random
from typing import Any

import pytest

from quizkit.core.history import Fate
from quizkit.sdk.bot_profiles import Decision, Profile
from quizkit.sdk.bot_records import BotResult, Progress
from quizkit.sdk.bots import BotPlan, Troupe, run_bots
from quizkit.sdk.errors import CredentialsError, NotFound, Unreachable
from quizkit.sdk.live_events import Answer, Question
from quizkit.sdk.live_socket import Patience
from tests.sdk.fake_platform import PIN, FakePlatform, fake_platform

QUICK = Patience(connect=20, acknowledge=2, first_delay=0.02, longest_delay=0.1, give_up=20)


@pytest.fixture
async def platform() -> AsyncIterator[FakePlatform]:
    """A fake platform, running."""
    async with fake_platform() as running:
        yield running


async def play(
    platform: FakePlatform,
    bots: int,
    questions: int,
    early: bool = False,
    heard: Callable[[], int] | None = None,
) -> None:
    """Run a session once all the bots are there.

    Args:
        early: questions are opened after they were sent.
        heard: how many acknowledgements have arrived, where bots lose their sockets: a bot that
            returns to a finished session asks no more for one that it missed.
    """
    await platform.until_joined(bots)
    for number in range(1, questions + 1):
        opened = platform.open
        await platform.ask(number)
        if early:
            opened, platform.open = platform.open, None
            await platform.until_sent("submit_answer", 1)
            platform.open = opened
        while len(platform.answers) < bots * number or platform.unheard:
            await asyncio.sleep(0.02)
        while heard is not None and heard() < bots * number:
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
    assert seen[-1] == Progress(bots=30, joined=30, answers=60, finished=30, failed=0, questions=2)
    assert all(result.finished and result.profile == "steady" for result in results)
    assert all(set(result.arrivals) == {"q1", "q2"} for result in results)
    assert all(result.joining and result.joining[0] < result.joining[1] for result in results)


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
    for result in results:
        errors = [given.error for given in result.answers]
        assert errors == ["question_not_open"] * (len(errors) - 1) + [None]
        assert len(errors) > 1


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


# --- profiles ------------------------------------------------------------------------------


async def game(
    platform: FakePlatform, profile: Profile, bots: int = 4, questions: int = 2, **more: Any
) -> list[BotResult]:
    """A game of bots with one profile."""
    settings: dict[str, Any] = {"pace": (0.05, 0.3), "patience": QUICK, "seed": 3}
    plan = BotPlan(cast={profile: 1}, **(settings | more))
    seen: list[Progress] = []
    results, _ = await asyncio.gather(
        run_bots(platform.http_url, PIN, bots, plan=plan, on_progress=seen.append),
        play(platform, bots, questions, heard=lambda: seen[-1].answers if seen else 0),
    )
    return results


async def test_flaky_bots_lose_real_sockets(platform: FakePlatform) -> None:
    """Each question costs them a socket; the client brings them back, and no answer is lost."""
    results = await game(platform, Profile("flaky", drops=1.0), questions=3)
    assert all(result.reconnects >= 2 and result.finished for result in results)
    joins = [frame for frame in platform.frames if frame["action"] == "join_quiz"]
    assert len(joins) == 4 + sum(result.reconnects for result in results)
    assert [result.acknowledged for result in results] == [{"q1", "q2", "q3"}] * 4


async def test_sleepers_go_away_and_return(platform: FakePlatform) -> None:
    """They come back to the same seat by the resume token and find the question still open."""
    profile = Profile("sleeper", leaves=1.0, away=(0.05, 0.1))
    results = await game(platform, profile, bots=6, questions=2)
    assert all(result.returns == 2 and result.finished for result in results)
    assert len(platform.players) == 6
    resumed = [body for path, _, body in platform.requests if "resume_token" in body]
    assert len(resumed) >= 12
    assert [result.acknowledged for result in results] == [{"q1", "q2"}] * 6


async def test_whoever_sleeps_through_the_end_hears_of_it(platform: FakePlatform) -> None:
    """A bot that is away when the session ends learns its score on returning."""

    async def end() -> None:
        await platform.until_joined(1)
        await platform.ask(1)
        while platform.players and next(iter(platform.players.values())).score == 0:
            await asyncio.sleep(0.02)
        while len([f for f in platform.frames if f["action"] == "submit_answer"]) < 1:
            await asyncio.sleep(0.02)
        await asyncio.sleep(0.2)
        await platform.finish()

    plan = BotPlan(
        cast={Profile("sleeper", skill=(1.0, 1.0), leaves=1.0, away=(0.8, 0.9)): 1},
        key={"q1": ["a"]},
        pace=(0.0, 0.1),
        patience=QUICK,
        seed=0,
    )
    results, _ = await asyncio.gather(run_bots(platform.http_url, PIN, 1, plan=plan), end())
    assert (results[0].returns, results[0].finished, results[0].score) == (1, True, 10)


async def test_nervous_bots_repeat_themselves(platform: FakePlatform) -> None:
    """Four requests a question, each acknowledged with the first one's time; one row."""
    results = await game(platform, Profile("nervous", repeats=3))
    for result in results:
        for name in ("q1", "q2"):
            acks = [given.ack for given in result.answers if given.question_id == name]
            assert len(acks) == 4
            assert len({ack.received_at for ack in acks if ack}) == 1
    assert len(platform.answers) == 8


async def test_contradictions_are_refused(platform: FakePlatform) -> None:
    """Of two different answers one is acknowledged, the other refused for good."""
    results = await game(platform, Profile("torn", contradicts=1.0))
    for result in results:
        for name in ("q1", "q2"):
            given = [each for each in result.answers if each.question_id == name]
            assert sorted(each.fate for each in given) == [Fate.FAIL, Fate.OK]
            assert {each.error for each in given} == {None, "already_answered"}
            assert len({each.answer for each in given}) == 2


async def test_scripts_decide(platform: FakePlatform) -> None:
    """A function of one's own chooses answer and delay, from the bot's own generator."""
    asked: list[tuple[str, float]] = []

    def last_option(question: Question, rng: Random) -> Decision:
        asked.append((question.id, rng.random()))
        return Decision([question.options[-1].id], delay=0.01)

    results = await game(platform, Profile("mine", script=last_option))
    assert {given.answer for result in results for given in result.answers} == {("c",)}
    assert sorted(name for name, _ in asked) == ["q1"] * 4 + ["q2"] * 4
    assert len({number for _, number in asked}) == 8


KINDS: dict[str, Any] = {
    "multiple": ["a", "c"],
    "order": ["B", "C", "A"],
    "number": 7.5,
    "text": ["Canberra"],
    "poll": [],
    "slide": [],
}


async def test_every_kind_is_answered(platform: FakePlatform) -> None:
    """Bots that know everything send what the kind takes, in its form; slides are let pass."""
    key = {f"q{number}": right for number, right in enumerate(KINDS.values(), start=1)}
    dealt: list[str] = []
    plan = BotPlan(
        seed=5, key=key, cast={Profile("clever", skill=(1.0, 1.0)): 1}, pace=(0, 0), patience=QUICK
    )
    troupe = Troupe(platform.http_url, PIN, 3, plan=plan, on_answered=dealt.append)

    async def host() -> None:
        await platform.until_joined(3)
        for number, kind in enumerate(KINDS, start=1):
            bare: dict[str, Any] = {"options": []} if kind in ("number", "text", "slide") else {}
            await platform.ask(number, kind=kind, **bare)
            while len(dealt) < number:
                await asyncio.sleep(0.02)
        await platform.finish()

    results, _ = await asyncio.gather(troupe.play(), host())
    sent: dict[str, set[str]] = {}
    for (_, name), stored in platform.answers.items():
        sent.setdefault(name, set()).add(repr(stored["answer"]))
    polled = sent.pop("q5")
    assert polled <= {"['a']", "['b']", "['c']"}
    assert sent == {
        "q1": {"['a', 'c']"},
        "q2": {"['b', 'c', 'a']"},
        "q3": {"7.5"},
        "q4": {"'Canberra'"},
    }
    kept = {given.question_id: given.answer for given in results[0].answers}
    assert (kept["q2"], kept["q3"], kept["q4"]) == (("b", "c", "a"), ("7.5",), ("Canberra",))
    assert all(result.acknowledged == {"q1", "q2", "q3", "q4", "q5"} for result in results)


async def test_scripts_are_not_asked_about_slides(platform: FakePlatform) -> None:
    """A script that looks at options never meets a slide, and may type a text or a number."""
    asked: list[str] = []

    def mine(question: Question, rng: Random) -> Decision:
        asked.append(question.kind)
        answers: dict[str, Answer] = {"text": " b a ", "number": 5.0, "multiple": ["c", "a"]}
        return Decision(answers[question.kind])

    plan = BotPlan(cast={Profile("mine", script=mine): 1}, patience=QUICK)
    dealt: list[str] = []
    troupe = Troupe(platform.http_url, PIN, 1, plan=plan, on_answered=dealt.append)

    async def host() -> None:
        await platform.until_joined(1)
        for number, kind in enumerate(("slide", "text", "number", "multiple"), start=1):
            await platform.ask(number, kind=kind)
            while len(dealt) < number:
                await asyncio.sleep(0.02)
        await platform.finish()

    (result,), _ = await asyncio.gather(troupe.play(), host())
    assert asked == ["text", "number", "multiple"]
    assert [given.answer for given in result.answers] == [("b a",), ("5",), ("a", "c")]


async def test_questions_may_pass(platform: FakePlatform) -> None:
    """A script that decides on no answer sends none, and nobody waits for it."""
    answered: list[str] = []
    plan = BotPlan(
        cast={Profile("shy", script=lambda question, rng: Decision(None)): 1}, patience=QUICK
    )
    troupe = Troupe(platform.http_url, PIN, 3, plan=plan, on_answered=answered.append)

    async def host() -> None:
        await platform.until_joined(3)
        await platform.ask(1)
        while not answered:
            await asyncio.sleep(0.02)
        await platform.finish()

    results, _ = await asyncio.gather(troupe.play(), host())
    assert answered == ["q1"]
    assert [result.answers for result in results] == [[], [], []]


async def test_answers_without_a_reply(platform: FakePlatform) -> None:
    """Their fate is unknown, and so is that of one on its way when the game ends."""
    platform.wrong.swallow_acks = -1
    plan = BotPlan(pace=(0.0, 0.0), patience=Patience(acknowledge=0.05, answer=0.3, connect=20))

    async def host() -> None:
        await platform.until_joined(2)
        platform.wrong.failing_http = -1
        await platform.ask(1)
        await platform.until_sent("submit_answer", 2)
        await asyncio.sleep(1)
        await platform.ask(2)
        await platform.until_sent("submit_answer", 6)
        await platform.finish()

    results, _ = await asyncio.gather(run_bots(platform.http_url, PIN, 2, plan=plan), host())
    for result in results:
        assert [given.question_id for given in result.answers] == ["q1", "q2"]
        assert {given.fate for given in result.answers} == {Fate.UNKNOWN}
        assert [given.error for given in result.answers] == ["unreachable", None]


async def test_stopping(platform: FakePlatform) -> None:
    """Whoever still plays is stopped and says so; nothing is left behind."""
    before = asyncio.all_tasks()
    plan = BotPlan(cast={Profile("gone", leaves=1.0, away=(50, 60)): 1}, patience=QUICK)
    troupe = Troupe(platform.http_url, PIN, 4, plan=plan)

    async def host() -> None:
        await platform.until_joined(4)
        await platform.ask(1)
        await asyncio.sleep(1)
        troupe.stop()

    results, _ = await asyncio.gather(troupe.play(), host())
    assert [type(result.error) for result in results] == [Unreachable] * 4
    assert not any(result.finished for result in results)
    await asyncio.sleep(0.05)
    assert not {each for each in asyncio.all_tasks() - before if not each.done()}


async def test_joins_share_kept_connections(platform: FakePlatform) -> None:
    """A hundred joins need no more connections than there are joins at once."""
    plan = BotPlan(patience=QUICK, joins_at_once=8)
    await asyncio.gather(run_bots(platform.http_url, PIN, 100, plan=plan), play(platform, 100, 0))
    assert len([path for path, _, _ in platform.requests if path == "/join"]) == 100
    assert platform.connections <= 8
