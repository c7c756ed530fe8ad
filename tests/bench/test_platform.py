"""The bench's own platform leaves nothing behind."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROGRAM = """
import os, signal, time
# Tests that run in the background of a shell have it ignored, and so would this program.
signal.signal(signal.SIGINT, signal.default_int_handler)
from bench.platform import own_platform
try:
    with own_platform() as platform:
        print(platform.port, platform.redis_port, os.environ["QUIZKIT_HOME"], flush=True)
        assert platform.admin.list_quizzes() == []
        time.sleep(120)
except KeyboardInterrupt:
    raise SystemExit(130)
finally:
    assert "QUIZKIT_HOME" not in os.environ
"""


@pytest.mark.slow
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_it_is_stopped_when_the_bench_is_told_to_end(
    number: signal.Signals, code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C and a kill: the servers are gone, and so is the home."""
    monkeypatch.delenv("QUIZKIT_HOME")
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        try:
            port, redis_port, home = process.stdout.readline().split()
            process.send_signal(number)
            assert process.wait(timeout=120) == code
        finally:
            if process.poll() is None:
                process.terminate()
    assert not Path(home).exists()
    for each in (port, redis_port):
        with socket.socket() as probe:
            assert probe.connect_ex(("127.0.0.1", int(each))) != 0
