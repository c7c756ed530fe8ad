"""Puts a screen where it can be seen: moving on a terminal, as lines, or as JSON objects."""

from __future__ import annotations

from collections.abc import AsyncIterable, Iterable
from typing import TYPE_CHECKING, Any, Protocol

from quizkit.cli.render import Output
from quizkit.cli.screens.documents import event_document
from quizkit.cli.screens.moving import Moving
from quizkit.sdk.live_events import LiveEvent

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.live import Live


class Screen(Protocol):
    """What one participant of a session sees."""

    notice: str

    def apply(self, event: LiveEvent) -> None:
        """Take an event in."""

    def render(self) -> RenderableType:
        """The whole screen as it is now."""

    def lines(self, event: LiveEvent) -> Iterable[str]:
        """What an event, just taken in, tells people who read lines."""


class Show(Moving):
    """Shows one screen; an asynchronous context manager.

    Args:
        inline: move between the lines of the terminal and stay there at the end, instead of
            taking the whole of it and giving it back.
        streamed: with `--json`, print every event; otherwise the command prints one document.
    """

    def __init__(
        self, out: Output, screen: Screen, *, inline: bool = False, streamed: bool = True
    ) -> None:
        self._out = out
        self._streamed = streamed
        self._inline = inline
        self._screen = screen
        self._looks: object = None

    @property
    def as_json(self) -> bool:
        """Whether it is shown to programs."""
        return self._out.as_json

    def _place(self) -> Live | None:
        if not self._out.animated:
            return None
        from rich.live import Live

        return Live(console=self._out.people, screen=not self._inline, auto_refresh=False)

    def event(self, event: LiveEvent) -> None:
        """Take an event in and show what it changes."""
        self._screen.apply(event)
        if self._streamed:
            self._out.line(event_document(event))
        if self._live is not None:
            self.refresh()
        elif not self._out.as_json:
            self._out.say(*self._screen.lines(event))

    async def follow(self, events: AsyncIterable[LiveEvent]) -> None:
        """Show events until there are no more."""
        async for event in events:
            self.event(event)

    def notice(self, text: str, **document: Any) -> None:
        """Tell something that is no event; `document` is its JSON object, if it has one."""
        self._screen.notice = text
        if document:
            self._out.line(document)
        if self._live is not None:
            self.refresh()
        else:
            self._out.note(text)

    def refresh(self) -> None:
        """Draw the screen anew, unless it looks as it does already."""
        if self._live is None:
            return
        screen = self._screen.render()
        # A screen that stands still must not trouble a slow line five times a second.
        looks = self._out.people.render_lines(screen)
        if looks != self._looks:
            self._looks = looks
            self._live.update(screen, refresh=True)
