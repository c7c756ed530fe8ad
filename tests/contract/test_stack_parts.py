"""Section 1: every part of the stack is there as deployed, wired to the others, and works."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from typing import Any
from urllib.parse import urlsplit

from tests.contract.doors import Doors
from tests.contract.game import opening, question

STAGE = "dev"
FUNCTIONS = {
    "authorizer", "connection", "answer", "join", "board", "control", "admin", "broadcast",
    "counter",
}  # fmt: skip
TABLES = {"sessions", "questions", "keys", "salts", "participants", "answers", "tickets"}
OUTPUTS = {
    "WebSocketApiUrl", "HttpApiUrl", "UserPoolId", "UserPoolClientId", "MediaBucketName",
    "DashboardUrl",
}  # fmt: skip


def apis(doors: Doors) -> dict[str, dict[str, Any]]:
    """The APIs by protocol, with their routes."""
    gateway = doors.aws("apigatewayv2")
    found = {}
    for api in gateway.get_apis()["Items"]:
        if f"quizkit-{STAGE}" in api["Name"]:
            api["Routes"] = {
                route["RouteKey"]: route
                for route in gateway.get_routes(ApiId=api["ApiId"], MaxResults="100")["Items"]
            }
            api["Stages"] = gateway.get_stages(ApiId=api["ApiId"])["Items"]
            found[api["ProtocolType"]] = api
    return found


def functions(doors: Doors) -> dict[str, dict[str, Any]]:
    """The stage's functions by short name."""
    listed = doors.aws("lambda").list_functions(MaxItems=50)["Functions"]
    prefix = f"quizkit-{STAGE}-"
    return {
        function["FunctionName"].removeprefix(prefix): function
        for function in listed
        if function["FunctionName"].startswith(prefix)
    }


def policies(doors: Doors, function: str) -> str:
    """All that a function's role allows, as JSON text."""
    role = functions(doors)[function]["Role"].rpartition("/")[2]
    iam = doors.aws("iam")
    documents = [
        iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
        for name in iam.list_role_policies(RoleName=role)["PolicyNames"]
    ]
    return json.dumps(documents)


def template(doors: Doors, kind: str) -> dict[str, dict[str, Any]]:
    """The properties of the deployed template's resources of one type, by logical id.

    For what the emulator was given but does not show.
    """
    found = doors.aws("cloudformation").get_template(StackName=f"quizkit-{STAGE}")
    body = found["TemplateBody"]
    document = json.loads(body) if isinstance(body, str) else body
    return {
        name: resource["Properties"]
        for name, resource in document["Resources"].items()
        if resource["Type"] == kind
    }


def queue_url(doors: Doors, name: str) -> str:
    """The URL of a queue."""
    return str(doors.aws("sqs").get_queue_url(QueueName=name)["QueueUrl"])


def queue_attributes(doors: Doors, name: str) -> dict[str, str]:
    """All attributes of a queue."""
    found = doors.aws("sqs").get_queue_attributes(
        QueueUrl=queue_url(doors, name), AttributeNames=["All"]
    )
    return dict(found["Attributes"])


def test_s1_the_websocket_api(doors: Doors) -> None:
    """S1: routes by `$request.body.action`, deployed by themselves, guarded by an authorizer."""
    api = apis(doors)["WEBSOCKET"]
    assert api["RouteSelectionExpression"] == "$request.body.action"
    assert {
        "$connect", "$disconnect", "$default", "join_quiz", "submit_answer", "ping", "host",
    } <= api["Routes"].keys()  # fmt: skip
    assert api["Routes"]["$connect"]["AuthorizationType"] == "CUSTOM"
    assert api["Routes"]["$connect"]["AuthorizerId"]
    (stage,) = api["Stages"]
    assert (stage["StageName"], stage["AutoDeploy"]) == (STAGE, True)


async def test_s2_the_http_api(doors: Doors) -> None:
    """S2: the routes of the contract; those of members and hosts want a token of the pool."""
    api = apis(doors)["HTTP"]
    assert {
        "POST /join", "POST /join/member", "POST /answer", "GET /leaderboard/{session_id}",
    } <= api["Routes"].keys()  # fmt: skip
    for key, route in api["Routes"].items():
        signed_in = key == "POST /join/member" or "/host/" in key
        assert (route.get("AuthorizationType", "NONE") == "JWT") is signed_in, key
    for path in ("/join/member", "/host/session.list"):
        for token in (None, "x.y.z"):
            assert (await doors.http.post(path, {}, token)).status == 401


async def test_flaw_cors_allows_every_origin(doors: Doors) -> None:
    """S2: no origin is configured, so no response invites a foreign page."""
    assert "*" not in json.dumps(apis(doors)["HTTP"].get("CorsConfiguration", {}))
    for method in ("GET", "OPTIONS"):
        headers = {"origin": "https://evil.example", "access-control-request-method": "GET"}
        reply = await doors.http.request(method, "/leaderboard/x", headers=headers)
        assert not [name for name in reply.headers if name.lower() == "access-control-allow-origin"]


def test_s3_the_functions(doors: Doors) -> None:
    """S3: all there, on arm64, each with its own role, and with a log group that forgets."""
    found = functions(doors)
    assert found.keys() == FUNCTIONS
    assert {tuple(function["Architectures"]) for function in found.values()} == {("arm64",)}
    assert len({function["Role"] for function in found.values()}) == len(found)
    groups = {
        group["logGroupName"]: group
        for group in doors.aws("logs").describe_log_groups(
            logGroupNamePrefix=f"/aws/lambda/quizkit-{STAGE}-"
        )["logGroups"]
    }
    for name in found:
        assert groups[f"/aws/lambda/quizkit-{STAGE}-{name}"]["retentionInDays"] > 0


def test_flaw_one_role_for_all_functions(doors: Doors) -> None:
    """S3: no role may do everything, and only who needs the answer keys may read them."""
    readers = set()
    for name in FUNCTIONS:
        text = policies(doors, name)
        for statement in [s for document in json.loads(text) for s in document["Statement"]]:
            actions = statement["Action"]
            for action in actions if isinstance(actions, list) else [actions]:
                assert not action.endswith(":*"), (name, action)
                assert action != "*"
        assert "dynamodb:Scan" not in text
        if f"quizkit-{STAGE}-keys" in text:
            readers.add(name)
    assert readers == {"control", "admin"}


def test_s4_the_tables(doors: Doors) -> None:
    """S4: on demand, encrypted, expiring; answers alone feed a stream."""
    dynamodb = doors.aws("dynamodb")
    for table in TABLES:
        name = f"quizkit-{STAGE}-{table}"
        found = dynamodb.describe_table(TableName=name)["Table"]
        assert found["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"
        assert bool(found.get("LatestStreamArn")) is (table == "answers")
        assert not found.get("GlobalSecondaryIndexes")
    given = template(doors, "AWS::DynamoDB::Table")
    assert len(given) == len(TABLES)
    for properties in given.values():
        assert properties["SSESpecification"] == {"SSEEnabled": True}
        ttl = properties["TimeToLiveSpecification"]
        assert ttl == {"AttributeName": "expires_at", "Enabled": True}


def test_s5_the_cache_and_its_network(doors: Doors) -> None:
    """S5: Valkey with TLS at rest and on the way, in isolated subnets, and no NAT gateway."""
    (group,) = [
        group
        for group in doors.aws("elasticache").describe_replication_groups()["ReplicationGroups"]
        if group["ReplicationGroupId"] == f"quizkit-{STAGE}"
    ]
    assert group["TransitEncryptionEnabled"] is True
    assert group["AtRestEncryptionEnabled"] is True
    ec2 = doors.aws("ec2")
    assert not ec2.describe_nat_gateways()["NatGateways"]
    endpoints = ec2.describe_vpc_endpoints()["VpcEndpoints"]
    services = {endpoint["ServiceName"].rpartition(".")[2] for endpoint in endpoints}
    assert {"dynamodb", "s3"} <= services
    given = template(doors, "AWS::Lambda::Function").values()
    inside = {function["FunctionName"] for function in given if function.get("VpcConfig")}
    assert inside == {f"quizkit-{STAGE}-answer", f"quizkit-{STAGE}-board"}


def test_s6_the_rule_the_queue_and_the_schedules(doors: Doors) -> None:
    """S6: `Quiz Control` events flow into the control queue, whose failures are kept apart."""
    events = doors.aws("events")
    control = queue_attributes(doors, f"quizkit-{STAGE}-control")
    dead = queue_attributes(doors, f"quizkit-{STAGE}-control-dead")
    (rule,) = [rule for rule in events.list_rules()["Rules"] if f"quizkit-{STAGE}" in rule["Name"]]
    assert rule["State"] == "ENABLED"
    pattern = json.loads(rule["EventPattern"])
    assert pattern == {"source": ["quiz.platform"], "detail-type": ["Quiz Control"]}
    targets = events.list_targets_by_rule(Rule=rule["Name"])["Targets"]
    assert [target["Arn"] for target in targets] == [control["QueueArn"]]
    redrive = json.loads(control["RedrivePolicy"])
    assert redrive["deadLetterTargetArn"] == dead["QueueArn"]
    mappings = doors.aws("lambda").list_event_source_mappings(
        FunctionName=f"quizkit-{STAGE}-control"
    )["EventSourceMappings"]
    assert [mapping["EventSourceArn"] for mapping in mappings] == [control["QueueArn"]]
    groups = doors.aws("scheduler").list_schedule_groups()["ScheduleGroups"]
    assert f"quizkit-{STAGE}" in {group["Name"] for group in groups}


def test_s7_the_topics(doors: Doors) -> None:
    """S7: `quiz-winners-<stage>` is there; the commands subscribe, list and unsubscribe."""
    topics = {topic["TopicArn"] for topic in doors.aws("sns").list_topics()["Topics"]}
    winners = doors.output("WinnersTopicArn")
    assert winners.rpartition(":")[2] == f"quiz-winners-{STAGE}"
    assert winners in topics
    queue = doors.aws("sqs").create_queue(QueueName="watcher")["QueueUrl"]
    arn = doors.aws("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])[
        "Attributes"
    ]["QueueArn"]
    assert doors.cli("winners", "subscribe", arn).exit_code == 0
    listed = doors.cli("winners", "list")
    assert arn in json.dumps(listed.document)
    assert doors.cli("winners", "unsubscribe", arn).exit_code == 0
    assert arn not in json.dumps(doors.cli("winners", "list").document)


# --- S10 to S12 ------------------------------------------------------------------------


def test_s10_the_dashboard_and_the_alarms(doors: Doors) -> None:
    """S10: the dashboard shows what the contract names; every alarm tells the operations topic."""
    cloudwatch = doors.aws("cloudwatch")
    name = f"quiz-platform-{STAGE}"
    body = cloudwatch.get_dashboard(DashboardName=name)["DashboardBody"]
    for metric in (
        "ParticipationRate", "CompletionRate", "BroadcastDelay", "Invocations", "Errors",
        "Duration",
    ):  # fmt: skip
        assert metric in body
    alarms = [
        alarm
        for alarm in cloudwatch.describe_alarms(MaxRecords=100)["MetricAlarms"]
        if f"quizkit-{STAGE}" in alarm["AlarmName"]
    ]
    assert alarms
    for alarm in alarms:
        assert alarm["AlarmActions"] == [doors.output("OperationsTopicArn")]


async def test_s11_the_outputs(doors: Doors) -> None:
    """S11: the contract's outputs, the same in `outputs`, and URLs that work from here."""
    shown = await doors.command("outputs")
    assert shown.exit_code == 0
    assert (shown.document["target"], shown.document["stage"]) == ("local", STAGE)
    outputs = shown.document["outputs"]
    assert outputs.keys() >= OUTPUTS
    assert {name: doors.output(name) for name in OUTPUTS} == {
        name: outputs[name] for name in OUTPUTS
    }
    gateway = urlsplit(doors.platform.gateway_url).port
    for name, schemes in (("WebSocketApiUrl", ("ws", "wss")), ("HttpApiUrl", ("http", "https"))):
        url = urlsplit(outputs[name])
        assert url.scheme in schemes
        assert url.port == gateway
    assert (await doors.http.get("/leaderboard/nosuchsession")).status == 404
    assert f"quiz-platform-{STAGE}" in outputs["DashboardUrl"]


TAGGED = (
    "AWS::DynamoDB::Table", "AWS::Lambda::Function", "AWS::SNS::Topic", "AWS::S3::Bucket",
    "AWS::SQS::Queue", "AWS::Logs::LogGroup", "AWS::IAM::Role", "AWS::EC2::VPC",
    "AWS::ElastiCache::ReplicationGroup", "AWS::Cognito::UserPool", "AWS::ApiGatewayV2::Api",
)  # fmt: skip


def pairs(tags: Any) -> dict[str, str]:
    """Tags as CloudFormation takes them, of either form, as a dict."""
    if isinstance(tags, dict):
        return tags
    return {tag["Key"]: tag["Value"] for tag in tags}


def test_s12_tags_and_names_carry_the_stage(doors: Doors) -> None:
    """S12: resources are tagged, and no name of the stack goes without the stage."""
    for kind in TAGGED:
        for name, properties in template(doors, kind).items():
            tags = pairs(properties.get("Tags") or properties.get("UserPoolTags"))
            assert tags.get("Project") == "quizkit", name
            assert tags.get("Environment") == STAGE, name
    function = functions(doors)["answer"]["FunctionArn"]
    shown = doors.aws("lambda").list_tags(Resource=function)["Tags"]
    assert (shown["Project"], shown["Environment"]) == ("quizkit", STAGE)
    named = {
        "AWS::DynamoDB::Table", "AWS::Lambda::Function", "AWS::SNS::Topic", "AWS::S3::Bucket",
        "AWS::CloudWatch::Alarm", "AWS::CloudWatch::Dashboard", "AWS::Logs::LogGroup",
        "AWS::IAM::Role", "AWS::SQS::Queue", "AWS::ElastiCache::ReplicationGroup",
        "AWS::Scheduler::ScheduleGroup",
    }  # fmt: skip
    resources = doors.aws("cloudformation").describe_stack_resources(StackName=f"quizkit-{STAGE}")
    seen = set()
    for resource in resources["StackResources"]:
        if resource["ResourceType"] in named:
            seen.add(resource["ResourceType"])
            assert STAGE in resource["PhysicalResourceId"], resource
    assert seen == named


# --- S5 and P6 at work -----------------------------------------------------------------


async def test_flaw_a_board_without_redis(doors: Doors) -> None:
    """P6: with Redis emptied, then with a mute one, the board is the same, from DynamoDB."""
    import redis

    document = {"title": "Loss", "questions": [question("x", "a", time_limit=1)]}
    async with await doors.room(document) as room:
        players = [await room.player(f"p{number}") for number in range(12)]
        await room.command("start")
        await opening(await players[0].line.wait("new_question"))
        await asyncio.gather(*(player.line.answer("q1", ["a"]) for player in players[4:]))
        await players[0].line.wait("leaderboard")
        before = await doors.http.board(room.session_id, top=100)
        assert (before["source"], before["total"]) == ("redis", len(players))
        with redis.Redis(port=doors.platform.redis_port) as server:
            process: int = server.info()["process_id"]
            server.flushall()
        emptied = await doors.http.board(room.session_id, top=100)
        os.kill(process, signal.SIGSTOP)
        try:
            mute = await doors.http.board(room.session_id, top=100)
            late = await players[0].line.answer("q1", ["a"])
        finally:
            os.kill(process, signal.SIGCONT)
        for board in (emptied, mute):
            assert board["source"] == "dynamodb"
            assert board["entries"] == before["entries"]
            assert board["total"] == before["total"]
        assert late["code"] == "question_closed"
        assert (await doors.http.board(room.session_id, top=100))["entries"] == before["entries"]
