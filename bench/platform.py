"""A local platform of the bench's own, with the stack deployed; nothing of it is left.

It has a home in a temporary directory and ports that nobody uses, so it disturbs no platform
that runs beside it, and is stopped however the bench ends.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType

from quizkit.local import platform
from quizkit.local.differences import localiser
from quizkit.sdk.admin import Admin
from quizkit.sdk.deploy import deploy
from quizkit.sdk.target import Target


@dataclass(frozen=True, slots=True)
class Platform:
    """A running platform.

    Attributes:
        port: of the emulator.
        redis_port: of Redis.
        outputs: of the stack.
    """

    port: int
    redis_port: int
    target: Target
    outputs: Mapping[str, str]

    @property
    def admin(self) -> Admin:
        """Its administrator."""
        return Admin(self.target, self.outputs)


@contextmanager
def own_platform() -> Iterator[Platform]:
    """Start, deploy, and stop at the end, also on Ctrl-C and where the bench is told to end."""
    kept = os.environ.get("QUIZKIT_HOME")
    told = signal.signal(signal.SIGTERM, _end)
    home = tempfile.mkdtemp(prefix="quizkit-bench-")
    os.environ["QUIZKIT_HOME"] = home
    try:
        yield _deployed()
    finally:
        platform.stop()
        shutil.rmtree(home, ignore_errors=True)
        if kept is None:
            del os.environ["QUIZKIT_HOME"]
        else:
            os.environ["QUIZKIT_HOME"] = kept
        signal.signal(signal.SIGTERM, told)


def _end(number: int, frame: FrameType | None) -> None:
    sys.exit(128 + number)


def _deployed() -> Platform:
    status = platform.start()
    target = Target("local", endpoint_url=status.gateway_url, access_key="test", secret_key="test")
    deployment = deploy(target, transform=localiser(status))
    platform.settle_ports()
    platform.refresh_handlers()
    port = int(status.gateway_url.rpartition(":")[2])
    return Platform(port, status.redis_port, target, dict(deployment.outputs))
