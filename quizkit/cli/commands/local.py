"""`quizkit local`: the processes that make this machine a platform."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from quizkit.cli.context import Cli
from quizkit.cli.render import table

if TYPE_CHECKING:
    from rich.table import Table

    from quizkit.local.status import Status

group = typer.Typer(help="The local platform's processes.")


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(group, name="local")


@group.command()
def start(
    context: typer.Context,
    iam: Annotated[
        bool | None,
        typer.Option(
            "--iam/--no-iam", help="Enforce the functions' IAM policies.", show_default=False
        ),
    ] = None,
) -> None:
    """Start what is not running; harmless where everything is."""
    from quizkit.local import platform

    cli = Cli.of(context)
    cli.out.note("starting the local platform …")
    _show(cli, platform.start(iam=iam))


@group.command()
def stop(context: typer.Context) -> None:
    """Stop everything; data is kept."""
    from quizkit.local import platform

    _show(Cli.of(context), platform.stop())


@group.command()
def status(context: typer.Context) -> None:
    """What runs, where, and how much it keeps."""
    from quizkit.local import platform

    _show(Cli.of(context), platform.status())


@group.command()
def reset(
    context: typer.Context,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Stop everything and forget all data: quizzes, sessions, answers."""
    from quizkit.local import platform

    if not yes and sys.stdin.isatty():
        typer.confirm(
            "Forget all quizzes, sessions and answers of the local platform?", abort=True, err=True
        )
    _show(Cli.of(context), platform.reset())


def _show(cli: Cli, found: Status) -> None:
    running = "running" if found.running else "not running"
    cli.out.result(
        {"target": "local", **found.as_dict()},
        f"The local platform is {running}.",
        _parts(found),
        f"logs: {found.components[0].log.parent}",
    )
    for warning in found.warnings:
        cli.out.note(f"note: {warning}")
    if found.moved and found.running:
        cli.out.note(
            "note: ports have changed since the stack was deployed; run: quizkit deploy",
            style="yellow",
        )


def _parts(found: Status) -> Table:
    rows = table("component", "state", "address", "pid", "data", right=("data",))
    for part in found.components:
        rows.add_row(
            part.title,
            "up" if part.up else "down",
            f"127.0.0.1:{part.port}" if part.up else "",
            str(part.pid or ""),
            f"{part.data_bytes / 1e6:.1f} MB",
        )
    return rows
