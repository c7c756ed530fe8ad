"""The HTTP API: joining, answering over a poor connection, boards, and hosts who sign in.

Routes for members and hosts carry a JWT authorizer of the stage's user pool; the handlers
check the hosts' group. Guests' routes are absent where the stage allows no guests. CORS
exists for the configured origins only. The access log has paths, never query strings.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from aws_cdk import Fn
from aws_cdk import aws_apigatewayv2 as apigw
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from quizkit.infra.identity import Identity
from quizkit.infra.naming import Names, arn
from quizkit.infra.settings import Settings

_RATE = 2_000
_BURST = 2_000
_LOG_FORMAT = (
    '{"request":"$context.requestId","route":"$context.routeKey","status":"$context.status",'
    '"latency_ms":"$context.responseLatency","error":"$context.error.message",'
    '"integration_error":"$context.integrationErrorMessage"}'
)


@dataclass(frozen=True, slots=True)
class HttpRoute:
    """`label` names the resource; `jwt`: a token of the user pool; `guests`: for guests only."""

    label: str
    key: str
    function: str
    jwt: bool = False
    guests: bool = False


ROUTES = (
    HttpRoute("Join", "POST /join", "join", guests=True),
    HttpRoute("JoinMember", "POST /join/member", "join", jwt=True),
    HttpRoute("Answer", "POST /answer", "answer"),
    HttpRoute("Board", "GET /leaderboard/{session_id}", "board"),
    HttpRoute("Host", "POST /host/{operation}", "admin", jwt=True),
)


class HttpApi(Construct):
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
            name=f"{names.stack}-http",
            protocol_type="HTTP",
            cors_configuration=_cors(settings.origins),
        )

    def connect(self, functions: Mapping[str, lambda_.CfnFunction], identity: Identity) -> None:
        """Authorizer, integrations, routes and the deployed stage."""
        authorizer = self._authorizer(identity)
        routes = [route for route in ROUTES if self._settings.guests or not route.guests]
        targets = {
            name: self._integration(name, functions[name])
            for name in dict.fromkeys(route.function for route in routes)
        }
        stage = self._stage()
        for route in routes:
            resource = apigw.CfnRoute(
                self,
                f"{route.label}Route",
                api_id=self.api.ref,
                route_key=route.key,
                target=f"integrations/{targets[route.function].ref}",
                authorization_type="JWT" if route.jwt else "NONE",
                authorizer_id=authorizer.ref if route.jwt else None,
            )
            stage.add_resource_dependency(resource)

    def _authorizer(self, identity: Identity) -> apigw.CfnAuthorizer:
        issuer = Fn.sub(
            "https://cognito-idp.${AWS::Region}.${AWS::URLSuffix}/${Pool}",
            {"Pool": identity.pool_id},
        )
        return apigw.CfnAuthorizer(
            self,
            "Authorizer",
            api_id=self.api.ref,
            name=f"{self._names.stack}-members",
            authorizer_type="JWT",
            identity_source=["$request.header.Authorization"],
            jwt_configuration=apigw.CfnAuthorizer.JWTConfigurationProperty(
                issuer=issuer, audience=[identity.client_id]
            ),
        )

    def _integration(self, name: str, function: lambda_.CfnFunction) -> apigw.CfnIntegration:
        lambda_.CfnPermission(
            self,
            f"{name.capitalize()}Permission",
            action="lambda:InvokeFunction",
            function_name=function.ref,
            principal="apigateway.amazonaws.com",
            source_arn=Fn.sub(arn("execute-api", "${HttpApi}/*")),
        )
        return apigw.CfnIntegration(
            self,
            f"{name.capitalize()}Integration",
            api_id=self.api.ref,
            integration_type="AWS_PROXY",
            integration_uri=function.attr_arn,
            payload_format_version="2.0",
        )

    def _stage(self) -> apigw.CfnStage:
        log = logs.CfnLogGroup(
            self,
            "AccessLog",
            log_group_name=self._names.api_log_group("http"),
            retention_in_days=14,
        )
        return apigw.CfnStage(
            self,
            "Stage",
            api_id=self.api.ref,
            stage_name="$default",
            auto_deploy=True,
            default_route_settings=apigw.CfnStage.RouteSettingsProperty(
                throttling_rate_limit=_RATE, throttling_burst_limit=_BURST
            ),
            access_log_settings=apigw.CfnStage.AccessLogSettingsProperty(
                destination_arn=Fn.sub(arn("logs", "log-group:${Group}"), {"Group": log.ref}),
                format=_LOG_FORMAT,
            ),
        )


def _cors(origins: tuple[str, ...]) -> apigw.CfnApi.CorsProperty | None:
    if not origins:
        return None
    return apigw.CfnApi.CorsProperty(
        allow_origins=list(origins),
        allow_methods=["GET", "POST"],
        allow_headers=["authorization", "content-type"],
        max_age=3600,
    )
