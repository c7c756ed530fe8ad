"""How often join codes may be guessed: budgets of wrong guesses by source and by stage.

Six digits are few: whoever may try for long enough finds a game. So wrong guesses are counted
in windows of ten minutes. Right ones are not: a whole school joins from one address. A source
that has used up its budget is refused until the window ends, whatever PIN it sends then; else
the budget would be none. Where many sources guess at once, the whole stage's budget is used up
first, and then every source has a small one.
"""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address
from typing import Final

WINDOW_MS: Final = 600_000
#: Wrong guesses that a source has in a window.
SOURCE_BUDGET: Final = 100
#: Wrong guesses that all sources have together before each of them has STRICT_BUDGET.
STAGE_BUDGET: Final = 5_000
#: Two typing errors and one more.
STRICT_BUDGET: Final = 3
#: Over how many counters the stage's wrong guesses are spread.
COUNTERS: Final = 8

# What one customer of a provider has at least; the addresses within it are theirs to choose.
_IPV6_PREFIX: Final = 64


def source(address: str) -> str:
    """Who counts as one guesser: an IPv4 address, or the first 64 bits of an IPv6 address.

    Args:
        address: as the gateway gives it; what is no address counts as it stands.
    """
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return f"{int(parsed) >> (128 - _IPV6_PREFIX):016x}/{_IPV6_PREFIX}"
    return str(parsed)


def window(now: int) -> int:
    """The number of the window that `now` (epoch milliseconds) lies in."""
    return now // WINDOW_MS


def minutes_left(now: int) -> int:
    """Whole minutes after which the window is over for certain, 1 to 10."""
    return -(-(WINDOW_MS - now % WINDOW_MS) // 60_000)


def counter(source_digest: str, misses: int) -> int:
    """Which of the stage's counters takes a source's miss; each source goes round them all.

    Args:
        source_digest: hexadecimal, to begin at another counter than other sources do.
        misses: the source's in this window, this one included.
    """
    return (int(source_digest[:8], 16) + misses) % COUNTERS


def budget(stage_misses: int) -> int:
    """How many wrong guesses a source has, given those of the whole stage in this window."""
    return STRICT_BUDGET if stage_misses >= STAGE_BUDGET else SOURCE_BUDGET
