"""`quizkit winners`: who is told about winners."""

from __future__ import annotations

from typing import Annotated

import typer

from quizkit.cli.context import Cli
from quizkit.cli.render import table

group = typer.Typer(help="Notifications about winners.")

Endpoint = Annotated[
    str,
    typer.Argument(
        help="An email address, a URL, or the ARN of a queue or function.", metavar="ENDPOINT"
    ),
]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(group, name="winners")


@group.command()
def subscribe(context: typer.Context, endpoint: Endpoint) -> None:
    """Tell somebody about the winners of every session."""
    from quizkit.sdk import winners

    cli = Cli.of(context)
    made = winners.subscribe(cli.target, cli.outputs, endpoint)
    wait = "" if made["confirmed"] else "; it starts once the message sent there is confirmed"
    cli.out.result(made, f"{endpoint} is subscribed ({made['protocol']}){wait}.")


@group.command()
def unsubscribe(context: typer.Context, endpoint: Endpoint) -> None:
    """Tell somebody no longer."""
    from quizkit.sdk import winners

    cli = Cli.of(context)
    gone = winners.unsubscribe(cli.target, cli.outputs, endpoint)
    cli.out.result(gone, f"{endpoint} is unsubscribed.")


@group.command("list")
def list_(context: typer.Context) -> None:
    """Who is told."""
    from quizkit.sdk import winners

    cli = Cli.of(context)
    found = winners.subscriptions(cli.target, cli.outputs)
    rows = table("endpoint", "protocol", "confirmed")
    for item in found:
        rows.add_row(item["endpoint"], item["protocol"], "yes" if item["confirmed"] else "no")
    empty = "Nobody is subscribed; add somebody with: quizkit winners subscribe ENDPOINT"
    cli.out.result({"subscriptions": found}, rows if found else empty)
