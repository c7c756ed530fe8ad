"""The whole way: this installation's own stack, synthesised and deployed to a real emulator."""

from __future__ import annotations

import urllib.error
import urllib.request
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from quizkit.local.differences import localise
from quizkit.sdk.deploy import (
    Progress,
    Step,
    deploy,
    destroy,
    diff,
    is_current,
    outputs,
    resources,
    status,
)
from quizkit.sdk.target import Target

#: What the contract promises, and what the SDK needs beside it.
OUTPUTS = {
    "WebSocketApiUrl",
    "HttpApiUrl",
    "UserPoolId",
    "UserPoolClientId",
    "MediaBucketName",
    "DashboardUrl",
    "AdminFunctionName",
    "WinnersTopicArn",
    "OperationsTopicArn",
}


@pytest.mark.slow
def test_the_stack_is_deployed_told_and_destroyed(target: Target, assemblies: Path) -> None:
    """The real stack comes up with the contract's outputs, is then unchanged, and goes again."""
    target = replace(target, stage="dev")
    assert target.endpoint_url is not None
    transform = partial(localise, gateway_url=target.endpoint_url, handlers_url=None)

    planned = diff(target, transform=transform, cache=assemblies)
    assert planned.action == "create"
    done = deploy(target, transform=transform, cache=assemblies)
    assert done.changed
    assert set(done.outputs) >= OUTPUTS
    assert done.outputs == outputs(target)

    found = status(target)
    assert found.exists
    assert {"AWS::DynamoDB::Table", "AWS::Lambda::Function"} <= {r.type for r in found.resources}
    assert resources(target) == found.resources

    # The URLs work from this machine: the API itself answers, if only that it has no such route.
    assert done.outputs["WebSocketApiUrl"].startswith(target.endpoint_url.replace("http", "ws"))
    request = urllib.request.Request(f"{done.outputs['HttpApiUrl']}/no-such-route")
    with pytest.raises(urllib.error.HTTPError) as answered, urllib.request.urlopen(request):
        pass
    assert answered.value.code == 404
    answered.value.close()

    assert diff(target, transform=transform, cache=assemblies).action == "unchanged"
    assert is_current(target, transform=transform, cache=assemblies) is True
    assert is_current(target, cache=assemblies) is False
    assert is_current(target, {"guests": False, "cache": False}, cache=assemblies) is None
    events: list[Progress] = []
    again = deploy(target, transform=transform, cache=assemblies, on_event=events.append)
    assert not again.changed
    assert again.outputs == done.outputs
    assert [e.name for e in events if isinstance(e, Step)] == ["synthesise", "unchanged"]

    assert destroy(target).existed
    assert not status(target).exists


@pytest.mark.slow
def test_a_changed_setting_is_a_difference(target: Target, assemblies: Path) -> None:
    """Settings of the stage reach the template, and `diff` names what they touch."""
    target = replace(target, stage="dev")
    plain = {c.logical_id for c in diff(target, {"cache": False}, cache=assemblies).changes}
    cached = {c.logical_id for c in diff(target, cache=assemblies).changes}
    assert plain < cached
