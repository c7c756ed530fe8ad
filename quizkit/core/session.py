"""How a session moves: one table of legal moves, one function that makes them.

    LOBBY ──start/next──▶ OPEN ──settle──▶ REVEALED ──next──▶ OPEN … ──▶ FINISHED

Two laws hold here. First, an illegal move raises and changes nothing. Second, what has
to be done after a move (`effects_of`) follows from the session alone, so whoever finds a
session whose effects are unfinished can do them again, with the same outcome.

`close` does not end a question at once: functions that take answers cache its window for
`LEASE_MS`, so it moves `closes_at` to the end of that lease. And an answer received in
time may still be on its way into storage, so a question is settled (folded and shown)
only `DRAIN_MS` after `closes_at`. The cost is about two seconds between the host's
keystroke and the result; the gain is that no acknowledged answer misses its fold.

Duplicated, delayed and reordered commands are harmless: a timer names the question it
was set for, a command may name the version it was meant for, and everything is saved by
compare-and-set on `Session.version`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from quizkit.core.errors import Rejected
from quizkit.core.kinds import DEFAULT_RULES, Rules
from quizkit.core.owners import ADMINS

#: Questions open this long after they are sent, so that slow delivery is no disadvantage.
LEAD_MS: Final = 1_000
#: How long an intake function may trust a window that it has read.
LEASE_MS: Final = 1_000
#: How long after `closes_at` an answer that was received in time may still be stored.
DRAIN_MS: Final = 1_500

DEFAULT_LOBBY_SECONDS: Final = 20
DEFAULT_REVEAL_SECONDS: Final = 5
#: How many may join, unless a session says otherwise: as many as a board lists.
MAX_PARTICIPANTS: Final = 5_000
#: So many of those who were removed are named in the session, which stays small by that.
NAMED_REMOVALS: Final = 50


class State(StrEnum):
    """Where a session stands; `OPEN` lasts until the question is settled."""

    LOBBY = "lobby"
    OPEN = "open"
    REVEALED = "revealed"
    FINISHED = "finished"


class Command(StrEnum):
    """What can be asked of a session; the last one comes from timers only."""

    START = "start"
    NEXT = "next"
    CLOSE = "close"
    END = "end"
    LOCK = "lock"
    UNLOCK = "unlock"
    SETTLE = "settle"


@dataclass(frozen=True, slots=True)
class Plan:
    """What opening a question needs to know of it.

    Attributes:
        options: how many options it has (ids `a`, `b`, …).
        time_limit: seconds.
        rules: part of its key, passed on only where feedback is immediate.
    """

    question_id: str
    kind: str
    options: int
    points: int
    time_limit: int
    rules: Rules = DEFAULT_RULES


@dataclass(frozen=True, slots=True)
class Window:
    """The question that is open, with its times in epoch milliseconds, both inclusive.

    Attributes:
        correct: the key, held here only in sessions with immediate feedback, where the
            acknowledgement carries the verdict; None in every other session.
        rules: how answers are held against the key; the usual ones where that is None.
    """

    question_id: str
    kind: str
    options: int
    points: int
    time_limit: int
    opens_at: int
    closes_at: int
    correct: tuple[str, ...] | None = None
    rules: Rules = DEFAULT_RULES


@dataclass(frozen=True, slots=True)
class Session:
    """A session, whole. Times are epoch milliseconds, durations seconds.

    Attributes:
        version: grows by one with every saved move.
        index: of the current question, from 0; −1 in the lobby.
        settled: how many questions are settled; boards are as of this number.
        first_seq: `seq` of the first event that this state sends; given by the store.
        ending: the session finishes as soon as the open question is settled.
        auto: questions follow one another without a host.
        lobby_seconds: the lobby ends by itself after this time; None: it waits.
        close_early: a question closes once everybody has answered.
        shards: how many partitions the participants and answers are spread over.
        owner: whose session it is, see `core.owners`.
        commitment: to the quiz's key, see `core.commitment`.
        max_participants: how many may join, those included who are removed later.
        attempt: a random mark of the attempt at the last move that was saved.
        quiz_version: the version of the quiz that it is played with, to its end.
        removals: how many players were removed; counted beside the moves, by the store.
        removed: who they are, of the first `NAMED_REMOVALS`; kept like the count.
        streak_bonus: points for each right answer in a row, see `core.scoring`.
        slides: how many of the settled questions took no answers.
        shuffle_seed: what options are shuffled by, see `core.kinds`; empty: they are not.
    """

    session_id: str
    quiz_id: str
    title: str
    pin: str
    question_count: int
    created_at: int
    scoring: str = "speed"
    feedback: str = "on_close"
    auto: bool = False
    lobby_seconds: int | None = None
    reveal_seconds: int = DEFAULT_REVEAL_SECONDS
    close_early: bool = False
    shards: int = 8
    state: State = State.LOBBY
    version: int = 1
    index: int = -1
    settled: int = 0
    window: Window | None = None
    ending: bool = False
    locked: bool = False
    first_seq: int = 1
    changed_at: int = 0
    finished_at: int | None = None
    owner: str = ADMINS
    commitment: str = ""
    max_participants: int = MAX_PARTICIPANTS
    attempt: str = ""
    quiz_version: int = 1
    removals: int = 0
    streak_bonus: int = 0
    shuffle_seed: str = ""
    slides: int = 0
    removed: tuple[str, ...] = ()

    def has_removed(self, participant_id: str) -> bool | None:
        """Whether somebody was removed; None where only their own row can tell."""
        if participant_id in self.removed:
            return True
        # Counted and not named: by code from before there were names.
        if self.removals and not 0 < len(self.removed) < NAMED_REMOVALS:
            return None
        return False

    @property
    def edition(self) -> int:
        """Which standings belong to it: a number that grows with everything that changes them.

        Answers that count at once change them too, one by one; their board has an edition of
        its own for each open question, and is trusted for a short while only.
        """
        asked = self.index + 1 if self.self_paced else 0
        return self.settled + asked + (self.state is State.FINISHED) + self.removals

    @property
    def self_paced(self) -> bool:
        """Whether answers count at once, not when their question is settled."""
        return self.feedback == "immediate"

    @property
    def more(self) -> bool:
        """Whether a question is left to ask."""
        return self.index + 1 < self.question_count


# --- effects -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Ask:
    """Send `new_question` for the open question."""


@dataclass(frozen=True, slots=True)
class Reveal:
    """Fold the settled question, renew the board, send `question_closed` and `leaderboard`."""


@dataclass(frozen=True, slots=True)
class Finish:
    """Fold everything, renew the board, send `quiz_finished`, announce the winners."""


@dataclass(frozen=True, slots=True)
class Timer:
    """Deliver `command` for question `index` at or after `at` (epoch milliseconds)."""

    command: Command
    index: int
    at: int


Effect = Ask | Reveal | Finish | Timer

#: How many numbered events the effects of a state send.
EVENTS: Final[Mapping[State, int]] = {
    State.LOBBY: 0,
    State.OPEN: 1,
    State.REVEALED: 2,
    State.FINISHED: 1,
}


def effects_of(session: Session) -> tuple[Effect, ...]:
    """What a session in this state has to have done; doing it again changes nothing."""
    timers = timers_of(session)
    match session.state:
        case State.LOBBY:
            return timers
        case State.OPEN:
            return (*timers, Ask())
        case State.REVEALED:
            return (Reveal(), *timers)
    return (Finish(),)


def timers_of(session: Session) -> tuple[Timer, ...]:
    """The timers that carry a session on from this state."""
    match session.state:
        case State.LOBBY if session.lobby_seconds is not None:
            at = session.created_at + session.lobby_seconds * 1_000
            return (Timer(Command.START, -1, at),)
        case State.OPEN:
            return (Timer(Command.SETTLE, session.index, settles_at(_window(session))),)
        case State.REVEALED if session.ending:
            return (Timer(Command.NEXT, session.index, session.changed_at),)
        case State.REVEALED if session.auto:
            at = session.changed_at + session.reveal_seconds * 1_000
            return (Timer(Command.NEXT, session.index, at),)
    return ()


def settles_at(window: Window) -> int:
    """The first instant at which every answer received in time is stored."""
    return window.closes_at + DRAIN_MS


# --- moves ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Move:
    """A command with what it needs.

    Attributes:
        now: epoch milliseconds.
        plan: the next question; needed by moves that open one.
        correct: its key, passed on only where feedback is immediate.
        index: the question that a timer was set for; None from anybody else.
        version: the session's version that the sender had seen; None where unknown.
    """

    command: Command
    now: int
    plan: Plan | None = None
    correct: tuple[str, ...] | None = None
    index: int | None = None
    version: int | None = None


def _open(session: Session, move: Move) -> Session:
    if move.plan is None:
        raise ValueError("opening a question needs its plan")
    opens_at = move.now + LEAD_MS
    plan = move.plan
    window = Window(
        question_id=plan.question_id,
        kind=plan.kind,
        options=plan.options,
        points=plan.points,
        time_limit=plan.time_limit,
        opens_at=opens_at,
        closes_at=opens_at + plan.time_limit * 1_000,
        correct=move.correct if session.self_paced else None,
        rules=plan.rules if session.self_paced else DEFAULT_RULES,
    )
    return replace(session, state=State.OPEN, index=session.index + 1, window=window)


def _advance(session: Session, move: Move) -> Session:
    if session.ending or not session.more:
        return _finish(session, move)
    return _open(session, move)


def _close(session: Session, move: Move) -> Session:
    window = _window(session)
    closes_at = min(window.closes_at, max(move.now, window.opens_at) + LEASE_MS)
    if closes_at == window.closes_at:
        return session
    return replace(session, window=replace(window, closes_at=closes_at))


def _end_open(session: Session, move: Move) -> Session:
    return replace(_close(session, move), ending=True)


def _settle(session: Session, move: Move) -> Session:
    window = _window(session)
    if move.now < settles_at(window):
        raise Rejected("not_allowed_now", "the question is not over yet")
    slides = session.slides + (window.kind == "slide")
    return replace(session, state=State.REVEALED, settled=session.settled + 1, slides=slides)


def _finish(session: Session, move: Move) -> Session:
    return replace(session, state=State.FINISHED, finished_at=move.now)


def _lock(session: Session, move: Move) -> Session:
    return replace(session, locked=True)


def _unlock(session: Session, move: Move) -> Session:
    return replace(session, locked=False)


def _window(session: Session) -> Window:
    if session.window is None:
        raise ValueError("an open session has a window")
    return session.window


_MoveFunction = Callable[[Session, Move], Session]

#: Every legal move. What is not here is refused and changes nothing.
MOVES: Final[Mapping[tuple[State, Command], _MoveFunction]] = {
    (State.LOBBY, Command.START): _open,
    (State.LOBBY, Command.NEXT): _open,
    (State.LOBBY, Command.END): _finish,
    (State.OPEN, Command.CLOSE): _close,
    (State.OPEN, Command.END): _end_open,
    (State.OPEN, Command.SETTLE): _settle,
    (State.REVEALED, Command.NEXT): _advance,
    (State.REVEALED, Command.END): _finish,
    (State.LOBBY, Command.LOCK): _lock,
    (State.OPEN, Command.LOCK): _lock,
    (State.REVEALED, Command.LOCK): _lock,
    (State.LOBBY, Command.UNLOCK): _unlock,
    (State.OPEN, Command.UNLOCK): _unlock,
    (State.REVEALED, Command.UNLOCK): _unlock,
}

_WHY_NOT: Final[Mapping[tuple[State, Command], str]] = {
    (State.OPEN, Command.NEXT): "a question is open: close it first",
    (State.OPEN, Command.START): "the session has started already",
    (State.REVEALED, Command.START): "the session has started already",
    (State.REVEALED, Command.CLOSE): "no question is open",
    (State.LOBBY, Command.CLOSE): "no question is open",
}


def opens_question(session: Session, command: Command) -> bool:
    """Whether this command, here and now, opens a question, so that its plan is needed."""
    move = MOVES.get((session.state, command))
    return session.more and not session.ending and move in (_open, _advance)


def step(session: Session, move: Move) -> tuple[Session, tuple[Effect, ...]]:
    """Make one move.

    Returns:
        The session after it, its version grown by one, and what has to be done. A move
        that changes nothing (closing what closes sooner anyway) returns the session as
        it was, with no effects.

    Raises:
        Rejected: `session_finished`, `not_allowed_now`, or `conflict` where the move was
            meant for an earlier question or version. Nothing has changed then.
    """
    _refuse_stale(session, move)
    function = MOVES.get((session.state, move.command))
    if function is None:
        if session.state is State.FINISHED:
            raise Rejected("session_finished", "the session is over")
        why = _WHY_NOT.get((session.state, move.command), f"the session is in {session.state}")
        raise Rejected("not_allowed_now", f"{move.command} is not possible now: {why}")
    after = function(session, move)
    if after == session:
        return session, ()
    moved = after.state is not session.state
    after = replace(after, version=session.version + 1)
    if moved:
        after = replace(after, changed_at=move.now)
        return after, effects_of(after)
    return after, timers_of(after) if after.window != session.window else ()


def _refuse_stale(session: Session, move: Move) -> None:
    if move.index is not None and move.index != session.index:
        raise Rejected("conflict", f"meant for question {move.index}, now at {session.index}")
    if move.version is not None and move.version != session.version:
        raise Rejected("conflict", f"meant for version {move.version}, now {session.version}")
