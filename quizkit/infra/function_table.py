"""The Lambda functions as data: what each is told, what it may do, where it runs.

One row a function; `functions.py` turns rows into resources. Environment names are exactly
what the handlers read, resource keys those of `naming.Names.resources`. A permission that is
not in a row does not exist: the intake (`answer`) has no row on the answer keys, so it could
not leak a right answer if it tried.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

REDIS = ("REDIS_HOST", "REDIS_PORT", "REDIS_TLS", "REDIS_USER", "REDIS_CLUSTER")


@dataclass(frozen=True, slots=True)
class Grant:
    """IAM `actions` on the resources under a key; `passed_to` limits iam:PassRole."""

    resource: str
    actions: tuple[str, ...]
    passed_to: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionSpec:
    """One function: `timeout` in seconds, `memory` in MiB, `env` names, `grants`.

    vpc: runs beside the cache (when the stage has one).
    """

    name: str
    timeout: int
    env: tuple[str, ...]
    grants: tuple[Grant, ...]
    memory: int = 512
    vpc: bool = False

    @property
    def handler(self) -> str:
        """What Lambda imports and calls."""
        return f"quizkit.lambdas.handlers.{self.name}.handler"


def _table(table: str, *operations: str) -> Grant:
    return Grant(table, tuple(f"dynamodb:{operation}" for operation in operations))


def _invoke(function: str) -> Grant:
    return Grant(f"function-{function}", ("lambda:InvokeFunction",))


_SEND = Grant("control-queue", ("sqs:SendMessage",))
_BURY = Grant("dead-queue", ("sqs:SendMessage",))
_CONSUME = Grant(
    "control-queue",
    (
        "sqs:ReceiveMessage",
        "sqs:DeleteMessage",
        "sqs:ChangeMessageVisibility",
        "sqs:GetQueueAttributes",
    ),
)
_SEND_TO_SOCKETS = Grant("sockets-send", ("execute-api:ManageConnections",))
_CLOSE_SOCKETS = Grant("sockets-close", ("execute-api:ManageConnections",))
_CACHE = Grant("cache", ("elasticache:Connect",))

#: Why a resource is written with a `*`, by its key; what every function has comes first.
#: Actions are never written with one.
WILDCARDS: Mapping[str, str] = {
    "own-logs": "The streams of the function's own log group, whose names Lambda chooses.",
    "interfaces": "EC2 knows no narrower resource for network interfaces that do not exist yet;"
    " only functions beside the cache have this.",
    "any-group": "Scheduler checks listing against all groups, whichever one is asked for.",
    "schedules": "Hosts name their schedules; the group is the stage's own.",
    "uploads": "Objects are named for their content; what lies there is unseen and expires.",
    "media": "Objects are named for their content; it is the part with checked files.",
    "sockets-send": "Connections get their names when they open; sending only, on this API only.",
    "sockets-close": "Connections get their names when they open; closing only, on this API only.",
}

FUNCTIONS: tuple[FunctionSpec, ...] = (
    FunctionSpec(
        name="authorizer",
        timeout=10,
        env=("TICKETS_TABLE", "ORIGINS"),
        grants=(_table("tickets", "DeleteItem"),),
    ),
    FunctionSpec(
        name="connection",
        timeout=15,
        env=(
            "SESSIONS_TABLE",
            "QUESTIONS_TABLE",
            "PARTICIPANTS_TABLE",
            "ANSWERS_TABLE",
            "CONTROL_QUEUE_URL",
            "CALLBACK_URL",
            "MEDIA_URL",
        ),
        grants=(
            _table("sessions", "GetItem", "UpdateItem", "Query"),
            _table("questions", "GetItem"),
            _table("participants", "GetItem", "UpdateItem"),
            _table("answers", "GetItem"),
            _SEND,
            _CLOSE_SOCKETS,
        ),
    ),
    FunctionSpec(
        name="answer",
        timeout=10,
        memory=1024,
        vpc=True,
        env=("SESSIONS_TABLE", "PARTICIPANTS_TABLE", "ANSWERS_TABLE", *REDIS),
        grants=(
            _table("sessions", "GetItem"),
            _table("participants", "GetItem"),
            _table("answers", "PutItem", "GetItem"),
            _CACHE,
        ),
    ),
    FunctionSpec(
        name="join",
        timeout=15,
        env=(
            "SESSIONS_TABLE",
            "PARTICIPANTS_TABLE",
            "TICKETS_TABLE",
            "WEBSOCKET_URL",
            "REFUSED_NAMES",
        ),
        grants=(
            _table("sessions", "GetItem"),
            _table("participants", "GetItem", "PutItem"),
            # Updating: wrong guesses are counted beside the tickets.
            _table("tickets", "PutItem", "UpdateItem"),
        ),
    ),
    FunctionSpec(
        name="board",
        timeout=15,
        vpc=True,
        env=("SESSIONS_TABLE", "PARTICIPANTS_TABLE", "ANSWERS_TABLE", *REDIS),
        grants=(
            _table("sessions", "GetItem", "Query"),
            _table("participants", "Query"),
            _table("answers", "Query"),
            _CACHE,
        ),
    ),
    FunctionSpec(
        name="control",
        timeout=60,
        memory=1024,
        env=(
            "SESSIONS_TABLE",
            "QUESTIONS_TABLE",
            "KEYS_TABLE",
            "SALTS_TABLE",
            "PARTICIPANTS_TABLE",
            "ANSWERS_TABLE",
            "CONTROL_QUEUE_URL",
            "BROADCAST_FUNCTION",
            "BOARD_FUNCTION",
            "WINNERS_TOPIC_ARN",
            "MEDIA_URL",
            "CALLBACK_URL",
            "SHARDS",
        ),
        grants=(
            _table(
                "sessions",
                "GetItem",
                "PutItem",
                "UpdateItem",
                "DeleteItem",
                "Query",
                "BatchWriteItem",
            ),
            _table("questions", "GetItem", "Query"),
            # Reading: what moves sessions could not change the key that it has committed to.
            _table("keys", "GetItem", "Query"),
            _table("salts", "GetItem", "PutItem"),
            _table("participants", "Query", "GetItem", "UpdateItem"),
            _table("answers", "Query"),
            _SEND,
            _CONSUME,
            _invoke("broadcast"),
            _invoke("board"),
            Grant("winners", ("sns:Publish",)),
            _CLOSE_SOCKETS,
        ),
    ),
    FunctionSpec(
        name="admin",
        timeout=60,
        env=(
            "SESSIONS_TABLE",
            "QUESTIONS_TABLE",
            "KEYS_TABLE",
            "SALTS_TABLE",
            "PARTICIPANTS_TABLE",
            "ANSWERS_TABLE",
            "TICKETS_TABLE",
            "CONTROL_FUNCTION",
            "CONTROL_QUEUE_ARN",
            "SCHEDULE_GROUP",
            "SCHEDULE_ROLE_ARN",
            "DEAD_QUEUE_ARN",
            "MEDIA_BUCKET",
            "WEBSOCKET_URL",
        ),
        grants=(
            _table("sessions", "GetItem", "Query"),
            _table("questions", "GetItem", "PutItem", "DeleteItem", "Query", "BatchWriteItem"),
            _table("keys", "GetItem", "PutItem", "DeleteItem", "Query", "BatchWriteItem"),
            _table("salts", "GetItem"),
            _table("participants", "Query", "PutItem"),
            _table("answers", "Query"),
            _table("tickets", "PutItem"),
            _invoke("control"),
            Grant(
                "schedules",
                (
                    "scheduler:CreateSchedule",
                    "scheduler:GetSchedule",
                    "scheduler:DeleteSchedule",
                ),
            ),
            Grant("any-group", ("scheduler:ListSchedules",)),
            Grant("schedule-role", ("iam:PassRole",), passed_to="scheduler.amazonaws.com"),
            Grant("uploads", ("s3:PutObject", "s3:GetObject")),
            Grant("media", ("s3:PutObject", "s3:GetObject", "s3:DeleteObject")),
        ),
    ),
    FunctionSpec(
        name="broadcast",
        timeout=60,
        memory=1024,
        env=("SESSIONS_TABLE", "PARTICIPANTS_TABLE", "CALLBACK_URL"),
        grants=(
            _table("sessions", "GetItem"),
            _table("participants", "Query", "UpdateItem"),
            _SEND_TO_SOCKETS,
        ),
    ),
    FunctionSpec(
        name="counter",
        timeout=30,
        env=("SESSIONS_TABLE", "CONTROL_QUEUE_URL", "BROADCAST_FUNCTION"),
        grants=(
            _table("sessions", "GetItem", "UpdateItem"),
            Grant(
                "answers-stream",
                (
                    "dynamodb:DescribeStream",
                    "dynamodb:GetRecords",
                    "dynamodb:GetShardIterator",
                    "dynamodb:ListStreams",
                ),
            ),
            _SEND,
            _BURY,
            _invoke("broadcast"),
        ),
    ),
)
