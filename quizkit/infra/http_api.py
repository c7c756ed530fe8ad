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
from constructs import Construct

from quizkit.infra import apis
from quizkit.infra.findings import acknowledge
from quizkit.infra.identity import Identity
from quizkit.infra.naming import Names
from quizkit.infra.settings import Settings

_RATE = 2_000
_LOG_FIELDS = {
    "request": "$context.requestId",
    "route": "$context.routeKey",
    "status": "$context.status",
    "latency_ms": "$context.responseLatency",
    "error": "$context.error.message",
    "integration_error": "$context.integrationErrorMessage",
}


@dataclass(frozen=True, slots=True)
class HttpRoute:
    """`label` names the resource; `guests`: for guests only.

    open_because: why it has no authorizer; empty for routes that ask for a token of the
        user pool.
    """

    label: str
    key: str
    function: str
    open_because: str = ""
    guests: bool = False

    @property
    def jwt(self) -> bool:
        """Whether the gateway asks for a token of the user pool."""
        return not self.open_because


ROUTES = (
    HttpRoute(
        "Join",
        "POST /join",
        "join",
        open_because="Guests have no account; the PIN lets them in, and a budget guards it.",
        guests=True,
    ),
    HttpRoute("JoinMember", "POST /join/member", "join"),
    HttpRoute(
        "Answer",
        "POST /answer",
        "answer",
        open_because="The bearer token is the participant's resume token, which the function"
        " checks; it is no token of the user pool.",
    ),
    HttpRoute(
        "Board",
        "GET /leaderboard/{session_id}",
        "board",
        open_because="A board is open to whoever knows the session's id, and never moves before"
        " a question closes.",
    ),
    HttpRoute("Host", "POST /host/{operation}", "admin"),
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
            stage.add_resource_dependency(self._route(route, targets[route.function], authorizer))

    def _route(
        self, route: HttpRoute, target: apigw.CfnIntegration, authorizer: apigw.CfnAuthorizer
    ) -> apigw.CfnRoute:
        resource = apigw.CfnRoute(
            self,
            f"{route.label}Route",
            api_id=self.api.ref,
            route_key=route.key,
            target=f"integrations/{target.ref}",
            authorization_type="JWT" if route.jwt else "NONE",
            authorizer_id=authorizer.ref if route.jwt else None,
        )
        if not route.jwt:
            acknowledge(resource, {"AwsSolutions-APIG4": route.open_because})
        return resource

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
        label = name.capitalize()
        apis.permit(self, label, function, "${HttpApi}/*")
        return apigw.CfnIntegration(
            self,
            f"{label}Integration",
            api_id=self.api.ref,
            integration_type="AWS_PROXY",
            integration_uri=function.attr_arn,
            payload_format_version="2.0",
        )

    def _stage(self) -> apigw.CfnStage:
        log = apis.AccessLog(self._names.api_log_group("http"), _LOG_FIELDS)
        return apis.stage(self, self.api, "$default", rate=_RATE, log=log)


def _cors(origins: tuple[str, ...]) -> apigw.CfnApi.CorsProperty | None:
    if not origins:
        return None
    return apigw.CfnApi.CorsProperty(
        allow_origins=list(origins),
        allow_methods=["GET", "POST"],
        allow_headers=["authorization", "content-type"],
        max_age=3600,
    )
