"""Function output on its way."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from quizkit.local.hosting.shipping import FunctionLog, Line, Shipper, SinkError


class FakeSink:
    """Keeps what it gets, or refuses everything."""

    def __init__(self, *, refuses: bool = False) -> None:
        self.metrics: list[tuple[str, int]] = []
        self.lines: list[tuple[str, list[str]]] = []
        self._refuses = refuses

    def put_metrics(self, namespace: str, data: Sequence[Mapping[str, Any]]) -> None:
        """Keep how many there were."""
        self._check()
        self.metrics.append((namespace, len(data)))

    def put_lines(self, function: str, lines: Sequence[Line]) -> None:
        """Keep the texts."""
        self._check()
        self.lines.append((function, [line.text for line in lines]))

    def _check(self) -> None:
        if self._refuses:
            raise SinkError("not now")


def metric(namespace: str) -> str:
    """An embedded-metric line."""
    directive = {"Namespace": namespace, "Dimensions": [[]], "Metrics": [{"Name": "Rate"}]}
    return json.dumps({"_aws": {"Timestamp": 1, "CloudWatchMetrics": [directive]}, "Rate": 1})


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """The functions' log file."""
    return tmp_path / "functions.log"


def test_flush_sends_batches_by_function_and_namespace(path: Path) -> None:
    """Lines go to their function's log in order, metrics to their namespace, all to the file."""
    sink = FakeSink()
    shipper = Shipper(sink, FunctionLog(path))
    shipper.put("one", "r1", ["a", metric("N")])
    shipper.put("two", "r2", ["b"])
    shipper.put("one", "r3", ["c", metric("M"), metric("N")])
    assert shipper.flush() == 6
    assert shipper.flush() == 0
    assert sink.metrics == [("N", 2), ("M", 1)]
    assert sink.lines == [
        ("one", ["a", metric("N"), "c", metric("M"), metric("N")]),
        ("two", ["b"]),
    ]
    lines = path.read_text(encoding="utf-8").splitlines()
    assert [line.split(" ", 3)[1:] for line in lines[:1]] == [["one", "r1", "a"]]
    assert len(lines) == 6
    shipper.start()
    shipper.close()


def test_large_batches_are_split(path: Path) -> None:
    """No call carries more than CloudWatch takes."""
    sink = FakeSink()
    shipper = Shipper(sink, FunctionLog(path))
    shipper.put("one", "r1", [metric("N")] * 1100)
    shipper.flush()
    assert [count for _, count in sink.metrics] == [500, 500, 100]
    shipper.start()
    shipper.close()


def test_refused_batch_stays_in_the_file(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A sink that is down costs its copy only, with a warning."""
    shipper = Shipper(FakeSink(refuses=True), FunctionLog(path))
    shipper.put("one", "r1", ["a", metric("N")])
    with caplog.at_level(logging.WARNING):
        shipper.flush()
    assert "not now" in caplog.text
    assert len(path.read_text(encoding="utf-8").splitlines()) == 2
    shipper.start()
    shipper.close()


def test_close_sends_what_is_left(path: Path) -> None:
    """Lines put just before the end are not lost."""
    sink = FakeSink()
    shipper = Shipper(sink, FunctionLog(path))
    shipper.start()
    shipper.put("one", "r1", ["last words"])
    shipper.close()
    assert [text for _, texts in sink.lines for text in texts] == ["last words"]
