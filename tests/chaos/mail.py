"""The control queue, the bus and the answers table's stream.

All of them deliver at least once, late and out of order; what failed comes again.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from random import Random
from typing import Any, Final

from quizkit.core.errors import QuizError
from quizkit.core.scoring import AnswerRow
from quizkit.lambdas.ids import shard_of
from quizkit.lambdas.services.inbox import Inbox
from tests.chaos.scheduler import Ended, Scheduler
from tests.chaos.weather import Sky
from tests.fakes.faults import Killed
from tests.fakes.game import VISIBILITY_MS, World

_LIMIT_MS: Final = 60_000
_STREAM_MS: Final = 300
_ATTEMPTS: Final = 3
#: With so many messages in the queue no more are doubled.
_CROWD: Final = 30

Message = Mapping[str, Any]


class Mail:
    """See the module's text; `world` is set once it is built."""

    def __init__(self, scheduler: Scheduler, sky: Sky, rng: Random) -> None:
        self.scheduler = scheduler
        self.sky = sky
        self.rng = rng
        self.world: World
        self._inserts: list[dict[str, Any]] = []
        self._queued = 0
        self._losses: set[tuple[str, str, int]] = set()

    @property
    def now(self) -> int:
        """The time."""
        return self.scheduler.clock.now

    def enqueue(self, body: Message, delay: int) -> None:
        """Messages of the control queue: at least once, but for lost timers."""
        sky, now = self.sky, self.now
        if "timer" in body and self._lost(body):
            return
        # A message that puts itself off is sent again each second: doubled each time, with no
        # end to it, it would fill the queue, which no queue does.
        few = self._queued < _CROWD
        times = 2 if few and sky.strikes(sky.weather.twice, "queue message twice") else 1
        for _ in range(times):
            late = self.rng.choice((0, self.rng.randint(0, 200)))
            if sky.strikes(sky.weather.late, "queue message late"):
                late += self.rng.randint(500, 25_000)
            self._consume(body, now, delay + late)
            delay += self.rng.choice((0, self.rng.randint(0, 4_000), self.rng.randint(0, 40_000)))

    def _lost(self, body: Message) -> bool:
        """Whether a timer's message never comes; of each timer's messages one may be lost."""
        timer = body["timer"]
        which = (body["session_id"], timer["action"], timer["index"])
        if which in self._losses:
            return False
        lost = self.sky.strikes(self.sky.weather.never, "timer never comes")
        if lost:
            self._losses.add(which)
        return lost

    def _consume(self, body: Message, sent_at: int, delay: int) -> None:
        self._queued += 1

        def work() -> None:
            self._queued -= 1
            taken = self.now
            try:
                Inbox(self.world.control).receive(body, sent_at)
            except (QuizError, Killed, Ended) as exc:
                self._consume(body, sent_at, taken + VISIBILITY_MS - self.now)
                if not isinstance(exc, QuizError):
                    raise

        self.scheduler.start(work, after=max(0, delay), limit=_LIMIT_MS, name="control queue")

    def event(self, number: str, detail: Message) -> None:
        """A control event, put on the bus now."""
        sky = self.sky
        seconds = datetime.fromtimestamp(self.now // 1_000, UTC)
        body = {
            "detail-type": "Quiz Control",
            "id": number,
            "time": f"{seconds:%Y-%m-%dT%H:%M:%SZ}",
            "detail": dict(detail),
        }
        if sky.strikes(sky.weather.bus_never, "control event missing"):
            return
        for _ in range(2 if sky.strikes(sky.weather.bus_twice, "control event twice") else 1):
            late = sky.strikes(sky.weather.bus_late, "control event late or out of order")
            self._consume(body, self.now, self.rng.randint(0, 30_000 if late else 500))

    def inserted(self, session_id: str, row: AnswerRow) -> None:
        """A new row in the answers table: it comes out of the table's stream in batches."""
        keys = {
            "pk": {"S": f"{session_id}#{shard_of(row.participant_id):02x}"},
            "sk": {"S": f"{row.question_id}#{row.participant_id}"},
        }
        if not self._inserts:
            self.scheduler.start(self._count, after=_STREAM_MS, limit=30_000, name="counter")
        self._inserts.append({"eventName": "INSERT", "dynamodb": {"Keys": keys}})

    def _count(self) -> None:
        batch, self._inserts = self._inserts, []
        for _ in range(_ATTEMPTS):
            try:
                self.world.counting.count(batch)
            except (QuizError, Killed):
                self.scheduler.wait(1_000)  # the stream gives the batch again
            else:
                return
