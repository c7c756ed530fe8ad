"""Fixtures of the fault tests: the doors of a deployed platform, and of one that may be broken."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.contract.doors import Doors
from tests.contract.together import AtOnce
from tests.deployed import Deployed, run_platform


@pytest.fixture(scope="session")
def doors(deployed: Deployed) -> Iterator[Doors]:
    """Every way into the platform that other tests use too: nothing of it may be broken."""
    doors = Doors.of(deployed)
    yield doors
    doors.close()


@pytest.fixture(scope="module")
def at_once(request: pytest.FixtureRequest, doors: Doors) -> AtOnce:
    """What became of this module's scenarios; see `tests.contract.together`."""
    here = [item for item in request.session.items if item.getparent(pytest.Module) is request.node]
    return AtOnce([item.function for item in here if isinstance(item, pytest.Function)], doors)


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Doors]:
    """A platform of this module's own, whose parts may be killed."""
    for platform in run_platform(tmp_path_factory):
        doors = Doors.of(platform)
        yield doors
        doors.close()
