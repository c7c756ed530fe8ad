"""Reading stacks and following operations."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from quizkit.sdk.deploy import stacks
from quizkit.sdk.deploy.model import Progress, StackEvent
from quizkit.sdk.errors import DeploymentFailed
from quizkit.sdk.target import Target


def event(status: str, reason: str | None = None) -> StackEvent:
    """An event of some queue."""
    return StackEvent(datetime.now(UTC), "Queue", "q", "AWS::SQS::Queue", status, reason)


def create(target: Target) -> str:
    """Start creating a stack of one queue; gives its id."""
    body = json.dumps({"Resources": {"Queue": {"Type": "AWS::SQS::Queue"}}})
    answer = target.client("cloudformation").create_stack(
        StackName=target.stack_name, TemplateBody=body
    )
    return answer["StackId"]


def test_a_stack_that_is_not_there_is_none(target: Target) -> None:
    """Absence is an answer, not an error."""
    assert stacks.describe(target, target.stack_name) is None


def test_an_operation_can_be_joined(target: Target) -> None:
    """Whoever comes while somebody else's operation runs, or just after it, sees it end."""
    stack_id = create(target)
    events: list[Progress] = []
    outcome = stacks.Follower(target, stack_id, events.append).wait(started=True)
    assert outcome == stacks.Outcome("CREATE_COMPLETE", None)


def test_a_deployed_stack_can_be_read(target: Target) -> None:
    """Template and resources come back as they were deployed."""
    stacks.Follower(target, create(target), lambda _: None).wait(started=True)
    assert list(stacks.template(target, target.stack_name)["Resources"]) == ["Queue"]
    (resource,) = stacks.resources(target, target.stack_name)
    assert (resource.logical_id, resource.type) == ("Queue", "AWS::SQS::Queue")


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (None, False),
        ("CREATE_COMPLETE", False),
        ("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", True),
        ("ROLLBACK_IN_PROGRESS", True),
        ("REVIEW_IN_PROGRESS", False),
    ],
)
def test_a_review_is_nobodys_progress(status: str | None, expected: bool) -> None:
    """Only operations that end by themselves are waited for."""
    assert stacks.in_progress(status) is expected


def test_the_echo_of_a_failure_is_not_a_failure() -> None:
    """Resources cancelled because another one failed are not named as the reason."""
    assert event("CREATE_FAILED", "no such thing").failed
    assert not event("CREATE_FAILED", "Resource creation cancelled").failed
    assert not event("CREATE_COMPLETE").failed


def test_an_outcome_that_is_not_wanted_is_raised_with_its_reason() -> None:
    """The first failure is named with resource and reason; without one, the status is."""
    stacks.Outcome("CREATE_COMPLETE", None).require(("CREATE_COMPLETE",), "s", "created")
    failed = stacks.Outcome("ROLLBACK_COMPLETE", event("CREATE_FAILED", "too many queues"))
    with pytest.raises(DeploymentFailed, match=r"s was not created: Queue .*: too many queues"):
        failed.require(("CREATE_COMPLETE",), "s", "created")
    with pytest.raises(DeploymentFailed, match="ended in ROLLBACK_COMPLETE"):
        stacks.Outcome("ROLLBACK_COMPLETE", None).require((), "s", "created")


def test_what_failed_first_in_the_last_operation(target: Target) -> None:
    """The culprit is named, not what was cancelled or undone; a later success forgets it."""
    cloudformation = target.client("cloudformation")

    def run(start: Any, *resources: dict[str, Any]) -> str:
        body = {"Resources": {f"R{number}": each for number, each in enumerate(resources)}}
        start(StackName=target.stack_name, TemplateBody=json.dumps(body))
        described = stacks.describe(target, target.stack_name)
        assert described is not None
        follower = stacks.Follower(target, described["StackId"], lambda _: None)
        return follower.wait(started=True).status

    queue = {"Type": "AWS::SQS::Queue"}
    broken = {
        "Type": "AWS::Cognito::UserPoolGroup",
        "Properties": {"UserPoolId": "us-east-1_none", "GroupName": "hosts"},
    }
    assert run(cloudformation.create_stack, queue) == "CREATE_COMPLETE"
    assert stacks.first_failure(target, target.stack_name) is None
    assert run(cloudformation.update_stack, queue, broken).startswith("UPDATE_ROLLBACK")
    failure = stacks.first_failure(target, target.stack_name)
    assert failure is not None
    assert (failure.logical_id, failure.type) == ("R1", "AWS::Cognito::UserPoolGroup")
    assert run(cloudformation.update_stack, queue, queue) == "UPDATE_COMPLETE"
    assert stacks.first_failure(target, target.stack_name) is None
