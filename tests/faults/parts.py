"""Killing, stopping and starting parts of a running platform, each by its own process id."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import redis

from quizkit.local import platform
from quizkit.local.layout import Layout
from quizkit.local.redis_server import answers_ping, find_redis_server, redis_service
from tests.contract.client import PATIENCE
from tests.deployed import Deployed


@contextmanager
def home_of(deployed: Deployed) -> Iterator[None]:
    """Make the functions of `quizkit.local` mean this platform."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("QUIZKIT_HOME", str(deployed.home))
        yield


def kill(deployed: Deployed, name: str) -> None:
    """Kill a part as a crash does."""
    with home_of(deployed):
        pid = platform.status().component(name).pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)


@dataclass(slots=True)
class Redis:
    """The platform's Redis, on its port and with its data, in the test's hands."""

    deployed: Deployed
    _process: subprocess.Popen[bytes] | None = None

    @property
    def data(self) -> Path:
        """Where it keeps its data."""
        with home_of(self.deployed):
            return Layout.current().component_data("redis")

    def client(self) -> redis.Redis:
        """A client, to be closed."""
        return redis.Redis(port=self.deployed.redis_port)

    def kill(self) -> None:
        """Kill whichever Redis runs; returns once nobody answers."""
        if self._process is None:
            kill(self.deployed, "redis")
        else:
            self._process.kill()
            self._process.wait()
            self._process = None
        self._wait(answering=False)

    def start(self, *options: str) -> None:
        """Start Redis again, by the platform's own command and `options` after it."""
        assert self._process is None
        with home_of(self.deployed):
            service = redis_service(
                Layout.current(), port=self.deployed.redis_port, program=find_redis_server()
            )
        self._process = subprocess.Popen(
            [*service.command, *options],
            env=dict(service.env),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self._wait(answering=True)

    def ensure(self) -> None:
        """Start Redis, should it not run."""
        if not answers_ping(self.deployed.redis_port):
            self.end()
            self.start()

    def save(self) -> Path:
        """Have it write a snapshot; a copy of it."""
        client = self.client()
        client.save()
        client.close()
        return Path(shutil.copy(self.data / "dump.rdb", self.data / "older.rdb"))

    def restore(self, snapshot: Path) -> None:
        """Kill it and start it with an older snapshot as all its data."""
        self.kill()
        shutil.rmtree(self.data / "appendonlydir", ignore_errors=True)
        (self.data / "appendonly.aof").unlink(missing_ok=True)
        self.start("--appendonly", "no", "--dbfilename", snapshot.name)

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Let it take connections and answer none."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._process.send_signal(signal.SIGCONT)

    def end(self) -> None:
        """End the one that was started here."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait()
            self._process = None

    def _wait(self, *, answering: bool) -> None:
        deadline = time.monotonic() + PATIENCE
        while answers_ping(self.deployed.redis_port) is not answering:
            assert time.monotonic() < deadline
            time.sleep(0.05)
