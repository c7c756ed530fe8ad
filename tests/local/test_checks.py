"""What the local platform needs, and how it is, as seen from outside."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from quizkit.local import checks, processes
from quizkit.local import record as records
from quizkit.local.checks import Found
from quizkit.local.errors import LocalError
from quizkit.local.layout import Layout
from quizkit.local.processes import MARK, Child
from quizkit.local.record import Record
from quizkit.local.status import MOVED, Component, Status
from quizkit.sdk.checks import Check

PIDS = {"gateway": 1, "redis": 2, "handlers": 3}
PORTS = {"gateway": 4566, "redis": 46379, "handlers": 4567}
TITLES = {"gateway": "MiniStack", "redis": "Redis", "handlers": "handler host"}


def command(rest: str) -> str:
    """A command for people to type."""
    return f"quizkit --stage s {rest}"


def found(
    *up: str,
    alive: tuple[str, ...] = (),
    strays: tuple[int, ...] = (),
    killed: bool = False,
    known: bool = True,
    settled: bool = True,
) -> Found:
    """A platform of which these parts are up, and others only alive."""
    parts = tuple(
        Component(
            name,
            TITLES[name],
            name in up,
            PIDS[name] if name in up else None,
            PORTS[name] if known else None,
            0,
            Path(f"/logs/{name}.log"),
        )
        for name in PIDS
    )
    running = {name: PIDS[name] for name in (*up, *alive)}
    return Found(Status(parts), running, strays, killed, PORTS if settled else {})


ALL = tuple(PIDS)


@pytest.fixture
def mark() -> Iterator[str]:
    """The mark of this test's platform; what carries it is killed afterwards."""
    layout = Layout.current()
    layout.create()
    yield layout.mark
    processes.end(processes.find_marked(layout.mark), layout.mark, grace=0.1)


def sleeper(mark: str, tmp_path: Path) -> Child:
    """A process of the platform."""
    log = tmp_path / "log"
    return processes.spawn(
        [sys.executable, "-c", "import time; time.sleep(300)"],
        env={MARK: mark},
        log=log,
        cwd=tmp_path,
    )


def test_looking_changes_nothing(quizkit_home: Path) -> None:
    """Before the first start there is nothing to see, and nothing is made."""
    seen = checks.look()
    assert seen.stopped
    assert not seen.killed
    assert not quizkit_home.exists()


def test_a_process_that_does_not_answer_is_seen(mark: str, tmp_path: Path) -> None:
    """It is alive by its mark and start time, though nothing listens."""
    child = sleeper(mark, tmp_path)
    record = Record(settled={"redis": 7}).with_child("redis", child, 7)
    records.write(Layout.current().record, record)
    seen = checks.look()
    assert seen.alive == {"redis": child.pid}
    assert not seen.status.component("redis").up
    assert (seen.strays, seen.settled, seen.stopped) == ((), {"redis": 7}, False)


def test_a_process_that_nobody_wrote_down_is_seen(mark: str, tmp_path: Path) -> None:
    """What a killed start has left is found by its mark."""
    child = sleeper(mark, tmp_path)
    seen = checks.look()
    assert seen.strays == (child.pid,)
    assert not seen.stopped


def test_a_platform_that_was_killed_is_seen(mark: str, tmp_path: Path) -> None:
    """Its processes are written down and gone."""
    child = sleeper(mark, tmp_path)
    records.write(Layout.current().record, Record().with_child("redis", child, 7))
    processes.end([child], mark, grace=5.0)
    seen = checks.look()
    assert seen.killed
    assert seen.stopped


def test_everything_is_installed_here() -> None:
    """MiniStack's version is the one that this release works with."""
    assert checks.extra(needed=True).status == "ok"


@pytest.mark.parametrize(("needed", "status"), [(True, "failed"), (False, "skipped")])
def test_the_extra_is_missing(needed: bool, status: str) -> None:
    """Only the local target needs it; what is missing is named."""
    check = checks.extra(needed=needed, present=lambda name: name == "redis")
    assert check.status == status
    assert "Missing: ministack, psutil." in check.message
    assert check.fix == 'run: pip install "quizkit[local]"'


def test_another_ministack() -> None:
    """The differences from AWS are those of one version."""
    check = checks.extra(needed=True, version="9.9.9")
    assert check.status == "warning"
    assert "9.9.9" in check.message
    assert (check.fix or "").startswith("run: pip install ministack==")


def test_a_system_that_it_does_not_run_on() -> None:
    """The reason and where it runs are the platform's own words."""
    check = checks.extra(needed=True, system="nt")
    assert check.status == "failed"
    assert "Subsystem" in (check.fix or "")


def test_a_redis_that_runs() -> None:
    """Version and place are told."""
    check = checks.redis_program(needed=True)
    assert check.status == "ok"
    assert check.message.startswith("Redis ")


@pytest.mark.parametrize(("needed", "status"), [(True, "failed"), (False, "skipped")])
def test_no_redis(needed: bool, status: str) -> None:
    """How to install one is the fix; only the local target needs it."""

    def find() -> Path:
        raise LocalError("none", hint="install it")

    check = checks.redis_program(needed=needed, find=find)
    assert (check.status, check.message, check.fix) == (status, "none", "install it")


def test_a_platform_that_runs() -> None:
    """Its address is told."""
    check = checks.state(found(*ALL), command)
    assert (check.status, check.message) == ("ok", "it runs at http://127.0.0.1:4566")


@pytest.mark.parametrize(
    ("known", "fix"),
    [(True, "run: quizkit local start"), (False, "run: quizkit --stage s deploy")],
)
def test_a_platform_that_is_stopped(known: bool, fix: str) -> None:
    """One that was never started is deployed to, which starts it."""
    check = checks.state(found(known=known), command)
    assert (check.status, check.message) == ("warning", "it does not run")
    assert (check.fix or "").startswith(fix)


def test_a_platform_that_was_killed() -> None:
    """What that costs is said, so that nobody wonders where the quizzes are."""
    check = checks.state(found(killed=True), command)
    assert check.status == "warning"
    assert "loses what happened" in check.message


def test_processes_that_were_left() -> None:
    """They are named, and a start ends them."""
    check = checks.state(found(strays=(41, 42)), command)
    assert check.status == "failed"
    assert "41, 42" in check.message
    assert "local start" in (check.fix or "")


@pytest.mark.parametrize(
    ("up", "status", "told"),
    [
        (("gateway", "handlers"), "warning", "MiniStack and handler host up, Redis down"),
        (("gateway", "redis"), "failed", "MiniStack and Redis up, handler host down"),
        (("handlers",), "failed", "handler host up, MiniStack and Redis down"),
        ((), "failed", "nothing up"),
    ],
)
def test_a_platform_that_is_half_dead(up: tuple[str, ...], status: str, told: str) -> None:
    """Without Redis it works, more slowly; without the others it does not."""
    check = checks.state(found(*up, alive=ALL), command)
    assert check.status == status
    assert told in check.message
    assert check.fix == "run: quizkit local start"


@pytest.mark.parametrize(
    ("name", "up", "alive", "status", "told"),
    [
        ("redis", True, True, "ok", "Redis answers at 127.0.0.1:46379 (pid 2)"),
        ("redis", False, False, "warning", "its process is gone"),
        ("gateway", False, True, "failed", "its process 1 does not answer"),
        ("handlers", False, False, "failed", "its process is gone"),
    ],
)
def test_each_process(name: str, up: bool, alive: bool, status: str, told: str) -> None:
    """One that answers, one that hangs and one that is gone are three findings."""
    seen = found(*([name] if up else []), alive=(name,) if alive else ())
    check = checks.component(seen, seen.status.component(name))
    assert (check.name, check.status) == (name, status)
    assert told in check.message
    assert up or f"/logs/{name}.log" in (check.fix or "")


def test_ports_that_can_be_had() -> None:
    """Those that a start would take are named; those of what runs are its own."""
    check = checks.ports(found(), command, free=lambda port: True)
    assert (check.status, check.message) == ("ok", "4566, 4567, 46379 can be had")
    check = checks.ports(found(*ALL), command, free=lambda port: False)
    assert (check.status, check.message) == ("ok", "the platform has its own")


@pytest.mark.parametrize("who", [None, "httpd (process 9)"])
def test_a_port_that_the_stack_counts_on_is_taken(who: str | None) -> None:
    """By whom is told where that is known; the stack can move instead."""
    check = checks.ports(found(), command, free=lambda port: port != 4566, who=lambda port: who)
    assert check.status == "warning"
    assert f"4566, for MiniStack, is taken by {who or 'another program'}" in check.message
    assert "quizkit --stage s deploy" in (check.fix or "")


def test_a_usual_port_that_is_taken_is_no_matter() -> None:
    """Before the first deployment nobody counts on it: a start takes another."""
    seen = found(known=False, settled=False)
    check = checks.ports(seen, command, free=lambda port: port == 4567, who=lambda port: None)
    assert check.status == "ok"
    assert "a start takes another" in check.message


def test_a_stack_that_was_told_other_ports() -> None:
    """It has to be deployed again; one that knows them has no such finding."""
    seen = found(*ALL)
    assert checks.moved(seen, command) is None
    seen = replace(seen, status=replace(seen.status, moved=("gateway",)))
    assert checks.moved(seen, command) == Check.failed(
        "stack", MOVED, "run: quizkit --stage s deploy"
    )
