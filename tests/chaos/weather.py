"""What goes wrong in a run, and how often: drawn from its seed.

Each kind of fault is on in some runs and off in others, so that a run may have any mix of
them, none at all included. Rates are per call, message, frame or answer; budgets bound how
often functions are struck, since every storm ends.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from random import Random
from typing import Final, TypeAlias

#: Faults by name, as the summary shows them.
Faults: TypeAlias = "Counter[str]"

#: How a call to a port may go wrong.
PORT_FAULTS: Final = (
    "killed before a call",
    "killed after a call",
    "unavailable",
    "timeout after commit",
    "throttled",
    "slow call",
    "repeated after commit",
)


@dataclass(frozen=True, slots=True)
class Weather:
    """Rates from 0 to 1, times in milliseconds.

    Attributes:
        ports, port_budget, port_faults: how often a call to a port goes wrong, at most how
            many do, and how.
        slow_writes: of answers; they take up to what their client allows.
        again: an invocation that is run twice.
        cold: an invocation that waits for a new environment.
        twice, late, never: messages of the control queue.
        bus_twice, bus_late, bus_never: control events.
        redis_away: Redis is away from the start; `redis_events`: how often it is killed,
            flushed or set back.
        latency: the longest usual way of a frame.
        reordered, doubled: frames to a client.
        posts_gone, posts_throttled, posts_slow: of the callback interface, for `victims` of
            the clients.
        cut: mean time after which the gateway drops a socket at random; 0: never.
        lifetime, idle: the gateway's limits for sockets.
        unsaid: a `$disconnect` that never comes.
        refusals: how often the winners' topic refuses.
    """

    ports: float = 0.0
    port_budget: int = 0
    port_faults: tuple[str, ...] = PORT_FAULTS
    slow_writes: float = 0.0
    again: float = 0.0
    cold: float = 0.05
    twice: float = 0.0
    late: float = 0.0
    never: float = 0.0
    bus_twice: float = 0.0
    bus_late: float = 0.0
    bus_never: float = 0.0
    redis_away: bool = False
    redis_events: int = 0
    latency: int = 40
    reordered: float = 0.0
    doubled: float = 0.0
    posts_gone: float = 0.0
    posts_throttled: float = 0.0
    posts_slow: float = 0.0
    victims: float = 0.0
    cut: int = 0
    lifetime: int = 120_000
    idle: int = 60_000
    unsaid: float = 0.0
    refusals: int = 0


#: Nothing goes wrong, but sockets still have their limits.
FAIR: Final = Weather()


def draw(rng: Random) -> Weather:
    """The weather of one run."""

    def rate(likely: float, most: float) -> float:
        return rng.uniform(0, most) if rng.random() < likely else 0.0

    chosen = rng.sample(PORT_FAULTS, rng.randint(1, len(PORT_FAULTS)))
    return Weather(
        ports=rate(0.8, 0.05),
        port_budget=rng.randint(1, 60),
        port_faults=tuple(sorted(chosen)),
        slow_writes=rate(0.5, 0.8),
        again=rate(0.4, 0.2),
        cold=rate(0.5, 0.3),
        twice=rate(0.4, 0.5),
        late=rate(0.4, 0.4),
        never=rate(0.3, 0.3),
        bus_twice=rate(0.5, 0.5),
        bus_late=rate(0.5, 0.3),
        bus_never=rate(0.5, 0.3),
        redis_away=rng.random() < 0.15,
        redis_events=rng.randint(1, 5) if rng.random() < 0.5 else 0,
        latency=rng.choice((5, 40, 200, 900)),
        reordered=rate(0.3, 0.3),
        doubled=rate(0.3, 0.2),
        posts_gone=rate(0.4, 0.3),
        posts_throttled=rate(0.4, 0.4),
        posts_slow=rate(0.4, 0.4),
        victims=rng.uniform(0.1, 0.7),
        cut=rng.choice((0, 0, 20_000, 60_000)),
        lifetime=rng.choice((20_000, 60_000, 120_000)),
        idle=rng.choice((15_000, 60_000)),
        unsaid=rate(0.4, 0.8),
        refusals=rng.randint(1, 3) if rng.random() < 0.3 else 0,
    )


@dataclass
class Sky:
    """The weather as it happens: draws, and counts what went wrong.

    Attributes:
        counts: faults so far, by name.
        left: how many calls to ports may still go wrong.
    """

    weather: Weather
    rng: Random
    counts: Faults = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.left = self.weather.port_budget

    def strikes(self, rate: float, name: str) -> bool:
        """Whether this goes wrong now."""
        if rate and self.rng.random() < rate:
            self.counts[name] += 1
            return True
        return False

    def port_fault(self, possible: tuple[str, ...]) -> str | None:
        """How this call to a port goes wrong, of the ways that are possible for it."""
        if not self.left or self.rng.random() >= self.weather.ports:
            return None
        chosen = self.rng.choice(self.weather.port_faults)
        if chosen not in possible:
            return None
        self.left -= 1
        self.counts[chosen] += 1
        return chosen
