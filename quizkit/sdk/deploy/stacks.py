"""Reading stacks: their state, template and outputs, and following what happens to them."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

from quizkit.sdk.deploy.model import OnEvent, Resource, StackEvent, Template
from quizkit.sdk.errors import DeploymentFailed
from quizkit.sdk.target import Target

if TYPE_CHECKING:
    from types_boto3_cloudformation.type_defs import StackEventTypeDef, StackTypeDef

#: Nothing is deployed, though CloudFormation has a record of an attempt.
NEVER_DEPLOYED: Final = ("REVIEW_IN_PROGRESS", "DELETE_COMPLETE")

#: What an operation on the stack begins with; undoing it is a part of it.
_BEGINNINGS: Final = (
    "CREATE_IN_PROGRESS",
    "UPDATE_IN_PROGRESS",
    "IMPORT_IN_PROGRESS",
    "DELETE_IN_PROGRESS",
)

_LOCAL_PAUSE: Final = 0.1
_AWS_PAUSE: Final = 2.5


def pause(target: Target) -> None:
    """Wait a little before asking again."""
    time.sleep(_LOCAL_PAUSE if target.is_local else _AWS_PAUSE)


def describe(target: Target, stack: str) -> StackTypeDef | None:
    """The stack of this name or id, or None where there is none."""
    try:
        return target.client("cloudformation").describe_stacks(StackName=stack)["Stacks"][0]
    except ClientError as exc:
        if _is_absent(exc):
            return None
        raise


def _is_absent(exc: ClientError) -> bool:
    error = exc.response["Error"]
    return error.get("Code") == "ValidationError" and "does not exist" in error.get("Message", "")


def outputs(stack: StackTypeDef) -> dict[str, str]:
    """The stack's outputs, by key."""
    return {item["OutputKey"]: item["OutputValue"] for item in stack.get("Outputs", ())}


def template(target: Target, stack: str) -> Template:
    """The template that the stack was last deployed with, as it was sent."""
    body: Any = target.client("cloudformation").get_template(
        StackName=stack, TemplateStage="Original"
    )["TemplateBody"]
    # boto3 gives JSON templates parsed, and anything else as text.
    return dict(json.loads(body) if isinstance(body, str) else body)


def resources(target: Target, stack: str) -> tuple[Resource, ...]:
    """The stack's resources, in CloudFormation's order."""
    pages = target.client("cloudformation").get_paginator("list_stack_resources")
    return tuple(
        Resource(
            item["LogicalResourceId"],
            item.get("PhysicalResourceId", ""),
            item["ResourceType"],
            item["ResourceStatus"],
        )
        for page in pages.paginate(StackName=stack)
        for item in page["StackResourceSummaries"]
    )


def first_failure(target: Target, stack: str) -> StackEvent | None:
    """What failed first in the newest operation on a stack; None where nothing did."""
    failure = None
    for item in _raw_events(target, stack):
        event = _event(item)
        if event.physical_id == item["StackId"]:
            if event.status in _BEGINNINGS:
                break
        elif event.failed:
            failure = event
    return failure


def in_progress(status: str | None) -> bool:
    """Whether somebody is changing the stack right now."""
    return status is not None and status.endswith("_IN_PROGRESS") and status not in NEVER_DEPLOYED


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an operation on a stack ended; `failure` is the first thing that failed."""

    status: str
    failure: StackEvent | None

    def require(self, wanted: tuple[str, ...], stack: str, done: str) -> None:
        """Raise the first failure unless the operation ended as wanted.

        Raises:
            DeploymentFailed: `stack` was not `done`, and why.
        """
        if self.status in wanted:
            return
        failure = self.failure
        if failure is None:
            raise DeploymentFailed(f"{stack} was not {done}: it ended in {self.status}.")
        raise DeploymentFailed(
            f"{stack} was not {done}: {failure.logical_id} ({failure.type}): "
            f"{failure.reason or failure.status}",
            resource=failure.logical_id,
            reason=failure.reason,
        )


class Follower:
    """Follows the events of one operation, from its making on.

    Make it before the operation starts: the events that the stack has by then are history.
    The operation has ended when an event newer than those gives the stack a final status, or
    when the stack is seen at rest after such events (for an operation joined half-way).
    """

    def __init__(self, target: Target, stack_id: str, on_event: OnEvent) -> None:
        self._target = target
        self._stack_id = stack_id
        self._on_event = on_event
        newest = next(iter(_raw_events(target, stack_id)), None)
        self._last = newest["EventId"] if newest else None

    def wait(self, *, started: bool = False) -> Outcome:
        """Pass events on until the operation has ended.

        Args:
            started: whether the operation ran already when the follower was made.
        """
        failure: StackEvent | None = None
        while True:
            joined = started  # as known before the look at the stack, which is older than it
            described = describe(self._target, self._stack_id)
            resting = described is None or not in_progress(described["StackStatus"])
            for event in self._new_events():
                self._on_event(event)
                if event.failed and failure is None:
                    failure = event
                if self._is_final(event):
                    return Outcome(event.status, failure)
                started = started or event.physical_id == self._stack_id
            if joined and resting:
                status = described["StackStatus"] if described else "DELETE_COMPLETE"
                return Outcome(status, failure)
            pause(self._target)

    def _is_final(self, event: StackEvent) -> bool:
        return event.physical_id == self._stack_id and not event.status.endswith("_IN_PROGRESS")

    def _new_events(self) -> list[StackEvent]:
        """What has happened since the last look, oldest first."""
        found: list[StackEventTypeDef] = []
        for item in _raw_events(self._target, self._stack_id):
            if item["EventId"] == self._last:
                break
            found.append(item)
        if found:
            self._last = found[0]["EventId"]
        return [_event(item) for item in reversed(found)]


def _raw_events(target: Target, stack_id: str) -> Iterable[StackEventTypeDef]:
    """All events, newest first, fetched as far as they are read."""
    pages = target.client("cloudformation").get_paginator("describe_stack_events")
    for page in pages.paginate(StackName=stack_id):
        yield from page["StackEvents"]


def _event(item: Mapping[str, Any]) -> StackEvent:
    return StackEvent(
        timestamp=item["Timestamp"],
        logical_id=item.get("LogicalResourceId", ""),
        physical_id=item.get("PhysicalResourceId", ""),
        type=item.get("ResourceType", ""),
        status=item.get("ResourceStatus", ""),
        reason=item.get("ResourceStatusReason") or None,
    )
