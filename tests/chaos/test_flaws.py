"""The checker can fail: every flaw that is put back on purpose is found by the runs."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from tests.chaos.flawed_scores import NoLastFold
from tests.chaos.flaws import FLAWS
from tests.chaos.run import play
from tests.chaos.world import ChaosWorld

#: In so many runs every flaw has to show: as many as `make chaos` plays; most need ten.
WITHIN = 200
#: The runs are those of the command, but for a flaw that shows too seldom for any one seed.
SEEDS: Mapping[type[ChaosWorld], str] = {NoLastFold: "flaw"}


@pytest.mark.parametrize("flaw", FLAWS, ids=lambda flaw: flaw.__name__)
def test_the_runs_find_the_flaw(flaw: type[ChaosWorld]) -> None:
    """Some run breaks a promise that this flaw cannot keep, and nothing crashes."""
    for number in range(WITHIN):
        seed = f"{SEEDS.get(flaw, '1')}/{number}"
        found = {violation.rule for violation in play(seed, flaw).violations}
        assert "crash" not in found, seed
        if found & FLAWS[flaw]:
            return
    raise AssertionError(f"{flaw.__name__} went unnoticed in {WITHIN} runs")
