"""Fixtures for tests of the local platform: one running platform for all that only use it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from quizkit.local import platform
from quizkit.local.status import Status
from tests.local.cloud import SAMPLES, Cloud


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Status]:
    """A running platform in a home of its own; tests must not stop it."""
    home = tmp_path_factory.mktemp("platform")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("QUIZKIT_HOME", str(home))
        status = platform.start(handler_path=[SAMPLES])
    yield status
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("QUIZKIT_HOME", str(home))
        platform.reset()


@pytest.fixture
def cloud(running: Status) -> Iterator[Cloud]:
    """The running platform's MiniStack."""
    cloud = Cloud(running)
    yield cloud
    cloud.close()
