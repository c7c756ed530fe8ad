"""The dashboard, and alarms that notify the operations topic.

Alarms are per function, so that a notification names the one that fails; metric math would
save nothing, since each metric in it is charged alike. Custom metrics are written by the
functions in embedded metric format under `QuizPlatform` with the dimension `Environment`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from aws_cdk import Fn
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from quizkit.infra.function_table import FUNCTIONS
from quizkit.infra.naming import METRICS_NAMESPACE, TABLES, Names

# A broadcast later than this is felt: a question opens one to two seconds after it is sent.
_SLOW_BROADCAST_MS = 2_000


class Observability(Construct):
    """Everything named here carries the stage."""

    def __init__(
        self, scope: Construct, construct_id: str, *, names: Names, operations_topic: str
    ) -> None:
        super().__init__(scope, construct_id)
        self._names = names
        self._topic = operations_topic
        for spec in FUNCTIONS:
            for metric in ("Errors", "Throttles"):
                self._alarm(
                    f"{spec.name.capitalize()}{metric}",
                    f"{names.function(spec.name)}-{metric.lower()}",
                    f"{spec.name} has {metric.lower()}; see its log group",
                    namespace="AWS/Lambda",
                    metric=metric,
                    dimensions={"FunctionName": names.function(spec.name)},
                    statistic="Sum",
                    threshold=1,
                )
        self._alarm(
            "DeadMessages",
            names.dead_queue,
            "Control messages or batches of answers failed for good",
            namespace="AWS/SQS",
            metric="ApproximateNumberOfMessagesVisible",
            dimensions={"QueueName": names.dead_queue},
            statistic="Maximum",
            threshold=1,
        )
        self._alarm(
            "SlowBroadcasts",
            f"{names.stack}-broadcast-delay",
            "Players see questions and results late",
            namespace=METRICS_NAMESPACE,
            metric="BroadcastDelay",
            dimensions={"Environment": names.stage},
            extended_statistic="p99",
            threshold=_SLOW_BROADCAST_MS,
        )
        cloudwatch.CfnDashboard(
            self,
            "Dashboard",
            dashboard_name=names.dashboard,
            dashboard_body=Fn.sub(json.dumps({"widgets": _widgets(names)}, sort_keys=True)),
        )

    def _alarm(
        self,
        construct_id: str,
        name: str,
        description: str,
        *,
        namespace: str,
        metric: str,
        dimensions: Mapping[str, str],
        threshold: float,
        statistic: str | None = None,
        extended_statistic: str | None = None,
    ) -> None:
        cloudwatch.CfnAlarm(
            self,
            construct_id,
            alarm_name=name,
            alarm_description=description,
            namespace=namespace,
            metric_name=metric,
            dimensions=[
                cloudwatch.CfnAlarm.DimensionProperty(name=key, value=value)
                for key, value in dimensions.items()
            ],
            statistic=statistic,
            extended_statistic=extended_statistic,
            period=60,
            evaluation_periods=1,
            threshold=threshold,
            comparison_operator="GreaterThanOrEqualToThreshold",
            treat_missing_data="notBreaching",
            alarm_actions=[self._topic],
            ok_actions=[self._topic],
        )


def dashboard_url(names: Names) -> str:
    """`Fn::Sub` text of the dashboard's page in the console."""
    return (
        "https://${AWS::Region}.console.aws.amazon.com/cloudwatch/home?region=${AWS::Region}"
        f"#dashboards/dashboard/{names.dashboard}"
    )


def _widgets(names: Names) -> list[dict[str, object]]:
    """The dashboard, two columns of 12 grid units."""
    rate = {"Environment": names.stage}
    graphs = [
        _graph(
            "Participation and completion (%)",
            [
                _metric(METRICS_NAMESPACE, "ParticipationRate", rate, "Average"),
                _metric(METRICS_NAMESPACE, "CompletionRate", rate, "Average"),
            ],
        ),
        _graph(
            "Broadcast delay (ms)",
            [
                _metric(METRICS_NAMESPACE, "BroadcastDelay", rate, statistic)
                for statistic in ("p50", "p99", "Maximum")
            ],
        ),
        _graph("Lambda invocations", _per_function(names, "Invocations", "Sum")),
        _graph("Lambda errors", _per_function(names, "Errors", "Sum")),
        _graph("Lambda durations (ms, p95)", _per_function(names, "Duration", "p95")),
        _graph("Lambda throttles", _per_function(names, "Throttles", "Sum")),
        _graph(
            "Control queue",
            [
                _metric(
                    "AWS/SQS",
                    "ApproximateAgeOfOldestMessage",
                    {"QueueName": names.control_queue},
                    "Maximum",
                ),
                _metric(
                    "AWS/SQS",
                    "ApproximateNumberOfMessagesVisible",
                    {"QueueName": names.dead_queue},
                    "Maximum",
                ),
            ],
        ),
        _graph(
            "Tables' write units",
            [
                _metric(
                    "AWS/DynamoDB",
                    "ConsumedWriteCapacityUnits",
                    {"TableName": names.table(table)},
                    "Sum",
                )
                for table in TABLES
            ],
        ),
    ]
    return [
        {**graph, "x": 12 * (index % 2), "y": 6 * (index // 2), "width": 12, "height": 6}
        for index, graph in enumerate(graphs)
    ]


def _per_function(names: Names, metric: str, statistic: str) -> list[list[object]]:
    return [
        _metric("AWS/Lambda", metric, {"FunctionName": names.function(spec.name)}, statistic)
        for spec in FUNCTIONS
    ]


def _metric(
    namespace: str, metric: str, dimensions: Mapping[str, str], statistic: str
) -> list[object]:
    pairs = [text for pair in dimensions.items() for text in pair]
    return [namespace, metric, *pairs, {"stat": statistic}]


def _graph(title: str, metrics: list[list[object]]) -> dict[str, object]:
    return {
        "type": "metric",
        "properties": {
            "title": title,
            "metrics": metrics,
            "period": 60,
            "region": "${AWS::Region}",
            "view": "timeSeries",
        },
    }
