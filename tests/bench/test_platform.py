"""The bench's own platform leaves nothing behind."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import psutil  # type: ignore[import-untyped]
import pytest

ROOT = Path(__file__).parents[2]
PROGRAM = """
import os, signal, time
# Tests that run in the background of a shell have it ignored, and so would this program.
signal.signal(signal.SIGINT, signal.default_int_handler)
from bench.platform import own_platform
try:
    with own_platform() as platform:
        print(os.environ["QUIZKIT_HOME"], flush=True)
        assert platform.admin.list_quizzes() == []
        time.sleep(120)
except KeyboardInterrupt:
    raise SystemExit(130)
finally:
    assert "QUIZKIT_HOME" not in os.environ
"""


def servers_of(home: str) -> list[str]:
    """What runs for a home. A port tells nothing: another platform may take it at once."""
    found = []
    for process in psutil.process_iter():
        try:
            words = [*process.environ().values(), *process.cmdline()]
            if any(word.startswith(home) for word in words):
                found.append(process.name())
        except psutil.Error:
            continue
    return found


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
            home = process.stdout.readline().strip()
            assert len(servers_of(home)) >= 3
            process.send_signal(number)
            assert process.wait(timeout=120) == code
        finally:
            if process.poll() is None:
                process.terminate()
    assert not Path(home).exists()
    assert servers_of(home) == []
