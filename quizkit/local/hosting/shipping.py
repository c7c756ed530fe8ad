"""Function output on its way: to a file, to CloudWatch Logs, and its metrics to CloudWatch.

Invocations only put their lines into a queue. One thread takes them out in batches, so a burst
of a thousand answers costs a few calls to MiniStack instead of thousands. Lines that MiniStack
does not take are lost there and kept in the file.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from logging.handlers import RotatingFileHandler
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, Final, Protocol

from quizkit.local.hosting.emf import Datum, metrics_in

_INTERVAL_S: Final = 0.5
_BATCH: Final = 500
_FILE_BYTES: Final = 10_000_000
_FILES: Final = 3

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Line:
    """A line that a function wrote; `at_ms` is epoch milliseconds."""

    function: str
    request_id: str
    at_ms: int
    text: str


class SinkError(Exception):
    """The sink did not take a batch."""


class Sink(Protocol):
    """Where batches go: MiniStack, or a fake in tests. Both raise SinkError."""

    def put_metrics(self, namespace: str, data: Sequence[Mapping[str, Any]]) -> None:
        """Publish metric data of one namespace."""

    def put_lines(self, function: str, lines: Sequence[Line]) -> None:
        """Append lines to the function's log."""


class FunctionLog:
    """The functions' lines in one file that rolls over; oldest first."""

    def __init__(self, path: Path) -> None:
        self._handler = RotatingFileHandler(
            path, maxBytes=_FILE_BYTES, backupCount=_FILES, encoding="utf-8", delay=True
        )

    def write(self, lines: Iterable[Line]) -> None:
        """Append lines as `time function request-id text`."""
        for line in lines:
            when = datetime.fromtimestamp(line.at_ms / 1000, UTC).isoformat(timespec="milliseconds")
            text = f"{when} {line.function} {line.request_id} {line.text}"
            self._handler.emit(logging.makeLogRecord({"msg": text}))

    def close(self) -> None:
        """Close the file."""
        self._handler.close()


class Shipper:
    """Sends lines on in the background.

    Args:
        sink: where metrics and log lines go.
        file: where every line goes first.
    """

    def __init__(self, sink: Sink, file: FunctionLog) -> None:
        self._sink = sink
        self._file = file
        self._queue: SimpleQueue[Line] = SimpleQueue()
        self._sending = threading.Lock()
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._work, name="shipper", daemon=True)

    def start(self) -> None:
        """Begin sending every half second."""
        self._thread.start()

    def put(self, function: str, request_id: str, lines: Iterable[str]) -> None:
        """Take the lines of one invocation; returns at once."""
        at_ms = int(time.time() * 1000)
        for text in lines:
            self._queue.put(Line(function, request_id, at_ms, text))

    def flush(self) -> int:
        """Send all that was put before, now; how many lines that were."""
        with self._sending:
            lines = self._drain()
            self._file.write(lines)
            self._send_metrics(datum for line in lines for datum in metrics_in(line.text))
            self._send_lines(lines)
            return len(lines)

    def close(self) -> None:
        """Send what is left and end."""
        self._closed.set()
        self._thread.join(timeout=5.0)
        self.flush()
        self._file.close()

    def _work(self) -> None:
        while not self._closed.wait(_INTERVAL_S):
            self.flush()

    def _drain(self) -> list[Line]:
        lines = []
        while True:
            try:
                lines.append(self._queue.get_nowait())
            except Empty:
                return lines

    def _send_metrics(self, metrics: Iterable[Datum]) -> None:
        by_namespace: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
        for datum in metrics:
            by_namespace[datum.namespace].append(datum.data)
        for namespace, data in by_namespace.items():
            for start in range(0, len(data), _BATCH):
                self._attempt(self._sink.put_metrics, namespace, data[start : start + _BATCH])

    def _send_lines(self, lines: Iterable[Line]) -> None:
        by_function: dict[str, list[Line]] = defaultdict(list)
        for line in lines:
            by_function[line.function].append(line)
        for function, own in by_function.items():
            for start in range(0, len(own), _BATCH):
                self._attempt(self._sink.put_lines, function, own[start : start + _BATCH])

    def _attempt(self, send: Callable[[str, Any], None], name: str, batch: Any) -> None:
        try:
            send(name, batch)
        except SinkError as exc:
            _log.warning("%d items of %s were not taken: %s", len(batch), name, exc)
