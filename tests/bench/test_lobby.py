"""How often a lobby is told of itself."""

from __future__ import annotations

from bench.lobby import fill


def test_news_are_bundled_however_many_come() -> None:
    """A thousand within ten seconds: one event a second, few to everybody."""
    told = fill(1_000, 10)
    assert 0 < told.events < told.events + told.hosts <= 15
    assert 1_000 <= told.frames <= told.events * 1_000


def test_a_single_player_is_told_once() -> None:
    """And the host hears it with them."""
    told = fill(1, 10)
    assert (told.events, told.frames, told.hosts) == (1, 1, 0)
