"""Queue, functions, topic, callbacks, schedules, uploads and metrics on AWS."""

from __future__ import annotations

import json
import random
import sys
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final
from urllib.parse import quote

import urllib3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionClosedError,
    ReadTimeoutError,
)

from quizkit.core.errors import QuizError
from quizkit.core.session import Timer

_MAX_DELAY_SECONDS: Final = 900
_POSTERS: Final = 16
_POST_ATTEMPTS: Final = 3
_POST_PAUSE_SECONDS: Final = 0.05


def _call(client: Any, operation: str, what: str, **arguments: Any) -> dict[str, Any]:
    try:
        response: dict[str, Any] = getattr(client, operation)(**arguments)
    except (ClientError, BotoCoreError) as exc:
        raise QuizError("unavailable", f"{what} cannot be reached: {exc}") from exc
    return response


class SqsTimers:
    """`ports.Timers` as delayed messages on the control queue."""

    def __init__(self, client: Any, queue_url: str) -> None:
        self._client = client
        self._queue_url = queue_url

    def set(self, session_id: str, timer: Timer, now: int) -> None:
        # Rounded up: a message that comes early would only have to wait. Beyond the
        # queue's longest delay the receiver sends itself the message again.
        delay = min(_MAX_DELAY_SECONDS, max(0, -(-(timer.at - now) // 1_000)))
        message = {"action": str(timer.command), "index": timer.index, "at": timer.at}
        self.send({"session_id": session_id, "timer": message}, delay)

    def send(self, message: Mapping[str, Any], delay_seconds: int) -> None:
        _call(
            self._client,
            "send_message",
            "the control queue",
            QueueUrl=self._queue_url,
            MessageBody=json.dumps(message),
            DelaySeconds=delay_seconds,
        )


def invoke(client: Any, function: str, payload: Mapping[str, Any]) -> Any:
    """Call another function and wait for its answer."""
    response = _call(
        client,
        "invoke",
        f"function {function}",
        FunctionName=function,
        Payload=json.dumps(payload).encode(),
    )
    answer = json.loads(response["Payload"].read() or b"null")
    if response.get("FunctionError"):
        raise QuizError("unavailable", f"function {function} failed: {answer}")
    return answer


class LambdaWorkers:
    """`ports.Workers` as synchronous invocations of other functions."""

    def __init__(self, client: Any, *, broadcast: str, board: str | None = None) -> None:
        self._client = client
        self._broadcast = broadcast
        self._board = board

    def broadcast(self, request: Mapping[str, Any]) -> int:
        return int(invoke(self._client, self._broadcast, request)["players"])

    def refresh_board(self, session_id: str) -> bool:
        if self._board is None:
            return False
        try:
            answer = invoke(self._client, self._board, {"refresh": session_id})
        except QuizError:
            return False  # boards come from DynamoDB meanwhile
        return bool(answer and answer.get("written"))


class FunctionDoor:
    """Calls one function and hands back its `{"ok"}` or raises its `{"error"}`."""

    def __init__(self, client: Any, function: str) -> None:
        self._client = client
        self._function = function

    def __call__(self, payload: Mapping[str, Any]) -> dict[str, Any]:
        answer = invoke(self._client, self._function, payload)
        if "error" in answer:
            raise QuizError(answer["error"]["code"], answer["error"]["message"])
        result: dict[str, Any] = answer["ok"]
        return result


class GatewaySockets:
    """`ports.Sockets` over the WebSocket API's callback interface.

    botocore's client spends most of its time on things that a post does not need, and
    gets slower with threads; its signer over kept-alive connections is several times
    faster, and stays botocore's.
    """

    def __init__(self, callback_url: str, session: Any, region: str) -> None:
        self._url = callback_url
        self._signer = SigV4Auth(session.get_credentials(), "execute-api", region)
        self._pool = urllib3.PoolManager(
            maxsize=_POSTERS, block=True, timeout=urllib3.Timeout(connect=2, read=5), retries=False
        )

    def _request(self, method: str, connection_id: str, body: bytes = b"") -> int:
        url = f"{self._url}/@connections/{quote(connection_id, safe='')}"
        status = 0
        for attempt in range(_POST_ATTEMPTS):
            if attempt:
                # At random, so that those who were refused together do not return together.
                time.sleep(random.uniform(0, _POST_PAUSE_SECONDS * 2**attempt))
            request = AWSRequest(method=method, url=url, data=body)
            self._signer.add_auth(request)
            try:
                status = self._pool.request(
                    method, url, body=body, headers=dict(request.headers.items())
                ).status
            except urllib3.exceptions.HTTPError:
                status = 599
            if status not in (429, 500, 503, 599):
                break
        return status

    def post(self, frames: Sequence[tuple[str, Sequence[bytes]]]) -> list[str]:
        def deliver(task: tuple[str, Sequence[bytes]]) -> str | None:
            connection_id, bodies = task
            for body in bodies:
                if self._request("POST", connection_id, body) == 410:
                    return connection_id
            return None

        if not frames:
            return []
        with ThreadPoolExecutor(min(_POSTERS, len(frames))) as pool:
            return [gone for gone in pool.map(deliver, frames) if gone]

    def close(self, connection_id: str) -> None:
        self._request("DELETE", connection_id)


class SnsWinners:
    """`ports.Winners` on the winners' topic."""

    def __init__(self, client: Any, topic_arn: str) -> None:
        self._client = client
        self._topic_arn = topic_arn

    def publish(self, document: Mapping[str, Any]) -> None:
        try:
            self._client.publish(
                TopicArn=self._topic_arn,
                Subject="Quiz winners",
                Message=json.dumps(document, ensure_ascii=False),
                MessageAttributes={
                    "session_id": {"DataType": "String", "StringValue": document["session_id"]}
                },
            )
        except (ReadTimeoutError, ConnectionClosedError):
            return  # it may well be out; a second announcement could not be undone
        except (ClientError, BotoCoreError) as exc:
            raise QuizError("unavailable", f"the winners' topic cannot be reached: {exc}") from exc


class EmbeddedMetrics:
    """`ports.Metrics` as embedded-metric-format log lines: no call, no network."""

    def __init__(self, stage: str, clock: Any) -> None:
        self._stage = stage
        self._clock = clock

    def put(self, values: Mapping[str, tuple[float, str]], **properties: Any) -> None:
        directive = {
            "Namespace": "QuizPlatform",
            "Dimensions": [["Environment"]],
            "Metrics": [{"Name": name, "Unit": unit} for name, (_, unit) in values.items()],
        }
        line = {
            "_aws": {"Timestamp": self._clock(), "CloudWatchMetrics": [directive]},
            "Environment": self._stage,
            **properties,
            **{name: value for name, (value, _) in values.items()},
        }
        print(json.dumps(line), file=sys.stdout, flush=True)


class Schedules:
    """EventBridge Scheduler: starts sessions at a time or again and again."""

    def __init__(self, client: Any, *, group: str, queue_arn: str, role_arn: str, dead: str):
        self._client = client
        self._group = group
        self._target = {
            "Arn": queue_arn,
            "RoleArn": role_arn,
            "DeadLetterConfig": {"Arn": dead},
            "RetryPolicy": {"MaximumRetryAttempts": 10, "MaximumEventAgeInSeconds": 600},
        }

    def create(self, name: str, expression: str, timezone: str, message: Mapping[str, Any]) -> None:
        try:
            self._client.create_schedule(
                Name=name,
                GroupName=self._group,
                ScheduleExpression=expression,
                ScheduleExpressionTimezone=timezone,
                FlexibleTimeWindow={"Mode": "OFF"},
                ActionAfterCompletion="DELETE",
                Target={**self._target, "Input": json.dumps(message)},
            )
        except ClientError as exc:
            code = exc.response["Error"]["Code"]
            if code == "ValidationException":
                raise QuizError("bad_request", exc.response["Error"]["Message"]) from exc
            if code == "ConflictException":
                raise QuizError("conflict", f"a schedule {name!r} exists already") from exc
            raise QuizError("unavailable", f"the scheduler refused: {code}") from exc

    def listing(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        token: dict[str, str] = {}
        while True:
            page = _call(
                self._client, "list_schedules", "the scheduler", GroupName=self._group, **token
            )
            for entry in page["Schedules"]:
                full = _call(
                    self._client,
                    "get_schedule",
                    "the scheduler",
                    GroupName=self._group,
                    Name=entry["Name"],
                )
                message = json.loads(full["Target"]["Input"])
                found.append(
                    {
                        "schedule": entry["Name"],
                        "expression": full["ScheduleExpression"],
                        "timezone": full.get("ScheduleExpressionTimezone", "UTC"),
                        "quiz_id": message["quiz_id"],
                    }
                )
            if not page.get("NextToken"):
                return found
            token = {"NextToken": page["NextToken"]}

    def delete(self, name: str) -> None:
        try:
            self._client.delete_schedule(GroupName=self._group, Name=name)
        except ClientError as exc:
            if exc.response["Error"]["Code"] == "ResourceNotFoundException":
                raise QuizError("schedule_not_found", f"no schedule {name!r}") from exc
            raise QuizError("unavailable", "the scheduler refused") from exc


class Media:
    """The media bucket: presigned uploads of one exact object, presigned reads."""

    def __init__(self, client: Any, bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def upload(self, key: str, content_type: str, size: int, seconds: int) -> dict[str, Any]:
        form: dict[str, Any] = self._client.generate_presigned_post(
            self._bucket,
            key,
            Fields={"Content-Type": content_type},
            Conditions=[
                {"Content-Type": content_type},
                ["content-length-range", size, size],
            ],
            ExpiresIn=seconds,
        )
        return form

    def url(self, key: str, seconds: int) -> str:
        return str(
            self._client.generate_presigned_url(
                "get_object", Params={"Bucket": self._bucket, "Key": key}, ExpiresIn=seconds
            )
        )
