"""Destroying stages on a real emulator."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from quizkit.sdk.deploy import (
    Assembly,
    Progress,
    StackEvent,
    Step,
    deploy_assembly,
    destroy,
    outputs,
    status,
)
from quizkit.sdk.deploy.assets import bucket_name, ensure_bucket
from quizkit.sdk.errors import Conflict, NotFound
from quizkit.sdk.target import Target

ACCOUNT = "000000000000"


def stage_with_media(target: Target, **attributes: Any) -> Assembly:
    """A stack of one versioned bucket."""
    bucket = {
        "Type": "AWS::S3::Bucket",
        "Properties": {
            "BucketName": f"{target.stack_name}-media",
            "VersioningConfiguration": {"Status": "Enabled"},
        },
        **attributes,
    }
    return Assembly(
        target.stack_name,
        {"Resources": {"Media": bucket}, "Outputs": {"Name": {"Value": {"Ref": "Media"}}}},
    )


def fill(target: Target) -> None:
    """Put something into the media bucket, twice."""
    for body in (b"1", b"2"):
        target.client("s3").put_object(Bucket=f"{target.stack_name}-media", Key="k", Body=body)


def buckets(target: Target) -> set[str]:
    """The stage's buckets."""
    listed = target.client("s3").list_buckets()["Buckets"]
    return {item["Name"] for item in listed if item["Name"].startswith(target.stack_name)}


def test_a_stage_goes_with_media_and_assets(target: Target) -> None:
    """Destroying empties versioned buckets, deletes the stack and the assets bucket."""
    deploy_assembly(target, stage_with_media(target))
    fill(target)
    ensure_bucket(target, bucket_name(target, ACCOUNT), ACCOUNT)
    events: list[Progress] = []
    gone = destroy(target, on_event=events.append)
    assert gone.existed
    assert gone.retained == ()
    assert buckets(target) == set()
    assert not status(target).exists
    assert [e.name for e in events if isinstance(e, Step)] == ["empty", "delete", "delete"]
    told = [e for e in events if isinstance(e, StackEvent)]
    assert told[-1].status == "DELETE_COMPLETE"


def test_retained_media_stays_untouched(target: Target) -> None:
    """What the template retains is neither emptied nor deleted, and is named."""
    deploy_assembly(target, stage_with_media(target, DeletionPolicy="Retain"))
    fill(target)
    gone = destroy(target)
    assert [resource.logical_id for resource in gone.retained] == ["Media"]
    answer = target.client("s3").get_object(Bucket=f"{target.stack_name}-media", Key="k")
    assert answer["Body"].read() == b"2"


def test_nothing_deployed_is_nothing_to_destroy(target: Target) -> None:
    """Destroying what is not there succeeds and says so; a left assets bucket goes too."""
    ensure_bucket(target, bucket_name(target, ACCOUNT), ACCOUNT)
    assert not destroy(target).existed
    assert buckets(target) == set()


def test_a_protected_stage_wants_its_name(target: Target) -> None:
    """Without the stage's own name a protected stage stays whole."""
    deploy_assembly(target, replace(stage_with_media(target), protected=True))
    fill(target)
    for wrong in (None, "", "yes", target.stack_name):
        with pytest.raises(Conflict) as refused:
            destroy(target, confirmation=wrong)
        assert refused.value.code == "stage_protected"
    answer = target.client("s3").get_object(Bucket=f"{target.stack_name}-media", Key="k")
    assert answer["Body"].read() == b"2"
    assert destroy(target, confirmation=target.stage).existed


def test_outputs_of_nothing_are_not_found(target: Target) -> None:
    """No stack is told as not found, with the command that makes one."""
    with pytest.raises(NotFound) as refused:
        outputs(target)
    assert refused.value.hint == f"run: quizkit --stage {target.stage} deploy"


def test_a_stage_can_be_deployed_again(target: Target) -> None:
    """After a destroy the same stage deploys as new."""
    for _ in range(2):
        assert deploy_assembly(target, stage_with_media(target)).changed
        assert outputs(target) == {"Name": f"{target.stack_name}-media"}
        assert destroy(target).existed
