"""Games that the bench plays, and what it takes from their reports."""

from __future__ import annotations

import pytest

from bench.games import QUESTIONS, play
from bench.platform import Platform
from quizkit.sdk.target import Target
from tests.deployed import Deployed


@pytest.mark.slow
@pytest.mark.parametrize("crowd", [False, True], ids=["steady", "crowd"])
def test_a_game_is_played_and_counted(deployed: Deployed, crowd: bool) -> None:
    """Everybody answers everything, and what was acknowledged is what is stored."""
    url = deployed.gateway_url
    target = Target("local", endpoint_url=url, access_key="test", secret_key="test")
    platform = Platform(int(url.rpartition(":")[2]), deployed.redis_port, target, deployed.outputs)
    told: list[str] = []
    played = play(platform, 6, told.append, crowd=crowd)
    assert played.clean, told
    assert played.players == 6
    assert played.acknowledged == played.stored <= 6 * QUESTIONS
    assert played.sent >= played.acknowledged > 0
    assert played.doubles == 0
    assert 0 < played.p50 <= played.p99
    assert played.joins_per_second > 0
    if not crowd:
        assert played.stored == 6 * QUESTIONS
