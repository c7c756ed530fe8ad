"""What both APIs are made of: permission to be called, access log, deployed stage.

The access logs hold what is needed to follow a request and nothing that opens a door: no
query string (tickets), no header (tokens), no body, no address of a caller.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from aws_cdk import Fn
from aws_cdk import aws_apigatewayv2 as apigw
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from quizkit.infra.naming import arn

ACCESS_LOG_DAYS = 14


@dataclass(frozen=True, slots=True)
class AccessLog:
    """Name of the log group, and each line's fields: name → the gateway's variable."""

    group: str
    fields: Mapping[str, str]


def permit(scope: Construct, label: str, function: lambda_.CfnFunction, path: str) -> None:
    """Let an API call a function; `path` is `Fn::Sub` text behind the API's ARN."""
    lambda_.CfnPermission(
        scope,
        f"{label}Permission",
        action="lambda:InvokeFunction",
        function_name=function.ref,
        principal="apigateway.amazonaws.com",
        source_arn=Fn.sub(arn("execute-api", path)),
    )


def stage(
    scope: Construct, api: apigw.CfnApi, name: str, *, rate: int, log: AccessLog | None
) -> apigw.CfnStage:
    """The stage that deploys itself and takes at most `rate` requests a second."""
    return apigw.CfnStage(
        scope,
        "Stage",
        api_id=api.ref,
        stage_name=name,
        auto_deploy=True,
        default_route_settings=apigw.CfnStage.RouteSettingsProperty(
            throttling_rate_limit=rate, throttling_burst_limit=rate
        ),
        access_log_settings=_access_log(scope, log) if log else None,
    )


def _access_log(scope: Construct, log: AccessLog) -> apigw.CfnStage.AccessLogSettingsProperty:
    group = logs.CfnLogGroup(
        scope, "AccessLog", log_group_name=log.group, retention_in_days=ACCESS_LOG_DAYS
    )
    return apigw.CfnStage.AccessLogSettingsProperty(
        destination_arn=Fn.sub(arn("logs", "log-group:${Group}"), {"Group": group.ref}),
        format=json.dumps(dict(log.fields), separators=(",", ":")),
    )
