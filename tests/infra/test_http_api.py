"""S2: the HTTP API."""

from __future__ import annotations

from typing import Any

import pytest

from quizkit.infra.http_api import ROUTES, HttpRoute
from tests.infra.synthesis import Template, text

OPEN = {"POST /join", "POST /answer", "GET /leaderboard/{session_id}"}
SIGNED_IN = {"POST /join/member", "POST /host/{operation}"}


def routes(template: Template) -> dict[str, dict[str, Any]]:
    """HTTP routes by key."""
    return {
        route["RouteKey"]: route
        for route in template.of("ApiGatewayV2::Route").values()
        if route["ApiId"] == {"Ref": "HttpApi"}
    }


def test_the_routes_are_those_of_the_contract(dev: Template) -> None:
    """No more doors than promised."""
    assert set(routes(dev)) == OPEN | SIGNED_IN


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.key)
def test_a_route_leads_to_its_function(dev: Template, route: HttpRoute) -> None:
    """Through an integration that the function permits."""
    target = text(routes(dev)[route.key]["Target"])
    integration = dev.of("ApiGatewayV2::Integration")[target.removeprefix("integrations/${")[:-1]]
    resource = f"Functions{route.function.capitalize()}"
    assert text(integration["IntegrationUri"]) == f"${{{resource}.Arn}}"
    assert integration["PayloadFormatVersion"] == "2.0"
    permitted = [
        text(permission["SourceArn"])
        for permission in dev.of("Lambda::Permission").values()
        if permission["FunctionName"] == {"Ref": resource}
    ]
    assert any(arn.endswith(":${HttpApi}/*") for arn in permitted)


def test_members_and_hosts_show_a_token_of_the_pool(dev: Template) -> None:
    """The gateway checks signature, issuer and audience; open routes ask for none."""
    for key, route in routes(dev).items():
        assert route["AuthorizationType"] == ("JWT" if key in SIGNED_IN else "NONE")
        assert ("AuthorizerId" in route) is (key in SIGNED_IN)
    authorizer = dev.of("ApiGatewayV2::Authorizer")["HttpAuthorizer"]
    assert authorizer["AuthorizerType"] == "JWT"
    assert authorizer["JwtConfiguration"]["Audience"] == [{"Ref": "IdentityClient"}]
    issuer, values = authorizer["JwtConfiguration"]["Issuer"]["Fn::Sub"]
    assert issuer == "https://cognito-idp.${AWS::Region}.${AWS::URLSuffix}/${Pool}"
    assert values == {"Pool": {"Ref": "IdentityPool"}}


def test_cors_is_for_configured_origins_only(dev: Template, prod: Template) -> None:
    """Reference flaw: CORS `*`."""
    assert "CorsConfiguration" not in dev.of("ApiGatewayV2::Api")["HttpApi"]
    cors = prod.of("ApiGatewayV2::Api")["HttpApi"]["CorsConfiguration"]
    assert cors["AllowOrigins"] == ["https://quiz.example.org"]
    assert "*" not in [*cors["AllowHeaders"], *cors["AllowMethods"]]
    assert not cors.get("AllowCredentials")


def test_guests_have_no_door_where_the_stage_allows_none(lean: Template) -> None:
    """Members still join."""
    assert "POST /join" not in routes(lean)
    assert "POST /join/member" in routes(lean)


def test_requests_are_throttled_and_logged_without_query_strings(dev: Template) -> None:
    """Access logs must not become a store of tokens."""
    stage = dev.resources["HttpStage"]["Properties"]
    assert stage["StageName"] == "$default"
    assert stage["AutoDeploy"] is True
    assert stage["DefaultRouteSettings"]["ThrottlingRateLimit"] > 0
    log = stage["AccessLogSettings"]["Format"]
    assert "query" not in log.lower()
    assert "authorization" not in log.lower()
    assert dev.of("Logs::LogGroup")["HttpAccessLog"]["RetentionInDays"] > 0
