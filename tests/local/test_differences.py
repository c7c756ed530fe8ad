"""The template rewrite, and proof against MiniStack that each difference is still needed."""

from __future__ import annotations

import copy
import json
import socket
import time
import urllib.error
import urllib.request
import uuid
from contextlib import closing
from typing import Any

import pytest
from botocore.exceptions import ClientError
from websockets.sync.client import connect

from quizkit.local import differences, platform
from quizkit.local.differences import DIFFERENCES, localise
from tests.local.cloud import Cloud, socket_template

GATEWAY = "http://127.0.0.1:4599"
HANDLERS = "http://127.0.0.1:4600"
HOST = "${WebSocketApi}.execute-api.${AWS::Region}.${AWS::URLSuffix}"


ALLOW: dict[str, Any] = {
    "Effect": "Allow",
    "Principal": {"Service": "events.amazonaws.com"},
    "Action": "sqs:SendMessage",
    "Resource": "*",
}
DENY_PLAIN: dict[str, Any] = {
    "Effect": "Deny",
    "Principal": {"AWS": "*"},
    "Action": "*",
    "Resource": "*",
    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
}


def template() -> dict[str, Any]:
    """A template in the shape of the real stack, as far as it matters here."""
    return {
        "Resources": {
            "WebSocketApi": {"Type": "AWS::ApiGatewayV2::Api", "Properties": {"Name": "x"}},
            "Route": {
                "Type": "AWS::ApiGatewayV2::Route",
                "Properties": {"RouteKey": "ping"},
                "DependsOn": ["Answer", "Intake"],
            },
            "Answer": {"Type": "AWS::ApiGatewayV2::RouteResponse", "Properties": {}},
            "Rule": {"Type": "AWS::EC2::SecurityGroupIngress", "Properties": {}},
            "Intake": {
                "Type": "AWS::Lambda::Function",
                "DependsOn": "Rule",
                "Properties": {
                    "Runtime": "python3.13",
                    "Handler": "quizkit.lambdas.handlers.answer.handler",
                    "Environment": {
                        "Variables": {
                            "REDIS_TLS": "true",
                            "REDIS_USER": "quizkit-dev",
                            "CALLBACK_URL": {"Fn::Sub": f"https://{HOST}/dev"},
                            "WEBSOCKET_URL": {"Fn::Sub": [f"wss://{HOST}/dev", {}]},
                        }
                    },
                },
            },
            "QueuePolicy": {
                "Type": "AWS::SQS::QueuePolicy",
                "Properties": {"PolicyDocument": {"Statement": [DENY_PLAIN, ALLOW]}},
            },
            "BucketPolicy": {
                "Type": "AWS::S3::BucketPolicy",
                "Properties": {"PolicyDocument": {"Statement": DENY_PLAIN}},
                "DependsOn": ["Answer"],
            },
            "Bare": {"Type": "AWS::Lambda::Function", "Properties": {"Runtime": "python3.13"}},
        },
        "Outputs": {
            "HttpApiUrl": {
                "Value": {
                    "Fn::Sub": "https://${HttpApi}.execute-api.${AWS::Region}.${AWS::URLSuffix}"
                }
            },
            "DashboardUrl": {"Value": {"Fn::Sub": "https://console.${AWS::URLSuffix}/x"}},
        },
    }


def test_the_template_given_stays_as_it_is() -> None:
    """Localising is pure: the template for AWS is not touched."""
    given = template()
    before = copy.deepcopy(given)
    localise(given, GATEWAY, HANDLERS)
    assert given == before


def test_unknown_types_are_dropped_with_what_depends_on_them() -> None:
    """No route response or separate rule is left, nor a DependsOn that names one."""
    resources = localise(template(), GATEWAY, HANDLERS)["Resources"]
    kept = {"WebSocketApi", "Route", "Intake", "Bare", "QueuePolicy"}
    assert set(resources) == kept
    assert resources["Route"]["DependsOn"] == ["Intake"]
    assert "DependsOn" not in resources["Intake"]


def test_functions_go_to_the_handler_host() -> None:
    """Every function gets the proxy URL and a runtime that honours it, and keeps its handler."""
    resources = localise(template(), GATEWAY, HANDLERS + "/")["Resources"]
    for name in ("Intake", "Bare"):
        properties = resources[name]["Properties"]
        assert properties["Runtime"] == "provided.al2023"
        assert properties["Environment"]["Variables"]["MINISTACK_LAMBDA_PROXY_URL"] == HANDLERS
    assert resources["Intake"]["Properties"]["Handler"].endswith("answer.handler")


def test_native_functions_keep_their_runtime() -> None:
    """Without a handler host the functions are left to MiniStack's runner."""
    resources = localise(template(), GATEWAY, None)["Resources"]
    assert resources["Intake"]["Properties"]["Runtime"] == "python3.13"
    assert "Environment" not in resources["Bare"]["Properties"]


def test_urls_lead_to_the_gateway_by_path() -> None:
    """URLs of both APIs, in both forms of Fn::Sub, become local ones; others stay."""
    local = localise(template(), GATEWAY + "/", HANDLERS)
    variables = local["Resources"]["Intake"]["Properties"]["Environment"]["Variables"]
    base = "127.0.0.1:4599/_aws/execute-api"
    assert variables["CALLBACK_URL"] == {"Fn::Sub": f"http://{base}/${{WebSocketApi}}/dev"}
    assert variables["WEBSOCKET_URL"] == {"Fn::Sub": [f"ws://{base}/${{WebSocketApi}}/dev", {}]}
    assert local["Outputs"]["HttpApiUrl"]["Value"] == {"Fn::Sub": f"http://{base}/${{HttpApi}}"}
    assert local["Outputs"]["DashboardUrl"] == template()["Outputs"]["DashboardUrl"]


def test_redis_is_plain() -> None:
    """Functions connect to Redis without TLS and without an IAM user."""
    local = localise(template(), GATEWAY, HANDLERS)
    variables = local["Resources"]["Intake"]["Properties"]["Environment"]["Variables"]
    assert variables["REDIS_TLS"] == "false"
    assert variables["REDIS_USER"] == ""


def test_plain_http_is_allowed() -> None:
    """Demands for TLS are taken out of policies; a policy that says nothing else goes as well."""
    resources = localise(template(), GATEWAY, HANDLERS)["Resources"]
    assert resources["QueuePolicy"]["Properties"]["PolicyDocument"]["Statement"] == [ALLOW]
    assert "BucketPolicy" not in resources


def test_every_difference_is_documented_and_has_its_proof() -> None:
    """Each one says why, what causes it and when to delete it, and has a test named for it."""
    for difference in DIFFERENCES:
        assert difference.why
        assert difference.upstream
        assert difference.delete_when
        assert f"test_needed_{difference.name}" in globals()
    rewrites = {one.rewrite for one in DIFFERENCES} - {None}
    assert differences.drop_route_responses in rewrites


# The rest fails once MiniStack no longer needs the difference: then delete it with its test.


@pytest.mark.parametrize(
    "kind", ["AWS::ApiGatewayV2::RouteResponse", "AWS::EC2::SecurityGroupIngress"]
)
def test_needed_drops(cloud: Cloud, kind: str) -> None:
    """MiniStack still refuses templates with this type."""
    with pytest.raises(ClientError, match=kind):
        cloud.client("cloudformation").validate_template(
            TemplateBody=json.dumps({"Resources": {"One": {"Type": kind, "Properties": {}}}})
        )


test_needed_drop_route_responses = test_needed_drops
test_needed_drop_security_group_rules = test_needed_drops


def test_needed_host_functions(cloud: Cloud) -> None:
    """A python function behind a socket still runs natively though it has a proxy URL."""
    native = "def handler(event, context):\n    return {'statusCode': 200, 'body': 'native'}\n"
    variables = {"MINISTACK_LAMBDA_PROXY_URL": cloud.status.handlers_url}
    python = cloud.socket_api(cloud.native_function(native, variables=variables))
    with connect(python, proxy=None) as client:
        client.send("hello")
        assert client.recv(timeout=30) == "native"
    hosted = cloud.socket_api(cloud.hosted_function())
    with connect(hosted, proxy=None) as client:
        client.send("hello")
        assert json.loads(client.recv(timeout=30)) == {"hosted": "hello"}


def test_needed_rewrite_api_urls(cloud: Cloud) -> None:
    """Left alone, URLs name a host of AWS, which MiniStack does not serve."""
    plain = socket_template("arn:aws:lambda:us-east-1:000000000000:function:none")
    stacks = cloud.client("cloudformation")
    name = f"test-{uuid.uuid4().hex[:8]}"
    stacks.create_stack(StackName=name, TemplateBody=json.dumps(plain))
    stacks.get_waiter("stack_create_complete").wait(
        StackName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 60}
    )
    outputs = stacks.describe_stacks(StackName=name)["Stacks"][0]["Outputs"]
    callback = next(one["OutputValue"] for one in outputs if one["OutputKey"] == "Callback")
    host = callback.removeprefix("https://").removesuffix("/dev")
    assert host.endswith(".execute-api.us-east-1.amazonaws.com")
    # 410 is what the API itself answers about a connection that is gone.
    local = cloud.stack_output(plain, "Callback")
    assert _status_of(f"{local}/@connections/none") == 410
    asked = f"{cloud.status.gateway_url}/dev/@connections/none"
    assert _status_of(asked, host=host) != 410


def test_needed_plain_redis(cloud: Cloud) -> None:
    """A replication group that demands TLS still has an endpoint that takes plain text."""
    caches = cloud.client("elasticache")
    name = f"test-{uuid.uuid4().hex[:8]}"
    caches.create_replication_group(
        ReplicationGroupId=name,
        ReplicationGroupDescription="test",
        Engine="valkey",
        CacheNodeType="cache.t4g.micro",
        TransitEncryptionEnabled=True,
    )
    group = caches.describe_replication_groups(ReplicationGroupId=name)["ReplicationGroups"][0]
    endpoint = group["NodeGroups"][0]["PrimaryEndpoint"]
    assert endpoint["Port"] == cloud.status.redis_port
    address = (endpoint["Address"], endpoint["Port"])
    with socket.create_connection(address, timeout=10) as plain:
        plain.sendall(b"PING\r\n")
        assert plain.recv(64) == b"+PONG\r\n"


@pytest.mark.slow
def test_needed_allow_plain_http() -> None:
    """Where IAM is on, a queue that demands TLS refuses a function's role over plain HTTP."""
    cloud = Cloud(platform.start(iam=True))
    try:
        allow = {**ALLOW, "Principal": {"AWS": "*"}}
        demanding = _queue(cloud, "demanding", [DENY_PLAIN, allow])
        plain = _queue(cloud, "plain", [allow])
        session = cloud.as_role(cloud.role("sender", "sqs:*"))
        with closing(session.client("sqs", endpoint_url=cloud.status.gateway_url)) as sender:
            sender.send_message(QueueUrl=plain, MessageBody="x")
            with pytest.raises(ClientError, match="explicit deny"):
                sender.send_message(QueueUrl=demanding, MessageBody="x")
    finally:
        cloud.close()
        platform.reset()


def test_needed_embedded_metrics(cloud: Cloud) -> None:
    """An embedded-metric line of a native function is logged and still makes no metric."""
    name = cloud.native_function(
        "def handler(event, context):\n    print(event['line'], flush=True)\n"
    )
    namespace = f"Test{name}"
    line = json.dumps(
        {
            "_aws": {
                "Timestamp": int(time.time() * 1000),
                "CloudWatchMetrics": [
                    {"Namespace": namespace, "Dimensions": [[]], "Metrics": [{"Name": "Rate"}]}
                ],
            },
            "Rate": 1,
        }
    )
    assert cloud.invoke(name, {"line": line})[1] is None
    logs = cloud.client("logs").filter_log_events(logGroupName=f"/aws/lambda/{name}")
    assert any(namespace in event["message"] for event in logs["events"])
    assert cloud.client("cloudwatch").list_metrics(Namespace=namespace)["Metrics"] == []


def test_http_api_url_works_without_a_stage(cloud: Cloud) -> None:
    """The localised URL of an API on the $default stage serves its routes directly below."""
    function = cloud.native_function(
        "def handler(event, context):\n"
        "    return {'statusCode': 200, 'body': event['pathParameters']['session_id']}\n"
    )
    found = cloud.client("lambda").get_function(FunctionName=function)
    arn = found["Configuration"]["FunctionArn"]
    url = cloud.stack_output(http_template(arn), "HttpApiUrl")
    with urllib.request.urlopen(f"{url}/leaderboard/s1?top=3", timeout=30) as answer:
        assert answer.read() == b"s1"


def http_template(function_arn: str) -> dict[str, Any]:
    """An HTTP API on the $default stage with one route; the URL form as in the real stack."""
    api = {"ApiId": {"Ref": "HttpApi"}}
    host = "${HttpApi}.execute-api.${AWS::Region}.${AWS::URLSuffix}"
    return {
        "Resources": {
            "HttpApi": {
                "Type": "AWS::ApiGatewayV2::Api",
                "Properties": {"Name": "test", "ProtocolType": "HTTP"},
            },
            "Integration": {
                "Type": "AWS::ApiGatewayV2::Integration",
                "Properties": {
                    **api,
                    "IntegrationType": "AWS_PROXY",
                    "IntegrationUri": function_arn,
                    "PayloadFormatVersion": "2.0",
                },
            },
            "Route": {
                "Type": "AWS::ApiGatewayV2::Route",
                "Properties": {
                    **api,
                    "RouteKey": "GET /leaderboard/{session_id}",
                    "Target": {"Fn::Sub": "integrations/${Integration}"},
                },
            },
            "Stage": {
                "Type": "AWS::ApiGatewayV2::Stage",
                "Properties": {**api, "StageName": "$default", "AutoDeploy": True},
            },
        },
        "Outputs": {"HttpApiUrl": {"Value": {"Fn::Sub": f"https://{host}"}}},
    }


def _queue(cloud: Cloud, name: str, statements: list[dict[str, Any]]) -> str:
    """Create a queue with a policy; its URL."""
    policy = json.dumps({"Version": "2012-10-17", "Statement": statements})
    made = cloud.client("sqs").create_queue(QueueName=name, Attributes={"Policy": policy})
    return str(made["QueueUrl"])


def _status_of(url: str, *, host: str | None = None) -> int:
    """The HTTP status of a GET, with another Host header where one is given."""
    request = urllib.request.Request(url, headers={"Host": host} if host else {})
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as failure:
        with failure:
            return failure.code
