"""The planner: compares what is deployed with what is wanted. It only reads.

Whether a stack is unchanged is told by a fingerprint of the template and the stack's tags,
written into the template's own metadata. A stack tag would do as well, but CloudFormation
copies those to every resource, so that a new value would touch them all.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any, Final

from quizkit.sdk.deploy import stacks
from quizkit.sdk.deploy.model import Assembly, Change, Plan, Template
from quizkit.sdk.errors import DeploymentFailed
from quizkit.sdk.target import Target

FINGERPRINT: Final = "quizkit:fingerprint"

_HEALTHY: Final = ("CREATE_COMPLETE", "UPDATE_COMPLETE", "IMPORT_COMPLETE")
# A first deployment that failed leaves a record that can only be deleted.
_IN_THE_WAY: Final = ("ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED", "DELETE_FAILED")
_STUCK: Final = ("UPDATE_ROLLBACK_FAILED", "UPDATE_FAILED", "IMPORT_ROLLBACK_FAILED")


def plan(target: Target, assembly: Assembly) -> Plan:
    """What `execute` has to do so that the stack becomes as the assembly says.

    Raises:
        DeploymentFailed: the stack is in a state that only a person can resolve.
    """
    body, fingerprint = render(assembly)
    described = stacks.describe(target, assembly.stack_name)
    status = described["StackStatus"] if described else None
    if status in _STUCK:
        raise DeploymentFailed(
            f"{assembly.stack_name} is in {status}: an update failed and so did undoing it.",
            hint="resolve it in the CloudFormation console (continue the update rollback)",
        )
    if described is None or status in (*stacks.NEVER_DEPLOYED, *_IN_THE_WAY):
        new = compare({}, assembly.template)
        return Plan(assembly, body, "create", status, status in _IN_THE_WAY, new)
    deployed = stacks.template(target, assembly.stack_name)
    protection = described.get("EnableTerminationProtection", False)
    same = deployed.get("Metadata", {}).get(FINGERPRINT) == fingerprint
    if same and status in _HEALTHY and protection == assembly.protected:
        return Plan(assembly, body, "unchanged", status, False, (), protection)
    changes = compare(deployed, assembly.template)
    return Plan(assembly, body, "update", status, False, changes, protection)


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
