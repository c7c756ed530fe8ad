"""Players who are programs: for rehearsals, demonstrations and load.

Each bot is a `LiveSession` like anybody's; nothing on the platform is made for them. A bot
knows as little as a player does, so without a `key` it guesses. With one (the host's own
quiz file) it answers rightly as often as its skill says. What else it does is up to its
profile (`bot_profiles`), which may also be a script of one's own. Cast, skills, answers and
mishaps come from a seed, so a game can be played again, though not with the same delays to the
millisecond.

All bots share one event loop and the kept connections of one `PlayerApi`. Joining is bounded:
more joins at once than the platform takes on would only wait there, and time out.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from quizkit.core.history import Fate
from quizkit.sdk.bot_answers import Right, another, guess, settled
from quizkit.sdk.bot_profiles import STEADY, Cast, Decision, Profile, deal
from quizkit.sdk.bot_records import BotResult, Given, Roll, Watcher, fate_of, kept
from quizkit.sdk.errors import Conflict, QuizkitError, Unreachable
from quizkit.sdk.live import LiveSession
from quizkit.sdk.live_doors import PlayerDoor
from quizkit.sdk.live_events import (
    Answer,
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
from quizkit.sdk.player import PlayerApi, Seat

#: How many bots may be joining at the same time.
JOINS_AT_ONCE: Final = 32

#: How long a bot waits for a question to open, in seconds; the platform opens it about one
#: second after sending it, so a longer wait would only mean that the clocks differ.
_LONGEST_LEAD: Final = 2.0
_EARLY_RETRIES: Final = 8
_EARLY_PAUSE: Final = 0.25
#: A socket lost "while sending" is lost within this time, in seconds: before or after the reply.
_SENDING: Final = 0.05

_NAMES: Final = (
    "Ada", "Alan", "Annie", "Barbara", "Claude", "Donald", "Dorothy", "Edsger", "Emmy", "Frances",
    "Grace", "Hedy", "Jean", "John", "Katherine", "Konrad", "Leslie", "Margaret", "Niklaus",
    "Radia", "Rosalind", "Shafi", "Sophie", "Tim", "Vera",
)  # fmt: skip

Key: TypeAlias = Mapping[str, Right]


@dataclass(frozen=True, slots=True)
class BotPlan:
    """What the bots are like.

    Attributes:
        seed: of the cast, skills, answers, delays and mishaps.
        key: what is right by question id, or None for bots that guess.
        cast: profiles with their shares; steady bots only, where None.
        pace: the shares of the time limit within which they answer.
        prefix: put before nicknames; needed to run several groups in one session.
        joins_at_once: how many may be joining at the same time.
    """

    seed: int = 0
    key: Key | None = None
    cast: Cast | None = None
    pace: tuple[float, float] = (0.05, 0.6)
    prefix: str = ""
    joins_at_once: int = JOINS_AT_ONCE
    patience: Patience | None = None


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
    return await Troupe(http_url, pin, count, plan=plan, on_progress=on_progress).play()


class Troupe:
    """Bots that play one session together; `run_bots` is the short way.

    Args:
        on_answered: called with a question's id when every bot that is there has answered it,
            or will not.
        Others as for `run_bots`.
    """

    def __init__(
        self,
        http_url: str,
        pin: str,
        count: int,
        *,
        plan: BotPlan | None = None,
        on_progress: Watcher | None = None,
        on_answered: Callable[[str], None] | None = None,
    ) -> None:
        self._plan = plan or BotPlan()
        self._pin = pin
        self._api = PlayerApi(http_url)
        roll = Roll(count, on_progress, on_answered)
        cast = deal(self._plan.cast or {STEADY: 1}, count, self._plan.seed)
        self._bots = [
            _Bot(index, profile, self._plan, roll, self._api) for index, profile in enumerate(cast)
        ]
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def results(self) -> list[BotResult]:
        """How each bot has fared until now."""
        return [bot.result for bot in self._bots]

    async def play(self) -> list[BotResult]:
        """Play until the session is over for all; raises and returns as `run_bots` does."""
        gate = asyncio.Semaphore(self._plan.joins_at_once)
        try:
            async with asyncio.TaskGroup() as group:
                for bot in self._bots:
                    self._tasks.append(group.create_task(bot.play(self._pin, gate)))
        finally:
            self._api.close()
        results = self.results
        if results and all(result.participant_id is None for result in results):
            first = results[0].error
            assert first is not None
            raise first
        return results

    def stop(self) -> None:
        """End the game of every bot that still plays; its result says so."""
        for bot, task in zip(self._bots, self._tasks, strict=True):
            if not task.done():
                bot.result.error = Unreachable("The end of the session never came.")
                task.cancel()


class _Bot:
    """One bot: a profile, a skill, and a generator of its own, all from the seed."""

    def __init__(
        self, index: int, profile: Profile, plan: BotPlan, roll: Roll, api: PlayerApi
    ) -> None:
        self._rng = random.Random(f"{plan.seed}/{index}")
        self._index, self._profile, self._plan = index, profile, plan
        self._roll, self._api = roll, api
        self._patience = plan.patience or Patience()
        self._skill = self._rng.uniform(*profile.skill)
        self._dealing: set[asyncio.Task[None]] = set()
        self._seen: set[str] = set()
        self._left: set[str] = set()
        self._leaving: asyncio.Task[None] | None = None
        number = index // len(_NAMES) + 1
        name = _NAMES[index % len(_NAMES)]
        nickname = f"{plan.prefix}{name}{number if number > 1 else ''}"
        self.result = BotResult(nickname, profile.name)

    # --- coming and going ------------------------------------------------------------------

    async def play(self, pin: str, gate: asyncio.Semaphore) -> None:
        clock = asyncio.get_running_loop().time
        try:
            async with gate:
                begun = clock()
                session = await self._join(pin)
            self.result.joining = (begun, clock())
            self._roll.count("joined")
            while True:
                self._roll.come(self._index)
                async with session:
                    await self._follow(session)
                if self._leaving is None:
                    break
                session = await self._return(session)
        except QuizkitError as exc:
            self.result.error = exc
        finally:
            if self._leaving is not None:
                self._leaving.cancel()
            self._roll.go(self._index)
            self._roll.count("finished" if self.result.finished else "failed")

    async def _join(self, pin: str) -> LiveSession:
        """Join; a name that somebody has already gets a number."""
        base = self.result.nickname
        for _ in range(5):
            try:
                door = await PlayerDoor.join(self._api, pin, self.result.nickname)
            except Conflict as exc:
                if exc.code != "nickname_taken":
                    raise
                self.result.nickname = f"{base}-{self._rng.randrange(1000)}"
                continue
            self.result.participant_id = door.seat.participant_id
            return await LiveSession(door, patience=self._patience).start()
        raise Conflict(f"No nickname like {base} was free.", code="nickname_taken")

    async def _return(self, session: LiveSession) -> LiveSession:
        """Stay away for a while; then come back to the same seat."""
        assert self._leaving is not None
        leaving, self._leaving = self._leaving, None
        self._roll.go(self._index)
        await leaving
        assert isinstance(session.seat, Seat)
        door = PlayerDoor(self._api, session.seat, fresh=False)
        back = await LiveSession(door, patience=self._patience).start()
        self.result.returns += 1
        return back

    async def _leave(self, session: LiveSession, seconds: float) -> None:
        await session.close()
        await asyncio.sleep(seconds)

    # --- what happens ----------------------------------------------------------------------

    async def _follow(self, session: LiveSession) -> None:
        try:
            async for event in session:
                self._react(session, event)
        finally:
            for task in self._dealing:
                task.cancel()
            await asyncio.gather(*self._dealing, return_exceptions=True)
            if self.result.finished and self._leaving is not None:
                self._leaving.cancel()  # the session was over before it could leave
                self._leaving = None

    def _react(self, session: LiveSession, event: LiveEvent) -> None:
        match event:
            case Joined(snapshot):
                self._arrive(session, snapshot)
            case Reconnected(snapshot):
                self.result.reconnects += 1
                self._roll.count("reconnects")
                self._arrive(session, snapshot)
            case NewQuestion():
                self.result.arrivals.setdefault(event.question.id, time.time() * 1_000)
                self._start(session, event.question, event.opens_at)
            case QuestionClosed(you=you) if you is not None and you.score is not None:
                self.result.score, self.result.rank = you.score, you.rank
            case QuizFinished(podium=podium, you=you):
                self.result.finished, self.result.podium = True, podium
                if you is not None and you.score is not None:
                    self.result.score, self.result.rank = you.score, you.rank

    def _arrive(self, session: LiveSession, snapshot: Snapshot) -> None:
        self.result.score, self.result.rank = snapshot.score, snapshot.rank
        if snapshot.over:
            self.result.finished, self.result.podium = True, snapshot.podium or ()
        if snapshot.question is None:
            return
        if snapshot.answered is None:
            self._start(session, snapshot.question, snapshot.opens_at or 0)
        else:
            self._roll.deal(self._index, snapshot.question.id)

    def _start(self, session: LiveSession, question: Question, opens_at: int) -> None:
        """Deal with a question in a task of its own, so that the bot keeps listening."""
        self._roll.ask(question.id)
        if question.id in self._seen:
            return
        self._seen.add(question.id)
        task = asyncio.create_task(self._deal(session, question, opens_at))
        self._dealing.add(task)
        task.add_done_callback(self._dealing.discard)

    # --- dealing with a question -------------------------------------------------------------

    async def _deal(self, session: LiveSession, question: Question, opens_at: int) -> None:
        """Answer, or not, with the mishaps that the profile has in store."""
        rng, profile = self._rng, self._profile
        decision = self._decide(question)
        drops, leaves = rng.random() < profile.drops, rng.random() < profile.leaves
        leaves = leaves and question.id not in self._left
        early, when = rng.random() < 0.5, rng.random()
        away = rng.uniform(*profile.away) * question.time_limit
        lead = min(max(opens_at / 1_000 - time.time(), 0), _LONGEST_LEAD)
        wait = lead + decision.delay
        if early and (leaves or drops):
            await asyncio.sleep(wait * when)
            wait *= 1 - when
            if leaves:
                self._seen.discard(question.id)  # it may still be open on the return
                self._go(session, question, away)
                return
            session.lose_socket()
        await asyncio.sleep(wait)
        if decision.answer is not None:
            cut = when * _SENDING if drops and not early else None
            await self._submit(session, question, settled(question, decision.answer), cut)
        self._roll.deal(self._index, question.id)
        if leaves:
            self._go(session, question, away)

    def _go(self, session: LiveSession, question: Question, seconds: float) -> None:
        self._left.add(question.id)
        self._leaving = asyncio.create_task(self._leave(session, seconds))

    def _decide(self, question: Question) -> Decision:
        if not question.takes_answers:
            return Decision(None)
        if self._profile.script is not None:
            return self._profile.script(question, self._rng)
        earliest, usual, latest = self._profile.haste
        low, high = self._plan.pace
        share = low + (high - low) * self._rng.triangular(earliest, latest, usual)
        right = (self._plan.key or {}).get(question.id)
        answer = guess(question, right, self._skill, self._rng)
        return Decision(answer, share * question.time_limit)

    async def _submit(
        self, session: LiveSession, question: Question, answer: Answer, cut: float | None
    ) -> None:
        """Send an answer as often as the profile does; lose the socket after `cut` seconds."""
        answers = [answer] * (1 + self._profile.repeats)
        if self._rng.random() < self._profile.contradicts:
            other = another(question, answer, self._rng)
            answers += [] if other is None else [other]
            self._rng.shuffle(answers)
        sending = asyncio.gather(*(self._insist(session, question, each) for each in answers))
        try:
            if cut is not None:
                await asyncio.sleep(cut)
                session.lose_socket()
            await sending
        finally:
            sending.cancel()
        if question.id in self.result.acknowledged:
            self._roll.count("answers")

    async def _insist(self, session: LiveSession, question: Question, answer: Answer) -> None:
        """Answer; a question that is not open yet opens in a moment."""
        for _ in range(_EARLY_RETRIES):
            if await self._try(session, question, answer) != "question_not_open":
                return
            await asyncio.sleep(_EARLY_PAUSE)

    async def _try(self, session: LiveSession, question: Question, answer: Answer) -> str | None:
        """Send one answer and write down what came of it; gives the error's code."""
        clock = asyncio.get_running_loop().time
        sent_at, begun, sockets = time.time() * 1_000, clock(), session.sockets
        ack: Ack | None = None
        error: QuizkitError | None = None
        fate = Fate.UNKNOWN
        try:
            ack = await session.answer(question.id, answer)
            fate = Fate.OK
        except QuizkitError as exc:
            error = exc
            once = session.sockets == sockets and clock() - begun < self._patience.acknowledge
            fate = fate_of(exc, once=once and session.connected)
        finally:
            # Also where the game ends while an answer is on its way: nobody knows its fate.
            code = error.code if error else None
            content, delay = kept(answer), clock() - begun
            given = Given(question.id, content, ack, delay, code, fate, sent_at)
            self.result.answers.append(given)
        return code
