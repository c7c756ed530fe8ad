"""What a host sees: the lobby with its PIN, questions, results, the board, the podium."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from quizkit.cli.render import clean
from quizkit.cli.screens.countdown import Countdown
from quizkit.cli.screens.pace import Paced
from quizkit.cli.views.digits import big
from quizkit.cli.views.question import (
    closed_lines,
    closed_question,
    heading,
    open_question,
    question_lines,
)
from quizkit.cli.views.tables import entries_table, podium_lines, podium_table
from quizkit.sdk.live_events import (
    AnswerCount,
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
)

if TYPE_CHECKING:
    from rich.console import RenderableType

_KEYS: Final = {
    "lobby": "[n] first question  [l] lock  [k] kick  [e] end  [q] leave this screen",
    "open": "[c] close now  [l] lock  [k] kick  [e] end  [q] leave this screen",
    "revealed": "[n] next  [l] lock  [k] kick  [e] end  [q] leave this screen",
    "finished": "",
}


class HostScreen:
    """A session from the host's side.

    Args:
        title: of the quiz.
        pin: to join with.
        join: the command that joins.
        auto: questions follow one another by themselves.

    Attributes:
        state: lobby, open, revealed or finished.
        notice: the last thing worth telling that is no event.
        prompt: what is being typed, or None.
        locked: nobody new is let in.
    """

    def __init__(self, *, title: str, pin: str, join: str, auto: bool, locked: bool) -> None:
        self.state = "lobby"
        self.notice = ""
        self.prompt: str | None = None
        self.locked = locked
        self._title, self._pin, self._join, self._auto = clean(title), pin, join, auto
        self._participants = 0
        self._newest: tuple[str, ...] = ()
        self._question: Question | None = None
        self._countdown: Countdown | None = None
        self._answers: AnswerCount | None = None
        self._closed: QuestionClosed | None = None
        self._board: tuple[Entry, ...] = ()
        self._paced = Paced()
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
                self._participants, self._newest = event.participants, event.newest
            case NewQuestion():
                self._open(event.question, event.opens_at, event.closes_at, fresh=True)
            case AnswerCount():
                self._answers = event
            case QuestionClosed():
                self.state, self.notice, self._closed = "revealed", "", event
            case Leaderboard():
                self._board = event.entries
            case QuizFinished():
                self.state, self._podium = "finished", event.podium
            case ServerError():
                self.notice = event.message

    def _arrive(self, snapshot: Snapshot) -> None:
        self._connected = True
        self.state = snapshot.state
        self._participants = max(self._participants, snapshot.participants)
        self._podium = snapshot.podium or ()
        if snapshot.question is not None:
            opens, closes = snapshot.opens_at or 0, snapshot.closes_at or 0
            self._open(snapshot.question, opens, closes, fresh=False)

    def _open(self, question: Question, opens_at: int, closes_at: int, *, fresh: bool) -> None:
        self.state, self.notice = "open", ""
        self._question, self._answers = question, None
        self._countdown = Countdown.start(
            opens_at,
            closes_at,
            now_ms=time.time() * 1_000,
            clock=time.monotonic(),
            fresh=fresh,
        )

    # --- lines -----------------------------------------------------------------------

    def lines(self, event: LiveEvent) -> Iterable[str]:
        """What an event tells people who read lines."""
        match event:
            case Joined():
                return [f"PIN {self._pin} · {self._title} · join with: {self._join}"]
            case Reconnected():
                return ["connected again"]
            case Disconnected():
                return ["connection lost; trying to get it back"]
            case Lobby():
                return [f"lobby: {event.participants} players; newest: {self._names()}"]
            case NewQuestion():
                return ["", *question_lines(event.question)]
            case AnswerCount():
                told = f"  answers: {event.answers} of {event.participants}"
                return [told] if self._paced.worth(event) else []
            case QuestionClosed():
                return closed_lines(self._question, event)
            case Leaderboard():
                return ["Board:", *podium_lines(event.entries)]
            case QuizFinished():
                return ["", "Finished. Winners:", *podium_lines(event.podium)]
            case ServerError():
                return [f"the platform says: {clean(event.message)}"]
        return []

    def _names(self) -> str:
        return ", ".join(map(clean, self._newest)) or "nobody yet"

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
        marks = "".join(
            text
            for text, shown in (
                (" · locked", self.locked),
                (" · by itself", self._auto),
                (" · CONNECTION LOST, trying again", not self._connected),
            )
            if shown
        )
        panel = Panel(
            Group(*body),
            title=Text(f"{self._title} · PIN {self._pin}{marks}", style="bold"),
            title_align="left",
            padding=(1, 2),
        )
        foot = self.prompt if self.prompt is not None else _KEYS[self.state]
        return Group(panel, Text(clean(self.notice), style="yellow"), Text(foot, style="dim"))

    def _lobby(self) -> list[RenderableType]:
        from rich.text import Text

        players = "1 player" if self._participants == 1 else f"{self._participants} players"
        return [
            Text(big(self._pin), style="bold magenta"),
            Text(),
            Text(f"join with: {self._join}"),
            Text(),
            Text(f"{players} in the lobby", style="bold"),
            Text(f"newest: {self._names()}"),
        ]

    def _open_question(self) -> list[RenderableType]:
        from rich.text import Text

        if self._question is None or self._countdown is None:
            return [Text("…")]
        clock = time.monotonic()
        count = self._answers
        answered = f"{count.answers} of {count.participants} have answered" if count else ""
        if not self._question.takes_answers:
            answered = "Nothing to answer: it is only shown."
        return [
            Text(heading(self._question), style="dim"),
            open_question(
                self._question,
                waiting=self._countdown.waiting(clock),
                left=self._countdown.left(clock),
            ),
            Text(answered, style="bold"),
        ]

    def _result(self) -> list[RenderableType]:
        from rich.text import Text

        parts: list[RenderableType] = []
        closed, question = self._closed, self._question
        if closed is not None and question is not None:
            parts += [
                Text(heading(question), style="dim"),
                closed_question(question, closed),
                Text(),
            ]
        if self._board:
            return [*parts, entries_table(self._board)]
        return [*parts, Text("A question is over; the next one has not been opened yet.")]

    def _end(self) -> list[RenderableType]:
        from rich.text import Text

        return [Text("The session is finished.", style="bold"), podium_table(self._podium)]

    def farewell(self) -> list[RenderableType]:
        """What stays on the terminal once a finished session's screen is gone."""
        return self._end()
