"""The executor: carries a plan out and tells what happens. It decides nothing.

Every change goes through a change set: CloudFormation checks the template and says what it
is about to do before anything is touched, and a failed update is rolled back by it.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, cast

from botocore.exceptions import ClientError

from quizkit.sdk.deploy import assets, removal, stacks
from quizkit.sdk.deploy.model import (
    Change,
    Changes,
    Deployment,
    OnEvent,
    Plan,
    Step,
)
from quizkit.sdk.errors import Conflict, DeploymentFailed, QuizkitError
from quizkit.sdk.target import Target

#: Larger templates are fetched by CloudFormation from the assets bucket.
MAX_BODY: Final = 51_200

_CAPABILITIES: Final = ("CAPABILITY_IAM", "CAPABILITY_NAMED_IAM")
_SUCCESS: Final = ("CREATE_COMPLETE", "UPDATE_COMPLETE")
_NO_CHANGES: Final = ("didn't contain changes", "No updates are to be performed")


def execute(target: Target, plan: Plan, on_event: OnEvent) -> Deployment:
    """Bring the stack to where the plan wants it.

    Raises:
        DeploymentFailed: with the first failure's reason.
        Conflict: somebody else is changing the stack.
    """
    name = plan.assembly.stack_name
    if plan.action == "unchanged":
        on_event(Step("unchanged", f"{name} is up to date"))
        return _deployment(target, plan, ())
    if plan.delete_first:
        on_event(Step("delete", f"removing what a failed deployment left ({plan.status})"))
        removal.delete(target, name, on_event)
    location = _upload(target, plan, on_event)
    change_set = _create_change_set(target, plan, location, on_event)
    if change_set is not None:
        _execute_change_set(target, plan, change_set, on_event)
    else:
        on_event(Step("unchanged", f"{name} is up to date"))
    _protect(target, plan)
    return _deployment(target, plan, change_set.changes if change_set else ())


def settle(target: Target, stack: str, on_event: OnEvent) -> None:
    """Wait until nobody is changing the stack."""
    described = stacks.describe(target, stack)
    if described is not None and stacks.in_progress(described["StackStatus"]):
        status = described["StackStatus"]
        on_event(Step("wait", f"{stack} is in {status}; waiting for that to end"))
        stacks.Follower(target, described["StackId"], on_event).wait(started=True)


def _upload(target: Target, plan: Plan, on_event: OnEvent) -> dict[str, str]:
    """Put everything where the template expects it; returns how to send the template."""
    large = len(plan.body.encode()) > MAX_BODY
    if not plan.assembly.assets and not large:
        return {"TemplateBody": plan.body}
    account = target.account()
    own = assets.bucket_name(target, account)
    placed = [
        (asset, assets.resolve(asset.bucket, target, account)) for asset in plan.assembly.assets
    ]
    for bucket in sorted({bucket for _, bucket in placed} | ({own} if large else set())):
        assets.ensure_bucket(target, bucket, account)
    for asset, bucket in placed:
        if assets.upload(target, asset, bucket, account):
            on_event(Step("upload", f"{asset.key} to {bucket}"))
    if not large:
        return {"TemplateBody": plan.body}
    digest = hashlib.sha256(plan.body.encode()).hexdigest()
    return {"TemplateURL": assets.upload_template(target, plan.body, digest, own, account)}


@dataclass(frozen=True, slots=True)
class _ChangeSet:
    id: str
    stack_id: str
    changes: tuple[Change, ...]


def _create_change_set(
    target: Target, plan: Plan, location: Mapping[str, str], on_event: OnEvent
) -> _ChangeSet | None:
    """Make the change set and wait for it; None where CloudFormation sees no change."""
    name = plan.assembly.stack_name
    cloudformation = target.client("cloudformation")
    on_event(Step("change_set", f"asking CloudFormation what {name} needs"))
    try:
        made = cloudformation.create_change_set(
            StackName=name,
            ChangeSetName=f"quizkit-{uuid.uuid4().hex[:12]}",
            ChangeSetType="CREATE" if plan.action == "create" else "UPDATE",
            Capabilities=list(_CAPABILITIES),
            Tags=[{"Key": key, "Value": value} for key, value in plan.assembly.tags.items()],
            **cast("dict[str, Any]", dict(location)),
        )
    except ClientError as exc:
        raise _refused(exc, name) from exc
    status, reason, changes = _described(target, made["Id"])
    while status in ("CREATE_PENDING", "CREATE_IN_PROGRESS"):
        stacks.pause(target)
        status, reason, changes = _described(target, made["Id"])
    if status == "CREATE_COMPLETE":
        on_event(Changes(changes))
        return _ChangeSet(made["Id"], made["StackId"], changes)
    cloudformation.delete_change_set(ChangeSetName=made["Id"])
    if plan.action == "update" and any(text in reason for text in _NO_CHANGES):
        return None
    raise DeploymentFailed(f"CloudFormation refuses the template: {reason}", reason=reason)


def _described(target: Target, change_set: str) -> tuple[str, str, tuple[Change, ...]]:
    """Status, reason and changes of a change set."""
    pages = target.client("cloudformation").get_paginator("describe_change_set")
    status, reason, found = "", "", []
    for page in pages.paginate(ChangeSetName=change_set):
        status, reason = page["Status"], page.get("StatusReason", "")
        found += [
            _change(change["ResourceChange"])
            for change in page.get("Changes", ())
            if "ResourceChange" in change
        ]
    return status, reason, tuple(found)


_ACTIONS: Final[Mapping[str, Literal["add", "modify", "remove"]]] = {
    "Add": "add",
    "Import": "add",
    "Remove": "remove",
}
_REPLACEMENTS: Final[Mapping[str, Literal["yes", "no", "maybe"]]] = {
    "True": "yes",
    "False": "no",
    "Conditional": "maybe",
}


def _change(item: Mapping[str, Any]) -> Change:
    targets = [detail.get("Target", {}) for detail in item.get("Details", ())]
    names = {target.get("Name") or target.get("Attribute", "") for target in targets}
    return Change(
        action=_ACTIONS.get(item["Action"], "modify"),
        logical_id=item["LogicalResourceId"],
        type=item["ResourceType"],
        details=tuple(sorted(filter(None, names))),
        replacement=_REPLACEMENTS.get(item.get("Replacement", "")),
    )


def _execute_change_set(
    target: Target, plan: Plan, change_set: _ChangeSet, on_event: OnEvent
) -> None:
    name = plan.assembly.stack_name
    follower = stacks.Follower(target, change_set.stack_id, on_event)
    on_event(Step("execute", f"changing {name}"))
    try:
        # What a failed operation has only just made goes again, even where the template retains
        # it: nothing is in it yet, and its name would be in the way of the next attempt.
        target.client("cloudformation").execute_change_set(
            ChangeSetName=change_set.id, RetainExceptOnCreate=True
        )
    except ClientError as exc:
        raise _refused(exc, name) from exc
    done = "created" if plan.action == "create" else "updated"
    follower.wait().require(_SUCCESS, name, done)


def _refused(exc: ClientError, stack: str) -> Exception:
    """What CloudFormation's refusal of a change set means."""
    error = exc.response["Error"]
    code, message = error.get("Code", ""), error.get("Message", "")
    if code in ("InvalidChangeSetStatus", "AlreadyExistsException") or "_IN_PROGRESS" in message:
        return Conflict(
            f"{stack} is being changed by somebody else: {message}",
            hint="try again when that has ended",
        )
    if code == "ValidationError":
        return DeploymentFailed(f"CloudFormation refuses the template: {message}", reason=message)
    return exc


def _protect(target: Target, plan: Plan) -> None:
    if plan.assembly.protected != plan.termination_protection:
        target.client("cloudformation").update_termination_protection(
            StackName=plan.assembly.stack_name,
            EnableTerminationProtection=plan.assembly.protected,
        )


def _deployment(target: Target, plan: Plan, changes: tuple[Change, ...]) -> Deployment:
    name = plan.assembly.stack_name
    described = stacks.describe(target, name)
    if described is None:
        raise QuizkitError(f"{name} has disappeared.", hint="somebody deleted it; deploy again")
    return Deployment(name, stacks.outputs(described), bool(changes), changes)
