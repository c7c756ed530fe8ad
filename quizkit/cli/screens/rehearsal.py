"""How a rehearsal gets on: a few lines that move on a terminal, else a line now and then."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from quizkit.cli.render import Output, clean
from quizkit.cli.screens.moving import Moving

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.live import Live

    from quizkit.sdk.rehearsal import RehearsalProgress

_EVERY_SECONDS: Final = 2.0


def headline(now: RehearsalProgress) -> str:
    """What goes on, in one line."""
    bots = now.bots
    match now.stage:
        case "lobby":
            return f"joining: {bots.joined} of {bots.bots}"
        case "game" if not bots.questions:
            return "all are in: the first question comes"
        case "game" if bots.finished:
            return f"the end: {bots.finished} of {bots.bots} have seen it"
        case "game":
            done = bots.present - bots.waiting
            return (
                f"question {bots.questions} of {now.questions}: "
                f"{done} of {bots.present} have dealt with it"
            )
        case "checking":
            return "checking every answer against what is stored"
    return "ending the session"


def counts(now: RehearsalProgress) -> str:
    """What has been counted until now, in one line."""
    bots = now.bots
    failed = f" · {bots.failed} failed" if bots.failed else ""
    return f"{bots.answers} answers acknowledged · {bots.reconnects} reconnects{failed}"


class RehearsalShow(Moving):
    """Shows progress where it can be seen; an asynchronous context manager, and a watcher."""

    def __init__(self, out: Output) -> None:
        self._out = out
        self._now: RehearsalProgress | None = None
        self._told = ("", 0, float("-inf"))

    def _place(self) -> Live | None:
        if not self._out.animated:
            return None
        from rich.live import Live

        return Live(console=self._out.aside, auto_refresh=False, transient=True)

    def refresh(self) -> None:
        """Draw the moving lines anew."""
        if self._live is not None and self._now is not None:
            self._live.update(self.render(self._now), refresh=True)

    def __call__(self, now: RehearsalProgress) -> None:
        """Take progress in. It comes by the thousand: drawing waits for the next tick."""
        self._now = now
        if self._live is None and self._worth_a_line(now):
            self._out.note(f"{headline(now)} · {counts(now)}", style="dim")

    def _worth_a_line(self, now: RehearsalProgress) -> bool:
        """At each stage and question, and every two seconds."""
        stage, questions, at = self._told
        clock = time.monotonic()
        new = (now.stage, now.bots.questions) != (stage, questions)
        if not new and clock - at < _EVERY_SECONDS:
            return False
        self._told = (now.stage, now.bots.questions, clock)
        return True

    def render(self, now: RehearsalProgress) -> RenderableType:
        """The moving lines."""
        from rich.console import Group
        from rich.progress_bar import ProgressBar
        from rich.text import Text

        bots = now.bots
        title = f"{clean(now.session['title'])} · rehearsal · PIN {now.session['pin']}"
        part, whole = (
            (bots.joined, bots.bots)
            if now.stage == "lobby"
            else (max(bots.questions - 1, 0), now.questions)
        )
        if now.stage == "game" and bots.present:
            part, whole = part * bots.present, whole * bots.present
            part += (bots.present - bots.waiting) if bots.questions else 0
        if now.stage == "checking":
            part = whole
        return Group(
            Text(title, style="bold magenta"),
            Text(headline(now), style="bold"),
            ProgressBar(total=max(whole, 1), completed=part, width=60),
            Text(counts(now), style="dim"),
        )
