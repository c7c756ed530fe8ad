"""Fixtures of the acceptance tests: the doors of the one deployed platform."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest

from tests.contract.client import Http, Player
from tests.contract.doors import Doors, Room
from tests.contract.rooms import answering_room, newcomer, open_now, revealed_room, waiting_room
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


@pytest.fixture(scope="module")
def lobby(doors: Doors) -> Room:
    """A session in its lobby."""
    return waiting_room(doors)


@pytest.fixture(scope="module")
def asking(doors: Doors) -> Room:
    """A session whose first question, `q1`, is open for long; `b` is right."""
    return answering_room(doors)


@pytest.fixture(scope="module")
def revealed(doors: Doors) -> Room:
    """A session whose first question, `q1`, is closed."""
    return revealed_room(doors)


@pytest.fixture
async def player(asking: Room) -> AsyncIterator[Player]:
    """A player of this test's own in the room whose question is open."""
    async with asking as room:
        player = await newcomer(room)
        await open_now(player)
        yield player
