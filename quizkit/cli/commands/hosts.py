"""`quizkit hosts`: who may host; said by whoever has AWS credentials."""

from __future__ import annotations

from typing import Annotated

import typer

from quizkit.cli.context import Cli
from quizkit.cli.render import clean, table

group = typer.Typer(help="Who may create quizzes and run sessions without AWS credentials.")

Username = Annotated[
    str, typer.Argument(help="Name or address of the account.", metavar="USERNAME")
]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(group, name="hosts")


def _admins(context: typer.Context) -> Cli:
    """The run's settings; refused where somebody asks to be no admin."""
    cli = Cli.of(context)
    cli.people.need_admin("Who may host is said with AWS credentials; a host's sign-in cannot.")
    return cli


@group.command()
def add(context: typer.Context, username: Username) -> None:
    """Make somebody a host."""
    from quizkit.sdk.accounts.hosts import add_host

    cli = _admins(context)
    add_host(cli.target, cli.outputs, username)
    cli.out.result({"username": username, "host": True}, f"{clean(username)} is a host.")
    cli.out.note("Who is signed in already sees it after: quizkit whoami", style="dim")


@group.command()
def remove(context: typer.Context, username: Username) -> None:
    """Make a host a player again, signed out everywhere."""
    from quizkit.sdk.accounts.hosts import remove_host

    cli = _admins(context)
    remove_host(cli.target, cli.outputs, username)
    cli.out.result({"username": username, "host": False}, f"{clean(username)} is no host.")
    cli.out.note("A token that is out already counts for up to an hour.", style="dim")


@group.command("list")
def list_(context: typer.Context) -> None:
    """All hosts."""
    from quizkit.sdk.accounts.hosts import list_hosts

    cli = _admins(context)
    found = list_hosts(cli.target, cli.outputs)
    rows = table("username", "address")
    for host in found:
        rows.add_row(clean(host["username"]), clean(host["email"] or ""))
    none = "There are no hosts; make one with: quizkit hosts add USERNAME"
    cli.out.result({"hosts": found}, rows if found else none)
