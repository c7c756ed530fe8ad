"""What runs, as one JSON file: read by everybody, written atomically under the lock.

A file that is missing, torn or from another version reads as an empty record. That loses
nothing: processes are found again by the mark in their environment (`processes.find_marked`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from quizkit.local.processes import Child

_FORMAT = 1


@dataclass(frozen=True, slots=True)
class Record:
    """The platform as last started.

    Attributes:
        children: component name → its process; empty while nothing runs.
        ports: component name → port of the last start.
        settled: component name → port that the deployed stacks were told.
        iam, native: the options of the last start.
        started_at: epoch seconds, None while nothing runs.
    """

    children: Mapping[str, Child] = field(default_factory=dict)
    ports: Mapping[str, int] = field(default_factory=dict)
    settled: Mapping[str, int] = field(default_factory=dict)
    iam: bool = False
    native: bool = False
    started_at: float | None = None

    def with_child(self, name: str, child: Child, port: int) -> Record:
        """The record once `name` runs as `child` on `port`."""
        return replace(
            self,
            children={**self.children, name: child},
            ports={**self.ports, name: port},
        )

    def stopped(self) -> Record:
        """The record once nothing runs."""
        return replace(self, children={}, started_at=None)


def read(path: Path) -> Record:
    """The record in `path`; an empty one where there is none to be read."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        return _decode(document)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return Record()


def write(path: Path, record: Record) -> None:
    """Replace the record in `path`; a reader sees the old one or the new one, never a part."""
    document = {"format": _FORMAT, **asdict(record)}
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps(document, indent=1), encoding="utf-8")
    fresh.replace(path)


def _decode(document: Mapping[str, Any]) -> Record:
    """A record from its JSON form; raises where it has another shape."""
    if document["format"] != _FORMAT:
        return Record()
    started_at = document["started_at"]
    return Record(
        children={
            name: Child(pid=int(child["pid"]), created=float(child["created"]))
            for name, child in document["children"].items()
        },
        ports={name: int(port) for name, port in document["ports"].items()},
        settled={name: int(port) for name, port in document["settled"].items()},
        iam=bool(document["iam"]),
        native=bool(document["native"]),
        started_at=None if started_at is None else float(started_at),
    )
