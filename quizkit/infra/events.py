"""What moves sessions: one queue into which timers, schedules and events all flow.

Timers are delayed messages, schedules belong to the stage's Scheduler group, and any program
may put an event of source `quiz.platform` on the default bus. They all end in the control
queue, so there is one entry to guard against duplicates; what cannot be processed ends in the
dead queue, whose depth raises an alarm.
"""

from __future__ import annotations

from aws_cdk import Fn
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from aws_cdk import aws_scheduler as scheduler
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from quizkit.infra.findings import acknowledge
from quizkit.infra.naming import EVENT_DETAIL_TYPE, EVENT_SOURCE, Names, arn
from quizkit.infra.policies import allow, document, tls_statement, trust

# Longer than the control function's timeout: a message must not come back while it is handled.
VISIBILITY_SECONDS = 90
_MAX_RECEIVES = 5
_DAY = 86_400
_DEAD_DAYS = 14


class Events(Construct):
    """`queue`, `dead` (CfnQueue), `group` (name) and `role_arn` for schedules."""

    def __init__(self, scope: Construct, construct_id: str, *, names: Names) -> None:
        super().__init__(scope, construct_id)
        self.dead = sqs.CfnQueue(
            self,
            "DeadQueue",
            queue_name=names.dead_queue,
            message_retention_period=_DEAD_DAYS * _DAY,
            sqs_managed_sse_enabled=True,
        )
        reason = "This is the queue of dead letters; its depth raises an alarm."
        acknowledge(self.dead, {"Serverless-SQSRedrivePolicy": reason})
        self.queue = sqs.CfnQueue(
            self,
            "ControlQueue",
            queue_name=names.control_queue,
            visibility_timeout=VISIBILITY_SECONDS,
            message_retention_period=_DAY,
            sqs_managed_sse_enabled=True,
            redrive_policy={
                "deadLetterTargetArn": self.dead.attr_arn,
                "maxReceiveCount": _MAX_RECEIVES,
            },
        )
        rule = self._rule(names)
        for policy, queue in (("ControlQueuePolicy", self.queue), ("DeadQueuePolicy", self.dead)):
            sqs.CfnQueuePolicy(
                self,
                policy,
                queues=[queue.ref],
                policy_document=document(
                    [
                        tls_statement("sqs:*", queue.attr_arn),
                        allow(
                            ["sqs:SendMessage"],
                            [queue.attr_arn],
                            principal="events.amazonaws.com",
                            conditions={"ArnEquals": {"aws:SourceArn": rule.attr_arn}},
                        ),
                    ]
                ),
            )
        group = scheduler.CfnScheduleGroup(self, "ScheduleGroup", name=names.stack)
        self.group = group.ref
        self.role_arn = self._schedule_role(names).attr_arn

    def _rule(self, names: Names) -> events.CfnRule:
        return events.CfnRule(
            self,
            "ControlRule",
            name=names.control_queue,
            description="Quiz control events go to the control queue",
            event_pattern={"source": [EVENT_SOURCE], "detail-type": [EVENT_DETAIL_TYPE]},
            state="ENABLED",
            targets=[
                events.CfnRule.TargetProperty(
                    id="control-queue",
                    arn=self.queue.attr_arn,
                    dead_letter_config=events.CfnRule.DeadLetterConfigProperty(
                        arn=self.dead.attr_arn
                    ),
                    retry_policy=events.CfnRule.RetryPolicyProperty(
                        maximum_event_age_in_seconds=3600, maximum_retry_attempts=20
                    ),
                )
            ],
        )

    def _schedule_role(self, names: Names) -> iam.CfnRole:
        return iam.CfnRole(
            self,
            "ScheduleRole",
            description=f"Lets schedules of {names.stack} send to its control queue",
            assume_role_policy_document=trust(
                "scheduler.amazonaws.com",
                {
                    "StringEquals": {
                        "aws:SourceAccount": Fn.ref("AWS::AccountId"),
                        "aws:SourceArn": Fn.sub(arn("scheduler", f"schedule-group/{names.stack}")),
                    }
                },
            ),
            policies=[
                iam.CfnRole.PolicyProperty(
                    policy_name="send",
                    policy_document=document(
                        [allow(["sqs:SendMessage"], [self.queue.attr_arn, self.dead.attr_arn])]
                    ),
                )
            ],
        )
