"""Running a session from a terminal: events to the screen, keys to the platform.

Two tasks run side by side, one for the session's events and one for what is typed. The
session's end ends both; leaving the screen ends both and nothing else: the session belongs
to the platform and goes on. On a terminal single keys are commands; without one, lines are.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Final, Protocol

from quizkit.cli.screens.host import HostScreen
from quizkit.cli.screens.input import Input
from quizkit.cli.screens.show import Show
from quizkit.sdk.errors import QuizkitError
from quizkit.sdk.live_events import LiveEvent
from quizkit.sdk.threads import in_thread

_COMMANDS: Final = {
    "": "next",
    "n": "next",
    "next": "next",
    "c": "close",
    "close": "close",
    "e": "end",
    "end": "end",
    "l": "lock",
    "lock": "lock",
    "u": "unlock",
    "unlock": "unlock",
}
_LEAVE: Final = frozenset({"q", "quit"})
_ENTER: Final = ("\r", "\n")
_ERASE: Final = ("\x7f", "\b")
_ESCAPE: Final = "\x1b"


class HostedSession(Protocol):
    """What hosting needs of a live session."""

    def __aiter__(self) -> AsyncIterator[LiveEvent]:
        """Its events."""

    async def command(self, command: str, **arguments: object) -> None:
        """Give a host's command; raises what the platform refuses."""


@dataclass(slots=True)
class Hosting:
    """One host at one session.

    Attributes:
        find: gives the participant's id for a nickname; blocks.
        typed: what the host types, keys or lines.
    """

    session: HostedSession
    screen: HostScreen
    show: Show
    find: Callable[[str], str]
    typed: Input

    async def run(self) -> bool:
        """Host until the session is finished (True) or the host leaves the screen (False).

        Raises:
            QuizkitError: the session cannot be followed any longer.
        """
        async with self.typed, self.show:
            watching = asyncio.create_task(self.show.follow(self.session))
            reading = asyncio.create_task(self._read())
            try:
                await asyncio.wait({watching, reading}, return_when=asyncio.FIRST_COMPLETED)
                if not watching.done() and not reading.result():
                    await watching
                if watching.done():
                    watching.result()
                return watching.done()
            finally:
                for task in (watching, reading):
                    task.cancel()
                await asyncio.gather(watching, reading, return_exceptions=True)

    async def _read(self) -> bool:
        """Carry out what is typed; True to leave the screen, False at the end of input."""
        while (item := await self.typed.get()) is not None:
            line = await self._line_of_keys(item) if self.typed.keys else item
            if line is None:
                continue
            if line.strip() in _LEAVE:
                return True
            await self._obey(line.strip())
        if self.screen.state != "finished":
            self.show.notice("no more input; the session goes on")
        return False

    async def _line_of_keys(self, key: str) -> str | None:
        """The line that a key stands for; None where it stands for nothing."""
        if key in _ENTER:
            return "n"
        if key == "l" and self.screen.locked:
            return "u"
        if key == "k":
            name = await self._ask("kick whom? ")
            return f"k {name}" if name else None
        if key == "e":
            answer = await self._ask("end the session now? y/n ", length=1)
            return "e" if answer in ("y", "Y") else None
        return key if key in _COMMANDS or key in _LEAVE else None

    async def _ask(self, question: str, length: int | None = None) -> str:
        """Let a text be typed on the screen; empty where it is given up."""
        text = ""
        while length is None or len(text) < length:
            self.screen.prompt = f"{question}{text}▏"
            self.show.refresh()
            key = await self.typed.get()
            if key is None or key == _ESCAPE:
                text = ""
                break
            if key in _ENTER:
                break
            if key in _ERASE:
                text = text[:-1]
            elif key.isprintable():
                text += key
        self.screen.prompt = None
        self.show.refresh()
        return text.strip()

    async def _obey(self, line: str) -> None:
        """Carry out one command; what the platform refuses is told, and changes nothing."""
        word, _, rest = line.partition(" ")
        try:
            if word in ("k", "kick") and rest:
                await self._kick(rest)
            elif line in _COMMANDS:
                command = _COMMANDS[line]
                await self.session.command(command)
                self._obeyed(command)
            else:
                self.show.notice("commands: n(ext), c(lose), e(nd), k NAME, l(ock), u(nlock), q")
        except QuizkitError as exc:
            self.show.notice(exc.message)

    async def _kick(self, nickname: str) -> None:
        participant_id = await in_thread(lambda: self.find(nickname))
        await self.session.command("kick", participant_id=participant_id)
        self.show.notice(f"{nickname} is removed", event="kicked", participant_id=participant_id)

    def _obeyed(self, command: str) -> None:
        if command in ("lock", "unlock"):
            self.screen.locked = command == "lock"
            told = "nobody new is let in" if command == "lock" else "people are let in again"
            self.show.notice(told)
        elif command == "close":
            self.show.notice("closing …")
