"""Fixtures of the acceptance tests: the doors of the one deployed platform."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.contract.client import Http
from tests.contract.doors import Doors
from tests.deployed import Deployed


@pytest.fixture(scope="session")
def doors(deployed: Deployed) -> Iterator[Doors]:
    """Every way into the deployed platform."""
    doors = Doors.of(deployed)
    yield doors
    doors.close()


@pytest.fixture
def http(doors: Doors) -> Http:
    """The HTTP API."""
    return doors.http
