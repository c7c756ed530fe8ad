"""Deploying the stack with boto3 alone: no CDK command line, no bootstrap, no Node packages.

    deploy(target, settings)    synthesise, plan, execute; an unchanged stack returns at once
    diff(target, settings)      the plan alone
    outputs(target)             of the deployed stack
    resources(target)           of the deployed stack
    status(target)              state, outputs and resources
    is_current(target)          whether `deploy` would change nothing, if that is known
    destroy(target)             the stack, its buckets' content, its assets

A planner that only reads, an executor that only does: `model` holds what passes between
them, `assembly` runs the synthesis, `assets` the bucket that code is fetched from. The cost
of leaving the CDK's own tool out is that only what this stack uses is supported: one stack,
file assets, no parameters, no nested stacks.

Everything blocks; `on_event` is called with each `Step`, `Changes` and `StackEvent` as it
happens. All errors are `quizkit.sdk.errors`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from quizkit.sdk.deploy.assembly import cached, load, synthesise
from quizkit.sdk.deploy.model import (
    Assembly,
    Change,
    Changes,
    Deployment,
    Destroyed,
    OnEvent,
    Plan,
    Progress,
    Resource,
    StackEvent,
    StackStatus,
    Step,
    Template,
    ignore,
)
from quizkit.sdk.errors import Conflict, NotFound
from quizkit.sdk.home import cache_dir
from quizkit.sdk.target import Target

__all__ = [
    "Assembly",
    "Change",
    "Changes",
    "Deployment",
    "Destroyed",
    "Plan",
    "Progress",
    "Resource",
    "StackEvent",
    "StackStatus",
    "Step",
    "deploy",
    "deploy_assembly",
    "destroy",
    "diff",
    "is_current",
    "load",
    "outputs",
    "resources",
    "status",
]

Transform = Callable[[Template], Template]


def deploy(
    target: Target,
    settings: Mapping[str, Any] | None = None,
    *,
    transform: Transform | None = None,
    on_event: OnEvent = ignore,
    cache: Path | None = None,
) -> Deployment:
    """Bring the stage's stack to what this installation's sources say.

    Args:
        settings: of the stage, as `Project.settings` gives them.
        transform: rewrites the template before it is compared and sent; the local
            platform's differences come in here.
        cache: where assemblies are kept; the user's cache directory unless given.

    Raises:
        MissingExtra, DeploymentFailed, Conflict, CredentialsError, Unreachable.
    """
    assembly = _assembly(target, settings, transform, on_event, cache)
    return deploy_assembly(target, assembly, on_event=on_event)


def deploy_assembly(
    target: Target, assembly: Assembly, *, on_event: OnEvent = ignore
) -> Deployment:
    """Bring a stack to what an assembly says; waits first while somebody is changing it."""
    from quizkit.sdk.deploy import executor, planner

    with target.errors():
        executor.settle(target, assembly.stack_name, on_event)
        return executor.execute(target, planner.plan(target, assembly), on_event)


def diff(
    target: Target,
    settings: Mapping[str, Any] | None = None,
    *,
    transform: Transform | None = None,
    on_event: OnEvent = ignore,
    cache: Path | None = None,
) -> Plan:
    """What `deploy` would do, told from the templates; reads only. See `Plan.changes`."""
    assembly = _assembly(target, settings, transform, on_event, cache)
    from quizkit.sdk.deploy import planner

    with target.errors():
        return planner.plan(target, assembly)


def is_current(
    target: Target,
    settings: Mapping[str, Any] | None = None,
    *,
    transform: Transform | None = None,
    cache: Path | None = None,
) -> bool | None:
    """Whether the deployed stack is what `deploy` would make of it, told without a synthesis.

    Returns:
        None where nothing is known: these sources and settings were not synthesised here yet.
    """
    assembly = cached(target.stage, settings or {}, cache or cache_dir() / "assemblies")
    if assembly is None:
        return None
    from quizkit.sdk.deploy import planner

    with target.errors():
        return planner.plan(target, _transformed(assembly, transform)).action == "unchanged"


def outputs(target: Target) -> dict[str, str]:
    """The deployed stack's outputs.

    Raises:
        NotFound: nothing is deployed for this stage.
    """
    return _deployed(status(target, resources=False), target).outputs


def resources(target: Target) -> tuple[Resource, ...]:
    """The deployed stack's resources.

    Raises:
        NotFound: nothing is deployed for this stage.
    """
    return _deployed(status(target), target).resources


def status(target: Target, *, resources: bool = True) -> StackStatus:
    """What is deployed for this stage, with its resources unless they are not wanted."""
    from quizkit.sdk.deploy import stacks

    with target.errors():
        described = stacks.describe(target, target.stack_name)
        if described is None or described["StackStatus"] in stacks.NEVER_DEPLOYED:
            return StackStatus(target.stack_name, exists=False)
        return StackStatus(
            stack_name=target.stack_name,
            exists=True,
            status=described["StackStatus"],
            reason=described.get("StackStatusReason") or None,
            created_at=described["CreationTime"],
            updated_at=described.get("LastUpdatedTime"),
            protected=described.get("EnableTerminationProtection", False),
            outputs=stacks.outputs(described),
            resources=stacks.resources(target, target.stack_name) if resources else (),
        )


def destroy(
    target: Target, *, confirmation: str | None = None, on_event: OnEvent = ignore
) -> Destroyed:
    """Delete the stage's stack, its media (unless retained) and its assets bucket.

    Args:
        confirmation: the stage's name, needed for a protected stage only.

    Raises:
        Conflict: the stage is protected and `confirmation` is not its name.
        DeploymentFailed: something in it cannot be deleted.
    """
    from quizkit.sdk.deploy import executor, removal, stacks

    with target.errors():
        executor.settle(target, target.stack_name, on_event)
        described = stacks.describe(target, target.stack_name)
        if described is None:
            removal.delete_assets(target, on_event)
            return Destroyed(existed=False)
        if described.get("EnableTerminationProtection"):
            if confirmation != target.stage:
                raise Conflict(
                    f"Stage {target.stage} is protected.",
                    hint="to destroy it all the same, confirm with its name",
                    code="stage_protected",
                )
            removal.unprotect(target)
        return removal.destroy(target, on_event)


def _assembly(
    target: Target,
    settings: Mapping[str, Any] | None,
    transform: Transform | None,
    on_event: OnEvent,
    cache: Path | None,
) -> Assembly:
    on_event(Step("synthesise", f"stage {target.stage}"))
    assembly = synthesise(target.stage, settings or {}, cache or cache_dir() / "assemblies")
    return _transformed(assembly, transform)


def _transformed(assembly: Assembly, transform: Transform | None) -> Assembly:
    return replace(assembly, template=transform(assembly.template)) if transform else assembly


def _deployed(found: StackStatus, target: Target) -> StackStatus:
    """What is deployed; NotFound where nothing is."""
    if not found.exists:
        raise NotFound(
            f"Stage {target.stage} is not deployed on {target.name}.",
            hint=_deploy_hint(target),
            code="stack_not_found",
        )
    return found


def _deploy_hint(target: Target) -> str:
    stage = "" if target.stage == "dev" else f" --stage {target.stage}"
    place = "" if target.is_local else " --target aws"
    return f"run: quizkit{place}{stage} deploy"
