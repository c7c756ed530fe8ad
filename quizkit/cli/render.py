"""The one way out: documents for programs, text for people.

Results go to stdout, as one JSON document with `--json` and as text or tables without.
Everything said on the way (`note`) goes to stderr, and with `--json` all text for people
does. Colour needs a terminal, animation too, and `NO_COLOR` takes both away. Text that comes
from elsewhere (nicknames, questions) passes `clean`, so that nobody's name moves our cursor.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import IO, TYPE_CHECKING, Any, Final, Literal

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.table import Table

_TABLE_WIDTH: Final = 500  # off a terminal nothing is wrapped or cut
_CONTROLS: Final = {code: "�" for code in (*range(32), *range(127, 160)) if code not in (9, 10)}


def clean(text: object) -> str:
    """Text from elsewhere without the control characters that terminals act on."""
    return str(text).translate(_CONTROLS)


def counted(number: int, what: str) -> str:
    """How many of something, in words: “1 question”, “12 questions”."""
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


class Output:
    """Where a command's words go.

    Args:
        as_json: print documents for programs.
        quiet: say nothing but results and errors.
        verbose: 0 and more; each step says more.
        color: False forbids colour and animation even on a terminal.
    """

    def __init__(
        self, *, as_json: bool = False, quiet: bool = False, verbose: int = 0, color: bool = True
    ) -> None:
        self.as_json = as_json
        self.quiet = quiet
        self.verbose = verbose
        self._color = color and not os.environ.get("NO_COLOR")

    @cached_property
    def people(self) -> Console:
        """The console for results that people read."""
        return self._console(sys.stderr if self.as_json else sys.stdout)

    @cached_property
    def aside(self) -> Console:
        """The console for everything else that people read."""
        return self._console(sys.stderr)

    @property
    def animated(self) -> bool:
        """Whether screens may move: a terminal on both ends, and colour allowed."""
        wanted = self._color and not self.as_json and os.environ.get("TERM") != "dumb"
        return wanted and sys.stdin.isatty() and sys.stdout.isatty()

    def result(self, document: Mapping[str, Any], *shown: RenderableType) -> None:
        """The outcome: the document with `--json`, else what people are shown."""
        if self.as_json:
            self._json(document, indent=2 if sys.stdout.isatty() else None)
        else:
            self.say(*shown)

    def line(self, document: Mapping[str, Any]) -> None:
        """One object of a stream; nothing without `--json`."""
        if self.as_json:
            self._json(document, indent=None)

    def say(self, *shown: RenderableType, style: str | None = None) -> None:
        """Text for people that is a result."""
        for item in shown:
            self.people.print(item, style=style, soft_wrap=isinstance(item, str))

    def note(self, *shown: RenderableType, style: str | None = None) -> None:
        """Text for people about what goes on; nothing with `-q`."""
        if not self.quiet:
            for item in shown:
                self.aside.print(item, style=style, soft_wrap=isinstance(item, str))

    def failure(self, document: Mapping[str, Any]) -> None:
        """An error: its document with `--json`, else what, why and the fix on stderr."""
        if self.as_json:
            self._json(document, indent=None)
            return
        error = document["error"]
        self.aside.print(f"error: {clean(error['message'])}", style="bold red", soft_wrap=True)
        if error["hint"]:
            self.aside.print(f"  {clean(error['hint'])}", soft_wrap=True)

    def _json(self, document: Mapping[str, Any], indent: int | None) -> None:
        plain = (sys.stdout.encoding or "").lower().replace("-", "") != "utf8"
        text = json.dumps(document, ensure_ascii=plain, indent=indent, default=str)
        # A lone surrogate in somebody's text is no reason to print half a document.
        text = text.encode("utf-8", "replace").decode()
        sys.stdout.write(text + "\n")
        sys.stdout.flush()

    def _console(self, stream: IO[str]) -> Console:
        from rich.console import Console

        terminal = stream.isatty()
        return Console(
            file=stream,
            color_system="auto" if terminal and self._color else None,
            force_terminal=terminal,
            width=None if terminal else _TABLE_WIDTH,
            markup=False,
            highlight=False,
            emoji=False,
        )


def table(*columns: str, title: str | None = None, right: Iterable[str] = ()) -> Table:
    """An empty table; columns named in `right` are aligned to the right."""
    from rich import box
    from rich.table import Table

    made = Table(title=title, box=box.SIMPLE_HEAD, title_justify="left", title_style="bold")
    numbers = set(right)
    for column in columns:
        justify: Literal["left", "right"] = "right" if column in numbers else "left"
        made.add_column(column, justify=justify, overflow="fold")
    return made


def moment(epoch_ms: int | None) -> str:
    """A time of the platform as people here write it; empty for None."""
    from datetime import UTC, datetime

    if epoch_ms is None:
        return ""
    when = datetime.fromtimestamp(epoch_ms / 1_000, UTC).astimezone()
    return when.strftime("%Y-%m-%d %H:%M:%S")
