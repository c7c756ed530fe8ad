"""The host's view of a running MiniStack."""

from __future__ import annotations

import time

import pytest

from quizkit.local.hosting.ministack import MiniStack
from quizkit.local.hosting.shipping import Line, SinkError
from tests.local.cloud import Cloud


@pytest.fixture
def ministack(cloud: Cloud) -> MiniStack:
    """The running MiniStack."""
    ministack = MiniStack(cloud.status.gateway_url, iam=False)
    ministack.stream = "stream"
    return ministack


def test_settings_are_those_on_record(cloud: Cloud, ministack: MiniStack) -> None:
    """Handler, variables and memory come from MiniStack; an unknown function is none."""
    name = cloud.hosted_function(variables={"STAGE": "dev"})
    settings = ministack.settings(name)
    assert settings is not None
    assert settings.handler == "sample_functions.handler"
    assert settings.variables["STAGE"] == "dev"
    assert settings.memory_mb == 256
    assert settings == ministack.settings(name)
    assert ministack.settings("nobody") is None


def test_only_functions_of_this_host_are_hosted(cloud: Cloud, ministack: MiniStack) -> None:
    """Functions that run natively are not ours to warm."""
    hosted = cloud.hosted_function()
    native = cloud.native_function("def handler(event, context): pass\n")
    names = ministack.hosted(cloud.status.handlers_url)
    assert hosted in names
    assert native not in names


def test_lines_make_group_and_stream_once(cloud: Cloud, ministack: MiniStack) -> None:
    """Lines arrive with or without a log group made before, in every batch."""
    name = cloud.hosted_function()
    now = int(time.time() * 1000)
    ministack.put_lines(name, [Line(name, "r1", now, "first")])
    ministack.put_lines(name, [Line(name, "r2", now, "second")])
    again = MiniStack(cloud.status.gateway_url, iam=False)
    again.stream = "stream"
    again.put_lines(name, [Line(name, "r3", now, "third")])
    found = cloud.client("logs").filter_log_events(logGroupName=f"/aws/lambda/{name}")
    assert [event["message"] for event in found["events"]] == ["first", "second", "third"]


def test_refusals_are_the_sinks_error(ministack: MiniStack) -> None:
    """What MiniStack refuses is no exception of botocore's outside."""
    with pytest.raises(SinkError):
        ministack.put_metrics("", [{}])
