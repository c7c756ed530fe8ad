"""S6: a quiz session starts at the time that was set."""

from __future__ import annotations

from concurrent.futures import Future

import pytest

from tests.contract.schedule import SCHEDULE_SECONDS


@pytest.mark.slow
def test_a_schedule_starts_the_session(scheduled: Future[None]) -> None:
    """A minute ahead by `session schedule QUIZ --at`: who has joined gets the first question."""
    scheduled.result(timeout=2 * SCHEDULE_SECONDS)
