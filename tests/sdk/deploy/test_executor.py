"""Deploying small stacks to a real emulator."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from quizkit.sdk.deploy import Assembly, Changes, Progress, StackEvent, Step, deploy_assembly
from quizkit.sdk.deploy.executor import MAX_BODY
from quizkit.sdk.deploy.model import Asset
from quizkit.sdk.errors import DeploymentFailed
from quizkit.sdk.target import Target


def queue(target: Target, name: str, **properties: Any) -> dict[str, Any]:
    """A queue whose name carries the stage."""
    return {
        "Type": "AWS::SQS::Queue",
        "Properties": {"QueueName": f"{target.stack_name}-{name}", **properties},
    }


def assembly(target: Target, **resources: Any) -> Assembly:
    """A stack of these resources with one output."""
    return Assembly(
        stack_name=target.stack_name,
        template={
            "Resources": resources,
            "Outputs": {"First": {"Value": {"Ref": next(iter(resources))}}},
        },
        tags={"Project": "quizkit", "Environment": target.stage},
    )


BROKEN = {
    "Type": "AWS::Cognito::UserPoolGroup",
    "Properties": {"UserPoolId": "us-east-1_none", "GroupName": "hosts"},
}


def kinds(events: list[Progress]) -> list[str]:
    """The names of the steps, in order."""
    return [event.name for event in events if isinstance(event, Step)]


def test_a_new_stack_is_created_and_told(target: Target) -> None:
    """A first deployment goes through a change set, tells its events and gives the outputs."""
    events: list[Progress] = []
    done = deploy_assembly(
        target, assembly(target, Queue=queue(target, "a")), on_event=events.append
    )
    assert done.changed
    assert done.outputs["First"].endswith(f"{target.stack_name}-a")
    assert kinds(events) == ["change_set", "execute"]
    changes = [event for event in events if isinstance(event, Changes)]
    assert [(c.action, c.logical_id) for c in changes[0].changes] == [("add", "Queue")]
    told = [event for event in events if isinstance(event, StackEvent)]
    assert told[0].status == "CREATE_IN_PROGRESS"
    assert told[-1].status == "CREATE_COMPLETE"
    assert told[-1].logical_id == target.stack_name
    assert ("Queue", "CREATE_COMPLETE") in [(e.logical_id, e.status) for e in told]


def test_an_unchanged_stack_makes_no_change_set(target: Target) -> None:
    """The same assembly again returns at once, with the outputs."""
    wanted = assembly(target, Queue=queue(target, "a"))
    first = deploy_assembly(target, wanted)
    events: list[Progress] = []
    again = deploy_assembly(target, wanted, on_event=events.append)
    assert not again.changed
    assert again.outputs == first.outputs
    assert kinds(events) == ["unchanged"]


def test_an_update_tells_only_its_own_events(target: Target) -> None:
    """An update adds and removes what the templates say, and repeats no older event."""
    deploy_assembly(target, assembly(target, Queue=queue(target, "a")))
    events: list[Progress] = []
    done = deploy_assembly(
        target,
        assembly(target, Queue=queue(target, "a", DelaySeconds=5), Other=queue(target, "b")),
        on_event=events.append,
    )
    assert {(c.action, c.logical_id) for c in done.changes} == {
        ("modify", "Queue"),
        ("add", "Other"),
    }
    told = [event for event in events if isinstance(event, StackEvent)]
    assert told[0].status == "UPDATE_IN_PROGRESS"
    assert told[-1].status == "UPDATE_COMPLETE"
    sqs = target.client("sqs")
    url = sqs.get_queue_url(QueueName=f"{target.stack_name}-a")["QueueUrl"]
    attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["DelaySeconds"])
    assert attributes["Attributes"]["DelaySeconds"] == "5"


def test_metadata_alone_is_no_change(target: Target) -> None:
    """Where CloudFormation sees no change in the change set, the deployment is unchanged."""
    wanted = assembly(target, Queue=queue(target, "a"))
    deploy_assembly(target, wanted)
    described = {**wanted.template, "Metadata": {"note": "nothing that is deployed"}}
    events: list[Progress] = []
    done = deploy_assembly(target, replace(wanted, template=described), on_event=events.append)
    assert not done.changed
    assert kinds(events) == ["change_set", "unchanged"]


def test_a_failed_creation_names_the_culprit_and_can_be_repeated(target: Target) -> None:
    """The first failure's reason is raised; the next attempt clears what it left and succeeds."""
    broken = assembly(target, Queue=queue(target, "a"), Broken=BROKEN)
    with pytest.raises(DeploymentFailed) as failed:
        deploy_assembly(target, broken)
    assert failed.value.resource == "Broken"
    assert failed.value.reason
    assert failed.value.reason in failed.value.message
    events: list[Progress] = []
    done = deploy_assembly(
        target, assembly(target, Queue=queue(target, "a")), on_event=events.append
    )
    assert done.changed
    assert kinds(events) == ["delete", "change_set", "execute"]


def test_a_failed_creation_leaves_no_retained_resource(target: Target) -> None:
    """What a protected stage would retain does not survive a creation that failed."""
    kept = {**queue(target, "a"), "DeletionPolicy": "Retain"}
    group = {**BROKEN, "DependsOn": "Kept"}
    with pytest.raises(DeploymentFailed):
        deploy_assembly(target, assembly(target, Kept=kept, Broken=group))
    listed = target.client("sqs").list_queues(QueueNamePrefix=target.stack_name)
    assert not listed.get("QueueUrls")


def test_a_failed_update_is_rolled_back(target: Target) -> None:
    """A failed update raises its reason and leaves the stack as it was, ready for the next."""
    good = assembly(target, Queue=queue(target, "a"))
    deploy_assembly(target, good)
    with pytest.raises(DeploymentFailed) as failed:
        deploy_assembly(target, assembly(target, Queue=queue(target, "a"), Broken=BROKEN))
    assert failed.value.resource == "Broken"
    deploy_assembly(target, good)


def test_a_template_that_cannot_be_is_refused(target: Target) -> None:
    """CloudFormation's own words about a template reach the caller, and no stack is left."""
    wrong = assembly(target, Thing={"Type": "AWS::Nothing::OfTheKind"})
    with pytest.raises(DeploymentFailed, match="AWS::Nothing::OfTheKind"):
        deploy_assembly(target, wrong)
    done = deploy_assembly(target, assembly(target, Queue=queue(target, "a")))
    assert done.changed


def test_assets_are_uploaded_once(target: Target, tmp_path: Path) -> None:
    """An asset goes into the stage's bucket before the stack, and not a second time."""
    code = tmp_path / "code"
    code.mkdir()
    (code / "app.py").write_text("def handler(event, context): return 1\n", "utf-8")
    asset = Asset(
        code, True, f"{target.stack_name}-assets-${{AWS::AccountId}}-${{AWS::Region}}", "k.zip"
    )
    bucket = f"{target.stack_name}-assets-000000000000-{target.region}"
    wanted = replace(assembly(target, Queue=queue(target, "a")), assets=(asset,))
    events: list[Progress] = []
    deploy_assembly(target, wanted, on_event=events.append)
    assert kinds(events) == ["upload", "change_set", "execute"]
    stored = target.client("s3").get_object(Bucket=bucket, Key="k.zip")["Body"].read()
    archive = tmp_path / "k.zip"
    archive.write_bytes(stored)
    with ZipFile(archive) as opened:
        assert opened.namelist() == ["app.py"]
    events.clear()
    changed = replace(assembly(target, Queue=queue(target, "a", DelaySeconds=1)), assets=(asset,))
    deploy_assembly(target, changed, on_event=events.append)
    assert kinds(events) == ["change_set", "execute"]


def test_a_large_template_goes_through_the_bucket(target: Target) -> None:
    """A template above CloudFormation's limit for requests is deployed all the same."""
    wanted = assembly(target, Queue=queue(target, "a"))
    padded = {**wanted.template, "Metadata": {"padding": ["x" * 1000] * 60}}
    done = deploy_assembly(target, replace(wanted, template=padded))
    assert done.changed
    bucket = f"{target.stack_name}-assets-000000000000-{target.region}"
    (kept,) = target.client("s3").list_objects_v2(Bucket=bucket)["Contents"]
    assert kept["Size"] > MAX_BODY
    assert not deploy_assembly(target, replace(wanted, template=padded)).changed


def test_a_protected_stack_gets_termination_protection(target: Target) -> None:
    """Protection follows the assembly, on and off, also where nothing else changes."""
    wanted = assembly(target, Queue=queue(target, "a"))
    cloudformation = target.client("cloudformation")
    for protected in (True, False):
        deploy_assembly(target, replace(wanted, protected=protected))
        (stack,) = cloudformation.describe_stacks(StackName=target.stack_name)["Stacks"]
        assert stack["EnableTerminationProtection"] is protected
