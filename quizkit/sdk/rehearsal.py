"""A whole game played by bots against a real stage, and whether it kept its promises.

    report = await rehearse(admin, quiz_id, RehearsalPlan(players=200, seed=7))
    assert report.clean, report.violations

The rehearsal is the host: it opens a session that runs by itself, starts it as soon as every
bot is in, closes each question as soon as every bot that is there has answered, and otherwise
leaves it alone. So a quiz with long time limits is rehearsed in little time. When the last bot
has seen the end, it fetches the results, the whole board and the audit, and holds them against
what the bots wrote down (`quizkit.core.history`).

What it costs: one process and one network address are not a crowd. The delays in the report
hold this machine's own share, which grows with the number of bots.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, TypeAlias

from quizkit.core.quiz import Quiz, parse
from quizkit.sdk.admin import Admin
from quizkit.sdk.bot_answers import key_of
from quizkit.sdk.bot_profiles import Cast, everybody
from quizkit.sdk.bot_records import BotResult, Progress
from quizkit.sdk.bots import JOINS_AT_ONCE, BotPlan, Troupe
from quizkit.sdk.documents import SessionDocument
from quizkit.sdk.errors import Conflict, Misuse, QuizkitError, Unreachable
from quizkit.sdk.live_socket import Patience
from quizkit.sdk.rehearsal_report import Findings, RehearsalReport
from quizkit.sdk.threads import in_thread

#: What one process plays well, and what `GET /leaderboard` lists, so that it can be checked.
MOST_PLAYERS: Final = 5_000
#: Files that are open beside the bots' sockets.
_OTHER_FILES: Final = 128
_POLL: Final = 0.5
_TRIES: Final = 5
#: An open question is settled a few seconds after its session was ended.
_ENDING_POLLS: Final = 60


@dataclass(frozen=True, slots=True)
class RehearsalPlan:
    """How to rehearse.

    Attributes:
        players: how many bots, 1 to 5,000.
        seed: of the cast, skills, answers and mishaps.
        cast: profiles with their shares; where None all that come along, most of them steady.
        pace: bots answer within this share of a question's time limit, 0 to 1; 0: at once.
        lobby_seconds: the session starts at the latest after this time, whoever is in.
        reveal_seconds: how long results are shown.
        full_time: let every question last its whole time.
        joins_at_once: how many bots may be joining at the same time.
        slack: what a question may take beside its time limit and reveal, in seconds, before
            the session counts as stuck and is ended.
        grace: how long, in seconds, the others may take to see the end once one bot has seen
            it; what sleepers may still be away is added.
    """

    players: int
    seed: int = 0
    cast: Cast | None = None
    pace: float = 0.25
    lobby_seconds: int = 600
    reveal_seconds: int = 1
    full_time: bool = False
    joins_at_once: int = JOINS_AT_ONCE
    patience: Patience | None = None
    slack: float = 15.0
    grace: float = 30.0

    def __post_init__(self) -> None:
        """Refuse what cannot be played.

        Raises:
            Misuse: with the reason and the limit.
        """
        if self.players < 1:
            raise Misuse("A rehearsal needs players.", hint=f"from 1 to {MOST_PLAYERS:,}")
        if self.players > MOST_PLAYERS:
            raise Misuse(
                f"{self.players:,} players are too many for one rehearsal: one process would "
                "measure itself, and the board lists no more to check.",
                hint=f"from 1 to {MOST_PLAYERS:,}",
            )
        if not 0 <= self.pace <= 1:
            raise Misuse(f"{self.pace:g} is no share of the time limit.", hint="from 0 to 1")


@dataclass(frozen=True, slots=True)
class RehearsalProgress:
    """Where a rehearsal stands.

    Attributes:
        stage: `lobby`, `game`, `checking` or `ending` (cut short).
        questions: of the quiz.
        bots: where the bots stand.
    """

    stage: str
    session: SessionDocument
    questions: int
    bots: Progress


RehearsalWatcher: TypeAlias = Callable[[RehearsalProgress], None]


async def rehearse(
    admin: Admin,
    quiz_id: str,
    plan: RehearsalPlan,
    *,
    on_progress: RehearsalWatcher | None = None,
) -> RehearsalReport:
    """Play a whole game with bots, and check it.

    Whatever ends the rehearsal early, cancelling included, also ends its session.

    Args:
        on_progress: called in the event loop at each change; must not block.

    Raises:
        NotFound: there is no such quiz.
        Misuse: this process may not open as many files as there are players.
        QuizkitError: the first failure, where no bot at all could join.
    """
    make_room(plan.players + 2 * plan.joins_at_once + _OTHER_FILES)
    found = await in_thread(lambda: admin.get_quiz(quiz_id))
    return await _Rehearsal(admin, parse(found["document"]), plan, on_progress).run(quiz_id)


def make_room(files: int) -> None:
    """Let this process open so many files; each bot's socket is one.

    Raises:
        Misuse: the system's limit is lower.
    """
    try:
        import resource
    except ImportError:  # not a POSIX system: no such limit
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= files:
        return
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (files, hard))
    except (ValueError, OSError) as exc:
        raise Misuse(
            f"This process may open {soft} files, and so many players need {files}.",
            hint=f"fewer players, or a higher limit: ulimit -n {files}",
        ) from exc


class _Rehearsal:
    """One run: the host's part, the watch over the bots, and the check."""

    def __init__(
        self, admin: Admin, quiz: Quiz, plan: RehearsalPlan, watcher: RehearsalWatcher | None
    ) -> None:
        self._admin, self._quiz, self._plan, self._watcher = admin, quiz, plan, watcher
        self._commands: set[asyncio.Task[None]] = set()
        self._stage = "lobby"
        self._bots = Progress(plan.players, 0, 0, 0, 0)

    async def run(self, quiz_id: str) -> RehearsalReport:
        begun = time.monotonic()
        self._session = await self._open(quiz_id)
        try:
            bots = await self._play()
            self._tell("checking")
            findings = await self._look(bots)
        except BaseException:
            self._tell("ending")
            await self._end()
            raise
        return findings.report(seed=self._plan.seed, seconds=time.monotonic() - begun)

    # --- the host's part -------------------------------------------------------------------

    async def _open(self, quiz_id: str) -> SessionDocument:
        """Open the session; one that is cancelled meanwhile is ended, not forgotten."""
        opening = asyncio.ensure_future(
            in_thread(
                lambda: self._admin.start_session(
                    quiz_id,
                    auto=True,
                    lobby_seconds=self._plan.lobby_seconds,
                    reveal_seconds=self._plan.reveal_seconds,
                )
            )
        )
        try:
            return await asyncio.shield(opening)
        except asyncio.CancelledError:
            self._session = await opening
            await self._end()
            raise

    def _command(self, command: str) -> None:
        """Give a command in the background; one that comes too late is not needed."""

        async def give() -> None:
            session_id = self._session["session_id"]
            for _ in range(_TRIES):
                try:
                    await in_thread(lambda: self._admin.command(session_id, command))
                except Unreachable:
                    await asyncio.sleep(_POLL)
                    continue
                except Conflict:
                    pass
                return

        task = asyncio.create_task(give())
        self._commands.add(task)
        task.add_done_callback(self._commands.discard)

    async def _end(self) -> None:
        """End the session; on the way out of an error that must not be hidden."""
        session_id = self._session["session_id"]
        with suppress(QuizkitError):
            await in_thread(lambda: self._admin.command(session_id, "end"))

    # --- the game --------------------------------------------------------------------------

    async def _play(self) -> list[BotResult]:
        plan = self._plan
        troupe = Troupe(
            self._admin.http_url,
            self._session["pin"],
            plan.players,
            plan=BotPlan(
                seed=plan.seed,
                key=key_of(self._quiz),
                cast=plan.cast or everybody(),
                pace=(0.0, plan.pace),
                joins_at_once=plan.joins_at_once,
                patience=plan.patience,
            ),
            on_progress=self._watch,
            on_answered=None if plan.full_time else lambda _: self._command("close"),
        )
        guard = asyncio.create_task(self._guard(troupe))
        try:
            return await troupe.play()
        finally:
            guard.cancel()
            for task in self._commands:
                task.cancel()
            await asyncio.gather(guard, *self._commands, return_exceptions=True)

    def _watch(self, bots: Progress) -> None:
        self._bots = bots
        if self._stage == "lobby" and bots.joined and bots.joined + bots.failed == bots.bots:
            self._stage = "game"
            self._command("start")
        self._tell(self._stage)

    def _tell(self, stage: str) -> None:
        self._stage = stage
        if self._watcher is not None:
            count = len(self._quiz.questions)
            self._watcher(RehearsalProgress(stage, self._session, count, self._bots))

    async def _guard(self, troupe: Troupe) -> None:
        """Stop bots to whom the end never comes, and end a session that goes on for ever."""
        clock = asyncio.get_running_loop().time
        limits = [question.time_limit for question in self._quiz.questions]
        around = self._plan.slack + self._plan.reveal_seconds
        ends_by = clock() + self._plan.lobby_seconds + sum(limits) + len(limits) * around
        cast = self._plan.cast or everybody()
        grace = self._plan.grace + max(limits) * max(profile.away[1] for profile in cast)
        while not self._bots.finished and clock() < ends_by:
            await asyncio.sleep(_POLL)
        if not self._bots.finished:
            await self._end()
        await asyncio.sleep(grace)
        troupe.stop()

    # --- the check ---------------------------------------------------------------------------

    async def _look(self, bots: list[BotResult]) -> Findings:
        """What the platform says of the finished session."""
        session_id = self._session["session_id"]
        session = await self._finished()
        results = await in_thread(lambda: self._admin.results(session_id))
        board = await in_thread(lambda: self._admin.leaderboard(session_id, MOST_PLAYERS))
        audit = await in_thread(lambda: self._admin.audit(session_id))
        return Findings(session, bots, results, board, audit)

    async def _finished(self) -> SessionDocument:
        """The finished session; it is ended here where no bot stayed until its end."""
        session_id = self._session["session_id"]
        session = await in_thread(lambda: self._admin.get_session(session_id))
        if session["state"] != "finished":
            await self._end()
        for _ in range(_ENDING_POLLS):
            if session["state"] == "finished":
                break
            await asyncio.sleep(_POLL)
            session = await in_thread(lambda: self._admin.get_session(session_id))
        return session
