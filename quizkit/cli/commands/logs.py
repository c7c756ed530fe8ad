"""`logs`: what the stage's functions say."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING, Annotated, Final

import typer

from quizkit.cli.context import Cli
from quizkit.cli.patience import Patience
from quizkit.cli.render import counted
from quizkit.sdk.errors import Misuse, Unreachable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from quizkit.sdk.log_lines import LogLine
    from quizkit.sdk.logs import LogReader

_EVERY_SECONDS: Final = 0.5
_PERIOD: Final = re.compile(r"(?P<count>[0-9]{1,6})(?P<unit>[smhd])")
_UNITS_MS: Final = {"s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(logs)


def logs(
    context: typer.Context,
    functions: Annotated[
        list[str] | None,
        typer.Argument(help="Only these, such as answer or control.", metavar="FUNCTION"),
    ] = None,
    follow: Annotated[
        bool, typer.Option("--follow", "-f", help="Go on with new lines until Ctrl-C.")
    ] = False,
    since: Annotated[
        str, typer.Option(help="How far back: 90s, 10m, 2h, 3d.", metavar="PERIOD")
    ] = "10m",
    grep: Annotated[
        str | None, typer.Option(help="Only lines that have this text.", metavar="TEXT")
    ] = None,
    errors: Annotated[bool, typer.Option("--errors", help="Only errors.")] = False,
) -> None:
    """What the functions log, oldest first; metrics and reports of invocations with -v."""
    period = _milliseconds(since)
    cli = Cli.of(context)
    cli.people.need_admin("Logs are read with AWS credentials; a host's sign-in cannot.")
    from quizkit.sdk.logs import LogReader, choose, log_groups

    groups = choose(log_groups(cli.target), functions or ())
    reader = LogReader(cli.target, groups, int(time.time() * 1_000) - period)
    if follow:
        more = "" if cli.out.verbose else ", -v shows metrics, too"
        told = f"following {counted(len(groups), 'function')}; Ctrl-C ends it{more}"
        cli.out.note(told, style="dim")
    show = _shower(cli, max(map(len, groups)))
    shown = hidden = 0
    for line in _followed(cli, reader) if follow else reader.read():
        if (errors and not line.failed) or (grep is not None and not line.mentions(grep)):
            continue
        if line.routine and not cli.out.verbose:
            hidden += 1
            continue
        shown += 1
        show(line)
    _tell_rest(cli, since, shown, hidden)


def _milliseconds(period: str) -> int:
    """How long a period such as `10m` is.

    Raises:
        Misuse: it is none.
    """
    found = _PERIOD.fullmatch(period)
    if found is None:
        raise Misuse(f"“{period}” is not a period.", hint="write it as 90s, 10m, 2h or 3d")
    return int(found["count"]) * _UNITS_MS[found["unit"]]


def _shower(cli: Cli, width: int) -> Callable[[LogLine], None]:
    """Prints a line for whoever reads it."""
    from quizkit.cli.views.logs import log_view

    def show(line: LogLine) -> None:
        if cli.out.as_json:
            cli.out.line(line.document())
            return
        for text, style in log_view(line, width):
            cli.out.say(text, style=style)

    return show


def _tell_rest(cli: Cli, since: str, shown: int, hidden: int) -> None:
    """Say that there was nothing, and what was left out."""
    told = [] if shown else [f"no lines in the last {since}"]
    if hidden:
        told.append(f"{counted(hidden, 'line')} of metrics and invocations hidden; -v shows them")
    if told:
        cli.out.note("; ".join(told), style="dim")


def _followed(cli: Cli, reader: LogReader, every: float = _EVERY_SECONDS) -> Iterator[LogLine]:
    """Lines as they come, without an end.

    Raises:
        Unreachable: the platform has not answered for too long.
    """
    patience = Patience(cli.out)
    while True:
        try:
            for line in reader.read():
                patience.answered()
                yield line
            patience.answered()
        except Unreachable as exc:
            patience.missed(exc)
        time.sleep(every)
