"""Queue, sockets, workers, board, topic, metrics and schedules in memory."""

from __future__ import annotations

import copy
import heapq
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import count
from typing import Any

from quizkit.core.errors import QuizError
from quizkit.core.owners import ADMINS
from quizkit.core.scoring import Standing, order
from quizkit.core.session import Timer
from tests.fakes.clock import FakeClock


class FakeTimers:
    """`ports.Timers` as a queue of (due, sent, body), earliest first."""

    def __init__(self, clock: FakeClock) -> None:
        self._clock = clock
        self._number = count()
        self.queue: list[tuple[int, int, int, dict[str, Any]]] = []

    def set(self, session_id: str, timer: Timer, now: int) -> None:
        delay = min(900, max(0, -(-(timer.at - now) // 1_000)))
        message = {"action": str(timer.command), "index": timer.index, "at": timer.at}
        self.send({"session_id": session_id, "timer": message}, delay)

    def send(self, message: Mapping[str, Any], delay_seconds: int) -> None:
        body = json.loads(json.dumps(message))
        now = self._clock()
        heapq.heappush(self.queue, (now + delay_seconds * 1_000, next(self._number), now, body))

    def pop(self) -> tuple[int, int, dict[str, Any]]:
        """The earliest message: (due, sent at, body)."""
        due, _, sent_at, body = heapq.heappop(self.queue)
        return due, sent_at, body

    def bodies(self) -> list[dict[str, Any]]:
        """What waits, in the order of delivery."""
        return [body for _, _, _, body in sorted(self.queue)]


class FakeSockets:
    """`ports.Sockets`: every open socket keeps the frames that it received."""

    def __init__(self) -> None:
        self.frames: dict[str, list[dict[str, Any]]] = {}
        self.closed: list[str] = []

    def open(self, connection_id: str) -> None:
        """A client connects."""
        self.frames.setdefault(connection_id, [])

    def drop(self, connection_id: str) -> None:
        """A client is gone without saying so; what it received stays."""
        self.closed.append(connection_id)

    def post(self, frames: Sequence[tuple[str, Sequence[bytes]]]) -> list[str]:
        gone = []
        for connection_id, bodies in frames:
            if connection_id not in self.frames or connection_id in self.closed:
                gone.append(connection_id)
                continue
            self.frames[connection_id] += [json.loads(body) for body in bodies]
        return gone

    def close(self, connection_id: str) -> None:
        self.closed.append(connection_id)


class FakeWorkers:
    """`ports.Workers`: calls the services in place, requests as JSON on the way."""

    def __init__(self) -> None:
        self.send: Callable[[Mapping[str, Any]], dict[str, int]] = lambda _: {"players": 0}
        self.refresh: Callable[[str], bool] = lambda _: False
        self.requests: list[dict[str, Any]] = []

    def broadcast(self, request: Mapping[str, Any]) -> int:
        wire = json.loads(json.dumps(request))
        self.requests.append(wire)
        return self.send(wire)["players"]

    def refresh_board(self, session_id: str) -> bool:
        return self.refresh(session_id)


class FakeBoard:
    """`ports.Board`; `away` is a server that cannot be reached, `flush` one that was emptied."""

    def __init__(self, clock: Callable[[], int] = lambda: 0) -> None:
        self._clock = clock
        self.away = False
        self._boards: dict[str, dict[str, Standing]] = {}
        self._meta: dict[str, dict[str, int]] = {}
        self.save()

    def flush(self) -> None:
        """Forget everything."""
        self._boards.clear()
        self._meta.clear()

    def kill(self) -> None:
        """Be away, and empty when back."""
        self.away = True
        self.flush()

    def come_back(self) -> None:
        """Be reached again."""
        self.away = False

    def save(self) -> None:
        """Take a snapshot of everything."""
        self._saved = copy.deepcopy((self._boards, self._meta))

    def set_back(self) -> None:
        """Be as the last snapshot is."""
        self._boards, self._meta = copy.deepcopy(self._saved)

    def write(
        self,
        session_id: str,
        edition: int,
        as_of: int,
        standings: Iterable[Standing],
        *,
        seconds: int | None = None,
    ) -> bool:
        lines = {line.participant_id: line for line in standings}
        if self.away:
            return False
        self._boards[session_id] = lines
        meta = {"edition": edition, "as_of": as_of}
        if seconds is not None:
            meta["until"] = self._clock() + seconds * 1_000
        self._meta[session_id] = meta
        return True

    def move(self, session_id: str, before: Standing, after: Standing, as_of: int) -> None:
        if not self.away:
            self._boards.setdefault(session_id, {})[after.participant_id] = after
            self._meta.setdefault(session_id, {})["as_of"] = as_of

    def top(
        self, session_id: str, edition: int, count: int
    ) -> tuple[int, int, list[Standing]] | None:
        lines, meta = self._boards.get(session_id, {}), self._meta.get(session_id, {})
        if self.away or meta.get("edition") != edition or (edition and not lines):
            return None
        if meta.get("until", self._clock() + 1) <= self._clock():
            return None
        ranked = sorted(
            lines.values(), key=lambda x: order(x.score, x.time, x.joined_at, x.participant_id)
        )
        shown = [replace(line, rank=rank) for rank, line in enumerate(ranked[:count], start=1)]
        return meta["as_of"], len(ranked), shown


class FakeWinners:
    """`ports.Winners`."""

    def __init__(self) -> None:
        self.published: list[dict[str, Any]] = []

    def publish(self, document: Mapping[str, Any]) -> None:
        self.published.append(json.loads(json.dumps(document)))


class FakeMetrics:
    """`ports.Metrics`: (name, value, unit) in the order they came."""

    def __init__(self) -> None:
        self.values: list[tuple[str, float, str]] = []

    def put(self, values: Mapping[str, tuple[float, str]], **properties: Any) -> None:
        self.values += [(name, value, unit) for name, (value, unit) in values.items()]

    def of(self, name: str) -> list[float]:
        """Every value of one metric."""
        return [value for found, value, _ in self.values if found == name]


class FakeSchedules:
    """`hosting.ScheduleBook`; `messages` is what each schedule would send."""

    def __init__(self) -> None:
        self._book: dict[str, dict[str, Any]] = {}
        self.messages: dict[str, Mapping[str, Any]] = {}

    def create(self, name: str, expression: str, timezone: str, message: Mapping[str, Any]) -> None:
        if name in self._book:
            raise QuizError("conflict", f"a schedule {name!r} exists already")
        self.messages[name] = dict(message)
        self._book[name] = {
            "schedule": name,
            "expression": expression,
            "timezone": timezone,
            "quiz_id": message["quiz_id"],
            "owner": message.get("owner", ADMINS),
        }

    def listing(self) -> list[dict[str, Any]]:
        return [entry for _, entry in sorted(self._book.items())]

    def delete(self, name: str) -> None:
        if self._book.pop(name, None) is None:
            raise QuizError("schedule_not_found", f"no schedule {name!r}")
