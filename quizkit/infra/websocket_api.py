"""The WebSocket API: players' and hosts' live connection.

Routes are chosen by the message's `action`. The authorizer turns the ticket of the URL into
an identity when a connection opens, and every later message carries it. A function's return
value reaches the socket only where the route has a response, so the answering routes each
have one: acknowledgements need no callback.
"""

from __future__ import annotations

from collections.abc import Mapping

from aws_cdk import Fn
from aws_cdk import aws_apigatewayv2 as apigw
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from quizkit.infra.naming import Names, arn
from quizkit.infra.settings import Settings

# Route -> function. $connect and $disconnect cannot answer.
ROUTES: Mapping[str, str] = {
    "$connect": "connection",
    "$disconnect": "connection",
    "$default": "connection",
    "ping": "connection",
    "join_quiz": "connection",
    "submit_answer": "answer",
    "host": "control",
}
SILENT = ("$connect", "$disconnect")
# Messages a second; the account's own limit is 10,000 for all its APIs together.
_RATE = 5_000
_BURST = 5_000
_LOG_FORMAT = (
    '{"request":"$context.requestId","route":"$context.routeKey","status":"$context.status",'
    '"event":"$context.eventType","connection":"$context.connectionId",'
    '"error":"$context.integrationErrorMessage"}'
)


class WebSocketApi(Construct):
    """The API itself; `connect` adds routes once the functions exist."""

    def __init__(
        self, scope: Construct, construct_id: str, *, names: Names, settings: Settings
    ) -> None:
        super().__init__(scope, construct_id)
        self._names = names
        self._settings = settings
        self.api = apigw.CfnApi(
            self,
            "Api",
            name=f"{names.stack}-websocket",
            protocol_type="WEBSOCKET",
            route_selection_expression="$request.body.action",
        )

    def connect(self, functions: Mapping[str, lambda_.CfnFunction]) -> None:
        """Authorizer, integrations, routes, their responses, and the deployed stage."""
        authorizer = self._authorizer(functions["authorizer"])
        targets = {
            name: self._integration(name, functions[name])
            for name in dict.fromkeys(ROUTES.values())
        }
        stage = self._stage()
        for key, function in ROUTES.items():
            # One deployment with everything in it, instead of one for each route.
            stage.add_resource_dependency(self._route(key, targets[function], authorizer))

    def _authorizer(self, function: lambda_.CfnFunction) -> apigw.CfnAuthorizer:
        authorizer = apigw.CfnAuthorizer(
            self,
            "Authorizer",
            api_id=self.api.ref,
            name=f"{self._names.stack}-tickets",
            authorizer_type="REQUEST",
            authorizer_uri=_invocation_uri(function),
            identity_source=["route.request.querystring.ticket"],
        )
        self._permit("authorizer", function, "authorizers/${WebSocketAuthorizer}")
        return authorizer

    def _integration(self, name: str, function: lambda_.CfnFunction) -> apigw.CfnIntegration:
        self._permit(name, function, f"{self._names.stage}/*")
        return apigw.CfnIntegration(
            self,
            f"{name.capitalize()}Integration",
            api_id=self.api.ref,
            integration_type="AWS_PROXY",
            integration_uri=_invocation_uri(function),
        )

    def _permit(self, name: str, function: lambda_.CfnFunction, path: str) -> None:
        lambda_.CfnPermission(
            self,
            f"{name.capitalize()}Permission",
            action="lambda:InvokeFunction",
            function_name=function.ref,
            principal="apigateway.amazonaws.com",
            source_arn=Fn.sub(arn("execute-api", f"${{WebSocketApi}}/{path}")),
        )

    def _route(
        self, key: str, target: apigw.CfnIntegration, authorizer: apigw.CfnAuthorizer
    ) -> apigw.CfnRoute | apigw.CfnRouteResponse:
        """The route, or its response where it has one: what a deployment must wait for."""
        label = "".join(part.capitalize() for part in key.strip("$").split("_"))
        answers = key not in SILENT
        opens = key == "$connect"
        route = apigw.CfnRoute(
            self,
            f"{label}Route",
            api_id=self.api.ref,
            route_key=key,
            target=f"integrations/{target.ref}",
            authorization_type="CUSTOM" if opens else "NONE",
            authorizer_id=authorizer.ref if opens else None,
            route_response_selection_expression="$default" if answers else None,
        )
        if not answers:
            return route
        return apigw.CfnRouteResponse(
            self,
            f"{label}Response",
            api_id=self.api.ref,
            route_id=route.ref,
            route_response_key="$default",
        )

    def _stage(self) -> apigw.CfnStage:
        return apigw.CfnStage(
            self,
            "Stage",
            api_id=self.api.ref,
            stage_name=self._names.stage,
            auto_deploy=True,
            default_route_settings=apigw.CfnStage.RouteSettingsProperty(
                throttling_rate_limit=_RATE, throttling_burst_limit=_BURST
            ),
            access_log_settings=self._access_log(),
        )

    def _access_log(self) -> apigw.CfnStage.AccessLogSettingsProperty | None:
        if not self._settings.websocket_access_log:
            return None
        group = logs.CfnLogGroup(
            self,
            "AccessLog",
            log_group_name=self._names.api_log_group("websocket"),
            retention_in_days=14,
        )
        return apigw.CfnStage.AccessLogSettingsProperty(
            destination_arn=Fn.sub(arn("logs", "log-group:${Group}"), {"Group": group.ref}),
            format=_LOG_FORMAT,
        )


def _invocation_uri(function: lambda_.CfnFunction) -> str:
    return Fn.sub(
        "arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/"
        "${Function}/invocations",
        {"Function": function.attr_arn},
    )
