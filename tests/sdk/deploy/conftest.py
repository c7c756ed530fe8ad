"""A real emulator to deploy to."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from quizkit.sdk.target import Target


@pytest.fixture(scope="session")
def gateway(
    free_port: Callable[[], int], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The URL of a MiniStack of our own, for the whole session."""
    port = free_port()
    home = tmp_path_factory.mktemp("ministack")
    settings = {
        "GATEWAY_PORT": str(port),
        "BIND_HOST": "127.0.0.1",
        "STATE_DIR": str(home),
        "PERSIST_STATE": "0",
        # Listeners on fixed ports, and containers, would meet those of other MiniStacks.
        "SFTP_ENABLED": "0",
        "IOT_MTLS_ENABLED": "0",
        "DOCKER_HOST": f"unix://{home}/no-docker.sock",
    }
    with (home / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "ministack"],
            env={**os.environ, **settings},
            stdout=log,
            stderr=subprocess.STDOUT,
            cwd=home,
        )
    try:
        url = f"http://127.0.0.1:{port}"
        _wait_until_healthy(process, url, home / "log")
        yield url
    finally:
        process.terminate()
        process.wait(30)


def _wait_until_healthy(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    deadline = time.monotonic() + 60
    while process.poll() is None and time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"{url}/_ministack/health", timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise AssertionError(f"MiniStack does not start:\n{log.read_text('utf-8')}")


@pytest.fixture
def target(gateway: str) -> Target:
    """A stage that no other test uses."""
    return Target(
        "local",
        stage=f"t{uuid4().hex[:10]}",
        endpoint_url=gateway,
        access_key="test",
        secret_key="test",
    )
