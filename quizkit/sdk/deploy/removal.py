"""Taking a stage away: its buckets' content, the stack, and the assets bucket.

CloudFormation deletes no bucket that holds anything, so buckets are emptied first, all
versions of all objects, unless the template retains them. What the template retains stays.
"""

from __future__ import annotations

from quizkit.sdk.deploy import assets, stacks
from quizkit.sdk.deploy.model import Destroyed, OnEvent, Resource, Step
from quizkit.sdk.target import Target


def delete(target: Target, stack: str, on_event: OnEvent) -> None:
    """Delete a stack and wait until it is gone.

    Raises:
        DeploymentFailed: something in it cannot be deleted.
    """
    described = stacks.describe(target, stack)
    if described is None:
        return
    stack_id = described["StackId"]
    follower = stacks.Follower(target, stack_id, on_event)
    target.client("cloudformation").delete_stack(StackName=stack_id)
    follower.wait().require(("DELETE_COMPLETE",), stack, "deleted")


def destroy(target: Target, on_event: OnEvent) -> Destroyed:
    """Delete the stage's stack with everything that it does not retain."""
    name = target.stack_name
    definitions = stacks.template(target, name).get("Resources", {})
    retained: list[Resource] = []
    for resource in stacks.resources(target, name):
        policy = definitions.get(resource.logical_id, {}).get("DeletionPolicy", "Delete")
        if policy in ("Retain", "RetainExceptOnCreate"):
            retained.append(resource)
        elif resource.type == "AWS::S3::Bucket" and resource.physical_id:
            on_event(Step("empty", f"emptying {resource.physical_id}"))
            assets.empty_bucket(target, resource.physical_id)
    on_event(Step("delete", f"deleting {name}"))
    delete(target, name, on_event)
    delete_assets(target, on_event)
    return Destroyed(existed=True, retained=tuple(retained))


def delete_assets(target: Target, on_event: OnEvent) -> None:
    """Delete the stage's assets bucket, if there is one."""
    account = target.account()
    bucket = assets.bucket_name(target, account)
    if assets.delete_bucket(target, bucket, account):
        on_event(Step("delete", f"deleted {bucket}"))


def unprotect(target: Target) -> None:
    """Take the stack's termination protection away."""
    target.client("cloudformation").update_termination_protection(
        StackName=target.stack_name, EnableTerminationProtection=False
    )
