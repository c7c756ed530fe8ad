"""CloudWatch's embedded metric format: from a log line to metric data.

AWS reads these lines out of the functions' logs. MiniStack does not (a listed difference), so
the handler host does. Malformed lines are no metrics, as on AWS.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

_MAX_DIMENSIONS: Final = 30


@dataclass(frozen=True, slots=True)
class Datum:
    """One metric value set: a namespace and an entry of put_metric_data's MetricData."""

    namespace: str
    data: dict[str, Any]


def metrics_in(line: str) -> list[Datum]:
    """Every metric that `line` carries; empty where it is no embedded-metric document."""
    if '"_aws"' not in line:
        return []
    try:
        document = json.loads(line)
        metadata = document["_aws"]
        when = datetime.fromtimestamp(metadata["Timestamp"] / 1000, UTC)
        directives = metadata["CloudWatchMetrics"]
        return [datum for one in directives for datum in _of_directive(one, document, when)]
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, OSError):
        return []


def _of_directive(
    directive: dict[str, Any], document: dict[str, Any], when: datetime
) -> Iterator[Datum]:
    """The metrics of one directive: each metric once a dimension set."""
    for names in directive.get("Dimensions") or [[]]:
        dimensions = [
            {"Name": name, "Value": str(document[name])} for name in names[:_MAX_DIMENSIONS]
        ]
        for metric in directive["Metrics"]:
            values = _numbers(document.get(metric["Name"]))
            if not values:
                continue
            data = {
                "MetricName": metric["Name"],
                "Dimensions": dimensions,
                "Timestamp": when,
                "Unit": metric.get("Unit", "None"),
                "Values": values,
                "StorageResolution": metric.get("StorageResolution", 60),
            }
            yield Datum(namespace=directive["Namespace"], data=data)


def _numbers(value: Any) -> list[float]:
    """The target of a metric: a number or a list of them; empty where it is neither."""
    values = value if isinstance(value, list) else [value]
    if any(isinstance(item, bool) or not isinstance(item, int | float) for item in values):
        return []
    return [float(item) for item in values]
