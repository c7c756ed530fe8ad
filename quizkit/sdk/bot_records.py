"""What bots write down, and the roll that they are called from. No input or output here."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from quizkit.core.history import PASSING, Attempt, Ending, Fate
from quizkit.core.kinds import stored_form
from quizkit.sdk.errors import QuizkitError, Unreachable
from quizkit.sdk.live_events import Answer, Entry
from quizkit.sdk.live_protocol import Ack

#: Refusals for being early or late. They settle an answer only if it went out once: an earlier
#: copy of it may have been in time.
_OUT_OF_TIME: Final = frozenset({"question_closed", "question_not_open", "wrong_question"})


def kept(answer: Answer) -> tuple[str, ...]:
    """An answer of the wire as the platform stores it: equal where it counts as the same."""
    return stored_form(answer.strip() if isinstance(answer, str) else answer)


def fate_of(error: QuizkitError, *, once: bool) -> Fate:
    """What an error says of an answer; `once`: it was sent a single time."""
    if isinstance(error, Unreachable) or error.code in PASSING:
        return Fate.UNKNOWN
    return Fate.FAIL if once or error.code not in _OUT_OF_TIME else Fate.UNKNOWN


@dataclass(frozen=True, slots=True)
class Given:
    """One answer that a bot sent, with what it came to.

    Attributes:
        answer: as the platform stores it (`kept`).
        fate: stored (`OK`), refused (`FAIL`), or `UNKNOWN`, where no reply settles it.
        sent_at: epoch milliseconds by this machine's clock.
        delay: seconds from sending to the acknowledgement or error.
        error: the error's code.
    """

    question_id: str
    answer: tuple[str, ...]
    ack: Ack | None
    delay: float
    error: str | None = None
    fate: Fate = Fate.UNKNOWN
    sent_at: float = 0.0


@dataclass(slots=True)
class BotResult:
    """How one bot fared.

    Attributes:
        profile: name of its profile.
        participant_id: None where it could not join.
        score, rank: as the platform told it last.
        podium: as the end of the session told it.
        finished: whether it saw the end of the session.
        answers: all that it sent, repeats included, in the order in which they were settled.
        arrivals: when each question came to it as an event, epoch milliseconds by question id;
            not those that it found on returning.
        joining: when its joining began and when its socket had joined, both in seconds of one
            clock that means nothing else.
        reconnects: how often its socket was lost and came back.
        returns: how often it went away and came back.
        error: what ended its game early, or None.
    """

    nickname: str
    profile: str = ""
    participant_id: str | None = None
    score: int = 0
    rank: int | None = None
    podium: tuple[Entry, ...] = ()
    finished: bool = False
    answers: list[Given] = field(default_factory=list)
    arrivals: dict[str, float] = field(default_factory=dict)
    joining: tuple[float, float] | None = None
    reconnects: int = 0
    returns: int = 0
    error: QuizkitError | None = None

    @property
    def acknowledged(self) -> set[str]:
        """Questions to which an answer of this bot was acknowledged."""
        return {given.question_id for given in self.answers if given.ack}

    def attempts(self) -> Iterator[Attempt]:
        """All that it sent, as the checker of histories reads it."""
        for given in self.answers:
            if self.participant_id is not None:
                yield Attempt(
                    self.participant_id,
                    given.question_id,
                    given.answer,
                    given.fate,
                    given.ack.received_at if given.ack else None,
                    given.error,
                )

    def ending(self) -> Ending | None:
        """What it saw last, as the checker of histories reads it; None if it never joined."""
        if self.participant_id is None:
            return None
        podium = tuple((entry.rank, entry.participant_id, entry.score) for entry in self.podium)
        return Ending(self.participant_id, self.score, self.rank, podium, self.finished)


@dataclass(frozen=True, slots=True)
class Progress:
    """Where all the bots stand, at each change.

    Attributes:
        bots, joined, finished, failed: numbers of bots.
        answers: how many are acknowledged, one a bot and question.
        present: bots in the session just now, those who are reconnecting included.
        questions: how many questions have been asked.
        waiting: bots who have not dealt with the newest question yet.
        reconnects: sockets that were lost and came back.
    """

    bots: int
    joined: int
    answers: int
    finished: int
    failed: int
    present: int = 0
    questions: int = 0
    waiting: int = 0
    reconnects: int = 0


Watcher: TypeAlias = Callable[[Progress], None]


class Roll:
    """Who is there, and who still has to deal with the newest question.

    Args:
        bots: how many there will be, numbered from 0.
        watcher: told of each change.
        on_answered: called with a question's id, once, when everybody who is there has
            answered it or will not.
    """

    def __init__(
        self,
        bots: int,
        watcher: Watcher | None = None,
        on_answered: Callable[[str], None] | None = None,
    ) -> None:
        self._bots = bots
        self._watcher = watcher
        self._on_answered = on_answered
        self._counts = dict.fromkeys(("joined", "answers", "finished", "failed", "reconnects"), 0)
        self._present: set[int] = set()
        self._asked: list[str] = []
        self._waiting: set[int] = set()
        self._dealt: set[int] = set()
        self._told = True

    def count(self, what: str) -> None:
        """One more of `joined`, `answers`, `finished`, `failed` or `reconnects`."""
        self._counts[what] += 1
        self._change()

    def come(self, bot: int) -> None:
        """A bot is there, for the first time or again."""
        self._present.add(bot)
        if bot not in self._dealt:
            self._waiting.add(bot)
        self._change()

    def go(self, bot: int) -> None:
        """A bot is there no more."""
        self._present.discard(bot)
        self._waiting.discard(bot)
        self._change()

    def ask(self, question_id: str) -> None:
        """A bot has seen a question; the first one to do so opens it for all."""
        if question_id in self._asked:
            return
        self._asked.append(question_id)
        self._waiting, self._dealt, self._told = set(self._present), set(), False
        self._change()

    def deal(self, bot: int, question_id: str) -> None:
        """A bot has dealt with a question; nothing where a newer one is open."""
        if self._asked[-1:] == [question_id]:
            self._dealt.add(bot)
            self._waiting.discard(bot)
            self._change()

    def _change(self) -> None:
        if self._watcher is not None:
            self._watcher(
                Progress(
                    bots=self._bots,
                    present=len(self._present),
                    questions=len(self._asked),
                    waiting=len(self._waiting) if self._asked else 0,
                    **self._counts,
                )
            )
        if not self._told and self._dealt and not self._waiting:
            self._told = True
            if self._on_answered is not None:
                self._on_answered(self._asked[-1])
