"""What runs, on disk."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from quizkit.local import record as records
from quizkit.local.processes import Child
from quizkit.local.record import Record


def test_record_comes_back_as_written(tmp_path: Path) -> None:
    """Children, ports and options survive the file, and no other file is left."""
    path = tmp_path / "platform.json"
    record = Record(iam=True, started_at=1.5).with_child("redis", Child(7, 12.25), 46379)
    records.write(path, record)
    assert records.read(path) == record
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", '{"format": 2}', '{"format": 1, "children": {"redis": 3}}']
)
def test_unreadable_record_is_an_empty_one(tmp_path: Path, text: str) -> None:
    """A torn or foreign file never stops the platform from starting."""
    path = tmp_path / "platform.json"
    path.write_text(text, encoding="utf-8")
    assert records.read(path) == Record()
    assert records.read(tmp_path / "missing") == Record()


def test_stopped_keeps_ports_and_options(tmp_path: Path) -> None:
    """After a stop only the processes are forgotten."""
    record = Record(native=True, started_at=1.5, settled={"redis": 1})
    record = record.with_child("redis", Child(7, 12.25), 46379).stopped()
    assert record.children == {}
    assert record.started_at is None
    assert (record.ports, record.settled, record.native) == ({"redis": 46379}, {"redis": 1}, True)
    records.write(tmp_path / "r.json", record)
    assert json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))["format"] == 1
