"""What is deployed, judged by its state."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from quizkit.sdk.checks import stage
from quizkit.sdk.deploy import StackEvent, StackStatus
from quizkit.sdk.errors import CredentialsError
from quizkit.sdk.target import Target
from tests.sdk.checks.fake_account import FakeAccount, stack_is
from tests.sdk.fake_aws import fake_aws

TARGET = Target("aws", "prod", "eu-west-1")
FAILURE = StackEvent(
    datetime.now(UTC),
    "Cache",
    "c",
    "AWS::ElastiCache::User",
    "CREATE_FAILED",
    "no room",
)
EVENTS = """<DescribeStackEventsResponse><DescribeStackEventsResult><StackEvents>
<member><StackId>arn:s</StackId><EventId>3</EventId><StackName>quizkit-prod</StackName>
<LogicalResourceId>quizkit-prod</LogicalResourceId><PhysicalResourceId>arn:s</PhysicalResourceId>
<ResourceStatus>ROLLBACK_COMPLETE</ResourceStatus><Timestamp>2030-01-01T00:00:02Z</Timestamp></member>
<member><StackId>arn:s</StackId><EventId>2</EventId><StackName>quizkit-prod</StackName>
<LogicalResourceId>Cache</LogicalResourceId><ResourceType>AWS::X</ResourceType>
<ResourceStatus>CREATE_FAILED</ResourceStatus><ResourceStatusReason>no room</ResourceStatusReason>
<Timestamp>2030-01-01T00:00:01Z</Timestamp></member>
</StackEvents></DescribeStackEventsResult></DescribeStackEventsResponse>"""


def command(rest: str) -> str:
    """A command for people to type."""
    return f"quizkit --target aws --stage prod {rest}"


def deployed(status: str | None, *, reason: str | None = None) -> StackStatus:
    """A stack in a state."""
    return StackStatus("quizkit-prod", exists=status is not None, status=status, reason=reason)


@pytest.mark.parametrize(
    ("status", "verdict", "fix"),
    [
        (None, "warning", "run: quizkit --target aws --stage prod deploy"),
        ("CREATE_COMPLETE", "ok", None),
        ("UPDATE_COMPLETE", "ok", None),
        ("UPDATE_IN_PROGRESS", "warning", "status"),
        ("UPDATE_ROLLBACK_COMPLETE", "warning", "deploy"),
        ("ROLLBACK_COMPLETE", "failed", "run: quizkit --target aws --stage prod deploy"),
        ("CREATE_FAILED", "failed", "deploy"),
        ("DELETE_FAILED", "failed", "deploy"),
        ("UPDATE_ROLLBACK_FAILED", "failed", "continue-update-rollback --stack-name quizkit-prod"),
        ("UPDATE_FAILED", "failed", "rollback-stack --stack-name quizkit-prod --region eu-west-1"),
        ("IMPORT_ROLLBACK_FAILED", "failed", "console"),
    ],
)
def test_each_state_has_its_fix(status: str | None, verdict: str, fix: str | None) -> None:
    """What works is well, what can be deployed over says so, what is stuck says the way out."""
    found = stage.stack(TARGET, stage.Deployed(deployed(status)), command)
    assert found.status == verdict
    assert status is None or status in found.message
    assert (found.fix is None) == (fix is None)
    assert fix is None or fix in (found.fix or "")


@pytest.mark.parametrize(
    "status", ["UPDATE_ROLLBACK_COMPLETE", "ROLLBACK_COMPLETE", "UPDATE_FAILED"]
)
def test_what_failed_first_is_named(status: str) -> None:
    """The resource and AWS's reason say what to mend before deploying again."""
    found = stage.stack(TARGET, stage.Deployed(deployed(status), FAILURE), command)
    assert found.message.endswith("; Cache (AWS::ElastiCache::User): no room")
    assert ".;" not in found.message


def test_the_stacks_own_reason_is_better_than_none() -> None:
    """Where nothing is known of what failed, CloudFormation's words are told."""
    found = stage.stack(TARGET, stage.Deployed(deployed("CREATE_FAILED", reason="so")), command)
    assert found.message.endswith("; so")


def test_finding_a_stack_that_failed(account: FakeAccount) -> None:
    """Its history is read, and the first failure found."""
    account.answers["DescribeStacks"] = stack_is("ROLLBACK_COMPLETE")
    account.answers["DescribeStackEvents"] = (200, EVENTS)
    found = stage.find(account.target)
    assert found.failure is not None
    assert (found.failure.logical_id, found.failure.reason) == ("Cache", "no room")


def test_finding_a_stack_whose_history_may_not_be_read(account: FakeAccount) -> None:
    """The state alone is told."""
    account.answers["DescribeStacks"] = stack_is("ROLLBACK_COMPLETE")
    found = stage.find(account.target)
    assert (found.status.status, found.failure) == ("ROLLBACK_COMPLETE", None)


def test_finding_a_stack_that_is_well(account: FakeAccount) -> None:
    """Nothing more is asked for."""
    account.answers["DescribeStacks"] = stack_is("CREATE_COMPLETE")
    assert stage.find(account.target).status.exists
    assert account.asked == ["DescribeStacks"]


@pytest.mark.parametrize(
    ("current", "local", "status", "fix"),
    [
        (True, True, "ok", None),
        (False, True, "warning", "deploy"),
        (False, False, "warning", "deploy"),
        (None, True, "warning", "deploy"),
        (None, False, "skipped", "diff"),
    ],
)
def test_whether_a_stack_is_up_to_date(
    current: bool | None, local: bool, status: str, fix: str | None
) -> None:
    """On this machine an unknown assembly means other sources; on AWS it means nothing."""
    target = Target("local") if local else TARGET
    found = stage.up_to_date(target, current, command)
    assert found.status == status
    assert found.fix == (None if fix is None else f"run: {command(fix)}")


def test_an_api_that_answers() -> None:
    """No session has the id that is asked for, and that is the answer of a platform."""
    with fake_aws() as aws:
        assert stage.api(aws.url).status == "ok"
        aws.boards["/leaderboard/doctor?top=1"] = {"entries": []}
        assert stage.api(aws.url).status == "ok"


def test_a_server_that_is_no_platform(account: FakeAccount) -> None:
    """Somebody else's 404 is not ours."""
    account.answers["/leaderboard/doctor"] = (404, '{"message": "Not Found"}')
    found = stage.api(account.url)
    assert found.status == "failed"
    assert "404" in found.message


def test_an_api_that_refuses_raises(account: FakeAccount) -> None:
    """Other refusals are the caller's to tell, as for any look."""
    with pytest.raises(CredentialsError):
        stage.api(account.url)
