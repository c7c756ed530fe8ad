"""Functions, topic and schedules on AWS, through boto3's clients.

None of them is on a player's path; what is has adapters that load in a tenth of the time.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionClosedError,
    ReadTimeoutError,
)

from quizkit.core.errors import QuizError
from quizkit.core.owners import ADMINS


def _call(client: Any, operation: str, what: str, **arguments: Any) -> dict[str, Any]:
    try:
        response: dict[str, Any] = getattr(client, operation)(**arguments)
    except (ClientError, BotoCoreError) as exc:
        raise QuizError("unavailable", f"{what} cannot be reached: {exc}") from exc
    return response


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
                        "owner": message.get("owner", ADMINS),
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
