"""`doctor`: what the machine, the account and the stage need, each with its fix."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import typer

from quizkit.cli.context import Cli
from quizkit.cli.exits import Exit
from quizkit.cli.render import Output, clean, counted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from quizkit.sdk.checks import Check

_STYLES: Final = {"ok": None, "warning": "yellow", "failed": "red", "skipped": "dim"}
_STATUS_WIDTH: Final = 9
_NAME_WIDTH: Final = 14


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(doctor)


def doctor(context: typer.Context) -> None:
    """Check what this machine and the account need, and say how to mend what is missing.

    Nothing is changed. Ends with 1 where something failed; warnings are none of that.
    """
    from quizkit.cli.checkup import Checkup, document

    cli = Cli.of(context)
    checkup = Checkup(cli)
    found = list(_told(cli.out, checkup.checks()))
    whole = document(checkup.target, checkup.stage, found)
    cli.out.result(whole, summary(found))
    if not whole["healthy"]:
        raise typer.Exit(Exit.OTHER)


def _told(out: Output, checks: Iterable[Check]) -> Iterator[Check]:
    """Pass checks on, each told as soon as it is there; those skipped for one reason together."""
    skipped: list[Check] = []
    for check in checks:
        if skipped and (check.status, check.message) != ("skipped", skipped[0].message):
            _say(out, skipped)
            skipped = []
        if check.status == "skipped":
            skipped.append(check)
        else:
            _say(out, [check])
        yield check
    _say(out, skipped)


def _say(out: Output, alike: list[Check]) -> None:
    """Tell checks of the same status and message; with `-q`, only what is not well."""
    if not alike or out.as_json or (out.quiet and alike[0].status in ("ok", "skipped")):
        return
    for line in lines(alike):
        out.say(line, style=_STYLES[alike[0].status])


def lines(alike: list[Check]) -> list[str]:
    """Checks of the same status and message as people read them: a line, and one for the fix."""
    first, names = alike[0], ", ".join(check.name for check in alike)
    told = [f"{first.status:<{_STATUS_WIDTH}}{names:<{_NAME_WIDTH - 2}}  {clean(first.message)}"]
    if first.fix is not None:
        told.append(f"{'':{_STATUS_WIDTH + _NAME_WIDTH}}{clean(first.fix)}")
    return told


def summary(found: Iterable[Check]) -> str:
    """How it stands, in a line."""
    statuses = [check.status for check in found]
    failed, warnings = statuses.count("failed"), statuses.count("warning")
    told = [f"{failed} failed"] if failed else []
    told += [counted(warnings, "warning")] if warnings else []
    return ", ".join(told) or "everything is well"
