"""Comparing templates, and planning against a real emulator."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from quizkit.sdk.deploy.model import Assembly, Change
from quizkit.sdk.deploy.planner import FINGERPRINT, compare, condition, plan, render, stuck
from quizkit.sdk.target import Target

QUEUE = {"Type": "AWS::SQS::Queue", "Properties": {"DelaySeconds": 1}}


def test_templates_are_compared_by_resource_and_output() -> None:
    """Added, removed and modified things are told with the names of what differs."""
    old = {"Resources": {"A": QUEUE, "B": QUEUE, "Same": QUEUE}, "Outputs": {"O": {"Value": 1}}}
    new = {
        "Resources": {
            "A": {**QUEUE, "Properties": {"DelaySeconds": 2}, "DependsOn": "Same"},
            "C": {"Type": "AWS::SNS::Topic"},
            "Same": QUEUE,
        },
        "Outputs": {"O": {"Value": 2}},
    }
    assert compare(old, new) == (
        Change("modify", "A", "AWS::SQS::Queue", ("DelaySeconds", "DependsOn")),
        Change("remove", "B", "AWS::SQS::Queue"),
        Change("add", "C", "AWS::SNS::Topic"),
        Change("modify", "O", "Output", ("Value",)),
    )


def test_equal_templates_do_not_differ() -> None:
    """A template has no changes against itself, and the order of keys is none."""
    template = {"Resources": {"A": QUEUE, "B": QUEUE}}
    assert compare(template, {"Resources": dict(reversed(template["Resources"].items()))}) == ()


def test_the_fingerprint_covers_template_and_tags() -> None:
    """Another template or another tag is another fingerprint; the text is ASCII throughout."""
    assembly = Assembly("s", {"Resources": {"A": QUEUE}, "Description": "größer"}, tags={"a": "b"})
    body, fingerprint = render(assembly)
    assert body.isascii()
    assert json.loads(body)["Metadata"][FINGERPRINT] == fingerprint
    assert render(assembly)[1] == fingerprint
    assert render(replace(assembly, tags={"a": "c"}))[1] != fingerprint
    assert render(replace(assembly, template={"Resources": {}}))[1] != fingerprint


def test_planning_only_reads(target: Target) -> None:
    """A plan for a stage where nothing is deployed says create, and leaves nothing behind."""
    assembly = Assembly(target.stack_name, {"Resources": {"A": QUEUE}})
    made = plan(target, assembly)
    assert (made.action, made.status, made.delete_first) == ("create", None, False)
    assert made.changes == (Change("add", "A", "AWS::SQS::Queue"),)
    stacks = target.client("cloudformation").list_stacks()["StackSummaries"]
    assert target.stack_name not in [stack["StackName"] for stack in stacks]


def test_a_leftover_review_is_created_over(target: Target) -> None:
    """A stack that exists only as an unexecuted change set counts as not deployed."""
    body = json.dumps({"Resources": {"A": QUEUE}})
    target.client("cloudformation").create_change_set(
        StackName=target.stack_name, ChangeSetName="left", ChangeSetType="CREATE", TemplateBody=body
    )
    made = plan(target, Assembly(target.stack_name, {"Resources": {"A": QUEUE}}))
    assert (made.action, made.status) == ("create", "REVIEW_IN_PROGRESS")
    assert not made.delete_first


def test_a_stack_of_another_tool_is_updated(target: Target) -> None:
    """A stack without our fingerprint, say from `cdk deploy`, is compared and updated."""
    cloudformation = target.client("cloudformation")
    cloudformation.create_stack(
        StackName=target.stack_name, TemplateBody=json.dumps({"Resources": {"A": QUEUE}})
    )
    cloudformation.get_waiter("stack_create_complete").wait(
        StackName=target.stack_name, WaiterConfig={"Delay": 1}
    )
    changed = {"Resources": {"A": QUEUE, "B": QUEUE}}
    made = plan(target, Assembly(target.stack_name, changed))
    assert (made.action, made.changes) == ("update", (Change("add", "B", "AWS::SQS::Queue"),))


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (None, "absent"),
        ("REVIEW_IN_PROGRESS", "absent"),
        ("UPDATE_COMPLETE", "healthy"),
        ("UPDATE_ROLLBACK_COMPLETE", "undone"),
        ("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", "busy"),
        ("ROLLBACK_COMPLETE", "in_the_way"),
        ("UPDATE_ROLLBACK_FAILED", "stuck"),
    ],
)
def test_a_status_has_one_meaning(status: str | None, expected: str) -> None:
    """What a deployment does about a stack follows from its status alone."""
    assert condition(status) == expected


@pytest.mark.parametrize(
    ("status", "way_out"),
    [
        ("UPDATE_ROLLBACK_FAILED", "aws cloudformation continue-update-rollback --stack-name s"),
        ("UPDATE_FAILED", "aws cloudformation rollback-stack --stack-name s"),
        ("IMPORT_ROLLBACK_FAILED", "console"),
    ],
)
def test_a_stuck_stack_has_a_way_out(status: str, way_out: str) -> None:
    """The error says what to type, as far as there is something."""
    error = stuck(Target("aws", region="eu-west-1"), "s", status)
    assert status in error.message
    assert way_out in (error.hint or "")
