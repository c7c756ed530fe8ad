"""Countdowns on a machine whose clock may be wrong."""

from __future__ import annotations

import pytest

from quizkit.cli.screens.countdown import Countdown

OPENS, CLOSES = 1_000_000, 1_020_000


@pytest.mark.parametrize(
    ("now_ms", "waiting"),
    [(OPENS - 600, 0.6), (OPENS - 60_000, 1.0), (OPENS + 60_000, 0.0)],
)
def test_a_new_question_opens_within_the_lead(now_ms: float, waiting: float) -> None:
    """However wrong our clock is, a question just sent opens within a second, for all its time."""
    countdown = Countdown.start(OPENS, CLOSES, now_ms=now_ms, clock=50.0, fresh=True)
    assert countdown.waiting(50.0) == pytest.approx(waiting)
    assert countdown.left(50.0) == pytest.approx(20 + waiting)


@pytest.mark.parametrize(("now_ms", "left"), [(OPENS + 5_000, 15.0), (OPENS + 90_000, 0.0)])
def test_a_question_met_half_way_has_the_rest_of_its_time(now_ms: float, left: float) -> None:
    """Who joins late sees what is left, never more than nothing."""
    countdown = Countdown.start(OPENS, CLOSES, now_ms=now_ms, clock=50.0, fresh=False)
    assert countdown.waiting(50.0) == 0
    assert countdown.left(50.0) == pytest.approx(left)
    assert countdown.left(100.0) == 0
