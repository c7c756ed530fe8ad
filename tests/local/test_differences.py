"""The template rewrite, and proof against MiniStack that each difference is still needed."""

from __future__ import annotations

import copy
import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import uuid
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from websockets.sync.client import connect

from quizkit.local import differences, platform
from quizkit.local.differences import DIFFERENCES, localise, localiser
from quizkit.local.status import Component, Status
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


@pytest.mark.parametrize("native", [False, True])
def test_a_platforms_status_says_what_is_rewritten(native: bool) -> None:
    """Its ports become URLs, and a native platform has no handler host."""
    parts = tuple(
        Component(name, name, True, 1, port, 0, Path("log"))
        for name, port in (("gateway", 4599), ("redis", 1), ("handlers", 4600))
    )
    local = localiser(Status(parts, native=native))(template())
    assert local == localise(template(), GATEWAY, None if native else HANDLERS)


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


def test_a_topic_keeps_a_policy() -> None:
    """Without one it would take messages from everybody in its account."""
    policy = {"PolicyDocument": {"Statement": [DENY_PLAIN]}}
    given = {"Resources": {"Policy": {"Type": "AWS::SNS::TopicPolicy", "Properties": policy}}}
    local = localise(given, GATEWAY, HANDLERS)["Resources"]
    assert local["Policy"]["Properties"] == {"PolicyDocument": {"Statement": []}}


def media_template() -> dict[str, Any]:
    """A distribution before a bucket, and its URL in the form of the real stack."""
    origin = {
        "Id": "media",
        "DomainName": {"Fn::GetAtt": ["Bucket", "RegionalDomainName"]},
        "S3OriginConfig": {"OriginAccessIdentity": ""},
    }
    behaviour = {
        "TargetOriginId": "media",
        "ViewerProtocolPolicy": "https-only",
        "CachePolicyId": "658327ea-f89d-4fab-a63d-7e88639e58f6",
    }
    config = {"Enabled": True, "Origins": [origin], "DefaultCacheBehavior": behaviour}
    return {
        "Resources": {
            "Bucket": {"Type": "AWS::S3::Bucket"},
            "Distribution": {
                "Type": "AWS::CloudFront::Distribution",
                "Properties": {"DistributionConfig": config},
            },
        },
        "Outputs": {
            "MediaUrl": {"Value": {"Fn::Sub": "https://${Distribution.DomainName}"}},
            "Bucket": {"Value": {"Ref": "Bucket"}},
        },
    }


def test_media_come_from_the_handler_host() -> None:
    """By the distribution's host name as a part of the path; a native platform has none."""
    url = localise(media_template(), GATEWAY, HANDLERS)["Outputs"]["MediaUrl"]["Value"]
    assert url == {"Fn::Sub": f"{HANDLERS}/cdn/${{Distribution.DomainName}}"}
    native = localise(media_template(), GATEWAY, None)
    assert native["Outputs"] == media_template()["Outputs"]


def cors_template(spelled: str) -> dict[str, Any]:
    """An HTTP API that lets one origin in."""
    cors = {spelled: ["https://quiz.example.org"]}
    properties = {"Name": "cors", "ProtocolType": "HTTP", "CorsConfiguration": cors}
    host = "https://${HttpApi}.execute-api.${AWS::Region}.${AWS::URLSuffix}"
    return {
        "Resources": {"HttpApi": {"Type": "AWS::ApiGatewayV2::Api", "Properties": properties}},
        "Outputs": {"HttpApiUrl": {"Value": {"Fn::Sub": host}}},
    }


def test_cors_is_spelled_for_the_gateway() -> None:
    """And an API without CORS stays without."""
    local = localise(cors_template("AllowOrigins"), GATEWAY, HANDLERS)
    assert local["Resources"] == cors_template("allowOrigins")["Resources"]
    assert (
        localise(template(), GATEWAY, HANDLERS)["Resources"]["WebSocketApi"]
        == (template()["Resources"]["WebSocketApi"])
    )


def test_roles_reach_the_default_group_where_they_reach_their_own() -> None:
    """One more resource beside the stage's own; other statements stay as they are."""
    own = {
        "Fn::Sub": "arn:${AWS::Partition}:scheduler:${AWS::Region}:${AWS::AccountId}:schedule/q/*"
    }
    default = {"Fn::Sub": own["Fn::Sub"].replace("schedule/q/", "schedule/default/")}
    other = {"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": ["arn:aws:s3:::b/*"]}

    def role(*resources: Any) -> dict[str, Any]:
        statement = {"Effect": "Allow", "Action": ["scheduler:X"], "Resource": list(resources)}
        policies = [{"PolicyDocument": {"Statement": [statement, other]}}]
        return {"R": {"Type": "AWS::IAM::Role", "Properties": {"Policies": policies}}}

    local = localise({"Resources": role(own)}, GATEWAY, HANDLERS)
    assert local["Resources"] == role(own, default)


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


def test_needed_schedules_of_default_group() -> None:
    """MiniStack still checks the permission to make a schedule against the group `default`."""
    program = (
        "from ministack.core.iam_actions import extract_resource_arn as arn\n"
        'body = b\'{"GroupName": "quizkit-dev"}\'\n'
        "print(arn('scheduler', 'POST', '/schedules/x', {}, body, {}, 'us-east-1', '0'))\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert ended.stdout.split()[-1].endswith(":schedule/default/x")


def test_needed_serve_media_by_path(cloud: Cloud) -> None:
    """A distribution's URL names a host of AWS's; by path the handler host serves its objects."""
    plain = media_template()
    assert cloud.stack_output(plain, "MediaUrl").endswith(".cloudfront.net")
    local = localise(plain, cloud.status.gateway_url, cloud.status.handlers_url)
    local["Outputs"]["Both"] = {
        "Value": {"Fn::Join": [" ", [local["Outputs"][name]["Value"] for name in plain["Outputs"]]]}
    }
    url, bucket = cloud.stack_output(local, "Both").split()
    cloud.client("s3").put_object(Bucket=bucket, Key="media/x.txt", Body=b"here")
    cloud.client("s3").put_bucket_policy(
        Bucket=bucket,
        Policy=json.dumps(
            {
                "Statement": {
                    "Effect": "Allow",
                    "Principal": "*",
                    "Action": "s3:GetObject",
                    "Resource": f"arn:aws:s3:::{bucket}/*",
                }
            }
        ),
    )
    with urllib.request.urlopen(f"{url}/media/x.txt", timeout=30) as answer:
        assert answer.read() == b"here"


def test_needed_spell_cors(cloud: Cloud) -> None:
    """An API made by a stack ignores its CORS settings, unless they are spelled for it."""
    plain = cors_template("AllowOrigins")
    stacks = cloud.client("cloudformation")
    name = f"test-{uuid.uuid4().hex[:8]}"
    stacks.create_stack(StackName=name, TemplateBody=json.dumps(plain))
    stacks.get_waiter("stack_create_complete").wait(
        StackName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 60}
    )
    made = stacks.describe_stack_resource(StackName=name, LogicalResourceId="HttpApi")
    api = made["StackResourceDetail"]["PhysicalResourceId"]
    assert _invited(f"{cloud.status.gateway_url}/_aws/execute-api/{api}") is None
    assert _invited(cloud.stack_output(plain, "HttpApiUrl")) == "https://quiz.example.org"


def _invited(url: str) -> str | None:
    """Whom a preflight's answer lets in."""
    headers = {"Origin": "https://quiz.example.org", "Access-Control-Request-Method": "GET"}
    asked = urllib.request.Request(f"{url}/x", method="OPTIONS", headers=headers)
    try:
        with urllib.request.urlopen(asked, timeout=30) as answer:
            found: str | None = answer.headers.get("access-control-allow-origin")
            return found
    except urllib.error.HTTPError as exc:
        exc.close()
        return None


def test_needed_deep_frames() -> None:
    """MiniStack's own routing still gives up on a frame that is nested too deeply."""
    program = (
        "from ministack.services.apigateway import _evaluate_route_selection as route\n"
        "route('$request.body.action', '[' * 100_000)\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert ended.stderr.splitlines()[-1].startswith("RecursionError")


def test_needed_invocation_line() -> None:
    """MiniStack's own forwarding still opens a connection for every invocation."""
    assert run_beside("forwarding.py") == ["2 connections for 2 invocations"]


def test_needed_front_door() -> None:
    """MiniStack's own way to a handler still is several times the work of the handler."""
    (said,) = run_beside("dispatching.py")
    through, direct = (int(number) for number in said.split(" function calls through, direct "))
    assert through > 3 * direct


def test_needed_sleeping_sockets() -> None:
    """MiniStack still wakes every socket's task again and again."""
    program = (
        "import inspect\n"
        "from ministack.services.apigateway import handle_websocket\n"
        "print('asyncio.wait_for(outbox.get(), timeout=' in inspect.getsource(handle_websocket))\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert ended.stdout == "True\n"


def test_needed_queues_move_along() -> None:
    """MiniStack's readers still look for a queue under the URL of the present port."""
    assert run_beside("queues.py") == ["lost"]


def test_needed_logs_in_full() -> None:
    """A page of MiniStack's own has no token, and lines of its own runner have no id."""
    assert run_beside("logs.py") == ["no token", "no id"]


def run_beside(program: str) -> list[str]:
    """What a program prints that uses MiniStack in a process of its own."""
    path = Path(__file__).with_name("ministack") / program
    environ = {**os.environ, "LOG_LEVEL": "ERROR", "DOCKER_HOST": "unix:///nonexistent"}
    done = subprocess.run(
        [sys.executable, "-P", str(path)], capture_output=True, text=True, check=True, env=environ
    )
    return done.stdout.splitlines()


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


def _waiting_account(cloud: Cloud) -> tuple[str, str]:
    """The id of a user pool that verifies addresses, and of its client; `ada` has signed up."""
    cognito = cloud.client("cognito-idp")
    pool_id = cognito.create_user_pool(
        PoolName="p", AliasAttributes=["email"], AutoVerifiedAttributes=["email"]
    )["UserPool"]["Id"]
    client = cognito.create_user_pool_client(UserPoolId=pool_id, ClientName="c")
    client_id = client["UserPoolClient"]["ClientId"]
    cognito.sign_up(
        ClientId=client_id,
        Username="ada",
        Password="Correct1horse!",
        UserAttributes=[{"Name": "email", "Value": "ada@example.org"}],
    )
    return pool_id, client_id


def test_needed_mail_outbox(cloud: Cloud) -> None:
    """The code of a sign-up is in the outbox, where `Outbox` reads it."""
    _waiting_account(cloud)
    url = f"{cloud.status.gateway_url}/_ministack/ses/messages"
    with urllib.request.urlopen(url, timeout=30) as answer:
        mails = json.load(answer)["messages"]["000000000000"]
    assert [mail["Type"] for mail in mails if mail["To"] == ["ada@example.org"]][-1:] == [
        "CognitoVerificationMessage"
    ]


def test_needed_verified_address(cloud: Cloud) -> None:
    """A confirmed account's address is still not told to be its owner's."""
    pool_id, client_id = _waiting_account(cloud)
    cognito = cloud.client("cognito-idp")
    cognito.confirm_sign_up(ClientId=client_id, Username="ada", ConfirmationCode="123456")
    user = cognito.admin_get_user(UserPoolId=pool_id, Username="ada")
    attributes = {item["Name"]: item["Value"] for item in user["UserAttributes"]}
    assert user["UserStatus"] == "CONFIRMED"
    assert attributes.get("email_verified") != "true"


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
