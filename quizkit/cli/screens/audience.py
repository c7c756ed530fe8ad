"""What a demonstration shows: the question, who answers, and the board filling."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from quizkit.cli.render import clean
from quizkit.cli.screens.pace import Paced
from quizkit.cli.views.question import chosen_words, correct_ids, heading, right_words
from quizkit.cli.views.tables import entries_table, podium_lines, podium_table
from quizkit.sdk.live_events import (
    AnswerCount,
    Entry,
    Joined,
    Leaderboard,
    LiveEvent,
    Lobby,
    NewQuestion,
    Question,
    QuestionClosed,
    QuizFinished,
    Reconnected,
)

if TYPE_CHECKING:
    from rich.console import RenderableType


class AudienceScreen:
    """A session as an onlooker sees it; `podium` is empty until it is finished."""

    def __init__(self, title: str, pin: str) -> None:
        self.notice = ""
        self.podium: tuple[Entry, ...] = ()
        self._title, self._pin = title, pin
        self._question: Question | None = None
        self._head = ""
        self._said = ""
        self._board: tuple[Entry, ...] = ()
        self._paced = Paced()

    def apply(self, event: LiveEvent) -> None:
        """Take an event in."""
        match event:
            case Joined() | Reconnected():
                self._head = "lobby"
                self.podium = event.snapshot.podium or ()
            case Lobby():
                self._head, self._said = f"lobby: {event.participants} players", ""
            case NewQuestion():
                self._question = event.question
                self._head = f"{heading(event.question)}: {clean(event.question.text)}"
                self._said = "answers: 0" if event.question.takes_answers else ""
            case AnswerCount():
                self._said = f"answers: {event.answers} of {event.participants}"
            case QuestionClosed():
                self._said = self._ended(event)
            case Leaderboard():
                self._board = event.entries
            case QuizFinished():
                self.podium = event.podium

    def _ended(self, event: QuestionClosed) -> str:
        """What was right and how many knew it; of a poll, what was chosen."""
        names = correct_ids(event.correct)
        if not names:
            return f"chosen: {chosen_words(self._question, event)}" if event.counts else ""
        options = self._question.options if self._question else ()
        texts = {option.id: option.text for option in options}
        if options:
            right = ", ".join(clean(texts.get(name, name)) for name in names)
        else:
            right = right_words(self._question, event.correct, event.rules)
        chosen = sum(event.counts.get(name, 0) for name in names)
        return f"right: {right} ({chosen if event.right is None else event.right} knew it)"

    def lines(self, event: LiveEvent) -> Iterable[str]:
        """What an event tells people who read lines."""
        match event:
            case Lobby() | NewQuestion():
                return [self._head]
            case AnswerCount():
                return [f"  {self._said}"] if self._paced.worth(event) else []
            case QuestionClosed():
                return [f"  {self._said}"] if self._said else []
            case Leaderboard():
                return podium_lines(event.entries[:3])
            case QuizFinished():
                return ["Finished. The winners:", *podium_lines(event.podium)]
        return []

    def render(self) -> RenderableType:
        """The whole screen as it is now."""
        from rich.console import Group
        from rich.text import Text

        head = Text(f"{self._title} · PIN {self._pin}", style="bold magenta")
        if self.podium:
            return Group(
                head, Text("Finished. The winners:", style="bold"), podium_table(self.podium)
            )
        parts: list[RenderableType] = [head, Text(self._head, style="bold"), Text(self._said)]
        return Group(*parts, entries_table(self._board)) if self._board else Group(*parts)
