"""From a log line to metric data."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from quizkit.local.hosting.emf import metrics_in


def document(**changes: Any) -> dict[str, Any]:
    """An embedded-metric document."""
    directive = {
        "Namespace": "QuizPlatform",
        "Dimensions": [["Environment"], ["Environment", "Kind"]],
        "Metrics": [
            {"Name": "ParticipationRate", "Unit": "Percent"},
            {"Name": "Delay", "Unit": "Milliseconds", "StorageResolution": 1},
        ],
    }
    return {
        "_aws": {"Timestamp": 1_700_000_000_500, "CloudWatchMetrics": [directive]},
        "Environment": "dev",
        "Kind": "live",
        "ParticipationRate": 75,
        "Delay": [1.5, 2],
        **changes,
    }


def test_each_metric_appears_once_a_dimension_set() -> None:
    """Names, units, values, time and dimensions are those of the document."""
    found = metrics_in(json.dumps(document()))
    assert [datum.namespace for datum in found] == ["QuizPlatform"] * 4
    first, second = found[0].data, found[1].data
    assert first == {
        "MetricName": "ParticipationRate",
        "Dimensions": [{"Name": "Environment", "Value": "dev"}],
        "Timestamp": datetime(2023, 11, 14, 22, 13, 20, 500_000, tzinfo=UTC),
        "Unit": "Percent",
        "Values": [75.0],
        "StorageResolution": 60,
    }
    assert (second["Values"], second["StorageResolution"]) == ([1.5, 2.0], 1)
    assert [pair["Name"] for pair in found[3].data["Dimensions"]] == ["Environment", "Kind"]


def test_no_dimensions_is_one_set() -> None:
    """A directive without dimensions publishes without any."""
    changed = document()
    changed["_aws"]["CloudWatchMetrics"][0]["Dimensions"] = []
    assert [datum.data["Dimensions"] for datum in metrics_in(json.dumps(changed))] == [[], []]


@pytest.mark.parametrize("value", ["many", True, [1, "x"], None, []])
def test_what_is_no_number_is_no_metric(value: Any) -> None:
    """A target that is not a number is left out, the others stay."""
    found = metrics_in(json.dumps(document(Delay=value)))
    assert {datum.data["MetricName"] for datum in found} == {"ParticipationRate"}


@pytest.mark.parametrize(
    "line",
    [
        "hello",
        '{"_aws" is not JSON',
        '{"_aws": 1}',
        '["_aws"]',
        '{"_aws": {"Timestamp": "now", "CloudWatchMetrics": []}}',
        '{"_aws": {"Timestamp": 1e300, "CloudWatchMetrics": []}}',
        '{"_aws": {"Timestamp": 1, "CloudWatchMetrics": [{"Dimensions": [["Gone"]]}]}}',
    ],
)
def test_other_lines_carry_nothing(line: str) -> None:
    """Text, other JSON and malformed documents are no metrics and no errors."""
    assert metrics_in(line) == []
