"""Fixtures of the acceptance tests: the doors of the one deployed platform."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from tests.contract.client import Http, Player
from tests.contract.doors import Doors, Room
from tests.contract.rooms import answering_room, newcomer, open_now, revealed_room, waiting_room
from tests.contract.schedule import wait_for_schedule
from tests.contract.together import AtOnce
from tests.deployed import Deployed


@pytest.fixture(scope="session")
def doors(deployed: Deployed) -> Iterator[Doors]:
    """Every way into the deployed platform."""
    doors = Doors.of(deployed)
    yield doors
    doors.close()


@pytest.fixture(scope="module")
def at_once(request: pytest.FixtureRequest, doors: Doors) -> AtOnce:
    """What became of this module's scenarios; see `together`."""
    here = [item for item in request.session.items if item.getparent(pytest.Module) is request.node]
    return AtOnce([item.function for item in here if isinstance(item, pytest.Function)], doors)


@pytest.fixture(scope="session")
def scheduled(deployed: Deployed) -> Iterator[Future[None]]:
    """A schedule for the next minute, waited for in the background."""
    doors = Doors.of(deployed)
    with ThreadPoolExecutor(1) as pool:
        yield pool.submit(lambda: asyncio.run(wait_for_schedule(doors)))
    doors.close()


@pytest.fixture(scope="session", autouse=True)
def _scheduled_early(request: pytest.FixtureRequest) -> None:
    """Let the minute go by while other tests run.

    Workers of pytest-xdist do not know which of them will be given the test; there it waits.
    """
    if hasattr(request.config, "workerinput"):
        return
    for item in request.session.items:
        if isinstance(item, pytest.Function) and "scheduled" in item.fixturenames:
            request.getfixturevalue("scheduled")


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
