"""Players who are programs: for rehearsals, demonstrations and load.

Each bot is a `LiveSession` like anybody's; nothing on the platform is made for them. A bot
knows as little as a player does, so without a `key` it guesses. With one (the host's own
quiz file) it answers rightly as often as its skill says. Skill and haste come from a seed, so
a game can be played again with the same cast, though not with the same delays to the
millisecond. All bots share one event loop; joining is bounded, since each join costs a
request and a thread.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from quizkit.core.quiz import Quiz
from quizkit.sdk.errors import Conflict, QuizkitError, Refused
from quizkit.sdk.live import LiveSession
from quizkit.sdk.live_events import (
    Joined,
    LiveEvent,
    NewQuestion,
    Question,
    QuestionClosed,
    QuizFinished,
    Reconnected,
    Snapshot,
)
from quizkit.sdk.live_protocol import Ack
from quizkit.sdk.live_socket import Patience

#: How many bots may be joining at the same time.
JOINS_AT_ONCE: Final = 16

#: How long a bot waits for a question to open, in seconds; the platform opens it about one
#: second after sending it, so a longer wait would only mean that the clocks differ.
_LONGEST_LEAD: Final = 2.0
_EARLY_RETRIES: Final = 8
_EARLY_PAUSE: Final = 0.25

_NAMES: Final = (
    "Ada", "Alan", "Annie", "Barbara", "Claude", "Donald", "Dorothy", "Edsger", "Emmy", "Frances",
    "Grace", "Hedy", "Jean", "John", "Katherine", "Konrad", "Leslie", "Margaret", "Niklaus",
    "Radia", "Rosalind", "Shafi", "Sophie", "Tim", "Vera",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Given:
    """One answer that a bot gave; `delay` is seconds from sending to acknowledgement."""

    question_id: str
    answer: tuple[str, ...]
    ack: Ack | None
    delay: float
    error: str | None = None


@dataclass(slots=True)
class BotResult:
    """How one bot fared.

    Attributes:
        participant_id: None where it could not join.
        score, rank: as the platform told it last.
        answers: what it gave, in order; each with its acknowledgement or error code.
        reconnects: how often its socket was lost and came back.
        error: what ended its game early, or None.
    """

    nickname: str
    participant_id: str | None = None
    score: int = 0
    rank: int | None = None
    answers: list[Given] = field(default_factory=list)
    reconnects: int = 0
    error: QuizkitError | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """Where all the bots stand, at each change: counts of bots, and of answers stored."""

    bots: int
    joined: int
    answers: int
    finished: int
    failed: int


Key = Mapping[str, Sequence[str]]
Watcher = Callable[[Progress], None]


@dataclass(frozen=True, slots=True)
class BotPlan:
    """What the bots are like.

    Attributes:
        seed: of names, skills and delays.
        key: right options by question id, or None for bots that guess.
        pace: the shares of the time limit within which they answer.
        prefix: put before nicknames; needed to run several groups in one session.
        joins_at_once: how many may be joining at the same time.
    """

    seed: int = 0
    key: Key | None = None
    pace: tuple[float, float] = (0.05, 0.6)
    prefix: str = ""
    joins_at_once: int = JOINS_AT_ONCE
    patience: Patience | None = None


def key_of(quiz: Quiz) -> dict[str, tuple[str, ...]]:
    """The right options of a quiz by question id, for bots that know something."""
    return {question.id: question.correct for question in quiz.questions}


async def run_bots(
    http_url: str,
    pin: str,
    count: int,
    *,
    plan: BotPlan | None = None,
    on_progress: Watcher | None = None,
) -> list[BotResult]:
    """Let bots play a session until it is over.

    Args:
        http_url: the stack's output `HttpApiUrl`.
        pin: of the session.
        count: how many bots.
        plan: what they are like.
        on_progress: called in the event loop at each change; must not block.

    Returns:
        One result a bot, in the order of their names. A bot's failure is in its result.

    Raises:
        QuizkitError: the first failure, where no bot at all could join.
    """
    plan = plan or BotPlan()
    troupe = _Troupe(count, on_progress)
    gate = asyncio.Semaphore(plan.joins_at_once)
    async with asyncio.TaskGroup() as group:
        bots = [_Bot(index, plan, troupe) for index in range(count)]
        for bot in bots:
            group.create_task(bot.play(http_url, pin, gate))
    results = [bot.result for bot in bots]
    if results and all(result.participant_id is None for result in results):
        first = results[0].error
        assert first is not None
        raise first
    return results


class _Troupe:
    """Counts for all the bots together."""

    def __init__(self, bots: int, watcher: Watcher | None) -> None:
        self._bots = bots
        self._watcher = watcher
        self._counts = dict.fromkeys(("joined", "answers", "finished", "failed"), 0)

    def count(self, what: str) -> None:
        self._counts[what] += 1
        if self._watcher is not None:
            self._watcher(Progress(bots=self._bots, **self._counts))


class _Bot:
    """One bot: a skill, a haste, and a generator of its own, all from the seed."""

    def __init__(self, index: int, plan: BotPlan, troupe: _Troupe) -> None:
        self._rng = random.Random(f"{plan.seed}/{index}")
        self._plan = plan
        self._troupe = troupe
        self._skill = self._rng.uniform(0.35, 0.95)
        self._haste = self._rng.random()
        self._answering: set[asyncio.Task[None]] = set()
        self._seen: set[str] = set()
        number = index // len(_NAMES) + 1
        name = _NAMES[index % len(_NAMES)]
        self.result = BotResult(f"{plan.prefix}{name}{number if number > 1 else ''}")

    async def play(self, http_url: str, pin: str, gate: asyncio.Semaphore) -> None:
        try:
            async with gate:
                session = await self._join(http_url, pin)
            async with session:
                self._troupe.count("joined")
                await self._follow(session)
            self._troupe.count("finished")
        except QuizkitError as exc:
            self.result.error = exc
            self._troupe.count("failed")

    async def _join(self, http_url: str, pin: str) -> LiveSession:
        """Join; a name that somebody has already gets a number."""
        base = self.result.nickname
        for _ in range(5):
            try:
                session = await LiveSession.join(
                    http_url, pin, self.result.nickname, patience=self._plan.patience
                )
            except Conflict as exc:
                if exc.code != "nickname_taken":
                    raise
                self.result.nickname = f"{base}-{self._rng.randrange(1000)}"
                continue
            self.result.participant_id = session.snapshot.participant_id
            return session
        raise Conflict(f"No nickname like {base} was free.", code="nickname_taken")

    async def _follow(self, session: LiveSession) -> None:
        try:
            async for event in session:
                self._react(session, event)
        finally:
            for task in self._answering:
                task.cancel()
            await asyncio.gather(*self._answering, return_exceptions=True)

    def _react(self, session: LiveSession, event: LiveEvent) -> None:
        match event:
            case Joined(snapshot) | Reconnected(snapshot):
                self.result.reconnects += isinstance(event, Reconnected)
                self._arrive(session, snapshot)
            case NewQuestion():
                self._start(session, event.question, event.opens_at)
            case QuestionClosed(you=you) | QuizFinished(you=you) if you is not None:
                if you.score is not None:
                    self.result.score, self.result.rank = you.score, you.rank

    def _arrive(self, session: LiveSession, snapshot: Snapshot) -> None:
        self.result.score, self.result.rank = snapshot.score, snapshot.rank
        if snapshot.question is not None and snapshot.answered is None:
            self._start(session, snapshot.question, snapshot.opens_at or 0)

    def _start(self, session: LiveSession, question: Question, opens_at: int) -> None:
        """Answer in a task of its own, so that the bot keeps listening meanwhile."""
        if question.id in self._seen:
            return
        self._seen.add(question.id)
        task = asyncio.create_task(self._answer(session, question, opens_at))
        self._answering.add(task)
        task.add_done_callback(self._answering.discard)

    async def _answer(self, session: LiveSession, question: Question, opens_at: int) -> None:
        answer = self._choose(question)
        low, high = self._plan.pace
        share = low + (high - low) * (self._haste + self._rng.random()) / 2
        lead = min(max(opens_at / 1_000 - time.time(), 0), _LONGEST_LEAD)
        await asyncio.sleep(lead + share * question.time_limit)
        begun = asyncio.get_running_loop().time()
        ack, error = await self._insist(session, question.id, answer)
        delay = asyncio.get_running_loop().time() - begun
        self.result.answers.append(Given(question.id, answer, ack, delay, error))
        if ack is not None:
            self._troupe.count("answers")

    async def _insist(
        self, session: LiveSession, question_id: str, answer: tuple[str, ...]
    ) -> tuple[Ack | None, str | None]:
        """Answer; a question that is not open yet opens in a moment."""
        for _ in range(_EARLY_RETRIES):
            try:
                return await session.answer(question_id, list(answer)), None
            except Refused as exc:
                if exc.code != "question_not_open":
                    return None, exc.code
                await asyncio.sleep(_EARLY_PAUSE)
            except QuizkitError as exc:
                return None, exc.code
        return None, "question_not_open"

    def _choose(self, question: Question) -> tuple[str, ...]:
        ids = [option.id for option in question.options]
        right = (self._plan.key or {}).get(question.id)
        if right and self._rng.random() < self._skill:
            return tuple(right)
        count = 1 if question.kind == "choice" else self._rng.randint(1, len(ids))
        return tuple(sorted(self._rng.sample(ids, count)))
