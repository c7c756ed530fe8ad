"""Child processes that outlive us: starting them, knowing them again, ending them.

Every process is started in a session of its own with `MARK` in its environment, set to the
platform's state directory. A process counts as ours only if that mark and its start time agree
with what was recorded, so a recycled process id is never taken for ours, and never killed. The
mark is inherited: what our processes start (MiniStack's function workers) is found by it too,
and so is a child whose starter was killed before it could write down the process id.

The cost is psutil, and reading the environments of this user's processes when stopping.
"""

from __future__ import annotations

import errno
import os
import subprocess
import time
import warnings
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from quizkit.sdk.errors import MissingExtra

MARK: Final = "QUIZKIT_LOCAL_PLATFORM"
#: Clock steps move the start times that the system reports.
_CREATED_TOLERANCE_S = 5.0
_KILL_WAIT_S = 10.0
_MARK_WAIT_S = 5.0
_MARK_POLL_S = 0.005
_MARK_READS = 40
_END_POLL_S = 0.02


@dataclass(frozen=True, slots=True)
class Child:
    """A process by its id and its start time (epoch seconds)."""

    pid: int
    created: float


def spawn(command: Sequence[str], *, env: Mapping[str, str], log: Path, cwd: Path) -> Child:
    """Start `command` detached from this terminal, with exactly `env`, appending to `log`.

    `env` has to carry `MARK`.

    Raises:
        OSError: the program cannot be run, or hides its environment.
    """
    with log.open("ab") as sink:
        process = subprocess.Popen(
            list(command),
            env=dict(env),
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    pid = process.pid
    with warnings.catch_warnings():
        # It is meant to outlive its starter; subprocess would warn that it still runs.
        warnings.simplefilter("ignore", ResourceWarning)
        del process
    return await_mark(pid, env[MARK])


def await_mark(pid: int, mark: str, *, patience: float = _MARK_WAIT_S) -> Child:
    """The process just started, once its environment can be read.

    The system shows an empty environment for a moment after the program was replaced.

    Raises:
        PermissionError: it stayed unreadable for `patience` seconds; the process was killed.
    """
    psutil = _psutil()
    deadline = time.monotonic() + patience
    child = Child(pid=pid, created=0.0)
    try:
        process = psutil.Process(pid)
        child = Child(pid=pid, created=process.create_time())
        while process.status() != psutil.STATUS_ZOMBIE:
            if process.environ().get(MARK) == mark:
                return child
            if time.monotonic() > deadline:
                # It could never be known again, so it must not stay.
                process.kill()
                raise PermissionError(errno.EPERM, "its environment cannot be read")
            time.sleep(_MARK_POLL_S)
    except psutil.Error:
        # It has ended already; who waits for its health will find out.
        return child
    return child


def is_running(child: Child, mark: str) -> bool:
    """Whether `child` still runs and is the process that carries `mark`."""
    return _process(child, mark) is not None


def listens(child: Child, mark: str, port: int) -> bool:
    """Whether `child` itself, not a stranger, listens on `port` of IPv4, as all of ours do.

    Asking the system for sockets takes some 5 ms: not for a quick loop.
    """
    psutil = _psutil()
    process = _process(child, mark)
    if process is None:
        return False
    try:
        return any(
            connection.status == psutil.CONN_LISTEN and connection.laddr.port == port
            for connection in process.net_connections(kind="tcp4")
        )
    except psutil.Error:
        return False


def find_marked(mark: str) -> list[Child]:
    """Every process of this user that carries `mark`, except the calling one."""
    psutil = _psutil()
    found = []
    for process in psutil.process_iter():
        if process.pid == os.getpid():
            continue
        try:
            if process.environ().get(MARK) == mark:
                found.append(Child(pid=process.pid, created=process.create_time()))
        except (psutil.Error, OSError):
            # Another user's, a zombie, or gone meanwhile: not ours in any case.
            continue
    return found


def listener(port: int) -> str | None:
    """Who listens on `port`, such as `redis-server (process 7)`; None where that is not told.

    Systems tell of processes of this user, some of them (macOS) of none.
    """
    psutil = _psutil()
    try:
        for connection in psutil.net_connections(kind="tcp"):
            listening = connection.status == psutil.CONN_LISTEN and connection.laddr.port == port
            if listening and connection.pid is not None:
                return f"{psutil.Process(connection.pid).name()} (process {connection.pid})"
    except psutil.Error:
        return None
    return None


def end(children: Iterable[Child], mark: str, *, grace: float) -> None:
    """End those of `children` that are ours: ask, wait `grace` seconds, then kill.

    Returns when they are gone.
    """
    ours = [process for child in children if (process := _process(child, mark)) is not None]
    for process in ours:
        _signal(process.terminate)
    stubborn = _await_end(ours, grace)
    for process in stubborn:
        _signal(process.kill)
    _await_end(stubborn, _KILL_WAIT_S)


def _await_end(processes: Iterable[Any], patience: float) -> list[Any]:
    """Those that still run after so many seconds."""
    deadline = time.monotonic() + patience
    left = [process for process in processes if _runs(process)]
    while left and time.monotonic() < deadline:
        time.sleep(_END_POLL_S)
        left = [process for process in left if _runs(process)]
    return left


def _runs(process: Any) -> bool:
    """Whether a process has not ended; one that nobody has reaped has.

    Its starter may live on and never look, as in a container whose first process is a program.
    """
    psutil = _psutil()
    try:
        if process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
            return True
    except psutil.Error:
        return False
    with suppress(ChildProcessError):
        os.waitpid(process.pid, os.WNOHANG)
    return False


def _signal(send: Any) -> None:
    """Send a signal to a process that may have ended meanwhile."""
    psutil = _psutil()
    try:
        send()
    except psutil.NoSuchProcess:
        return


def _process(child: Child, mark: str) -> Any | None:
    """psutil's handle of `child` where it runs and is ours, else None.

    psutil checks the start time again before every signal, so the handle stays safe.
    """
    psutil = _psutil()
    try:
        process = psutil.Process(child.pid)
        if process.status() == psutil.STATUS_ZOMBIE:
            return None
        if abs(process.create_time() - child.created) > _CREATED_TOLERANCE_S:
            return None
        return process if _carries(process, mark) else None
    except (psutil.Error, OSError):
        return None


def _carries(process: Any, mark: str) -> bool:
    """Whether the environment holds the mark; looked at again for a moment where it does not.

    Redis copies its environment when it starts, and writes over the `=` of each variable
    meanwhile (`spt_copyenv` in its setproctitle.c): for some milliseconds variables are missing.
    Delete the repetition when no supported Redis or Valkey does that any more.
    """
    for _ in range(_MARK_READS):
        if process.environ().get(MARK) == mark:
            return True
        time.sleep(_MARK_POLL_S)
    return False


def _psutil() -> Any:
    """psutil, which only the local platform needs.

    Raises:
        MissingExtra: it is not installed.
    """
    try:
        import psutil  # type: ignore[import-untyped]
    except ImportError as exc:
        raise MissingExtra("local", "The local platform") from exc
    return psutil
