"""Whole games with many players on the local platform, as `quizkit rehearse` plays them.

For the delays all players are steady and answer at the instant at which a question opens:
the hardest moment that there is, and the one at which peers lose answers. One process plays
everybody on the machine that also serves them, so the delays are upper bounds. For the count
of answers the players are a crowd that loses sockets, goes away and sends answers again and
again.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from bench.platform import Platform
from bench.stage import QUESTION
from quizkit.sdk.bot_profiles import parse_cast
from quizkit.sdk.formats import load
from quizkit.sdk.rehearsal import RehearsalPlan, rehearse
from quizkit.sdk.rehearsal_report import RehearsalReport

QUESTIONS: Final = 3
_TIME_LIMIT: Final = 20
#: Rules of the checker of histories that an answer counted twice breaks.
_DOUBLE: Final = frozenset({"stored_twice"})
#: The share of the time limit within which a crowd answers, where it does not all at once.
_PACE: Final = 0.25


@dataclass(frozen=True, slots=True)
class Played:
    """A game's figures; times in milliseconds."""

    players: int
    joins_per_second: float
    join_seconds: float
    p50: float
    p99: float
    spread: float
    sent: int
    acknowledged: int
    stored: int
    doubles: int
    clean: bool


def play(
    platform: Platform, players: int, tell: Callable[[str], None], *, crowd: bool = False
) -> Played:
    """Play one game.

    Args:
        tell: is told of broken promises.
        crowd: all kinds of players, in their own time.

    Raises:
        RuntimeError: no answer was acknowledged, so there is nothing to say.
    """
    document: dict[str, Any] = {
        "title": "World capitals",
        "questions": [{**QUESTION, "time_limit": _TIME_LIMIT}] * QUESTIONS,
    }
    admin = platform.admin
    quiz = admin.create_quiz(load(json.dumps(document).encode(), "bench.json"))
    plan = RehearsalPlan(
        players=players,
        cast=None if crowd else parse_cast("steady=1"),
        pace=_PACE if crowd else 0.0,
    )
    report = asyncio.run(rehearse(admin, quiz["quiz_id"], plan))
    for violation in report.violations[:5]:
        tell(f"broken: {violation.rule}: {violation.message}")
    return figures(report)


def figures(report: RehearsalReport) -> Played:
    """What the table shows of a rehearsal."""
    p50, p99 = report.acknowledgement.p50, report.acknowledgement.p99
    if p50 is None or p99 is None:
        raise RuntimeError("no answer was acknowledged")
    return Played(
        players=report.players,
        joins_per_second=report.joins.per_second,
        join_seconds=report.joins.seconds,
        p50=p50,
        p99=p99,
        spread=max(each.spread or 0.0 for each in report.questions),
        sent=report.answers.sent,
        acknowledged=report.answers.acknowledged,
        stored=report.answers.stored,
        doubles=sum(violation.rule in _DOUBLE for violation in report.violations),
        clean=report.clean,
    )
