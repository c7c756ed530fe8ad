"""`deploy`, `diff`, `status`, `outputs`, `destroy`: the stage's stack."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from quizkit.cli.context import Cli
from quizkit.cli.render import clean, table
from quizkit.sdk.errors import Misuse

if TYPE_CHECKING:
    from quizkit.sdk.deploy import Change, Deployment, Progress, StackEvent, StackStatus

_MARKS = {"add": "+", "modify": "~", "remove": "-"}


def register(app: typer.Typer) -> None:
    """Add the commands."""
    for command in (deploy, diff, status, outputs, destroy):
        app.command()(command)


def deploy(context: typer.Context) -> None:
    """Bring the stack up to date; on the local target, start the platform if needed."""
    cli = Cli.of(context)
    deployment = bring_up(cli)
    done = "is deployed" if deployment.changed else "is unchanged"
    cli.out.result(
        {
            **_outputs_document(cli, deployment.outputs),
            "changed": deployment.changed,
            "changes": [asdict(change) for change in deployment.changes],
        },
        f"{deployment.stack_name} {done}.",
        *_output_lines(deployment.outputs),
    )


def bring_up(cli: Cli, *, brief: bool = False) -> Deployment:
    """Deploy the chosen stage, with everything that the local target needs around it.

    Args:
        brief: do not tell every single resource.
    """
    from quizkit.sdk.deploy import deploy as run

    target = cli.target
    settings = cli.project.settings(target.stage)
    if not target.is_local:
        return run(target, settings, on_event=_teller(cli, brief=brief))
    from quizkit.local import platform

    if not platform.status().running:
        cli.out.note("starting the local platform …")
    transform = _local_transform()
    told = _teller(cli, brief=brief)
    deployment = run(cli.refresh_target(), settings, transform=transform, on_event=told)
    platform.refresh_handlers()
    platform.settle_ports()
    return deployment


def diff(context: typer.Context) -> None:
    """What deploy would change."""
    from quizkit.sdk.deploy import diff as compare

    cli = Cli.of(context)
    target = cli.target
    transform = None
    if target.is_local:
        target.client("cloudformation")  # a platform that is down is told, not started
        transform = _local_transform()
    plan = compare(
        target, cli.project.settings(target.stage), transform=transform, on_event=_teller(cli)
    )
    told = {
        "create": "The stack would be created.",
        "update": "The stack would be updated.",
        "unchanged": "Nothing would change.",
    }
    cli.out.result(
        {
            "target": target.name,
            "stage": target.stage,
            "action": plan.action,
            "changes": [asdict(change) for change in plan.changes],
        },
        told[plan.action],
        *map(_change_line, plan.changes),
    )


def status(context: typer.Context) -> None:
    """Whether the stack is deployed, and what it is made of."""
    from quizkit.sdk.deploy import status as look

    cli = Cli.of(context)
    found = look(cli.target)
    document = {
        "target": cli.target.name,
        "stage": cli.target.stage,
        "stack_name": found.stack_name,
        "deployed": found.exists,
        "status": found.status,
        "reason": found.reason,
        "created_at": found.created_at and found.created_at.isoformat(),
        "updated_at": found.updated_at and found.updated_at.isoformat(),
        "protected": found.protected,
        "outputs": found.outputs,
        "resources": [asdict(resource) for resource in found.resources],
    }
    cli.out.result(document, *_status_lines(cli, found))


def outputs(context: typer.Context) -> None:
    """The deployed stack's outputs: URLs and names."""
    cli = Cli.of(context)
    cli.out.result(_outputs_document(cli, cli.outputs), *_output_lines(cli.outputs))


def destroy(
    context: typer.Context,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    confirm: Annotated[
        str | None,
        typer.Option(help="The stage's name; needed for a protected stage.", metavar="STAGE"),
    ] = None,
) -> None:
    """Delete the stage's stack and everything in it."""
    from quizkit.sdk.deploy import destroy as run
    from quizkit.sdk.deploy import status as look

    cli = Cli.of(context)
    found = look(cli.target, resources=False)
    if found.exists and confirm is None and not yes:
        confirm = _ask_to_destroy(cli, protected=found.protected)
    done = run(cli.target, confirmation=confirm, on_event=_teller(cli))
    stack = cli.target.stack_name
    cli.out.result(
        {
            "target": cli.target.name,
            "stage": cli.target.stage,
            "destroyed": done.existed,
            "retained": [asdict(resource) for resource in done.retained],
        },
        f"{stack} is destroyed." if done.existed else f"There was no {stack}.",
        *(f"kept: {item.type} {item.physical_id}" for item in done.retained),
    )


def _ask_to_destroy(cli: Cli, *, protected: bool) -> str | None:
    """The name typed to confirm; None where none is needed.

    Raises:
        Misuse: nobody can be asked, and the stage is on AWS.
    """
    target = cli.target
    if not sys.stdin.isatty():
        if target.is_local:
            return None
        raise Misuse(
            f"Destroying stage {target.stage} on AWS has to be confirmed.",
            hint=f"add --confirm {target.stage}" if protected else "add --yes",
        )
    typed: str = typer.prompt(
        f"This deletes {target.stack_name} with all its data on {target.name}. "
        "Type the stage's name to go on",
        err=True,
    )
    if typed != target.stage:
        raise typer.Abort
    return typed


def _local_transform() -> Callable[[dict[str, Any]], dict[str, Any]]:
    """The local differences, for a platform that is started now if it is not up."""
    from quizkit.local import platform
    from quizkit.local.differences import localiser

    return localiser(platform.start())


def _outputs_document(cli: Cli, found: dict[str, str]) -> dict[str, Any]:
    return {"target": cli.target.name, "stage": cli.target.stage, "outputs": found}


def _output_lines(found: dict[str, str]) -> list[str]:
    """One line an output, unbroken, so that a URL can be copied."""
    width = max(map(len, found), default=0)
    return [f"  {name:<{width}}  {value}" for name, value in found.items()]


def _status_lines(cli: Cli, found: StackStatus) -> list[Any]:
    if not found.exists:
        return [f"{found.stack_name} is not deployed; run: {cli.command('deploy')}"]
    kinds: dict[str, int] = {}
    for resource in found.resources:
        kinds[resource.type] = kinds.get(resource.type, 0) + 1
    rows = table("resource", "count", right=("count",))
    for kind, count in sorted(kinds.items()):
        rows.add_row(kind, str(count))
    reason = f" ({found.reason})" if found.reason else ""
    return [f"{found.stack_name}: {found.status}{reason}", rows]


# --- telling what happens ------------------------------------------------------------


def _teller(cli: Cli, *, brief: bool = False) -> Callable[[Progress], None]:
    """Says what a deployment does as it happens; resources one by one when they are done."""
    from quizkit.sdk.deploy import Changes, StackEvent, Step

    def tell(event: Progress) -> None:
        match event:
            case Step():
                cli.out.note(f"{event.name.replace('_', ' ')}: {event.detail}")
            case Changes():
                counts = {"add": 0, "modify": 0, "remove": 0}
                for change in event.changes:
                    counts[change.action] += 1
                told = ", ".join(f"{count} to {verb}" for verb, count in counts.items() if count)
                cli.out.note(f"changes: {told or 'none'}")
            case StackEvent():
                _tell_event(cli, event, brief=brief and not cli.out.verbose)

    return tell


def _tell_event(cli: Cli, event: StackEvent, *, brief: bool) -> None:
    if event.failed:
        reason = clean(event.reason or "")
        cli.out.note(f"  {event.status} {event.type} {event.logical_id}: {reason}", style="red")
    elif not brief and (event.status.endswith("_COMPLETE") or cli.out.verbose):
        cli.out.note(f"  {event.status} {event.type} {event.logical_id}", style="dim")


def _change_line(change: Change) -> str:
    replaced = {"yes": " (replaced)", "maybe": " (perhaps replaced)"}.get(
        change.replacement or "", ""
    )
    details = f": {', '.join(change.details)}" if change.details else ""
    return f"  {_MARKS[change.action]} {change.type} {change.logical_id}{replaced}{details}"
