"""What a player sees: the lobby, questions with options, results, the board, the podium."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from quizkit.cli.render import clean
from quizkit.cli.screens.answering import how_to_answer
from quizkit.cli.screens.countdown import Countdown
from quizkit.cli.views.question import (
    closed_lines,
    closed_question,
    heading,
    open_question,
    question_lines,
)
from quizkit.cli.views.tables import entries_table, podium_lines, podium_table
from quizkit.sdk.live_events import (
    Answer,
    Disconnected,
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
    ServerError,
    Snapshot,
    You,
)

if TYPE_CHECKING:
    from rich.console import RenderableType

_STYLES: Final = {
    "Right": "bold green",
    "Close": "bold yellow",
    "Partly right": "bold yellow",
    "Thanks for your answer.": "bold",
}


class PlayerScreen:
    """A session from one player's side.

    Attributes:
        state: lobby, open, revealed or finished.
        question: the one asked last, or None.
        countdown: of that question.
        chosen: ids of the options marked, in the order in which they were.
        typed: what has been typed, where the answer is a number or a text.
        sent: an answer to the question is under way or stored.
        notice: the last thing worth telling that is no event.
    """

    def __init__(self) -> None:
        self.state = "lobby"
        self.question: Question | None = None
        self.countdown: Countdown | None = None
        self.chosen: list[str] = []
        self.typed = ""
        self.sent = False
        self.notice = ""
        self._nickname = ""
        self._title = ""
        self._own: str | None = None
        self._score = 0
        self._rank: int | None = None
        self._participants = 0
        self._closed: QuestionClosed | None = None
        self._board: tuple[Entry, ...] = ()
        self._podium: tuple[Entry, ...] = ()
        self._connected = True

    # --- taking events in ------------------------------------------------------------

    def apply(self, event: LiveEvent) -> None:
        """Take an event in."""
        match event:
            case Joined() | Reconnected():
                self._arrive(event.snapshot)
            case Disconnected():
                self._connected = False
            case Lobby():
                self._participants = event.participants
            case NewQuestion():
                self._open(event.question, event.opens_at, event.closes_at, fresh=True)
            case QuestionClosed():
                self.state, self.notice, self._closed = "revealed", "", event
                self._stand(event.you)
            case Leaderboard():
                self._board = event.entries
            case QuizFinished():
                self.state, self._podium = "finished", event.podium
                self._stand(event.you)
            case ServerError():
                self.notice = event.message

    def _arrive(self, snapshot: Snapshot) -> None:
        self._connected = True
        self.state = snapshot.state
        self._title = clean(snapshot.title)
        self._nickname = clean(snapshot.nickname or "")
        self._own = snapshot.participant_id
        self._score, self._rank = snapshot.score, snapshot.rank
        self._podium = snapshot.podium or ()
        if snapshot.question is not None:
            opens, closes = snapshot.opens_at or 0, snapshot.closes_at or 0
            self._open(snapshot.question, opens, closes, fresh=False)
            if snapshot.answered is not None:
                self.mark(snapshot.answered)
                self.sent = True

    def _open(self, question: Question, opens_at: int, closes_at: int, *, fresh: bool) -> None:
        if self.question is not None and self.question.id == question.id:
            return  # seen before the connection was lost; what was marked stays marked
        self.state, self.notice = "open", ""
        self.question, self.chosen, self.typed, self.sent = question, [], "", False
        self.countdown = Countdown.start(
            opens_at,
            closes_at,
            now_ms=time.time() * 1_000,
            clock=time.monotonic(),
            fresh=fresh,
        )

    def mark(self, answer: Answer) -> None:
        """Show an answer as the one that is given."""
        if isinstance(answer, list):
            self.chosen = list(answer)
        else:
            self.typed = str(answer)

    def _stand(self, you: You | None) -> None:
        if you is not None and you.score is not None:
            self._score, self._rank = you.score, you.rank

    # --- lines -----------------------------------------------------------------------

    def lines(self, event: LiveEvent) -> Iterable[str]:
        """What an event tells people who read lines."""
        match event:
            case Joined():
                joined = f"{self._nickname} has joined “{self._title}”"
                return [joined, *self._open_lines(event.snapshot.question)]
            case Reconnected():
                return ["connected again", *self._open_lines(event.snapshot.question)]
            case Disconnected():
                return ["connection lost; trying to get it back"]
            case NewQuestion():
                return ["", *question_lines(event.question)]
            case QuestionClosed():
                ended = closed_lines(self.question, event, counted=False)
                return [*filter(None, [self._verdict(event.you)]), *ended]
            case Leaderboard():
                return ["Board:", *podium_lines(event.entries)]
            case QuizFinished():
                return ["", "Finished. Winners:", *podium_lines(event.podium), self._place()]
            case ServerError():
                return [f"the platform says: {clean(event.message)}"]
        return []

    def _open_lines(self, question: Question | None) -> list[str]:
        return [] if question is None or self.sent else ["", *question_lines(question)]

    def _verdict(self, you: You | None) -> str:
        """How it went; empty where there was nothing to answer."""
        kind = "" if self.question is None else self.question.kind
        if kind == "slide":
            return ""
        if you is None or you.answer is None:
            return "No answer." if kind == "poll" else f"No answer: 0 points. {self._place()}"
        if kind == "poll":
            return "Thanks for your answer."
        points = you.points or 0
        if you.correct:
            verdict = "Right"
        elif points > 0:
            verdict = "Close" if kind == "number" else "Partly right"
        else:
            verdict = "Wrong"
        return f"{verdict}: {points} points. {self._place()}"

    def _place(self) -> str:
        rank = f", rank {self._rank}" if self._rank is not None else ""
        return f"You have {self._score} points{rank}."

    # --- the screen --------------------------------------------------------------------

    def render(self) -> RenderableType:
        """The whole screen as it is now."""
        from rich.console import Group
        from rich.panel import Panel
        from rich.text import Text

        body = {
            "lobby": self._lobby,
            "open": self._open_question,
            "revealed": self._result,
            "finished": self._end,
        }[self.state]()
        lost = "" if self._connected else " · CONNECTION LOST, trying again"
        title = f"{self._title} · {self._nickname} · {self._score} points{lost}"
        panel = Panel(
            Group(*body), title=Text(title, style="bold"), title_align="left", padding=(1, 2)
        )
        foot = "Ctrl-C leaves; the same command brings you back"
        return Group(panel, Text(clean(self.notice), style="yellow"), Text(foot, style="dim"))

    def _lobby(self) -> list[RenderableType]:
        from rich.text import Text

        parts: list[RenderableType] = [
            Text("You are in. Wait for the first question.", style="bold")
        ]
        if self._participants > 1:
            parts.append(Text(f"{self._participants} players are here."))
        return parts

    def _open_question(self) -> list[RenderableType]:
        from rich.text import Text

        if self.question is None or self.countdown is None:
            return [Text("…")]
        clock = time.monotonic()
        if self.sent:
            told = "Your answer is in." if not self.notice else ""
        else:
            told = how_to_answer(self.question)
        is_typed = self.question.takes_answers and not self.question.options
        return [
            Text(heading(self.question), style="dim"),
            open_question(
                self.question,
                waiting=self.countdown.waiting(clock),
                left=self.countdown.left(clock),
                chosen=self.chosen,
                typed=f"{self.typed}{'' if self.sent else '▏'}" if is_typed else None,
            ),
            Text(told, style="dim"),
        ]

    def _result(self) -> list[RenderableType]:
        from rich.text import Text

        parts: list[RenderableType] = []
        closed, question = self._closed, self.question
        if closed is not None and question is not None:
            if verdict := self._verdict(closed.you):
                parts += [Text(verdict, style=_style(verdict)), Text()]
            parts += [closed_question(question, closed, self.chosen), Text()]
        if self._board:
            return [*parts, entries_table(self._board, own=self._own)]
        return [*parts, Text(self._place(), style="bold"), Text("Wait for the next question.")]

    def _end(self) -> list[RenderableType]:
        from rich.text import Text

        return [
            Text("The quiz is finished.", style="bold"),
            podium_table(self._podium),
            Text(self._place(), style="bold"),
        ]

    def farewell(self) -> list[RenderableType]:
        """What stays on the terminal once a finished session's screen is gone."""
        return self._end()


def _style(verdict: str) -> str:
    return _STYLES.get(verdict.partition(":")[0], "bold red")
