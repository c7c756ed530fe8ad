"""How often a filling lobby is told of itself.

It depends on when people come, so it is counted under a clock that the bench moves: the
services themselves, over the tests' stores in memory.
"""

from __future__ import annotations

from dataclasses import dataclass

from tests.fakes.game import World


@dataclass(frozen=True, slots=True)
class Lobby:
    """Lobby events to all, the players' sockets they went to in all, and events to hosts alone."""

    events: int
    frames: int
    hosts: int


def fill(players: int, seconds: int) -> Lobby:
    """Let players join evenly over a time, and count what they are told."""
    world = World()
    session = world.create()
    host = world.join_host(session)
    begun = world.clock()
    seated = []
    for number in range(players):
        world.run(until=begun + number * seconds * 1_000 // players)
        seated.append(world.join(session, f"Player {number}"))
    world.run(until=begun + (seconds + 30) * 1_000)
    news = [frame["seq"] for player in seated for frame in player.events("lobby")]
    alone = {frame["seq"] for frame in host.events("lobby")} - set(news)
    return Lobby(len(set(news)), len(news), len(alone))
