"""Starting one component after the other, each on a port that it really got."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Final

from quizkit.local import ports
from quizkit.local import record as records
from quizkit.local.errors import LocalError
from quizkit.local.layout import Layout
from quizkit.local.processes import Child, end, is_running, listens, spawn
from quizkit.local.record import Record
from quizkit.local.service import Service

#: MiniStack needs 2 s on an idle machine; a busy one may be 20 times slower.
_READY_S: Final = 90.0
_POLL_S: Final = 0.05
_ATTEMPTS: Final = 3
_TAIL_LINES: Final = 8
_LOG_LIMIT: Final = 5_000_000


class Launcher:
    """Starts components and writes down each at once.

    Args:
        patience: seconds that a component has to become ready.

    Attributes:
        record: what runs so far; always as in the file.
    """

    def __init__(self, layout: Layout, record: Record, *, patience: float = _READY_S) -> None:
        self.record = record
        self._patience = patience
        self._layout = layout
        self._taken: set[int] = set()
        layout.create()

    def launch(self, usual_port: int, name: str, service_on: Callable[[int], Service]) -> int:
        """Start a component and wait until it works.

        Args:
            usual_port: where people expect it.
            name: the component's name.
            service_on: describes the component on a given port.

        Returns:
            Its port.

        Raises:
            LocalError: it cannot be run, ended, or was not ready in time.
        """
        remembered = self.record.settled.get(name)
        for attempt in range(1, _ATTEMPTS + 1):
            port = ports.choose(usual_port, remembered=remembered, avoid=self._taken)
            self._taken.add(port)
            service = service_on(port)
            log = self._layout.log(name)
            offset = _roll(log)
            child = self._spawn(service, log)
            if self._wait_until_ready(service, child):
                return port
            if is_running(child, self._layout.mark):
                end([child], self._layout.mark, grace=1.0)
                raise _failure(
                    service, f"it was not ready within {self._patience:.0f} s", log, offset
                )
            if ports.is_free(port) or attempt == _ATTEMPTS:
                raise _failure(service, "it ended at once", log, offset)
            # Somebody else took the port between our look and its start.
        raise AssertionError("unreachable")

    def finish(self) -> None:
        """Write down that everything runs."""
        self.record = replace(
            self.record,
            started_at=time.time(),
            settled=self.record.settled or self.record.ports,
        )
        records.write(self._layout.record, self.record)

    def _spawn(self, service: Service, log: Path) -> Child:
        """Start the process and write it down before anything else happens."""
        try:
            child = spawn(service.command, env=service.env, log=log, cwd=self._layout.scratch)
        except OSError as exc:
            raise LocalError(
                f"{service.title} did not start: {service.command[0]} cannot be run"
                f" ({exc.strerror}).",
                hint=service.hint,
            ) from exc
        self.record = self.record.with_child(service.name, child, service.port)
        records.write(self._layout.record, self.record)
        return child

    def _wait_until_ready(self, service: Service, child: Child) -> bool:
        """Wait for health; False once the process ended or the time is up."""
        deadline = time.monotonic() + self._patience
        while time.monotonic() < deadline:
            if not is_running(child, self._layout.mark):
                return False
            if service.healthy() and listens(child, self._layout.mark, service.port):
                return True
            time.sleep(_POLL_S)
        return False


def _roll(log: Path) -> int:
    """Keep a log that grew large as `.1`, and tell where the new run's part begins."""
    try:
        size = log.stat().st_size
    except FileNotFoundError:
        return 0
    if size < _LOG_LIMIT:
        return size
    log.replace(log.with_name(log.name + ".1"))
    return 0


def _failure(service: Service, why: str, log: Path, offset: int) -> LocalError:
    """The error of a component that did not start, with the end of what it wrote."""
    with log.open("rb") as lines:
        lines.seek(offset)
        text = lines.read().decode("utf-8", "replace")
    tail = [line for line in text.splitlines() if line.strip()][-_TAIL_LINES:]
    said = "\n".join(["; it wrote:", *(f"  {line}" for line in tail)]) if tail else "."
    return LocalError(
        f"{service.title} did not start: {why}{said}",
        hint=f"{service.hint} (log: {log})",
    )
