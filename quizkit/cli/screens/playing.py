"""Playing from a terminal: events to the screen, what is typed to the platform.

Typing never waits for the network: an answer is sent by a task of its own, and what is typed
meanwhile is refused on the spot. Without a terminal each line of standard input answers one
question, the next one that opens, so that answers can be prepared in a file. Options are typed
by the letters that are printed: those of their places, with `--json` their ids.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Final, Protocol

from quizkit.cli.render import clean
from quizkit.cli.screens.answering import NotAnAnswer, read_answer, said
from quizkit.cli.screens.input import Input
from quizkit.cli.screens.player import PlayerScreen
from quizkit.cli.screens.show import Show
from quizkit.cli.views.letters import Letters, ids_of, letters_of
from quizkit.core.kinds import SINGLE
from quizkit.core.quiz_model import MAX_ANSWER
from quizkit.sdk.errors import QuizkitError
from quizkit.sdk.live_events import (
    Answer,
    Joined,
    LiveEvent,
    NewQuestion,
    Question,
    Reconnected,
)
from quizkit.sdk.live_protocol import Ack

_ENTER: Final = ("\r", "\n")
_ERASE: Final = ("\x7f", "\b")
#: A question may open a little later than our clock thinks.
_EARLY_TRIES: Final = 8
_EARLY_PAUSE: Final = 0.25

_REFUSED: Final = {
    "already_answered": "you have answered this already; the first answer counts",
    "question_closed": "too late: the question is closed",
    "wrong_question": "too late: another question is open",
}


class PlayedSession(Protocol):
    """What playing needs of a live session."""

    def __aiter__(self) -> AsyncIterator[LiveEvent]:
        """Its events."""

    async def answer(self, question_id: str, answer: Answer) -> Ack:
        """Answer a question; raises what the platform refuses."""


@dataclass(slots=True)
class Playing:
    """One player at one session; `typed` is what the player types, keys or lines."""

    session: PlayedSession
    screen: PlayerScreen
    show: Show
    typed: Input
    _opened: asyncio.Event = field(default_factory=asyncio.Event)
    _sending: set[asyncio.Task[None]] = field(default_factory=set)

    async def run(self) -> None:
        """Play until the session is finished.

        Raises:
            QuizkitError: the session cannot be followed any longer.
        """
        async with self.typed, self.show:
            reading = asyncio.create_task(self._keys() if self.typed.keys else self._lines())
            try:
                async for event in self.session:
                    self.show.event(event)
                    if isinstance(event, NewQuestion | Joined | Reconnected):
                        self._opened.set()
                    if reading.done() and not reading.cancelled():
                        reading.result()
            finally:
                tasks = (reading, *self._sending)
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)

    async def _keys(self) -> None:
        """Single keys: a letter answers at once where it can, else Enter sends what is typed."""
        while (key := await self.typed.get()) is not None:
            question = self._open()
            if question is None:
                continue
            if question.kind in SINGLE:
                if key not in _ENTER:
                    self._read(question, key)
            elif key in _ENTER or not question.takes_answers:
                self._read(question, self._marked(question))
            else:
                self._edit(question, key)
                self.show.refresh()

    def _letters(self, question: Question) -> Letters:
        """What options are called where this player reads and types."""
        return ids_of(question) if self.show.as_json else letters_of(question)

    def _marked(self, question: Question) -> str:
        """What is typed or marked by now."""
        if not question.options:
            return self.screen.typed
        letters = self._letters(question)
        return "".join(letters[name] for name in self.screen.chosen)

    def _edit(self, question: Question, key: str) -> None:
        """Change what is typed: options are marked or put in order, texts grow."""
        screen, letter = self.screen, key.lower()
        names = {each: name for name, each in self._letters(question).items()}
        name = names.get(letter)
        if not question.options:
            if key in _ERASE:
                screen.typed = screen.typed[:-1]
            elif key.isprintable():
                screen.typed = (screen.typed + key)[:MAX_ANSWER]
        elif key in _ERASE:
            screen.chosen = screen.chosen[:-1]
        elif name is None:
            return
        elif name not in screen.chosen:
            screen.chosen.append(name)
        elif question.kind == "multiple":
            screen.chosen.remove(name)
        else:
            self.show.notice(f"{letter} has its place already; Backspace takes the last one back")

    async def _lines(self) -> None:
        """Lines: each answers the next question that opens and takes an answer."""
        while (line := await self.typed.get()) is not None:
            while (question := self._open()) is None or not question.takes_answers:
                self._opened.clear()
                await self._opened.wait()
            if line.strip():
                self._read(question, line)

    def _open(self) -> Question | None:
        """The open question, unless it is answered."""
        screen = self.screen
        return screen.question if screen.state == "open" and not screen.sent else None

    def _read(self, question: Question, text: str) -> None:
        """Send what is typed, or tell why it is no answer."""
        try:
            answer = read_answer(question, text, self._letters(question))
        except NotAnAnswer as exc:
            self.show.notice(str(exc))
            return
        self.screen.mark(answer)
        self.screen.sent = True
        self.show.notice("sending …")
        task = asyncio.create_task(self._answer(question, answer))
        self._sending.add(task)
        task.add_done_callback(self._sending.discard)

    async def _answer(self, question: Question, answer: Answer) -> None:
        if self.screen.countdown is not None:
            await asyncio.sleep(self.screen.countdown.waiting(time.monotonic()))
        for left in reversed(range(_EARLY_TRIES)):
            try:
                ack = await self.session.answer(question.id, answer)
            except QuizkitError as exc:
                if exc.code == "question_not_open" and left:
                    await asyncio.sleep(_EARLY_PAUSE)
                    continue
                self._refused(question, exc)
            else:
                document = {
                    "event": "answer_accepted",
                    "question_id": ack.question_id,
                    "answer": answer,
                    "received_at": ack.received_at,
                    **ack.verdict,
                }
                told = clean(said(answer, question, self._letters(question)))
                self.show.notice(f"{told}: your answer is in", **document)
            return

    def _refused(self, question: Question, exc: QuizkitError) -> None:
        if exc.code == "invalid_answer" and self.screen.question == question:
            self.screen.sent = False
        self.show.notice(
            _REFUSED.get(exc.code, exc.message),
            event="answer_refused",
            question_id=question.id,
            code=exc.code,
            message=exc.message,
        )
