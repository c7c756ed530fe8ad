"""What a rehearsal found: figures worked out from the bots' records, and the verdict.

Everything here is pure. Durations are milliseconds, where not named otherwise. Two clocks are
at work, the platform's and this machine's. How far apart they are follows from the
acknowledgements: an answer was received after it was sent and before its acknowledgement
came back, by whichever clock; all of them together leave a narrow gap. So questions can be said
to have come early or late though no clock was compared.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from math import ceil
from typing import Any, Final

from quizkit.core.history import Fate, Truth, Violation, check
from quizkit.core.kinds import Rules, number_text, stored_form
from quizkit.core.scoring import AnswerRow, ClosedQuestion, Member
from quizkit.sdk.bot_records import BotResult, Given
from quizkit.sdk.documents import (
    AuditDocument,
    LeaderboardDocument,
    ResultQuestion,
    ResultsDocument,
    SessionDocument,
)

#: How many violations the document lists one by one; a platform that lost a table has thousands.
LISTED_VIOLATIONS: Final = 100


@dataclass(frozen=True, slots=True)
class Spread:
    """How values are spread; all None where there are none."""

    count: int
    p50: float | None
    p95: float | None
    p99: float | None
    max: float | None

    @classmethod
    def of(cls, values: Iterable[float]) -> Spread:
        """The spread of some values, by the nearest rank: each figure is one of the values."""
        ordered = sorted(values)

        def at(percent: int) -> float | None:
            if not ordered:
                return None
            return round(ordered[max(ceil(len(ordered) * percent / 100), 1) - 1], 1)

        return cls(len(ordered), at(50), at(95), at(99), at(100))


@dataclass(frozen=True, slots=True)
class Joins:
    """Joining, from the first bot's request to the last one's joined socket.

    Attributes:
        seconds: for all of them together.
        each: how long one took, from its own request.
    """

    joined: int
    failed: int
    seconds: float
    per_second: float
    each: Spread


@dataclass(frozen=True, slots=True)
class Delivery:
    """How a question came to the bots that had a socket.

    Attributes:
        delivered: to how many it came as an event.
        spread: from the first arrival to the last.
        late: to how many it came after it had opened.
    """

    question_id: str
    delivered: int
    spread: float | None
    late: int


@dataclass(frozen=True, slots=True)
class Answers:
    """What became of the answers.

    Attributes:
        sent: all requests, repeats and contradictions included.
        refused, unknown: of these.
        acknowledged: one a bot and question.
        stored: rows that the platform has.
    """

    sent: int
    refused: int
    unknown: int
    acknowledged: int
    stored: int


@dataclass(frozen=True, slots=True)
class RehearsalReport:
    """The outcome of a rehearsal; `document` is what `quizkit rehearse --json` prints.

    Attributes:
        cast: how many bots of each profile.
        seconds: for the whole rehearsal.
        delivery: arrivals behind the first one, over all bots and questions.
        lateness: arrivals after `opens_at`, below 0 where early; by the platform's clock.
        acknowledgement: from sending an answer to its acknowledgement.
        clock_offset: the platform's clock minus this machine's, or None.
        reconnects: sockets that were lost and came back.
        returns: bots that went away and came back.
        audit: the platform's own audit.
        violations: broken promises; see `quizkit.core.history`. Four rules are of the
            rehearsal itself: `could_not_join`, `board_incomplete`, `audit_disagrees`, and
            `removed` for bots whom somebody has kicked meanwhile.
    """

    session_id: str
    quiz_id: str
    title: str
    pin: str
    players: int
    seed: int
    cast: Mapping[str, int]
    seconds: float
    joins: Joins
    questions: tuple[Delivery, ...]
    delivery: Spread
    lateness: Spread
    acknowledgement: Spread
    clock_offset: float | None
    answers: Answers
    reconnects: int
    returns: int
    audit: AuditDocument
    violations: tuple[Violation, ...]

    @property
    def clean(self) -> bool:
        """Whether every promise was kept."""
        return not self.violations

    def document(self) -> dict[str, Any]:
        """All of it, for JSON; names of durations in milliseconds end in `_ms`."""
        renamed = {
            "delivery": "delivery_ms",
            "lateness": "lateness_ms",
            "acknowledgement": "acknowledgement_ms",
            "clock_offset": "clock_offset_ms",
            "spread": "spread_ms",
            "each": "each_ms",
        }

        def named(value: Any) -> Any:
            if isinstance(value, dict):
                return {renamed.get(key, key): named(item) for key, item in value.items()}
            if isinstance(value, list | tuple):
                return [named(item) for item in value]
            return value

        facts: dict[str, Any] = named(asdict(self))
        violations = facts.pop("violations")
        return facts | {
            "verdict": {
                "clean": self.clean,
                "broken": len(violations),
                "violations": violations[:LISTED_VIOLATIONS],
            }
        }


@dataclass(frozen=True, slots=True)
class Findings:
    """What is known once the game is over: the bots' records, and what the platform says."""

    session: SessionDocument
    bots: Sequence[BotResult]
    results: ResultsDocument
    board: LeaderboardDocument
    audit: AuditDocument

    def report(self, *, seed: int, seconds: float) -> RehearsalReport:
        """Figures and verdict."""
        offset = clock_offset(self.bots)
        arrivals = {
            question["question_id"]: sorted(
                bot.arrivals[question["question_id"]]
                for bot in self.bots
                if question["question_id"] in bot.arrivals
            )
            for question in self.results["questions"]
        }
        opens = {each["question_id"]: each["opens_at"] for each in self.results["questions"]}
        late = {
            name: [at + (offset or 0) - opens[name] for at in times]
            for name, times in arrivals.items()
        }
        return RehearsalReport(
            session_id=self.session["session_id"],
            quiz_id=self.session["quiz_id"],
            title=self.session["title"],
            pin=self.session["pin"],
            players=len(self.bots),
            seed=seed,
            cast=_tally(bot.profile for bot in self.bots),
            seconds=round(seconds, 2),
            joins=_joins(self.bots),
            questions=tuple(
                Delivery(
                    name,
                    len(times),
                    round(times[-1] - times[0], 1) if times else None,
                    sum(value > 0 for value in late[name]),
                )
                for name, times in arrivals.items()
            ),
            delivery=Spread.of(at - times[0] for times in arrivals.values() for at in times),
            lateness=Spread.of(value for values in late.values() for value in values),
            acknowledgement=Spread.of(
                given.delay * 1_000 for given in self._given() if given.fate is Fate.OK
            ),
            clock_offset=offset,
            answers=self._answers(),
            reconnects=sum(bot.reconnects for bot in self.bots),
            returns=sum(bot.returns for bot in self.bots),
            audit=self.audit,
            violations=tuple(self._violations()),
        )

    def truth(self) -> Truth:
        """The results and the board, as the checker of histories reads them."""
        participants = self.results["participants"]
        return Truth(
            scoring=self.results["scoring"],
            streak_bonus=self.results["streak_bonus"],
            questions=tuple(
                _closed(index, question) for index, question in enumerate(self.results["questions"])
            ),
            members=tuple(
                Member(line["participant_id"], line["nickname"], line["joined_at"])
                for line in participants
            ),
            rows=tuple(
                AnswerRow(
                    line["participant_id"],
                    row["question_id"],
                    stored_form(row["answer"]),
                    row["received_at"],
                )
                for line in participants
                for row in line["answers"]
            ),
            results=tuple(
                (line["rank"], line["participant_id"], line["score"]) for line in participants
            ),
            board=tuple(
                (entry["rank"], entry["participant_id"], entry["score"])
                for entry in self.board["entries"]
            ),
        )

    def _violations(self) -> Iterable[Violation]:
        removed = [bot for bot in self.bots if self._removed(bot)]
        if removed:
            yield Violation(
                "removed",
                f"{len(removed)} of {len(self.bots)} were removed by a host, so that their "
                f"answers cannot be checked; the first was {removed[0].nickname}",
            )
        bots = [bot for bot in self.bots if not self._removed(bot)]
        attempts = [attempt for bot in bots for attempt in bot.attempts()]
        endings = [ending for bot in bots if (ending := bot.ending()) is not None]
        yield from check(attempts, endings, self.truth())
        out = [bot for bot in self.bots if bot.joining is None]
        if out:
            why = f"the first because: {out[0].error or 'the rehearsal was over'}"
            yield Violation(
                "could_not_join", f"{len(out)} of {len(self.bots)} could not join, {why}"
            )
        members, listed = len(self.results["participants"]), len(self.board["entries"])
        if (self.board["total"], listed) != (members, members):
            yield Violation(
                "board_incomplete",
                f"the board has {self.board['total']} lines and lists {listed}, "
                f"of {members} participants",
            )
        if not self.audit["agrees"]:
            yield Violation(
                "audit_disagrees",
                "the stored standings are not what the stored answers give: "
                f"{self.audit['differences'][:3]}",
            )

    def _removed(self, bot: BotResult) -> bool:
        """Whether a host has removed a bot: it was told so, and the results leave it out."""
        listed = (line["participant_id"] for line in self.results["participants"])
        told = bot.error is not None and bot.error.code == "forbidden"
        return told and bot.participant_id is not None and bot.participant_id not in listed

    def _given(self) -> Iterable[Given]:
        return (given for bot in self.bots for given in bot.answers)

    def _answers(self) -> Answers:
        fates = _tally(given.fate for given in self._given())
        return Answers(
            sent=sum(fates.values()),
            refused=fates.get(Fate.FAIL, 0),
            unknown=fates.get(Fate.UNKNOWN, 0),
            acknowledged=sum(len(bot.acknowledged) for bot in self.bots),
            stored=sum(len(line["answers"]) for line in self.results["participants"]),
        )


def _closed(index: int, question: ResultQuestion) -> ClosedQuestion:
    """A settled question as it is stored, from the results that show it."""
    span = question["range"]
    return ClosedQuestion(
        question_id=question["question_id"],
        index=index,
        opens_at=question["opens_at"],
        closes_at=question["closes_at"],
        time_limit=question["time_limit"],
        points=question["points"],
        correct=stored_form(question["correct"]),
        options=question["options"],
        kind=question["kind"],
        rules=Rules(
            grading=question["grading"],
            penalty=question["penalty"],
            tolerance=number_text(question["tolerance"]),
            nearest=question["nearest"],
            range=None if span is None else (number_text(span[0]), number_text(span[1])),
            fold=question["fold"],
        ),
    )


def _tally(names: Iterable[str]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for name in names:
        counts[name] = counts.get(name, 0) + 1
    return counts


def _joins(bots: Sequence[BotResult]) -> Joins:
    joined = [bot.joining for bot in bots if bot.joining is not None]
    seconds = max(end for _, end in joined) - min(begin for begin, _ in joined) if joined else 0.0
    return Joins(
        joined=len(joined),
        failed=len(bots) - len(joined),
        seconds=round(seconds, 3),
        per_second=round(len(joined) / seconds, 1) if seconds else 0.0,
        each=Spread.of((end - begin) * 1_000 for begin, end in joined),
    )


def clock_offset(bots: Iterable[BotResult]) -> float | None:
    """The platform's clock minus this machine's; None where nothing was acknowledged.

    Only a bot's first answer to a question counts: a repeat is acknowledged with the time of
    the first.
    """
    least, most = float("-inf"), float("inf")
    for bot in bots:
        first: dict[str, Given] = {}
        for given in sorted(bot.answers, key=lambda given: given.sent_at):
            first.setdefault(given.question_id, given)
        for given in first.values():
            if given.ack is not None:
                received = given.ack.received_at
                least = max(least, received - (given.sent_at + given.delay * 1_000))
                most = min(most, received - given.sent_at)
    return None if most == float("inf") else round((least + most) / 2, 1)
