"""A stage whose functions' requests are counted, on the run's own emulator and Redis."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bench.counts import Counted, count
from bench.stage import Stage
from tests.fakes.cloud import cloud, redis_server

#: More than a lobby that is told of itself as often as its hosts.
SMALL = 60


@pytest.fixture(scope="session")
def stage() -> Iterator[Stage]:
    """One for all tests of the bench."""
    made = Stage(cloud().port, redis_server().port)
    yield made
    made.close()


@pytest.fixture(scope="session")
def small(stage: Stage) -> Counted:
    """A small session."""
    return count(stage, players=20, size=SMALL)


@pytest.fixture(scope="session")
def large(stage: Stage) -> Counted:
    """One with twice the players."""
    return count(stage, players=40, size=2 * SMALL)
