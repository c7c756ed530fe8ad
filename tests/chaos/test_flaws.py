"""The checker can fail: every flaw that is put back on purpose is found by the runs."""

from __future__ import annotations

import pytest

from tests.chaos.flaws import FLAWS
from tests.chaos.run import play
from tests.chaos.world import ChaosWorld

#: In so many runs every flaw has to show; most do in the first ten.
WITHIN = 300


@pytest.mark.parametrize("flaw", FLAWS, ids=lambda flaw: flaw.__name__)
def test_the_runs_find_the_flaw(flaw: type[ChaosWorld]) -> None:
    """Some run breaks a promise that this flaw cannot keep, and nothing crashes."""
    for number in range(WITHIN):
        found = {violation.rule for violation in play(f"flaw/{number}", flaw).violations}
        assert "crash" not in found, f"flaw/{number}"
        if found & FLAWS[flaw]:
            return
    raise AssertionError(f"{flaw.__name__} went unnoticed in {WITHIN} runs")
