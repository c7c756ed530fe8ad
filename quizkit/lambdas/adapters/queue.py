"""The control queue on SQS: commands that come later, at least once."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from quizkit.core.errors import QuizError
from quizkit.core.session import Timer
from quizkit.lambdas.adapters.connections import NoAnswer
from quizkit.lambdas.adapters.json_api import ApiError, JsonApi

#: How SQS's operations are named on the wire.
TARGET: Final = "AmazonSQS"
_MAX_DELAY_SECONDS: Final = 900


class SqsTimers:
    """`ports.Timers` as delayed messages on the control queue."""

    def __init__(self, api: JsonApi, queue_url: str) -> None:
        self._api = api
        self._queue_url = queue_url

    def set(self, session_id: str, timer: Timer, now: int) -> None:
        # Rounded up: a message that comes early would only have to wait. Beyond the
        # queue's longest delay the receiver sends itself the message again.
        delay = min(_MAX_DELAY_SECONDS, max(0, -(-(timer.at - now) // 1_000)))
        message = {"action": str(timer.command), "index": timer.index, "at": timer.at}
        self.send({"session_id": session_id, "timer": message}, delay)

    def send(self, message: Mapping[str, Any], delay_seconds: int) -> None:
        arguments = {
            "QueueUrl": self._queue_url,
            "MessageBody": json.dumps(message),
            "DelaySeconds": delay_seconds,
        }
        try:
            self._api.call("SendMessage", arguments)
        except (ApiError, NoAnswer) as exc:
            raise QuizError("unavailable", f"the control queue cannot be reached: {exc}") from exc
