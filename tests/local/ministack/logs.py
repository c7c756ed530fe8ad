"""Prints whether a full page of log lines has a token, and whether lines of the runner have ids."""

from __future__ import annotations

import json

from ministack.services import cloudwatch_logs, lambda_svc

function = {"config": {"FunctionName": "f"}}
lambda_svc._emit_lambda_logs(function, "r", "one line", False, 1)
asked = {"logGroupName": "/aws/lambda/f", "limit": 2}
_, _, body = cloudwatch_logs._filter_log_events(asked)
page = json.loads(body)
assert len(page["events"]) == 2
print("token" if "nextToken" in page else "no token")
print("id" if "eventId" in page["events"][0] else "no id")
