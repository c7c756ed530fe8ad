"""A platform in memory for every test that wants one."""

from __future__ import annotations

import pytest

from tests.fakes.game import World


@pytest.fixture
def world() -> World:
    """Every service over fakes, with the sample quiz stored."""
    return World()
