"""What AWS bills for a stage in a month in which nobody plays.

Nearly everything in the stack is billed by use and so costs nothing then. What is billed by
the hour, the month or by its own polling is listed here; `tests/infra/test_idle.py` compares the
list with the synthesised stack, where every type of resource has to be known either as one of
these or as free while it is not used. What games leave behind is billed by its size and not
counted: rows of up to 23 MB for 1,000 players and 10 questions, by their write units, which are
kept for 400 days at $0.25 a GB and month; and media and logs.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from quizkit.core.costs import PRICES, Line, Price

HOURS: Final = 730
#: Lambda keeps five connections to a queue that it reads, and asks over each every 20 seconds.
POLLS: Final = 5 * 3 * 60 * HOURS
#: Metrics that alarms watch, dashboards, and queues that functions read, in every stage.
ALARMS: Final = 20
DASHBOARDS: Final = 1
QUEUES: Final = 1
#: Nodes of the cache: one, in a protected stage with a standby.
NODES: Final[Mapping[bool, int]] = {False: 1, True: 2}

#: Prices of us-east-1 in US$, before any free tier, as of `costs.PRICES_AS_OF`.
STANDING: Final[Mapping[str, Price]] = {
    "cache_node_hours": Price(0.0128, "hours of a cache node (t4g.micro)", "elasticache/pricing"),
    "alarms": Price(0.10, "metrics with an alarm", "cloudwatch/pricing"),
    "dashboards": Price(3.00, "dashboards", "cloudwatch/pricing"),
    "queue_requests": PRICES["queue_requests"],
}


def idle_month(*, cache: bool = True, protected: bool = False) -> list[Line]:
    """The bill of a month without games, the largest part first.

    Args:
        cache: whether the stage has one (setting `cache`).
        protected: whether it is protected (setting `protected`).
    """
    quantities = {
        "cache_node_hours": NODES[protected] * HOURS if cache else 0,
        "alarms": ALARMS,
        "dashboards": DASHBOARDS,
        "queue_requests": QUEUES * POLLS,
    }
    lines = [
        Line(name, STANDING[name].what, quantity, quantity * STANDING[name].dollars)
        for name, quantity in quantities.items()
        if quantity
    ]
    return sorted(lines, key=lambda line: line.dollars, reverse=True)
