"""Knowing our own processes, and ending them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psutil  # type: ignore[import-untyped]
import pytest

from quizkit.local import processes
from quizkit.local.processes import MARK, Child

LISTEN = """
import signal, socket, sys, time
if "deaf" in sys.argv:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
server = socket.create_server(("127.0.0.1", 0))
print(server.getsockname()[1], flush=True)
time.sleep(300)
"""


@pytest.fixture
def mark(tmp_path: Path) -> Iterator[str]:
    """A mark of this test's own; what carries it is killed afterwards."""
    mark = str(tmp_path / "state")
    yield mark
    processes.end(processes.find_marked(mark), mark, grace=0.1)


def spawn(mark: str, tmp_path: Path, *arguments: str) -> tuple[Child, int]:
    """A process that listens on a port of its own."""
    log = tmp_path / "log"
    child = processes.spawn(
        [sys.executable, "-c", LISTEN, *arguments], env={MARK: mark}, log=log, cwd=tmp_path
    )
    while not (text := log.read_text(encoding="utf-8")).endswith("\n"):
        assert processes.is_running(child, mark), text
    return child, int(text)


def test_child_is_known_by_mark_and_port(mark: str, tmp_path: Path) -> None:
    """Our process is found by its mark, is in its own session, and listens where it does."""
    child, port = spawn(mark, tmp_path)
    assert processes.is_running(child, mark)
    assert processes.listens(child, mark, port)
    assert not processes.listens(child, mark, port - 1)
    assert [found.pid for found in processes.find_marked(mark)] == [child.pid]
    assert os.getsid(child.pid) == child.pid


def test_other_mark_or_start_time_is_a_stranger(mark: str, tmp_path: Path) -> None:
    """A process id alone proves nothing: strangers neither count nor get killed."""
    child, port = spawn(mark, tmp_path)
    recycled = replace(child, created=child.created - 3600)
    for stranger, name in ((child, "other"), (recycled, mark)):
        assert not processes.is_running(stranger, name)
        assert not processes.listens(stranger, name, port)
        processes.end([stranger], name, grace=0.1)
    assert processes.is_running(child, mark)


@pytest.mark.parametrize("arguments", [(), ("deaf",)])
def test_end_leaves_nothing(mark: str, tmp_path: Path, arguments: tuple[str, ...]) -> None:
    """A process ends when asked; one that does not listen is killed."""
    child, _ = spawn(mark, tmp_path, *arguments)
    processes.end([child], mark, grace=0.5)
    assert not processes.is_running(child, mark)
    assert not psutil.pid_exists(child.pid)
    processes.end([child], mark, grace=0.5)


REWRITES = """
import ctypes, pathlib, sys, time
fields = pathlib.Path("/proc/self/stat").read_text().rpartition(")")[2].split()
start, end = int(fields[47]), int(fields[48])
block = ctypes.string_at(start, end - start)
equals = start + block.index(sys.argv[1].encode() + b"=") + len(sys.argv[1])
print("ready", flush=True)
while True:
    ctypes.memset(equals, 0, 1)
    time.sleep(0.03)
    ctypes.memset(equals, ord("="), 1)
    time.sleep(0.01)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere environments are read otherwise")
def test_a_program_may_write_over_its_environment_for_a_moment(mark: str, tmp_path: Path) -> None:
    """Redis does at its start (`spt_copyenv`): it is ours all the same, and never a stranger."""
    log = tmp_path / "log"
    child = processes.spawn(
        [sys.executable, "-c", REWRITES, MARK], env={MARK: mark}, log=log, cwd=tmp_path
    )
    while not log.read_text(encoding="utf-8").startswith("ready"):
        time.sleep(0.01)
    # Three looks in four fall into a moment without the mark.
    assert all(processes.is_running(child, mark) for _ in range(20))
    processes.end([child], mark, grace=1.0)
    assert not psutil.pid_exists(child.pid)


NEGLIGENT = """
import subprocess, sys, time
mark, value, *command = sys.argv[1:]
print(subprocess.Popen(command, env={mark: value}).pid, flush=True)
time.sleep(300)
"""


def test_end_does_not_wait_for_somebody_to_reap(mark: str) -> None:
    """A process has ended when it has ended, though its starter lives on and never asks."""
    sleeping = [sys.executable, "-c", "import time; time.sleep(300)"]
    with subprocess.Popen(
        [sys.executable, "-c", NEGLIGENT, MARK, mark, *sleeping], stdout=subprocess.PIPE, text=True
    ) as starter:
        assert starter.stdout is not None
        child = processes.await_mark(int(starter.stdout.readline()), mark)
        began = time.monotonic()
        processes.end([child], mark, grace=30.0)
        assert time.monotonic() - began < 10
        assert psutil.Process(child.pid).status() == psutil.STATUS_ZOMBIE
        assert not processes.is_running(child, mark)
        starter.kill()


def test_end_reaps_its_own(mark: str, tmp_path: Path) -> None:
    """What this process has started leaves nothing behind, not even a zombie."""
    child, _ = spawn(mark, tmp_path)
    processes.end([child], mark, grace=30.0)
    assert not psutil.pid_exists(child.pid)


def test_program_that_ends_at_once_is_not_running(mark: str, tmp_path: Path) -> None:
    """A child that crashed before it could be looked at is simply not running."""
    child = processes.spawn(
        [sys.executable, "-c", ""], env={MARK: mark}, log=tmp_path / "log", cwd=tmp_path
    )
    processes.end([child], mark, grace=30)
    assert not processes.is_running(child, mark)


def test_missing_program_is_an_os_error(mark: str, tmp_path: Path) -> None:
    """What cannot be run raises at once."""
    with pytest.raises(OSError, match="nowhere"):
        processes.spawn(
            [str(tmp_path / "nowhere")], env={MARK: mark}, log=tmp_path / "log", cwd=tmp_path
        )


def test_program_that_hides_its_mark_does_not_stay(tmp_path: Path) -> None:
    """What could not be known again is ended at once and reported as what cannot be run."""
    process = subprocess.Popen([sys.executable, "-c", LISTEN], stdout=subprocess.DEVNULL)
    with pytest.raises(PermissionError, match="environment"):
        processes.await_mark(process.pid, str(tmp_path), patience=0.5)
    assert process.wait(timeout=30) == -signal.SIGKILL


def test_who_listens_is_told_by_name(mark: str, tmp_path: Path) -> None:
    """A port that is taken names its process; a free one names nobody."""
    child, port = spawn(mark, tmp_path)
    assert processes.listener(port) == f"{psutil.Process(child.pid).name()} (process {child.pid})"
    processes.end([child], mark, grace=5.0)
    assert processes.listener(port) is None
