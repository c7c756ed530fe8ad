"""The tables: on demand, encrypted, expiring by `expires_at`, one generic key schema.

Keys are `pk` and `sk` everywhere and there is no secondary index, so an answer costs one
write unit. Only the answers have a stream, which feeds the counter; the answer keys live in
a table of their own so that permissions can tell them from the questions.
"""

from __future__ import annotations

from aws_cdk import CfnResource, RemovalPolicy
from aws_cdk import aws_dynamodb as dynamodb
from constructs import Construct

from quizkit.infra.findings import acknowledge
from quizkit.infra.naming import TABLES, Names
from quizkit.infra.settings import Settings

STREAMED = "answers"


def keep_if(resource: CfnResource, *, protected: bool) -> None:
    """What a protected stage holds outlives its stack; of others nothing is left."""
    resource.apply_removal_policy(RemovalPolicy.RETAIN if protected else RemovalPolicy.DESTROY)


class Tables(Construct):
    """`tables` by short name."""

    def __init__(
        self, scope: Construct, construct_id: str, *, names: Names, settings: Settings
    ) -> None:
        super().__init__(scope, construct_id)
        self.tables = {table: self._table(table, names, settings) for table in TABLES}

    @property
    def answers_stream_arn(self) -> str:
        """The stream of new answers."""
        return self.tables[STREAMED].attr_stream_arn

    def _table(self, table: str, names: Names, settings: Settings) -> dynamodb.CfnTable:
        keys = {"pk": "HASH", "sk": "RANGE"}
        resource = dynamodb.CfnTable(
            self,
            table.capitalize(),
            table_name=names.table(table),
            billing_mode="PAY_PER_REQUEST",
            attribute_definitions=[
                dynamodb.CfnTable.AttributeDefinitionProperty(
                    attribute_name=key, attribute_type="S"
                )
                for key in keys
            ],
            key_schema=[
                dynamodb.CfnTable.KeySchemaProperty(attribute_name=key, key_type=kind)
                for key, kind in keys.items()
            ],
            sse_specification=dynamodb.CfnTable.SSESpecificationProperty(sse_enabled=True),
            time_to_live_specification=dynamodb.CfnTable.TimeToLiveSpecificationProperty(
                attribute_name="expires_at", enabled=True
            ),
            point_in_time_recovery_specification=(
                dynamodb.CfnTable.PointInTimeRecoverySpecificationProperty(
                    point_in_time_recovery_enabled=settings.protected
                )
            ),
            deletion_protection_enabled=settings.protected,
            stream_specification=(
                dynamodb.CfnTable.StreamSpecificationProperty(stream_view_type="NEW_IMAGE")
                if table == STREAMED
                else None
            ),
        )
        keep_if(resource, protected=settings.protected)
        if not settings.protected:
            reason = "The stage is not protected: its data may go with it."
            acknowledge(resource, {"AwsSolutions-DDB3": reason})
        return resource
