"""Rehearsals: against a fake stage for everything that goes wrong, and against the real one."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from typing import Any

import pytest

from quizkit.core.history import Violation
from quizkit.sdk.admin import Admin
from quizkit.sdk.bot_profiles import Profile, profiles
from quizkit.sdk.errors import Misuse, NotFound
from quizkit.sdk.formats import load
from quizkit.sdk.live_socket import Patience
from quizkit.sdk.rehearsal import RehearsalPlan, RehearsalProgress, make_room, rehearse
from quizkit.sdk.target import Target
from tests.deployed import Deployed
from tests.sdk.fake_stage import FakeStage, fake_stage

Stage = tuple[FakeStage, Admin]

QUICK = Patience(connect=20, acknowledge=5, first_delay=0.02, longest_delay=0.1, give_up=20)
STEADY = {profiles()["steady"]: 1.0}
QUIZ = b"""\
title: Rehearsed
questions:
  - {text: Capital of Australia?, options: [Sydney, Canberra, Perth], correct: b, time_limit: 20}
  - {text: Which are prime?, options: ["2", "3", "4"], correct: [a, b], time_limit: 20}
"""


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    """A running fake stage and its administrator."""
    async with fake_stage() as both:
        yield both


def plan(players: int = 6, **more: Any) -> RehearsalPlan:
    """A quick rehearsal of steady bots."""
    settings: dict[str, Any] = {"cast": STEADY, "pace": 0.1, "patience": QUICK, "grace": 1.0}
    return RehearsalPlan(players, **(settings | more))


def rules(violations: tuple[Violation, ...]) -> list[str]:
    """Which rules were broken, each once."""
    return sorted({each.rule for each in violations})


# --- a fake stage ------------------------------------------------------------------------


async def test_a_clean_rehearsal(stage: Stage) -> None:
    """All bots play to the end; the report counts what they did and finds nothing broken."""
    _, admin = stage
    seen: list[RehearsalProgress] = []
    report = await rehearse(admin, "k1", plan(players=20, seed=5), on_progress=seen.append)
    assert report.violations == ()
    assert report.clean
    assert (report.joins.joined, report.joins.failed) == (20, 0)
    assert report.cast == {"steady": 20}
    assert (report.answers.sent, report.answers.acknowledged, report.answers.stored) == (40, 40, 40)
    assert [each.delivered for each in report.questions] == [20, 20]
    assert report.delivery.count == report.acknowledgement.count == 40
    assert (report.seed, report.session_id, report.audit["agrees"]) == (5, "s1", True)
    assert list(dict.fromkeys(now.stage for now in seen)) == ["lobby", "game", "checking"]
    assert seen[-1].bots.finished == seen[-1].bots.answers // 2 == 20


async def test_the_host_waits_for_the_bots_and_not_for_the_clock(stage: Stage) -> None:
    """The start comes once all are in; each question is closed when all have answered, once."""
    platform, admin = stage
    commands: list[list[str]] = []

    def watch(now: RehearsalProgress) -> None:
        if now.stage == "lobby" or now.bots.answers in (1, 11):
            commands.append(list(platform.commands))

    await rehearse(admin, "k1", plan(players=10), on_progress=watch)
    assert all("start" not in before for before in commands[:10])
    assert platform.commands == ["start", "close", "close"]
    assert ["start", "close"] in commands


async def test_mishaps_break_nothing(stage: Stage) -> None:
    """Lost sockets, absences, repeats and contradictions leave a clean verdict."""
    _, admin = stage
    cast = {
        Profile("clumsy", drops=1.0): 1.0,
        Profile("absent", leaves=1.0, away=(0.05, 0.2)): 1.0,
        Profile("loud", repeats=3, contradicts=1.0): 1.0,
    }
    report = await rehearse(admin, "k1", plan(players=15, cast=cast, seed=2))
    assert report.violations == ()
    assert report.reconnects >= 5
    assert report.returns >= 5
    assert report.answers.refused >= 10
    assert report.answers.stored >= report.answers.acknowledged > 20


async def test_an_answer_that_is_acknowledged_and_not_stored(stage: Stage) -> None:
    """The very thing that rehearsals are for: one lost answer among many is found."""
    platform, admin = stage
    platform.wrong.lose_answers = 1
    report = await rehearse(admin, "k1", plan(seed=4))
    assert rules(report.violations) == ["acknowledged_lost"]
    assert (report.answers.acknowledged, report.answers.stored) == (12, 11)
    assert not report.clean


async def test_acknowledgements_that_never_come(stage: Stage) -> None:
    """An answer without a reply is unknown, and no broken promise."""
    platform, admin = stage
    platform.wrong.swallow_acks = -1
    platform.wrong.failing_http = 0
    impatient = Patience(acknowledge=0.05, answer=0.3, first_delay=0.02, connect=20)
    task = asyncio.create_task(rehearse(admin, "k1", plan(2, patience=impatient)))
    await platform.until_sent("submit_answer")
    platform.wrong.failing_http = -1
    report = await task
    assert report.violations == ()
    assert report.answers.unknown > 0


async def test_an_end_that_one_bot_never_sees(stage: Stage) -> None:
    """Whoever waits for the end in vain is stopped after the grace, and named."""
    platform, admin = stage
    platform.wrong.keep_the_end = 2
    report = await rehearse(admin, "k1", plan())
    assert [each.rule for each in report.violations] == ["never_finished"] * 2


async def test_a_session_that_is_stuck(stage: Stage) -> None:
    """It is ended, the bots are stopped, and the verdict says that nobody saw an end."""
    platform, admin = stage
    platform.stuck = True
    await_nothing = plan(2, lobby_seconds=1, reveal_seconds=0, slack=0.1, grace=0.1)
    task = asyncio.create_task(rehearse(admin, "k1", await_nothing))
    async with asyncio.timeout(60):
        while "end" not in platform.commands:
            await asyncio.sleep(0.05)
    platform.stuck = False
    report = await task
    assert set(rules(report.violations)) >= {"never_finished"}


async def test_a_bot_that_cannot_join(stage: Stage) -> None:
    """Those who are in play; the verdict counts those who are not."""
    platform, admin = stage
    platform.wrong.failing_http = 1
    report = await rehearse(admin, "k1", plan(joins_at_once=1))
    assert rules(report.violations) == ["could_not_join"]
    assert (report.joins.joined, report.joins.failed) == (5, 1)
    assert "1 of 6" in report.violations[0].message


async def test_nobody_can_join(stage: Stage) -> None:
    """The first failure is raised, and the session is ended."""
    platform, admin = stage
    platform.says = (404, {"error": {"code": "pin_not_found", "message": "no"}})
    with pytest.raises(NotFound):
        await rehearse(admin, "k1", plan(3))
    assert platform.commands == ["end"]


async def test_an_audit_that_disagrees(stage: Stage) -> None:
    """What the platform says against itself is a broken promise, too."""
    platform, admin = stage
    platform.audit = False
    report = await rehearse(admin, "k1", plan(3))
    assert rules(report.violations) == ["audit_disagrees"]


@pytest.mark.parametrize("when", ["lobby", "game"])
async def test_cancelling_ends_the_session(stage: Stage, when: str) -> None:
    """A rehearsal that is cut short leaves no session behind, and no task."""
    platform, admin = stage
    before = asyncio.all_tasks()
    stages: list[str] = []
    running: list[asyncio.Task[Any]] = []

    def watch(now: RehearsalProgress) -> None:
        stages.append(now.stage)
        reached = now.bots.joined == 3 if when == "lobby" else now.bots.answers == 3
        if reached and not running[0].cancelling():
            running[0].cancel()

    running.append(asyncio.create_task(rehearse(admin, "k1", plan(20), on_progress=watch)))
    with pytest.raises(asyncio.CancelledError):
        await running[0]
    assert stages[-1] == "ending"
    assert "end" in platform.commands
    assert platform.state == "finished"
    left = {each for each in asyncio.all_tasks() - before if "quizkit" in each.get_name()}
    assert not left


async def test_cancelling_while_the_session_opens(stage: Stage) -> None:
    """A session that comes to be after the Ctrl-C is ended as well."""
    platform, admin = stage
    platform.go_on.clear()
    task = asyncio.create_task(rehearse(admin, "k1", plan(3)))
    while not platform.opening.is_set():
        await asyncio.sleep(0.01)
    task.cancel()
    await asyncio.sleep(0.05)
    platform.go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert platform.commands == ["end"]


async def test_full_time(stage: Stage) -> None:
    """On request nobody closes a question but its own time."""
    platform, admin = stage
    task = asyncio.create_task(rehearse(admin, "k1", plan(3, full_time=True)))
    async with asyncio.timeout(60):
        while len(platform.answers) < 3:
            await asyncio.sleep(0.02)
        await asyncio.sleep(0.3)
        assert platform.commands == ["start"]
        await platform.move("next")
        while len(platform.answers) < 6:
            await asyncio.sleep(0.02)
        await platform.move("next")
        assert (await task).clean


@pytest.mark.parametrize(
    ("players", "more", "reason"),
    [
        (0, {}, "needs players"),
        (-1, {}, "needs players"),
        (1_000_000, {}, "1,000,000 players are too many"),
        (5_001, {}, "too many"),
        (5, {"pace": 1.5}, "no share"),
        (5, {"pace": -0.1}, "no share"),
        (5, {"pace": float("nan")}, "no share"),
    ],
)
def test_plans_that_cannot_be_played(players: int, more: dict[str, Any], reason: str) -> None:
    """Too few, too many, an impossible pace: refused with the reason and the limit."""
    with pytest.raises(Misuse, match=reason) as caught:
        RehearsalPlan(players, **more)
    assert caught.value.hint


def test_room_for_sockets() -> None:
    """The limit on open files is raised as far as the system lets it; else wrong usage."""
    program = (
        "import resource, sys\n"
        "from quizkit.sdk.errors import Misuse\n"
        "from quizkit.sdk.rehearsal import make_room\n"
        "resource.setrlimit(resource.RLIMIT_NOFILE, (64, 256))\n"
        "make_room(200)\n"
        "print(resource.getrlimit(resource.RLIMIT_NOFILE)[0])\n"
        "try:\n"
        "    make_room(1_000)\n"
        "except Misuse as exc:\n"
        "    print(exc.message, exc.hint)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    first, second = done.stdout.splitlines()
    assert first == "200"
    assert "may open 200 files" in second
    assert "ulimit -n 1000" in second
    make_room(10)


# --- the real platform -------------------------------------------------------------------


@pytest.fixture
def admin(deployed: Deployed, monkeypatch: pytest.MonkeyPatch) -> Admin:
    """The administrator of the deployed stage."""
    monkeypatch.setenv("QUIZKIT_HOME", str(deployed.home))
    target = Target(
        "local", endpoint_url=deployed.gateway_url, access_key="test", secret_key="test"
    )
    return Admin(target, deployed.outputs)


@pytest.mark.slow
async def test_a_real_game_with_all_profiles(admin: Admin) -> None:
    """Steady, hasty, nervous, flaky and sleeping bots on the real stack: a clean verdict."""
    quiz = admin.create_quiz(load(QUIZ, "quiz.yaml"))
    cast = dict.fromkeys(profiles().values(), 1.0)
    report = await rehearse(admin, quiz["quiz_id"], RehearsalPlan(15, seed=11, cast=cast, pace=0.1))
    assert report.violations == ()
    assert set(report.cast.values()) == {3}
    assert report.joins.joined == 15
    assert report.answers.stored >= report.answers.acknowledged >= 15
    assert [each.question_id for each in report.questions] == ["q1", "q2"]
    assert report.audit["answers"] == report.answers.stored
    # Both clocks are this machine's, so what is worked out about them can be known.
    assert report.clock_offset is not None
    assert abs(report.clock_offset) < 1_000


@pytest.mark.slow
async def test_a_stored_answer_that_goes_missing(admin: Admin, deployed: Deployed) -> None:
    """A row deleted from the real table before the check is found, by rule and participant."""
    quiz = admin.create_quiz(load(QUIZ, "quiz.yaml"))
    gone: list[str] = []

    def tamper(now: RehearsalProgress) -> None:
        if now.stage == "checking":
            gone.append(delete_an_answer(deployed, now.session["session_id"]))

    report = await rehearse(
        admin, quiz["quiz_id"], plan(5, patience=None, pace=0.05), on_progress=tamper
    )
    lost = [each for each in report.violations if each.rule == "acknowledged_lost"]
    assert len(lost) == 1
    assert gone[0] in lost[0].message
    assert report.answers.stored == report.answers.acknowledged - 1 == 9


@pytest.mark.slow
async def test_a_bot_that_somebody_kicks(admin: Admin) -> None:
    """The verdict names what happened, and not what follows from it; the others play to the end."""
    quiz = admin.create_quiz(load(QUIZ, "quiz.yaml"))
    kicked: list[str] = []

    def meddle(now: RehearsalProgress) -> None:
        if now.stage == "game" and now.bots.answers == 5 and not kicked:
            session_id = now.session["session_id"]
            kicked.append(admin.leaderboard(session_id, 5)["entries"][0]["participant_id"])
            admin.command(session_id, "kick", participant_id=kicked[0])

    report = await rehearse(
        admin, quiz["quiz_id"], plan(5, patience=None, pace=0.05), on_progress=meddle
    )
    assert rules(report.violations) == ["removed"], report.violations
    assert report.audit["participants"] == 4
    assert report.answers.stored == 8


@pytest.mark.slow
async def test_standings_that_were_changed(admin: Admin, deployed: Deployed) -> None:
    """A score changed in the stored standings, with Redis empty: board and audit tell."""
    quiz = admin.create_quiz(load(QUIZ, "quiz.yaml"))

    def tamper(now: RehearsalProgress) -> None:
        if now.stage == "checking":
            change_a_score(deployed, now.session["session_id"])

    report = await rehearse(
        admin, quiz["quiz_id"], plan(5, patience=None, pace=0.05), on_progress=tamper
    )
    assert rules(report.violations) == ["audit_disagrees", "wrong_board"]


def delete_an_answer(deployed: Deployed, session_id: str) -> str:
    """Delete one stored answer of a session; gives the participant."""
    dynamodb = deployed.client("dynamodb")
    for shard in range(8):
        found = dynamodb.query(
            TableName="quizkit-dev-answers",
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues={":pk": {"S": f"{session_id}#{shard:02x}"}},
        )["Items"]
        if found:
            key = {"pk": found[0]["pk"], "sk": found[0]["sk"]}
            dynamodb.delete_item(TableName="quizkit-dev-answers", Key=key)
            return str(found[0]["sk"]["S"].partition("#")[2])
    raise AssertionError("no answer is stored")


def change_a_score(deployed: Deployed, session_id: str) -> None:
    """Give somebody a point in the stored standings, and take the board out of Redis."""
    import json

    import redis

    dynamodb = deployed.client("dynamodb")
    for shard in range(8):
        key = {"pk": {"S": session_id}, "sk": {"S": f"standings#{shard:02x}"}}
        item = dynamodb.get_item(TableName="quizkit-dev-sessions", Key=key).get("Item")
        lines = json.loads(item["lines"]["S"]) if item else []
        if lines:
            lines[0][3] += 1
            item["lines"] = {"S": json.dumps(lines)}
            dynamodb.put_item(TableName="quizkit-dev-sessions", Item=item)
            break
    with redis.Redis(port=deployed.redis_port) as client:
        client.delete(f"board:{{{session_id}}}", f"board:{{{session_id}}}:meta")
