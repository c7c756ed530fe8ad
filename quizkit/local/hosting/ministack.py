"""The host's view of MiniStack: functions on record, log groups, metrics. boto3 stays in here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Final

from quizkit.local.hosting.functions import Settings
from quizkit.local.hosting.shipping import Line, SinkError
from quizkit.local.status import REGION, BotoSettings

if TYPE_CHECKING:
    import boto3

#: Settings of the emulator itself, not of the function.
_PROXY_VARIABLE: Final = "MINISTACK_LAMBDA_PROXY_URL"
_ROLE_SESSION_S: Final = 3600
_ROLE_MARGIN_S: Final = 300


def session_of(settings: BotoSettings) -> boto3.Session:
    """A boto3 session for the local platform; no file or variable of the user's matters."""
    import boto3

    return boto3.Session(
        aws_access_key_id=settings.access_key_id,
        aws_secret_access_key=settings.secret_access_key,
        region_name=settings.region,
    )


class MiniStack:
    """Source of functions and sink of their output.

    Args:
        gateway_url: MiniStack's endpoint.
        iam: MiniStack enforces IAM, so each function works with its role's credentials.
    """

    def __init__(self, gateway_url: str, *, iam: bool) -> None:
        self._settings = BotoSettings(endpoint_url=gateway_url)
        self._iam = iam
        session = session_of(self._settings)
        self._lambda = session.client("lambda", endpoint_url=gateway_url)
        self._logs = session.client("logs", endpoint_url=gateway_url)
        self._metrics = session.client("cloudwatch", endpoint_url=gateway_url)
        self._sts = session.client("sts", endpoint_url=gateway_url)
        self._streams: set[tuple[str, str]] = set()
        self.stream = ""

    def settings(self, name: str) -> Settings | None:
        """The function's settings, None where there is no such function."""
        try:
            found = self._lambda.get_function_configuration(FunctionName=name)
        except self._lambda.exceptions.ResourceNotFoundException:
            return None
        return _settings_of(found)

    def environ(self, settings: Settings) -> tuple[Mapping[str, str], float]:
        """The function's variables with what Lambda adds; and for how many seconds they hold."""
        credentials, lifetime = self._credentials(settings)
        return {
            **{key: value for key, value in settings.variables.items() if key != _PROXY_VARIABLE},
            **credentials,
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_ENDPOINT_URL": self._settings.endpoint_url,
            "AWS_LAMBDA_FUNCTION_NAME": settings.name,
            "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(settings.memory_mb),
            "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{settings.name}",
            "AWS_LAMBDA_LOG_STREAM_NAME": self.stream,
        }, lifetime

    def hosted(self, handlers_url: str) -> list[str]:
        """Names of the functions that MiniStack forwards to `handlers_url`."""
        names = []
        for page in self._lambda.get_paginator("list_functions").paginate():
            for function in page["Functions"]:
                variables = function.get("Environment", {}).get("Variables", {})
                if variables.get(_PROXY_VARIABLE) == handlers_url:
                    names.append(function["FunctionName"])
        return names

    def put_metrics(self, namespace: str, data: Sequence[Mapping[str, Any]]) -> None:
        """Publish metric data of one namespace."""
        with _sink_errors():
            metrics: Any = list(data)
            self._metrics.put_metric_data(Namespace=namespace, MetricData=metrics)

    def put_lines(self, function: str, lines: Sequence[Line]) -> None:
        """Append lines to the function's log group, in this host's stream."""
        group = f"/aws/lambda/{function}"
        with _sink_errors():
            self._ensure_stream(group)
            self._logs.put_log_events(
                logGroupName=group,
                logStreamName=self.stream,
                logEvents=[{"timestamp": line.at_ms, "message": line.text} for line in lines],
            )

    def _ensure_stream(self, group: str) -> None:
        """Make the stream, and the group where the stack has not; once."""
        if (group, self.stream) in self._streams:
            return
        exists = self._logs.exceptions.ResourceAlreadyExistsException
        with suppress(exists):
            self._logs.create_log_group(logGroupName=group)
        with suppress(exists):
            self._logs.create_log_stream(logGroupName=group, logStreamName=self.stream)
        self._streams.add((group, self.stream))

    def _credentials(self, settings: Settings) -> tuple[Mapping[str, str], float]:
        """Test credentials; under IAM those of the function's role."""
        if not self._iam:
            return {
                "AWS_ACCESS_KEY_ID": self._settings.access_key_id,
                "AWS_SECRET_ACCESS_KEY": self._settings.secret_access_key,
            }, float("inf")
        session = self._sts.assume_role(
            RoleArn=settings.role,
            RoleSessionName=settings.name[:64],
            DurationSeconds=_ROLE_SESSION_S,
        )["Credentials"]
        return {
            "AWS_ACCESS_KEY_ID": session["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": session["SecretAccessKey"],
            "AWS_SESSION_TOKEN": session["SessionToken"],
        }, _ROLE_SESSION_S - _ROLE_MARGIN_S


def _settings_of(found: Mapping[str, Any]) -> Settings:
    return Settings(
        name=found["FunctionName"],
        arn=found["FunctionArn"],
        role=found["Role"],
        handler=found["Handler"],
        memory_mb=found["MemorySize"],
        variables=dict(found.get("Environment", {}).get("Variables", {})),
        code=found["CodeSha256"],
    )


@contextmanager
def _sink_errors() -> Iterator[None]:
    """Turn botocore's exceptions into SinkError."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except (BotoCoreError, ClientError) as exc:
        raise SinkError(str(exc)) from exc
