"""Functions for tests of the handler host; what they do is in the event."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

import boto3


def build(environ: Mapping[str, str]) -> Callable[[Any, Any], Any]:
    """A function with the settings in `environ`."""

    def handler(event: Any, context: Any) -> Any:
        wish = event.get("do", "socket" if "requestContext" in event else "echo")
        return _WISHES[wish](event, context, environ)

    return handler


def _echo(event: Any, context: Any, environ: Mapping[str, str]) -> Any:
    return {
        "event": event,
        "environ": dict(environ),
        "context": {
            "aws_request_id": context.aws_request_id,
            "function_name": context.function_name,
            "invoked_function_arn": context.invoked_function_arn,
            "memory_limit_in_mb": context.memory_limit_in_mb,
            "remaining": context.get_remaining_time_in_millis(),
        },
    }


def _print(event: Any, context: Any, environ: Mapping[str, str]) -> Any:
    for line in event["lines"]:
        print(line)


def _fail(event: Any, context: Any, environ: Mapping[str, str]) -> Any:
    raise ValueError("no such luck")


def _call(event: Any, context: Any, environ: Mapping[str, str]) -> Any:
    """Invoke another function through MiniStack, once this many of us are doing so."""
    client = boto3.client(
        "lambda",
        endpoint_url=environ["AWS_ENDPOINT_URL"],
        region_name=environ["AWS_REGION"],
        aws_access_key_id=environ["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=environ["AWS_SECRET_ACCESS_KEY"],
    )
    try:
        answer = client.invoke(FunctionName=event["function"], Payload=b'{"do": "thread"}')
        return json.loads(answer["Payload"].read())
    finally:
        client.close()


def _thread(event: Any, context: Any, environ: Mapping[str, str]) -> Any:
    time.sleep(0.02)
    return {"thread": threading.current_thread().name}


def _socket(event: Any, context: Any, environ: Mapping[str, str]) -> Any:
    if event["requestContext"]["eventType"] != "MESSAGE":
        return {"statusCode": 200}
    if event["body"] == "fail":
        raise ValueError("the secret is b")
    said = {"hosted": event["body"]}
    if event["body"] == "who am I?":
        said["connection"] = event["requestContext"]["connectionId"]
    return {"statusCode": 200, "body": json.dumps(said)}


_WISHES = {
    "echo": _echo,
    "print": _print,
    "fail": _fail,
    "call": _call,
    "thread": _thread,
    "socket": _socket,
}
