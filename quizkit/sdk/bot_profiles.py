"""What bots are like: how much they know, how fast they are, what happens to them.

A `Profile` is data: a skill, a haste, and the mishaps that real players have. A `Script` is
a function of one's own that decides instead of skill and haste:

    def last_option(question: Question, rng: Random) -> Decision:
        return Decision([question.options[-1].id], delay=rng.uniform(0, 2))

    plan = BotPlan(cast={Profile("last", script=last_option): 1, profiles()["flaky"]: 2})

The random numbers come from the bot's own generator, so that a seed gives the same cast, the
same answers and the same mishaps again. When the mishaps strike is up to the machine's timing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from types import MappingProxyType
from typing import Final, TypeAlias

from quizkit.sdk.errors import Misuse
from quizkit.sdk.live_events import Question


@dataclass(frozen=True, slots=True)
class Decision:
    """What a player does about a question.

    Attributes:
        answer: option ids (all of them in order where the question is an ordering), a number,
            a text, as the kind of question has it; None for a player who lets it pass.
        delay: seconds from the moment the question opens, or from seeing it where it is
            open already.
    """

    answer: Sequence[str] | int | float | str | None
    delay: float = 0.0


#: Decides what to do about a question; the generator is the bot's own. It is not asked about
#: slides, which take no answer.
Script: TypeAlias = Callable[[Question, Random], Decision]


@dataclass(frozen=True, slots=True)
class Profile:
    """What one kind of player is like. Chances are from 0 to 1, each a question.

    Attributes:
        name: as reports call it.
        skill: each bot's chance to answer rightly lies between these; without a key all guess.
        haste: the earliest, the usual and the latest moment of answering, as shares of the
            time that the plan leaves for it (`BotPlan.pace`).
        drops: chance that the socket is lost, before answering or while the answer is sent.
        leaves: chance to go away, before answering or after.
        away: how long, between these shares of the time limit.
        repeats: how many more times each answer is sent, all at once.
        contradicts: chance to send another answer to the same question, too.
        script: decides instead of skill and haste; the mishaps stay.
    """

    name: str
    skill: tuple[float, float] = (0.35, 0.95)
    haste: tuple[float, float, float] = (0.0, 0.4, 1.0)
    drops: float = 0.0
    leaves: float = 0.0
    away: tuple[float, float] = (0.1, 0.6)
    repeats: int = 0
    contradicts: float = 0.0
    script: Script | None = None

    def __post_init__(self) -> None:
        """Refuse what is no chance and what is in the wrong order."""
        chances = (self.drops, self.leaves, self.contradicts, *self.skill, *self.haste)
        if not all(0 <= chance <= 1 for chance in chances):
            raise Misuse(f"The profile “{self.name}” has a chance or a share outside 0 to 1.")
        ordered = (self.skill, self.haste, self.away)
        if self.repeats < 0 or self.away[0] < 0 or any(list(x) != sorted(x) for x in ordered):
            raise Misuse(f"The profile “{self.name}” has a range that goes backwards.")


Cast: TypeAlias = Mapping[Profile, float]

STEADY: Final = Profile("steady")
_PROFILES: Final[Mapping[str, tuple[Profile, float]]] = MappingProxyType(
    {
        profile.name: (profile, share)
        for profile, share in (
            (STEADY, 60),
            (Profile("hasty", skill=(0.2, 0.6), haste=(0.0, 0.0, 0.2), contradicts=0.3), 15),
            (Profile("nervous", haste=(0.0, 0.2, 0.6), repeats=3), 10),
            (Profile("flaky", drops=0.5), 10),
            (Profile("sleeper", haste=(0.3, 0.8, 1.0), leaves=0.4), 5),
        )
    }
)


def profiles() -> dict[str, Profile]:
    """The profiles that come along, by name: steady, hasty, nervous, flaky, sleeper."""
    return {name: profile for name, (profile, _) in _PROFILES.items()}


def everybody() -> dict[Profile, float]:
    """All of them, in the shares of a crowd in which most things go well."""
    return dict(_PROFILES.values())


def parse_cast(text: str) -> dict[Profile, float]:
    """A cast as people write it: names with shares, such as `steady=8,flaky=2`.

    Raises:
        Misuse: an unknown name, or a share that is no number above 0.
    """
    known = profiles()
    cast: dict[Profile, float] = {}
    for part in text.split(","):
        name, _, share = (piece.strip() for piece in part.partition("="))
        if name not in known:
            raise Misuse(f"There is no profile “{name}”.", hint=f"there are {', '.join(known)}")
        if share and not (re.fullmatch(r"\d{1,6}(\.\d{1,6})?", share) and float(share) > 0):
            raise Misuse(f"“{share}” is no share of {name}.", hint="such as steady=8,flaky=2")
        cast[known[name]] = float(share or 1)
    return cast


def deal(cast: Cast, count: int, seed: int) -> list[Profile]:
    """A profile for each of `count` bots: as the shares say, in an order from the seed.

    Largest remainders get what rounding leaves, so that even a small cast is as mixed as
    its number allows.
    """
    total = sum(cast.values())
    exact = [(profile, count * share / total) for profile, share in cast.items()]
    dealt = [profile for profile, due in exact for _ in range(int(due))]
    remainders = sorted(exact, key=lambda pair: int(pair[1]) - pair[1])
    dealt += [profile for profile, _ in remainders[: count - len(dealt)]]
    Random(f"{seed}/cast").shuffle(dealt)
    return dealt
