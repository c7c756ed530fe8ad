"""The two topics: winners for whoever subscribes, operations for whoever runs the stage.

Neither is encrypted with the account's default key: CloudWatch could not use it for alarms,
and winners are published to whoever wants to know. Both take nothing over plain HTTP.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from aws_cdk import Fn
from aws_cdk import aws_sns as sns
from constructs import Construct

from quizkit.infra.findings import acknowledge
from quizkit.infra.naming import Names
from quizkit.infra.policies import allow, document, tls_statement
from quizkit.infra.settings import Settings

# Actions, the AWS service that may take them, and under which conditions.
Service = tuple[Sequence[str], str, Mapping[str, object]]


class Topics(Construct):
    """ARNs `winners` and `operations`."""

    def __init__(
        self, scope: Construct, construct_id: str, *, names: Names, settings: Settings
    ) -> None:
        super().__init__(scope, construct_id)
        self.winners = self._topic("Winners", names.winners_topic, [])
        account = {"StringEquals": {"aws:SourceAccount": Fn.ref("AWS::AccountId")}}
        self.operations = self._topic(
            "Operations",
            names.operations_topic,
            [(["sns:Publish"], "cloudwatch.amazonaws.com", account)],
        )
        if settings.operations_email:
            mails = sns.CfnSubscription(
                self,
                "OperationsEmail",
                topic_arn=self.operations,
                protocol="email",
                endpoint=settings.operations_email,
            )
            reason = "An alarm whose mail is lost still shows on the dashboard."
            acknowledge(mails, {"Serverless-SNSRedrivePolicy": reason})

    def _topic(self, construct_id: str, name: str, services: Sequence[Service]) -> str:
        topic = sns.CfnTopic(self, construct_id, topic_name=name)
        sns.CfnTopicPolicy(
            self,
            f"{construct_id}Policy",
            topics=[topic.ref],
            policy_document=document(
                [
                    tls_statement("sns:Publish", topic.ref),
                    *(
                        allow(actions, [topic.ref], principal=service, conditions=conditions)
                        for actions, service, conditions in services
                    ),
                ]
            ),
        )
        return topic.ref
