"""The handler host behind a running MiniStack."""

from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import boto3
import pytest
from botocore.exceptions import ClientError
from websockets.sync.client import connect

from quizkit.local import host, platform
from quizkit.local.hosting.functions import Settings
from quizkit.local.hosting.server import WORKERS
from quizkit.local.service import get_json, post
from tests.local.cloud import SAMPLES, Cloud


def port_of(cloud: Cloud) -> int:
    """The handler host's port."""
    port = cloud.status.component("handlers").port
    assert port is not None
    return port


def test_event_environment_and_context_reach_the_handler(cloud: Cloud) -> None:
    """A function gets its event, its own settings with Lambda's, and the context it uses."""
    name = cloud.hosted_function(variables={"STAGE": "dev"})
    answer, failure = cloud.invoke(name, {"do": "echo", "n": 1})
    assert failure is None
    assert answer["event"] == {"do": "echo", "n": 1}
    assert answer["environ"]["STAGE"] == "dev"
    assert answer["environ"]["AWS_ENDPOINT_URL"] == cloud.status.gateway_url
    assert "MINISTACK_LAMBDA_PROXY_URL" not in answer["environ"]
    assert answer["context"]["function_name"] == name
    assert answer["context"]["invoked_function_arn"].endswith(f":function:{name}")
    assert answer["context"]["memory_limit_in_mb"] == 256
    assert answer["context"]["aws_request_id"]
    assert 0 < answer["context"]["remaining"] <= 20_000


def test_failure_is_reported_with_its_kind(cloud: Cloud) -> None:
    """A handler that raises is a failed invocation, so that queues and streams retry it."""
    answer, failure = cloud.invoke(cloud.hosted_function(), {"do": "fail"})
    assert failure == "Unhandled"
    assert "ValueError" in answer["errorMessage"]
    assert "no such luck" in answer["errorMessage"]


def test_failure_behind_a_socket_tells_the_player_nothing(cloud: Cloud) -> None:
    """What a handler raises never reaches a player; the socket stays."""
    url = cloud.socket_api(cloud.hosted_function())
    with connect(url, proxy=None) as socket:
        socket.send("fail")
        answer = socket.recv(timeout=20)
        assert "secret" not in str(answer)
        assert "Internal server error" in str(answer)
        socket.send("still here")
        assert json.loads(socket.recv(timeout=20)) == {"hosted": "still here"}


def test_unknown_handler_module_is_a_failure(cloud: Cloud) -> None:
    """A function whose handler does not exist fails at its invocation and nothing else does."""
    name = cloud.hosted_function()
    functions = cloud.client("lambda")
    functions.update_function_configuration(FunctionName=name, Handler="nowhere.handler")
    answer, failure = cloud.invoke(name, {})
    assert failure == "Unhandled"
    assert "nowhere" in answer["errorMessage"]


def test_refresh_takes_new_settings(cloud: Cloud) -> None:
    """After a deployment and a refresh, functions work with what is on record now."""
    name = cloud.hosted_function(variables={"STAGE": "old"})
    assert cloud.invoke(name, {})[0]["environ"]["STAGE"] == "old"
    cloud.client("lambda").update_function_configuration(
        FunctionName=name,
        Environment={
            "Variables": {
                "STAGE": "new",
                "MINISTACK_LAMBDA_PROXY_URL": cloud.status.handlers_url,
            }
        },
    )
    answer = post(port_of(cloud), "/refresh")
    assert answer is not None
    assert name in answer["functions"]
    assert cloud.invoke(name, {})[0]["environ"]["STAGE"] == "new"


def test_printed_lines_become_logs_and_metrics(cloud: Cloud) -> None:
    """What a function prints is in its log group, in the file, and its metrics in CloudWatch."""
    name = cloud.hosted_function()
    namespace = f"Test{name}"
    metric = {
        "_aws": {
            "Timestamp": int(time.time() * 1000),
            "CloudWatchMetrics": [
                {
                    "Namespace": namespace,
                    "Dimensions": [["Environment"]],
                    "Metrics": [{"Name": "ParticipationRate", "Unit": "Percent"}],
                }
            ],
        },
        "Environment": "dev",
        "ParticipationRate": 75,
    }
    cloud.invoke(name, {"do": "print", "lines": ["hello", json.dumps(metric)]})
    assert post(port_of(cloud), "/flush") is not None

    logs = cloud.client("logs").filter_log_events(logGroupName=f"/aws/lambda/{name}")
    assert "hello" in [event["message"] for event in logs["events"]]
    file = cloud.status.component("handlers").log.with_name("functions.log")
    assert f"{name} " in file.read_text(encoding="utf-8")
    statistics = cloud.client("cloudwatch").get_metric_statistics(
        Namespace=namespace,
        MetricName="ParticipationRate",
        Dimensions=[{"Name": "Environment", "Value": "dev"}],
        StartTime=time.time() - 600,
        EndTime=time.time() + 600,
        Period=60,
        Statistics=["Average", "SampleCount"],
    )
    assert [point["Average"] for point in statistics["Datapoints"]] == [75.0]
    assert [point["SampleCount"] for point in statistics["Datapoints"]] == [1.0]


def test_functions_that_call_functions_never_wait_for_themselves(cloud: Cloud) -> None:
    """More callers at once than a pool has threads all get the answer of the one they call."""
    caller, called = cloud.hosted_function(), cloud.hosted_function()
    callers = WORKERS + 8
    with ThreadPoolExecutor(callers) as crowd:
        event = {"do": "call", "function": called}
        answers = list(crowd.map(lambda _: cloud.invoke(caller, event), range(callers)))
    assert {failure for _, failure in answers} == {None}
    assert all(answer["thread"].startswith(called) for answer, _ in answers)


def test_queue_messages_reach_a_hosted_function(cloud: Cloud) -> None:
    """An event source mapping delivers to the host and deletes what was handled."""
    name = cloud.hosted_function()
    queues = cloud.client("sqs")
    url = queues.create_queue(QueueName=name)["QueueUrl"]
    arn = queues.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
    cloud.client("lambda").create_event_source_mapping(
        EventSourceArn=arn["Attributes"]["QueueArn"], FunctionName=name, BatchSize=1
    )
    queues.send_message(QueueUrl=url, MessageBody="go")
    deadline = time.monotonic() + 60
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    while time.monotonic() < deadline:
        found = queues.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
        if all(found[key] == "0" for key in names):
            break
        time.sleep(0.1)
    assert [found[key] for key in names] == ["0", "0"]
    health = get_json(port_of(cloud), "/health")
    assert health is not None
    assert name in health["functions"]


@pytest.mark.slow
def test_functions_work_with_their_roles_where_iam_is_on() -> None:
    """Under IAM a hosted function may do what its role may, and nothing else."""
    cloud = Cloud(platform.start(iam=True, handler_path=[SAMPLES]))
    try:
        reader = cloud.role("reader", "dynamodb:ListTables")
        environ = cloud.invoke(cloud.hosted_function(role=reader), {})[0]["environ"]
        session = boto3.Session(
            aws_access_key_id=environ["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=environ["AWS_SECRET_ACCESS_KEY"],
            aws_session_token=environ["AWS_SESSION_TOKEN"],
            region_name=environ["AWS_REGION"],
        )
        with closing(session.client("dynamodb", endpoint_url=cloud.status.gateway_url)) as tables:
            assert tables.list_tables()["TableNames"] == []
            with pytest.raises(ClientError, match="AccessDenied"):
                tables.describe_limits()
    finally:
        cloud.close()
        platform.reset()


def test_loader_imports_anew_after_a_refresh(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Changed handler code is taken after `forget`, not before."""
    code = "def build(environ):\n    return lambda event, context: {answer}\n"
    source = tmp_path / "loader_sample.py"
    source.write_text(code.format(answer=1), encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr("sys.dont_write_bytecode", True)
    settings = Settings("n", "arn", "role", "loader_sample.handler", 128, {}, "sha")
    context = None
    loader = host.Loader()
    assert loader.load(settings, {})({}, context) == 1  # type: ignore[arg-type]
    source.write_text(code.format(answer=2), encoding="utf-8")
    assert loader.load(settings, {})({}, context) == 1  # type: ignore[arg-type]
    loader.forget()
    assert loader.load(settings, {})({}, context) == 2  # type: ignore[arg-type]
