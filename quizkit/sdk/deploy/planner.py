"""The planner: compares what is deployed with what is wanted. It only reads.

Whether a stack is unchanged is told by a fingerprint of the template and the stack's tags,
written into the template's own metadata. A stack tag would do as well, but CloudFormation
copies those to every resource, so that a new value would touch them all.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any, Final, Literal

from quizkit.sdk.deploy import stacks
from quizkit.sdk.deploy.model import Assembly, Change, Plan, Template
from quizkit.sdk.errors import DeploymentFailed
from quizkit.sdk.target import Target

FINGERPRINT: Final = "quizkit:fingerprint"

Condition = Literal["absent", "healthy", "undone", "busy", "in_the_way", "stuck"]

_HEALTHY: Final = ("CREATE_COMPLETE", "UPDATE_COMPLETE", "IMPORT_COMPLETE")
# A first deployment that failed leaves a record that can only be deleted.
_IN_THE_WAY: Final = ("ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED", "DELETE_FAILED")
_STUCK: Final = ("UPDATE_ROLLBACK_FAILED", "UPDATE_FAILED", "IMPORT_ROLLBACK_FAILED")
_WAYS_OUT: Final = {
    "UPDATE_ROLLBACK_FAILED": "continue-update-rollback",
    "UPDATE_FAILED": "rollback-stack",
}


def plan(target: Target, assembly: Assembly) -> Plan:
    """What `execute` has to do so that the stack becomes as the assembly says.

    Raises:
        DeploymentFailed: the stack is in a state that only a person can resolve.
    """
    body, fingerprint = render(assembly)
    described = stacks.describe(target, assembly.stack_name)
    status = described["StackStatus"] if described else None
    found = condition(status)
    if status is not None and found == "stuck":
        raise stuck(target, assembly.stack_name, status)
    if described is None or found in ("absent", "in_the_way"):
        new = compare({}, assembly.template)
        return Plan(assembly, body, "create", status, found == "in_the_way", new)
    deployed = stacks.template(target, assembly.stack_name)
    protection = described.get("EnableTerminationProtection", False)
    same = deployed.get("Metadata", {}).get(FINGERPRINT) == fingerprint
    if same and found == "healthy" and protection == assembly.protected:
        return Plan(assembly, body, "unchanged", status, False, (), protection)
    changes = compare(deployed, assembly.template)
    return Plan(assembly, body, "update", status, False, changes, protection)


def condition(status: str | None) -> Condition:
    """What a stack's status means for a deployment.

    Returns:
        absent: nothing is deployed; healthy: as deployed last; undone: as before an update that
        failed; busy: somebody is changing it; in_the_way: a deployment deletes it first; stuck:
        only a person can resolve it, see `stuck`.
    """
    if status is None or status in stacks.NEVER_DEPLOYED:
        return "absent"
    if status in _STUCK:
        return "stuck"
    if status in _IN_THE_WAY:
        return "in_the_way"
    if stacks.in_progress(status):
        return "busy"
    return "healthy" if status in _HEALTHY else "undone"


def stuck(target: Target, stack_name: str, status: str) -> DeploymentFailed:
    """The error for a stack that only a person can resolve."""
    way_out = _WAYS_OUT.get(status)
    return DeploymentFailed(
        f"{stack_name} is in {status}: an update failed and so did undoing it.",
        hint="resolve it in the CloudFormation console"
        if way_out is None
        else f"run: {target.aws_command(f'cloudformation {way_out} --stack-name {stack_name}')}",
    )


def render(assembly: Assembly) -> tuple[str, str]:
    """The template as text, its fingerprint inside, and the fingerprint.

    ASCII only, since CloudFormation does not give other characters back faithfully.
    """
    tags = dict(sorted(assembly.tags.items()))
    content = json.dumps([assembly.template, tags], sort_keys=True)
    fingerprint = hashlib.sha256(content.encode()).hexdigest()
    metadata = {**assembly.template.get("Metadata", {}), FINGERPRINT: fingerprint}
    body = json.dumps({**assembly.template, "Metadata": metadata}, separators=(",", ":"))
    return body, fingerprint


def compare(old: Template, new: Template) -> tuple[Change, ...]:
    """What differs between two templates: resources first, then outputs, in order of names."""
    return (
        *_compare_section(old.get("Resources", {}), new.get("Resources", {}), None),
        *_compare_section(old.get("Outputs", {}), new.get("Outputs", {}), "Output"),
    )


def _compare_section(
    old: Mapping[str, Any], new: Mapping[str, Any], kind: str | None
) -> list[Change]:
    changes = []
    for name in sorted({*old, *new}):
        before, after = old.get(name), new.get(name)
        if before == after:
            continue
        if before is None:
            changes.append(Change("add", name, kind or new[name]["Type"]))
        elif after is None:
            changes.append(Change("remove", name, kind or old[name]["Type"]))
        else:
            changes.append(Change("modify", name, kind or after["Type"], _details(before, after)))
    return changes


def _details(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[str, ...]:
    """Names of the properties that differ, and of other attributes such as DependsOn."""
    old = {**before, **before.get("Properties", {})}
    new = {**after, **after.get("Properties", {})}
    names = {*old, *new} - {"Properties", "Metadata"}
    return tuple(sorted(name for name in names if old.get(name) != new.get(name)))
