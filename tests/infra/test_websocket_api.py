"""S1: the WebSocket API."""

from __future__ import annotations

from typing import Any

import pytest

from quizkit.infra.websocket_api import ROUTES
from tests.infra.synthesis import Template, text

# Written out here, so that a route forgotten there is seen.
ANSWERING = ("$default", "ping", "join_quiz", "submit_answer", "host")
SILENT = ("$connect", "$disconnect")


def routes(template: Template) -> dict[str, dict[str, Any]]:
    """WebSocket routes by key, with their logical id under `id`."""
    return {
        route["RouteKey"]: {**route, "id": name}
        for name, route in template.of("ApiGatewayV2::Route").items()
        if route["ApiId"] == {"Ref": "WebSocketApi"}
    }


def test_the_action_chooses_the_route(dev: Template) -> None:
    """As the wire protocol says, with every action of it."""
    api = dev.of("ApiGatewayV2::Api")["WebSocketApi"]
    assert api["ProtocolType"] == "WEBSOCKET"
    assert api["RouteSelectionExpression"] == "$request.body.action"
    assert set(routes(dev)) == {*ANSWERING, *SILENT}


def test_connecting_needs_no_function(dev: Template) -> None:
    """`$connect` says yes to whoever has passed the authorizer: one invocation less a player."""
    target = text(routes(dev)["$connect"]["Target"])
    integration = dev.of("ApiGatewayV2::Integration")[target.removeprefix("integrations/${")[:-1]]
    assert integration["IntegrationType"] == "MOCK"
    assert integration["TemplateSelectionExpression"] == "\\$default"
    assert integration["RequestTemplates"] == {"$default": '{"statusCode": 200}'}
    assert "IntegrationUri" not in integration


@pytest.mark.parametrize(
    ("key", "function"), [(key, function) for key, function in ROUTES.items() if function]
)
def test_a_route_leads_to_its_function(dev: Template, key: str, function: str) -> None:
    """Through an integration that the function permits."""
    target = text(routes(dev)[key]["Target"])
    integration = dev.of("ApiGatewayV2::Integration")[target.removeprefix("integrations/${")[:-1]]
    assert integration["IntegrationType"] == "AWS_PROXY"
    resource = f"Functions{function.capitalize()}"
    assert integration["IntegrationUri"]["Fn::Sub"][1] == {
        "Function": {"Fn::GetAtt": [resource, "Arn"]}
    }
    permitted = [
        text(permission["SourceArn"])
        for permission in dev.of("Lambda::Permission").values()
        if permission["FunctionName"] == {"Ref": resource}
    ]
    assert any(arn.endswith(":${WebSocketApi}/dev/*") for arn in permitted)


def test_nobody_connects_without_a_ticket(dev: Template) -> None:
    """Reference flaw: no authorizer on any route."""
    connect = routes(dev)["$connect"]
    assert connect["AuthorizationType"] == "CUSTOM"
    assert connect["AuthorizerId"] == {"Ref": "WebSocketAuthorizer"}
    authorizer = dev.of("ApiGatewayV2::Authorizer")["WebSocketAuthorizer"]
    assert authorizer["AuthorizerType"] == "REQUEST"
    assert authorizer["IdentitySource"] == ["route.request.querystring.ticket"]
    assert authorizer["AuthorizerUri"]["Fn::Sub"][1] == {
        "Function": {"Fn::GetAtt": ["FunctionsAuthorizer", "Arn"]}
    }
    permission = dev.of("Lambda::Permission")["WebSocketAuthorizerPermission"]
    assert text(permission["SourceArn"]).endswith("/authorizers/${WebSocketAuthorizer}")


@pytest.mark.parametrize("key", ANSWERING)
def test_an_answering_route_has_a_response(dev: Template, key: str) -> None:
    """Without it, AWS sends a function's answer nowhere; the emulator hides the mistake."""
    route = routes(dev)[key]
    assert route["RouteResponseSelectionExpression"] == "$default"
    responses = [
        response
        for response in dev.of("ApiGatewayV2::RouteResponse").values()
        if response["RouteId"] == {"Ref": route["id"]}
    ]
    assert [response["RouteResponseKey"] for response in responses] == ["$default"]


def test_connecting_and_leaving_have_no_response(dev: Template) -> None:
    """There is no socket to answer on."""
    for key in SILENT:
        assert "RouteResponseSelectionExpression" not in routes(dev)[key]


def test_the_stage_deploys_by_itself_once_everything_is_there(dev: Template) -> None:
    """It waits for routes and responses, and is throttled below the account's limit."""
    stage = dev.resources["WebSocketStage"]
    assert stage["Properties"]["AutoDeploy"] is True
    assert stage["Properties"]["StageName"] == "dev"
    assert stage["Properties"]["DefaultRouteSettings"]["ThrottlingRateLimit"] < 10_000
    waited = set(stage["DependsOn"])
    assert {routes(dev)[key]["id"] for key in SILENT} <= waited
    assert set(dev.of("ApiGatewayV2::RouteResponse")) <= waited


def test_messages_are_logged_only_where_asked(dev: Template, prod: Template) -> None:
    """And without query strings, which hold tickets."""
    assert "AccessLogSettings" not in dev.resources["WebSocketStage"]["Properties"]
    settings = prod.resources["WebSocketStage"]["Properties"]["AccessLogSettings"]
    assert "query" not in settings["Format"].lower()
    assert "ticket" not in settings["Format"].lower()
