"""The table of doors against the stack: every door has a row, and gateway and IAM keep to it."""

from __future__ import annotations

from typing import Any

import pytest

from quizkit.core.doors import DOORS, EVENT_ACTIONS, Door, Role, Verdict
from quizkit.infra import http_api, websocket_api
from quizkit.infra.function_table import FUNCTIONS
from quizkit.lambdas.services.hosting import OPERATIONS
from tests.infra.synthesis import Template, as_list, text

#: Services, which act for those whom the table names.
SERVICES = {
    "apigateway.amazonaws.com",
    "events.amazonaws.com",
}
SIGNED_IN = (Role.PLAYER, Role.OTHER_PLAYER, Role.OTHER_HOST, Role.HOST)


def names(prefix: str) -> set[str]:
    """What the table names behind a prefix."""
    return {name.removeprefix(prefix) for name in DOORS if name.startswith(prefix)}


def routes(template: Template, api: str) -> dict[str, dict[str, Any]]:
    """Routes of one API by key."""
    found = template.of("ApiGatewayV2::Route").values()
    return {route["RouteKey"]: route for route in found if route["ApiId"] == {"Ref": api}}


def doors_of(key: str) -> list[Door]:
    """The rows behind an HTTP route: one, or one an operation."""
    if key.endswith("{operation}"):
        return [door for name, door in DOORS.items() if name.startswith("POST /host/")]
    return [DOORS[key]]


def test_every_route_has_a_row_and_every_row_a_route(dev: Template) -> None:
    """A route that nobody decided about fails here."""
    assert {route.key for route in http_api.ROUTES} == set(routes(dev, "HttpApi"))
    rows = {name for name in DOORS if name.startswith(("GET ", "POST "))}
    operations = {f"POST /host/{name}" for name in OPERATIONS}
    assert rows - operations == {route.key for route in http_api.ROUTES}
    sockets = set(websocket_api.ROUTES)
    assert sockets == set(routes(dev, "WebSocketApi"))
    assert names("socket ") == sockets - {"host"}
    assert names("host ")


def test_every_operation_has_its_rows() -> None:
    """Over HTTP for hosts who signed in, by a direct call for admins."""
    for prefix in ("POST /host/", "invoke "):
        assert names(prefix) == {*OPERATIONS, "{operation}"}
    assert names("event ") == set(EVENT_ACTIONS)


def test_every_function_has_a_row() -> None:
    """A direct call of it is a door, too; the admin function's has a row an operation."""
    assert names("function ") == {spec.name for spec in FUNCTIONS} - {"admin"}


@pytest.mark.parametrize("route", http_api.ROUTES, ids=lambda route: route.key)
def test_the_gateway_asks_for_a_sign_in_where_the_table_does(
    dev: Template, route: http_api.HttpRoute
) -> None:
    """Whoever cannot sign in is refused there by the gateway, and nowhere else."""
    resource = routes(dev, "HttpApi")[route.key]
    rows = doors_of(route.key)
    assert resource["AuthorizationType"] == ("JWT" if route.jwt else "NONE")
    for door in rows:
        unsigned = [door.verdict(role) for role in Role if role not in SIGNED_IN]
        if route.jwt:
            assert set(unsigned) == {Verdict.REFUSED}, door.name
        else:
            assert set(unsigned) != {Verdict.REFUSED}, door.name


def test_the_socket_opens_for_whom_the_table_lets_in(dev: Template) -> None:
    """Only `$connect` has an authorizer; who is refused there comes to no other of its doors."""
    for key, route in routes(dev, "WebSocketApi").items():
        assert route["AuthorizationType"] == ("CUSTOM" if key == "$connect" else "NONE")
    for name, door in DOORS.items():
        if name.startswith(("socket ", "host ")):
            for role in Role:
                if DOORS["socket $connect"].verdict(role) is Verdict.REFUSED:
                    assert door.verdict(role) is Verdict.REFUSED, (name, role)


def test_nobody_but_admins_has_a_way_to_the_doors_of_aws(dev: Template) -> None:
    """No policy of a function, queue or bus names anybody but services of AWS.

    And no identity pool turns a sign-in into AWS credentials.
    """
    for permission in dev.of("Lambda::Permission").values():
        assert permission["Principal"] in SERVICES, permission
        assert "SourceArn" in permission, permission
    for policy in dev.of("SQS::QueuePolicy").values():
        for statement in as_list(policy["PolicyDocument"]["Statement"]):
            if statement["Effect"] == "Allow":
                assert set(as_list(statement["Principal"]["Service"])) <= SERVICES, statement
                assert "ArnEquals" in statement["Condition"], text(statement["Resource"])
    assert not dev.of("Events::EventBusPolicy")
    assert not dev.of("Lambda::Url")
    assert not dev.of("Cognito::IdentityPool")
    for door in DOORS.values():
        if door.name.startswith(("invoke ", "function ", "event ", "queue")):
            assert [role for role in Role if door.verdict(role) is not Verdict.REFUSED] == [
                Role.ADMIN
            ]
