"""Calls that tell what a role may do, each as harmless where it is allowed as where it is not.

IAM decides before a service looks at a request. So a call about a thing that is not there tells
as much as one that does something: whatever comes back but a denial means that it is allowed.
Writes carry a condition that nothing meets, messages are delayed beyond the test's end.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import boto3
from botocore.exceptions import ClientError

from quizkit.infra.function_table import FUNCTIONS
from quizkit.infra.naming import TABLES
from tests.deployed import Deployed

#: (resource key of `naming.Names.resources`, or another name of ours; IAM action)
Permission: TypeAlias = tuple[str, str]
Probe: TypeAlias = Callable[["Caller"], object]

ACCOUNT = "000000000000"
REGION = "us-east-1"
STACK = "quizkit-dev"
_DENIALS = frozenset(
    {"AccessDenied", "AccessDeniedException", "AuthorizationError", "AuthorizationErrorException"}
)
_NOBODY = {"pk": {"S": "nobody"}, "sk": {"S": "x"}}
_NEVER = {"ConditionExpression": "attribute_exists(pk) AND attribute_not_exists(pk)"}


@dataclass
class Caller:
    """Somebody who calls the platform with given credentials; keeps one client a service."""

    platform: Deployed
    credentials: Mapping[str, str]
    _clients: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def of_function(cls, platform: Deployed, function: str) -> Caller:
        """With the credentials that the function's role gives."""
        root = cls(platform, {"aws_access_key_id": "test", "aws_secret_access_key": "test"})
        name = f"{STACK}-{function}"
        role = root.client("lambda").get_function_configuration(FunctionName=name)["Role"]
        given = root.client("sts").assume_role(RoleArn=role, RoleSessionName=name)["Credentials"]
        root.close()
        return cls(
            platform,
            {
                "aws_access_key_id": given["AccessKeyId"],
                "aws_secret_access_key": given["SecretAccessKey"],
                "aws_session_token": given["SessionToken"],
            },
        )

    def client(self, service: str, endpoint_url: str | None = None) -> Any:
        """A boto3 client."""
        if service not in self._clients:
            session: Any = boto3.session.Session()
            self._clients[service] = session.client(
                service,
                endpoint_url=endpoint_url or self.platform.gateway_url,
                region_name=REGION,
                **self.credentials,
            )
        return self._clients[service]

    def sockets(self) -> Any:
        """The callback interface of the WebSocket API."""
        url = self.platform.outputs["WebSocketApiUrl"].replace("ws://", "http://")
        return self.client("apigatewaymanagementapi", url)

    def close(self) -> None:
        """Close all connections."""
        for client in self._clients.values():
            client.close()

    def may(self, probe: Probe) -> bool:
        """Whether the call is allowed, be it of use or not."""
        try:
            probe(self)
        except ClientError as exc:
            status = exc.response["ResponseMetadata"]["HTTPStatusCode"]
            denied = exc.response["Error"]["Code"] in _DENIALS
            # A denial of the callback interface has no code of its own.
            return not denied and not (status == 403 and "not authorized" in str(exc))
        return True


def arn(service: str, resource: str) -> str:
    """The ARN of a resource of the platform."""
    return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{resource}"


def _tables() -> dict[Permission, Probe]:
    def probes(table: str) -> dict[str, Probe]:
        name = {"TableName": f"{STACK}-{table}"}
        return {
            "GetItem": lambda c: c.client("dynamodb").get_item(**name, Key=_NOBODY),
            "PutItem": lambda c: c.client("dynamodb").put_item(**name, **_NEVER, Item=_NOBODY),
            "UpdateItem": lambda c: c.client("dynamodb").update_item(**name, **_NEVER, Key=_NOBODY),
            "DeleteItem": lambda c: c.client("dynamodb").delete_item(**name, **_NEVER, Key=_NOBODY),
            "Query": lambda c: c.client("dynamodb").query(
                **name,
                KeyConditionExpression="pk = :pk",
                ExpressionAttributeValues={":pk": {"S": "nobody"}},
            ),
            "Scan": lambda c: c.client("dynamodb").scan(**name, Limit=1),
            "BatchGetItem": lambda c: c.client("dynamodb").batch_get_item(
                RequestItems={name["TableName"]: {"Keys": [_NOBODY]}}
            ),
            "BatchWriteItem": lambda c: c.client("dynamodb").batch_write_item(
                RequestItems={name["TableName"]: [{"DeleteRequest": {"Key": _NOBODY}}]}
            ),
            "DescribeTable": lambda c: c.client("dynamodb").describe_table(**name),
            "UpdateTable": lambda c: c.client("dynamodb").update_table(
                **name, BillingMode="PAY_PER_REQUEST"
            ),
        }

    return {
        (table, f"dynamodb:{operation}"): probe
        for table in TABLES
        for operation, probe in probes(table).items()
    }


def _queues() -> dict[Permission, Probe]:
    def probes(name: str) -> dict[str, Probe]:
        def url(caller: Caller) -> str:
            return f"{caller.platform.gateway_url}/{ACCOUNT}/{name}"

        receipt = {"ReceiptHandle": "none"}
        return {
            "SendMessage": lambda c: c.client("sqs").send_message(
                QueueUrl=url(c), MessageBody="{}", DelaySeconds=900
            ),
            "ReceiveMessage": lambda c: c.client("sqs").receive_message(
                QueueUrl=url(c), VisibilityTimeout=0, WaitTimeSeconds=0
            ),
            "DeleteMessage": lambda c: c.client("sqs").delete_message(QueueUrl=url(c), **receipt),
            "ChangeMessageVisibility": lambda c: c.client("sqs").change_message_visibility(
                QueueUrl=url(c), **receipt, VisibilityTimeout=0
            ),
            "GetQueueAttributes": lambda c: c.client("sqs").get_queue_attributes(QueueUrl=url(c)),
            "SetQueueAttributes": lambda c: c.client("sqs").set_queue_attributes(
                QueueUrl=url(c), Attributes={"VisibilityTimeout": "90"}
            ),
        }

    return {
        (key, f"sqs:{operation}"): probe
        for key, name in (
            ("control-queue", f"{STACK}-control"),
            ("dead-queue", f"{STACK}-control-dead"),
        )
        for operation, probe in probes(name).items()
    }


def _topics() -> dict[Permission, Probe]:
    def publish(name: str) -> Probe:
        return lambda c: c.client("sns").publish(TopicArn=arn("sns", name), Message="x")

    return {
        ("winners", "sns:Publish"): publish("quiz-winners-dev"),
        ("operations", "sns:Publish"): publish("quiz-operations-dev"),
        ("winners", "sns:Subscribe"): lambda c: c.client("sns").subscribe(
            TopicArn=arn("sns", "quiz-winners-dev"),
            Protocol="sqs",
            Endpoint=arn("sqs", f"{STACK}-control-dead"),
        ),
    }


def _functions() -> dict[Permission, Probe]:
    def invoke(name: str) -> Probe:
        return lambda c: c.client("lambda").invoke(
            FunctionName=f"{STACK}-{name}", InvocationType="DryRun", Payload=b"{}"
        )

    def configure(name: str) -> Probe:
        return lambda c: c.client("lambda").update_function_configuration(
            FunctionName=f"{STACK}-{name}", Description=name
        )

    names = [spec.name for spec in FUNCTIONS]
    return {(f"function-{n}", "lambda:InvokeFunction"): invoke(n) for n in names} | {
        (f"function-{n}", "lambda:UpdateFunctionConfiguration"): configure(n) for n in names
    }


def _bucket() -> dict[Permission, Probe]:
    def probes(key: str) -> dict[str, Probe]:
        def place(caller: Caller) -> dict[str, str]:
            return {"Bucket": caller.platform.outputs["MediaBucketName"], "Key": key}

        return {
            "GetObject": lambda c: c.client("s3").get_object(**place(c))["Body"].close(),
            "PutObject": lambda c: c.client("s3").put_object(**place(c), Body=b"probe"),
            "DeleteObject": lambda c: c.client("s3").delete_object(
                **place(c) | {"Key": key + "-none"}
            ),
        }

    def listing(caller: Caller) -> object:
        return caller.client("s3").list_objects_v2(
            Bucket=caller.platform.outputs["MediaBucketName"]
        )

    return {
        (part, f"s3:{operation}"): probe
        for part in ("uploads", "media")
        for operation, probe in probes(f"{part}/probe").items()
    } | {("bucket", "s3:ListBucket"): listing}


def _schedules() -> dict[Permission, Probe]:
    one = {"GroupName": STACK, "Name": "none"}

    def create(caller: Caller) -> object:
        role = caller.platform.client("lambda").get_function_configuration(
            FunctionName=f"{STACK}-admin"
        )["Environment"]["Variables"]["SCHEDULE_ROLE_ARN"]
        return caller.client("scheduler").create_schedule(
            GroupName=STACK,
            Name="probe",
            ScheduleExpression="at(2099-01-01T00:00:00)",
            FlexibleTimeWindow={"Mode": "OFF"},
            Target={"Arn": arn("sqs", f"{STACK}-control"), "RoleArn": role},
        )

    return {
        ("schedules", "scheduler:CreateSchedule"): create,
        ("schedules", "scheduler:GetSchedule"): lambda c: c.client("scheduler").get_schedule(**one),
        ("schedules", "scheduler:DeleteSchedule"): lambda c: c.client("scheduler").delete_schedule(
            **one
        ),
        ("any-group", "scheduler:ListSchedules"): lambda c: c.client("scheduler").list_schedules(
            GroupName=STACK
        ),
    }


def _sockets() -> dict[Permission, Probe]:
    manage = "execute-api:ManageConnections"
    return {
        ("sockets-send", manage): lambda c: c.sockets().post_to_connection(
            ConnectionId="none", Data=b"{}"
        ),
        ("sockets-close", manage): lambda c: c.sockets().delete_connection(ConnectionId="none"),
    }


def _elsewhere() -> dict[Permission, Probe]:
    """What no function has any business with."""

    def pool(caller: Caller) -> str:
        return caller.platform.outputs["UserPoolId"]

    def event(caller: Caller) -> object:
        answer = caller.client("events").put_events(
            Entries=[{"Source": "none", "DetailType": "none", "Detail": json.dumps({})}]
        )
        return answer["FailedEntryCount"]

    return {
        ("bus", "events:PutEvents"): event,
        ("roles", "iam:ListRoles"): lambda c: c.client("iam").list_roles(),
        ("stack", "cloudformation:DescribeStacks"): lambda c: c.client(
            "cloudformation"
        ).describe_stacks(StackName=STACK),
        ("pool", "cognito-idp:ListUsers"): lambda c: c.client("cognito-idp").list_users(
            UserPoolId=pool(c)
        ),
        ("pool", "cognito-idp:AdminAddUserToGroup"): lambda c: c.client(
            "cognito-idp"
        ).admin_add_user_to_group(UserPoolId=pool(c), Username="none", GroupName="hosts"),
    }


PROBES: dict[Permission, Probe] = {
    **_tables(),
    **_queues(),
    **_topics(),
    **_functions(),
    **_bucket(),
    **_schedules(),
    **_sockets(),
    **_elsewhere(),
}

#: Granted, and without a call that would tell.
UNTOLD: dict[Permission, str] = {
    ("cache", "elasticache:Connect"): "The cache here has no users; AWS alone can tell.",
    ("schedule-role", "iam:PassRole"): "Passing happens within CreateSchedule, which has a probe.",
    **{
        ("answers-stream", f"dynamodb:{operation}"): "MiniStack checks reading a stream against no"
        " stream at all, and its own polling not at all."
        for operation in ("DescribeStream", "GetRecords", "GetShardIterator", "ListStreams")
    },
}


def granted(function: str) -> set[Permission]:
    """What the table of functions gives a function."""
    [spec] = [spec for spec in FUNCTIONS if spec.name == function]
    return {(grant.resource, action) for grant in spec.grants for action in grant.actions}
