"""Two hundred games with mixed faults keep every promise; `make chaos` plays the same ones."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from quizkit.core.history import Fate
from tests.chaos.run import Report, play
from tests.chaos.weather import FAIR, PORT_FAULTS

RUNS = 200
PARTS = 8
ROOT = Path(__file__).parents[2]

#: Every other kind of fault that the runs know, by the name in their summary.
OTHER_FAULTS = {
    *("cold start", "new environment", "invocation run twice", "slow write"),
    *("queue message twice", "queue message late", "timer never comes"),
    *("control event twice", "control event late or out of order", "control event missing"),
    *("Redis away from the start", "Redis killed", "Redis flushed", "Redis set back"),
    *("$disconnect never comes", "socket cut at random"),
    *("post answered 410", "post answered 429", "slow post"),
    *("frame out of order", "frame twice"),
    *("host gone for good", "finished twice", "winners' topic refuses", "two sessions at once"),
}


@cache
def run(number: int) -> Report:
    """One run of those that `make chaos` plays."""
    return play(f"1/{number}")


@pytest.mark.parametrize("part", range(PARTS))
def test_every_promise_is_kept(part: int) -> None:
    """P1, P2, P4 to P8 under mixed faults; a failure says what broke and how to see it again."""
    for number in range(part, RUNS, PARTS):
        report = run(number)
        broken = "\n".join(f"{found.rule}: {found.message}" for found in report.violations[:10])
        assert not broken, f"{broken}\nreplay: python -m tests.chaos --only {report.seed}"


def test_the_runs_have_every_kind_of_fault() -> None:
    """No fault that the documentation names is switched off, and answers come through."""
    faults: Counter[str] = Counter()
    fates: Counter[Fate] = Counter()
    for number in range(RUNS):
        faults += run(number).faults
        fates += run(number).fates
    assert set(faults) == {*PORT_FAULTS, *OTHER_FAULTS}
    assert fates[Fate.OK] > 25 * RUNS
    assert min(fates.values()) > RUNS


def test_a_seed_is_a_run() -> None:
    """The same seed gives the same history and the same faults, another seed others."""
    for number in (3, 4):
        again = play(f"1/{number}")
        assert again.history == run(number).history
        assert again.faults == run(number).faults
    assert run(3).digest != run(4).digest


def test_a_seed_is_a_run_in_every_process() -> None:
    """A replay elsewhere is the same run: nothing depends on the order of a set."""
    command = [sys.executable, "-m", "tests.chaos", "--only", "1/5"]
    outputs = [
        subprocess.run(
            command,
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
            timeout=120,
        ).stdout
        for seed in ("1", "2")
    ]
    assert outputs[0] == outputs[1]
    assert f"history {run(5).digest}" in outputs[0]


def test_a_fair_day() -> None:
    """Without faults everybody is in, everything is acknowledged that came in time."""
    report = play("fair/1", weather=FAIR)
    assert not report.violations
    assert set(report.faults) <= {"cold start", "new environment", "finished twice"}
    assert report.fates[Fate.OK] > 0
