"""Fixtures of the fault tests: the doors of a deployed platform, and of one that may be broken."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contract.doors import Doors
from tests.contract.together import AtOnce
from tests.deployed import Deployed, run_platform

_HERE = Path(__file__).parent


@pytest.fixture(scope="session")
def doors(deployed: Deployed) -> Iterator[Doors]:
    """Every way into the platform that other tests use too: nothing of it may be broken."""
    doors = Doors.of(deployed)
    yield doors
    doors.close()


@pytest.fixture(scope="session")
def at_once(request: pytest.FixtureRequest, doors: Doors) -> AtOnce:
    """What became of all scenarios of this directory; see `tests.contract.together`."""
    here = [item for item in request.session.items if _HERE in item.path.parents]
    tests = [item.function for item in here if isinstance(item, pytest.Function)]
    # Nearly all of them wait for ends of questions nearly all the time.
    return AtOnce(tests, doors, seats=8)


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Doors]:
    """A platform of this module's own, whose parts may be killed."""
    for platform in run_platform(tmp_path_factory):
        doors = Doors.of(platform)
        yield doors
        doors.close()
