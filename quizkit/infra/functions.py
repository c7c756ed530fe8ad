"""The Lambda functions: one role and one log group each, all from the same bundle.

Rows come from `function_table`. Every role holds the row's grants, writing to the function's
own log group, and for functions in the VPC the network interface calls; no managed policies.
The functions are L1 resources because the higher-level construct adds a managed policy and
resolves code through a bootstrapped bucket.

No function reserves concurrency: a reservation takes from every other function of the account,
and new accounts have none to give. What could flood is bounded where it comes in: the APIs by
their throttles, the control queue by the concurrency of its mapping.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from aws_cdk import Fn
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from quizkit.infra.findings import acknowledge, wildcards
from quizkit.infra.function_table import FUNCTIONS, WILDCARDS, FunctionSpec, Grant
from quizkit.infra.naming import Names, arn
from quizkit.infra.network import Network
from quizkit.infra.policies import Statement, allow, document, trust
from quizkit.infra.settings import Settings

RUNTIME = "python3.13"
ARCHITECTURE = "arm64"
_CONTROL_CONCURRENCY = 50
_LOG_DAYS = {True: 90, False: 14}

# Lambda attaches functions to the VPC in the role's name.
_INTERFACE_ACTIONS = (
    "ec2:CreateNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:DeleteNetworkInterface",
    "ec2:AssignPrivateIpAddresses",
    "ec2:UnassignPrivateIpAddresses",
)
_TESTED_RUNTIME = "The newest Python that the tests run on."
_SYNCHRONOUS = (
    "Whoever invokes it waits for the answer or repeats the event; a dead letter target takes"
    " failed asynchronous invocations, and there are none."
)
_UNTRACED = (
    "Traces are charged by the request and need permissions on every resource; durations, delays"
    " and errors are metrics."
)
_ACCEPTED = {
    "AwsSolutions-L1": _TESTED_RUNTIME,
    "Serverless-LambdaLatestVersion": _TESTED_RUNTIME,
    "Serverless-LambdaDLQ": _SYNCHRONOUS,
    "Serverless-LambdaTracing": _UNTRACED,
}


@dataclass(frozen=True, slots=True)
class Code:
    """Where the bundle will be: bucket (may be a token) and key."""

    bucket: str
    key: str


class Functions(Construct):
    """`functions` (CfnFunction) by short name."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        names: Names,
        settings: Settings,
        code: Code,
        environment: Mapping[str, str],
        network: Network | None,
    ) -> None:
        super().__init__(scope, construct_id)
        self._names = names
        self._network = network
        self._log_days = _LOG_DAYS[settings.protected]
        self.functions = {spec.name: self._function(spec, code, environment) for spec in FUNCTIONS}

    def consume_queue(self, function: str, queue_arn: str) -> None:
        """Control messages one at a time; a failed one returns alone."""
        mapping = lambda_.CfnEventSourceMapping(
            self,
            f"{function.capitalize()}Messages",
            function_name=self.functions[function].ref,
            event_source_arn=queue_arn,
            batch_size=1,
            enabled=True,
            function_response_types=["ReportBatchItemFailures"],
            scaling_config=lambda_.CfnEventSourceMapping.ScalingConfigProperty(
                maximum_concurrency=_CONTROL_CONCURRENCY
            ),
        )
        reason = "A queue's mapping has no destination for failures: the queue redrives them."
        acknowledge(mapping, {"Serverless-LambdaEventSourceMappingDestination": reason})

    def consume_stream(self, function: str, stream_arn: str, dead_arn: str) -> None:
        """New rows in batches of a second; expiry and rewrites of rows are filtered out."""
        lambda_.CfnEventSourceMapping(
            self,
            f"{function.capitalize()}Stream",
            function_name=self.functions[function].ref,
            event_source_arn=stream_arn,
            starting_position="LATEST",
            batch_size=100,
            maximum_batching_window_in_seconds=1,
            bisect_batch_on_function_error=True,
            maximum_retry_attempts=3,
            maximum_record_age_in_seconds=300,
            enabled=True,
            filter_criteria=lambda_.CfnEventSourceMapping.FilterCriteriaProperty(
                filters=[
                    lambda_.CfnEventSourceMapping.FilterProperty(pattern='{"eventName":["INSERT"]}')
                ]
            ),
            destination_config=lambda_.CfnEventSourceMapping.DestinationConfigProperty(
                on_failure=lambda_.CfnEventSourceMapping.OnFailureProperty(destination=dead_arn)
            ),
        )

    def _function(
        self, spec: FunctionSpec, code: Code, environment: Mapping[str, str]
    ) -> lambda_.CfnFunction:
        label = spec.name.capitalize()
        log_group = logs.CfnLogGroup(
            self,
            f"{label}Logs",
            log_group_name=self._names.log_group(spec.name),
            retention_in_days=self._log_days,
        )
        role = self._role(spec, label)
        resource = lambda_.CfnFunction(
            self,
            label,
            function_name=self._names.function(spec.name),
            description=f"quizkit {self._names.stage}: {spec.name}",
            runtime=RUNTIME,
            architectures=[ARCHITECTURE],
            handler=spec.handler,
            code=lambda_.CfnFunction.CodeProperty(s3_bucket=code.bucket, s3_key=code.key),
            role=role.attr_arn,
            timeout=spec.timeout,
            memory_size=spec.memory,
            environment=lambda_.CfnFunction.EnvironmentProperty(
                variables={name: environment[name] for name in ("STAGE", *spec.env)}
            ),
            # Without the lines START, END and REPORT of every call that went well, which cost
            # more than the answer's read; only JSON may leave them out.
            logging_config=lambda_.CfnFunction.LoggingConfigProperty(
                log_group=log_group.ref, log_format="JSON", system_log_level="WARN"
            ),
            vpc_config=self._vpc_config(spec),
        )
        acknowledge(resource, _ACCEPTED)
        return resource

    def _vpc_config(self, spec: FunctionSpec) -> lambda_.CfnFunction.VpcConfigProperty | None:
        if not spec.vpc or self._network is None:
            return None
        return lambda_.CfnFunction.VpcConfigProperty(
            security_group_ids=[self._network.functions_group],
            subnet_ids=self._network.subnet_ids,
        )

    def _role(self, spec: FunctionSpec, label: str) -> iam.CfnRole:
        granted = list(self._granted(spec))
        role = iam.CfnRole(
            self,
            f"{label}Role",
            description=f"{self._names.function(spec.name)} runs as this",
            assume_role_policy_document=trust("lambda.amazonaws.com"),
            policies=[
                iam.CfnRole.PolicyProperty(
                    policy_name=spec.name,
                    policy_document=document(_statement(grant, arns) for grant, arns in granted),
                )
            ],
        )
        starred = [
            (text, grant.resource) for grant, arns in granted for text in arns if "*" in text
        ]
        acknowledge(role, wildcards((text, WILDCARDS[key]) for text, key in starred))
        return role

    def _granted(self, spec: FunctionSpec) -> Iterator[tuple[Grant, Sequence[str]]]:
        """Everything a function may do, with the `Fn::Sub` ARNs that it may do it to."""
        own_logs = arn("logs", f"log-group:{self._names.log_group(spec.name)}:*")
        yield Grant("own-logs", ("logs:CreateLogStream", "logs:PutLogEvents")), [own_logs]
        if spec.vpc and self._network is not None:
            yield Grant("interfaces", _INTERFACE_ACTIONS), ["*"]
        resources = self._names.resources()
        for grant in spec.grants:
            if grant.resource != "cache" or self._network is not None:
                yield grant, resources[grant.resource]


def _statement(grant: Grant, arns: Sequence[str]) -> Statement:
    passed = {"StringEquals": {"iam:PassedToService": grant.passed_to}}
    return allow(
        grant.actions,
        [Fn.sub(text) if "${" in text else text for text in arns],
        conditions=passed if grant.passed_to else None,
    )
