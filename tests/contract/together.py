"""Scenarios that play at the same time.

Most of a game is waiting: for questions to open, to close, to be settled. So those scenarios of
a module that need nothing but the doors run at once, in one event loop, when the first of their
tests is due; each test then passes or fails by its own scenario. Only what was selected runs. The
cost: a test's duration in the report is meaningless, the first one's is everybody's.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from typing import Any, TypeAlias

from tests.contract.doors import Doors

Scenario: TypeAlias = Callable[[Doors], Coroutine[Any, Any, None]]

# More at once and a machine of two cores makes players late for their questions.
_AT_ONCE = 6

_SCENARIOS: dict[object, Scenario] = {}


class AtOnce:
    """The outcomes of scenarios that were run together."""

    def __init__(self, tests: Iterable[object], doors: Doors) -> None:
        scenarios = [_SCENARIOS[test] for test in tests if test in _SCENARIOS]
        self._outcomes = asyncio.run(_run(scenarios, doors))

    def check(self, scenario: Scenario) -> None:
        """Raise what the scenario raised."""
        outcome = self._outcomes[scenario]
        if outcome is not None:
            raise outcome


async def _run(scenarios: list[Scenario], doors: Doors) -> dict[Scenario, BaseException | None]:
    seats = asyncio.Semaphore(_AT_ONCE)

    async def one(scenario: Scenario) -> None:
        async with seats:
            await scenario(doors)

    outcomes = await asyncio.gather(*map(one, scenarios), return_exceptions=True)
    return dict(zip(scenarios, outcomes, strict=True))


def together(scenario: Scenario) -> Callable[[AtOnce], None]:
    """Make a test of a scenario."""

    def test(at_once: AtOnce) -> None:
        at_once.check(scenario)

    # Not functools.wraps: pytest would look through it and ask for the scenario's argument.
    test.__name__, test.__doc__ = scenario.__name__, scenario.__doc__
    test.__module__, test.__qualname__ = scenario.__module__, scenario.__qualname__
    _SCENARIOS[test] = scenario
    return test
