"""The bill of a month without games."""

from __future__ import annotations

import pytest

from quizkit.core.idle import HOURS, NODES, STANDING, idle_month


def test_a_stage_without_a_cache_costs_a_dashboard_and_alarms() -> None:
    """Nothing is billed by the hour then, and the dashboard is the largest part."""
    lines = idle_month(cache=False)
    assert [line.unit for line in lines] == ["dashboards", "alarms", "queue_requests"]
    assert sum(line.dollars for line in lines) == pytest.approx(3.00 + 20 * 0.10 + 0.2628)


@pytest.mark.parametrize("protected", [False, True])
def test_a_cache_is_billed_by_node_and_hour(protected: bool) -> None:
    """A protected stage has a standby, which doubles it; all else stays."""
    plain = {line.unit: line for line in idle_month(cache=False)}
    first, *rest = idle_month(protected=protected)
    assert (first.unit, first.quantity) == ("cache_node_hours", NODES[protected] * HOURS)
    assert first.dollars == pytest.approx((1 + protected) * 9.344)
    assert {line.unit: line for line in rest} == plain


def test_parts_come_with_what_they_are() -> None:
    """The words of the price list."""
    assert all(line.what == STANDING[line.unit].what for line in idle_month())
