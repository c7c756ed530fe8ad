"""Figures for CloudWatch, printed."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from typing import Any


class EmbeddedMetrics:
    """`ports.Metrics` as embedded-metric-format log lines: no call, no network."""

    def __init__(self, stage: str, clock: Any) -> None:
        self._stage = stage
        self._clock = clock

    def put(self, values: Mapping[str, tuple[float, str]], **properties: Any) -> None:
        directive = {
            "Namespace": "QuizPlatform",
            "Dimensions": [["Environment"]],
            "Metrics": [{"Name": name, "Unit": unit} for name, (_, unit) in values.items()],
        }
        line = {
            "_aws": {"Timestamp": self._clock(), "CloudWatchMetrics": [directive]},
            "Environment": self._stage,
            **properties,
            **{name: value for name, (value, _) in values.items()},
        }
        print(json.dumps(line), file=sys.stdout, flush=True)
