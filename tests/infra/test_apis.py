"""What both APIs share: permissions, access logs, stages."""

from __future__ import annotations

import json
from typing import Any

from tests.infra.synthesis import Template, text

#: Variables of the gateway that hold no secret: none of a request's query, headers or body.
HARMLESS = {
    "$context.connectionId",
    "$context.error.message",
    "$context.eventType",
    "$context.integrationErrorMessage",
    "$context.requestId",
    "$context.responseLatency",
    "$context.routeKey",
    "$context.status",
}


def stages(template: Template) -> dict[str, dict[str, Any]]:
    """The APIs' stages by logical id."""
    return template.of("ApiGatewayV2::Stage")


def test_access_logs_hold_nothing_that_opens_a_door(prod: Template) -> None:
    """Each line is JSON of harmless fields: no ticket, no token, no address."""
    assert len(stages(prod)) == 2
    for stage in stages(prod).values():
        line = json.loads(stage["AccessLogSettings"]["Format"])
        assert set(line.values()) <= HARMLESS
        assert "$context.requestId" in line.values()


def test_access_logs_go_to_groups_of_the_stage(prod: Template) -> None:
    """Under the prefix that spares the account's log policy, and for a while only."""
    for name, api in (("HttpStage", "http"), ("WebSocketStage", "websocket")):
        settings = stages(prod)[name]["AccessLogSettings"]
        template, values = settings["DestinationArn"]["Fn::Sub"]
        assert template.endswith(":log-group:${Group}")
        group = prod.of("Logs::LogGroup")[values["Group"]["Ref"]]
        assert group["LogGroupName"] == f"/aws/vendedlogs/quizkit-prod-{api}"
        assert group["RetentionInDays"] == 14


def test_stages_are_throttled_and_deploy_themselves(dev: Template) -> None:
    """Below the 10,000 requests a second that the account's APIs share."""
    assert len(stages(dev)) == 2
    for stage in stages(dev).values():
        limits = stage["DefaultRouteSettings"]
        assert 0 < limits["ThrottlingRateLimit"] < 10_000
        assert 0 < limits["ThrottlingBurstLimit"] <= limits["ThrottlingRateLimit"]
        assert "RouteSettings" not in stage  # no route goes around them
        assert stage["AutoDeploy"] is True


def test_only_the_gateway_may_call_functions_and_only_for_these_apis(dev: Template) -> None:
    """A permission without a source would let any API of any account in."""
    permissions = dev.of("Lambda::Permission").values()
    assert permissions
    for permission in permissions:
        assert permission["Principal"] == "apigateway.amazonaws.com"
        assert permission["Action"] == "lambda:InvokeFunction"
        source = text(permission["SourceArn"])
        assert ":execute-api:${AWS::Region}:${AWS::AccountId}:${" in source
