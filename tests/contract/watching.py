"""What a stage tells the world: winners on a topic, metrics in CloudWatch."""

from __future__ import annotations

import json
import time
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.contract.client import PATIENCE
from tests.contract.doors import Doors


@dataclass(frozen=True, slots=True)
class Metric:
    """How often a metric was published, and the sum of its values."""

    count: int
    total: float


@dataclass(slots=True)
class Inbox:
    """A queue subscribed to the winners' topic."""

    doors: Doors
    url: str
    messages: list[dict[str, Any]]

    def collect(self) -> None:
        """Take what has come, waiting a second for more."""
        found = self.doors.aws("sqs").receive_message(
            QueueUrl=self.url, MaxNumberOfMessages=10, WaitTimeSeconds=1
        )
        for message in found.get("Messages", []):
            self.messages.append(json.loads(json.loads(message["Body"])["Message"]))
            self.doors.aws("sqs").delete_message(
                QueueUrl=self.url, ReceiptHandle=message["ReceiptHandle"]
            )

    def of(self, session_id: str) -> list[dict[str, Any]]:
        """All messages about a session, once one has come and a while after that."""
        deadline = time.monotonic() + PATIENCE
        while not self._about(session_id) and time.monotonic() < deadline:
            self.collect()
        self.collect()
        return self._about(session_id)

    def _about(self, session_id: str) -> list[dict[str, Any]]:
        return [message for message in self.messages if message["session_id"] == session_id]


def subscribe(doors: Doors) -> Inbox:
    """A new queue that gets what the winners' topic carries."""
    queue = doors.aws("sqs").create_queue(QueueName=f"winners-{uuid.uuid4().hex[:8]}")
    arn = doors.aws("sqs").get_queue_attributes(
        QueueUrl=queue["QueueUrl"], AttributeNames=["QueueArn"]
    )["Attributes"]["QueueArn"]
    doors.aws("sns").subscribe(
        TopicArn=doors.output("WinnersTopicArn"), Protocol="sqs", Endpoint=arn
    )
    return Inbox(doors, queue["QueueUrl"], [])


def metric(doors: Doors, name: str) -> Metric:
    """What was published of a metric of this stage, ever."""
    now = datetime.now(UTC)
    points = doors.aws("cloudwatch").get_metric_statistics(
        Namespace="QuizPlatform",
        MetricName=name,
        Dimensions=[{"Name": "Environment", "Value": "dev"}],
        StartTime=now - timedelta(hours=3),
        EndTime=now + timedelta(minutes=5),
        Period=60,
        Statistics=["SampleCount", "Sum"],
    )["Datapoints"]
    return Metric(
        round(sum(point["SampleCount"] for point in points)), sum(point["Sum"] for point in points)
    )


def metrics(doors: Doors) -> dict[str, Metric]:
    """Both metrics of the contract."""
    return {name: metric(doors, name) for name in ("ParticipationRate", "CompletionRate")}


def settled_metrics(doors: Doors) -> dict[str, Metric]:
    """The metrics, once nothing on its way can change them any more."""
    previous: dict[str, Metric] | None = None
    while (current := metrics(doors)) != previous:
        previous = current
        time.sleep(2.0)
    return current


def wait_for_metric(doors: Doors, name: str, count: int) -> Metric:
    """The metric once it has been published `count` times; they are shipped in the background."""
    deadline = time.monotonic() + PATIENCE
    while (found := metric(doors, name)).count < count and time.monotonic() < deadline:
        time.sleep(0.5)
    return found
