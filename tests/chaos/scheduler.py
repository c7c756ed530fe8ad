"""Many functions and clients at once, on one clock, the same way every time.

Each task is a thread, and exactly one thread runs at any moment: a task gives way only
where it waits (`wait`, `block`), and whoever is due first goes on. So tasks interleave at
every effect as real functions do, and yet a run depends on its seed alone.

    at(when, action)   a short action, which must not wait
    start(work)        a task, which may

The clock stands still while something runs and jumps to whatever is due next; no time of
this machine is ever looked at.
"""

from __future__ import annotations

import heapq
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from itertools import count
from threading import Lock, Thread
from typing import Final

from tests.fakes.clock import FakeClock
from tests.fakes.faults import Killed

Action = Callable[[], None]

#: How long closing waits for a thread that ought to have ended, in seconds.
_GRACE: Final = 30.0


class Ended(BaseException):
    """The run is over, or the function's time is up; nothing catches it."""


class Task:
    """Some work that may wait; `deadline` is when it is cut off, `turn` counts its waits."""

    __slots__ = ("deadline", "done", "name", "turn", "work", "worker")

    def __init__(self, work: Action, name: str) -> None:
        self.work = work
        self.name = name
        self.deadline: int | None = None
        self.turn = 0
        self.done = False
        self.worker: _Worker | None = None


class Signal:
    """Something that tasks wait for; once set, nobody waits until it is cleared."""

    __slots__ = ("is_set", "waiting")

    def __init__(self) -> None:
        self.is_set = False
        self.waiting: list[tuple[Task, int]] = []

    def clear(self) -> None:
        """Let tasks wait for it again."""
        self.is_set = False


class _Worker(Thread):
    """A thread that runs one task after the other."""

    def __init__(self, scheduler: Scheduler) -> None:
        super().__init__(daemon=True, name="chaos task")
        self.go = Lock()
        self.go.acquire()
        self.task: Task | None = None
        self._scheduler = scheduler

    def run(self) -> None:
        while True:
            self.go.acquire()
            task = self.task
            if task is None:
                return
            try:
                task.work()
            except (Killed, Ended):
                pass
            except BaseException:  # noqa: BLE001 - a crash is a finding, the run goes on
                self._scheduler.crashes.append(f"{task.name}: {traceback.format_exc()}")
            task.done, task.worker, self.task = True, None, None
            self._scheduler.finished(self)


class Scheduler:
    """What is due when; see the module's text.

    Attributes:
        current: the task that runs, None between tasks.
        crashes: what tasks died of, other than by a fault.
    """

    def __init__(self, clock: FakeClock) -> None:
        self.clock = clock
        self.current: Task | None = None
        self.crashes: list[str] = []
        self._heap: list[tuple[int, int, Action]] = []
        self._count = count()
        self._back = Lock()
        self._back.acquire()
        self._idle: list[_Worker] = []
        self._busy: dict[int, Task] = {}
        self._workers: list[_Worker] = []
        self._closing = False

    # --- what is to be done ----------------------------------------------------------

    def at(self, when: int, action: Action) -> None:
        """Have a short action done at a time, or now where that is past."""
        heapq.heappush(self._heap, (max(when, self.clock.now), next(self._count), action))

    def after(self, milliseconds: int, action: Action) -> None:
        """Have a short action done after a time."""
        self.at(self.clock.now + milliseconds, action)

    def start(
        self, work: Action, *, after: int = 0, limit: int | None = None, name: str = "task"
    ) -> None:
        """Start a task after a time; it is cut off when it has run for `limit`."""
        self.after(after, partial(self._begin, Task(work, name), limit))

    def _begin(self, task: Task, limit: int | None) -> None:
        if limit is not None:
            task.deadline = self.clock.now + limit
        if not self._idle:
            worker = _Worker(self)
            self._workers.append(worker)
            worker.start()
            self._idle.append(worker)
        task.worker = self._idle.pop()
        task.worker.task = task
        self._busy[id(task)] = task
        self._resume(task, task.turn)

    def finished(self, worker: _Worker) -> None:
        """A task is over; its thread, which calls this, gives way."""
        task = self.current
        assert task is not None
        del self._busy[id(task)]
        self._idle.append(worker)
        self._back.release()

    # --- what tasks do ---------------------------------------------------------------

    def wait(self, milliseconds: int) -> None:
        """Let time pass, and others run; outside of tasks it passes at once."""
        task = self.current
        if task is None:
            self.clock.now += milliseconds
            return
        if self._closing:
            raise Ended
        due = self.clock.now + milliseconds
        late = task.deadline is not None and due > task.deadline
        if late:
            due = max(self.clock.now, task.deadline or 0)
        if self._heap and self._heap[0][0] <= due:
            self._give_way(task, due)
        else:
            self.clock.now = due
        if late:
            raise Ended

    def block(self, signal: Signal, milliseconds: int) -> bool:
        """Wait for a signal, so long at most; whether it came."""
        task = self.current
        assert task is not None, "only tasks wait"
        if not signal.is_set:
            signal.waiting.append((task, task.turn + 1))
            self._give_way(task, self.clock.now + milliseconds)
        return signal.is_set

    def set(self, signal: Signal) -> None:
        """Wake those who wait for a signal."""
        signal.is_set = True
        for task, turn in signal.waiting:
            self.at(self.clock.now, partial(self._resume, task, turn))
        signal.waiting.clear()

    def _give_way(self, task: Task, due: int) -> None:
        task.turn += 1
        worker = task.worker
        assert worker is not None
        self.at(due, partial(self._resume, task, task.turn))
        self._back.release()
        worker.go.acquire()
        if self._closing:
            raise Ended

    def _resume(self, task: Task, turn: int) -> None:
        if task.done or task.turn != turn:
            return
        assert task.worker is not None
        self.current = task
        task.worker.go.release()
        self._back.acquire()
        self.current = None

    # --- the run ---------------------------------------------------------------------

    def run(self, until: int) -> None:
        """Do everything that is due up to a time."""
        while self._heap and self._heap[0][0] <= until:
            when, _, action = heapq.heappop(self._heap)
            self.clock.now = max(self.clock.now, when)
            action()
        self.clock.now = max(self.clock.now, until)

    def close(self) -> None:
        """Cut off every task and end the threads."""
        self._closing = True
        for task in list(self._busy.values()):
            self._resume(task, task.turn)
        for worker in self._workers:
            worker.go.release()
        for worker in self._workers:
            worker.join(_GRACE)


class ScheduledClock(FakeClock):
    """A clock whose `sleep` lets others run."""

    def __init__(self) -> None:
        super().__init__()
        self.scheduler = Scheduler(self)

    def sleep(self, seconds: float) -> None:
        """Wait as a task does."""
        self.scheduler.wait(max(1, round(seconds * 1_000)))


@contextmanager
def scheduled() -> Iterator[Scheduler]:
    """A scheduler on a clock of its own, whose threads end with the block."""
    clock = ScheduledClock()
    try:
        yield clock.scheduler
    finally:
        clock.scheduler.close()
