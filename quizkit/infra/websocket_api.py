"""The WebSocket API: players' and hosts' live connection.

Routes are chosen by the message's `action`. The authorizer turns the ticket of the URL into
an identity when a connection opens, and every later message carries it. A function's return
value reaches the socket only where the route has a response, so the answering routes each
have one: acknowledgements need no callback.

Messages are logged only where the stage asks for it (`Settings.websocket_access_log`): unlike
an HTTP API's, this log needs a role that belongs to the whole account and region.
"""

from __future__ import annotations

from collections.abc import Mapping

from aws_cdk import Fn
from aws_cdk import aws_apigatewayv2 as apigw
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from quizkit.infra import apis
from quizkit.infra.findings import acknowledge
from quizkit.infra.naming import Names
from quizkit.infra.settings import Settings

# Route -> function, or none: $connect is settled by the authorizer, and a function behind it
# would only cost every player another invocation. It and $disconnect cannot answer.
ROUTES: Mapping[str, str | None] = {
    "$connect": None,
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
_LOG_FIELDS = {
    "request": "$context.requestId",
    "route": "$context.routeKey",
    "status": "$context.status",
    "event": "$context.eventType",
    "connection": "$context.connectionId",
    "error": "$context.integrationErrorMessage",
}
_BEHIND_CONNECT = (
    "An authorizer can sit on $connect only. Whoever sends on a socket has passed it, and every"
    " message carries the identity that it gave."
)
_UNLOGGED = (
    "The setting websocket_access_log is off: this log needs a role for the whole account and"
    " region, and a stack that set it would change it for every other API there. The functions"
    " log what they do."
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
            name: self._integration(name, functions[name]) if name else self._consent()
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
        apis.permit(
            self, "Authorizer", function, "${WebSocketApi}/authorizers/${WebSocketAuthorizer}"
        )
        return authorizer

    def _integration(self, name: str, function: lambda_.CfnFunction) -> apigw.CfnIntegration:
        label = name.capitalize()
        apis.permit(self, label, function, f"${{WebSocketApi}}/{self._names.stage}/*")
        return apigw.CfnIntegration(
            self,
            f"{label}Integration",
            api_id=self.api.ref,
            integration_type="AWS_PROXY",
            integration_uri=_invocation_uri(function),
        )

    def _consent(self) -> apigw.CfnIntegration:
        """Says yes without a function."""
        return apigw.CfnIntegration(
            self,
            "ConsentIntegration",
            api_id=self.api.ref,
            integration_type="MOCK",
            request_templates={"$default": '{"statusCode": 200}'},
            passthrough_behavior="WHEN_NO_MATCH",
            template_selection_expression="\\$default",
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
        if not opens:
            acknowledge(route, {"AwsSolutions-APIG4": _BEHIND_CONNECT})
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
        logged = self._settings.websocket_access_log
        log = apis.AccessLog(self._names.api_log_group("websocket"), _LOG_FIELDS)
        stage = apis.stage(
            self, self.api, self._names.stage, rate=_RATE, log=log if logged else None
        )
        if not logged:
            rules = ("AwsSolutions-APIG1", "Serverless-APIGWAccessLogging")
            acknowledge(stage, dict.fromkeys(rules, _UNLOGGED))
        return stage


def _invocation_uri(function: lambda_.CfnFunction) -> str:
    return Fn.sub(
        "arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/"
        "${Function}/invocations",
        {"Function": function.attr_arn},
    )
