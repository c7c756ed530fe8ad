"""The stack: which construct gets what. No resource is declared here but the outputs.

Logical ids are the construct path without hashes: they read well in change sets, `Fn::Sub`
texts can name them, and moving code between files does not replace a table. The cost is that
CDK's protection against equal concatenations is gone; synthesis fails on a duplicate id.
"""

from __future__ import annotations

from collections.abc import Mapping

from aws_cdk import (
    CfnElement,
    CfnOutput,
    CliCredentialsStackSynthesizer,
    Fn,
    Stack,
    Tags,
)
from aws_cdk import aws_s3_assets as assets
from constructs import Construct

from quizkit.core import origins
from quizkit.infra.bundle import Bundle
from quizkit.infra.cache import Cache
from quizkit.infra.delivery import Delivery
from quizkit.infra.events import Events
from quizkit.infra.functions import Code, Functions
from quizkit.infra.http_api import HttpApi
from quizkit.infra.identity import Identity
from quizkit.infra.media import Media
from quizkit.infra.naming import PROJECT, TABLES, Names
from quizkit.infra.network import REDIS_PORT, Network
from quizkit.infra.observability import Observability, dashboard_url
from quizkit.infra.settings import Settings
from quizkit.infra.storage import Tables
from quizkit.infra.topics import Topics
from quizkit.infra.websocket_api import WebSocketApi

# How many partitions a session's participants and answers are spread over.
SHARDS = 8


class QuizStack(Stack):
    """One stage of the platform; `code_key` is the bundle's key in the assets bucket."""

    def __init__(self, scope: Construct, *, settings: Settings, bundle: Bundle) -> None:
        names = Names(settings.stage)
        super().__init__(
            scope,
            names.stack,
            stack_name=names.stack,
            description=f"quizkit, live quizzes: stage {settings.stage}",
            synthesizer=CliCredentialsStackSynthesizer(file_assets_bucket_name=names.assets_bucket),
            termination_protection=settings.protected,
        )
        Tags.of(self).add("Project", PROJECT)
        Tags.of(self).add("Environment", settings.stage)

        # CDK names an asset by a hash of the hash it is given, so by its content all the same.
        code = assets.Asset(self, "Bundle", path=str(bundle.path), asset_hash=bundle.sha256)
        self.code_key = code.s3_object_key
        tables = Tables(self, "Tables", names=names, settings=settings)
        media = Media(self, "Media", names=names, settings=settings)
        delivery = Delivery(self, "Delivery", names=names, settings=settings, bucket=media.bucket)
        identity = Identity(self, "Identity", names=names, settings=settings)
        events = Events(self, "Events", names=names)
        topics = Topics(self, "Topics", names=names, settings=settings)
        network, cache = self._caching(names, settings)
        websocket = WebSocketApi(self, "WebSocket", names=names, settings=settings)
        http = HttpApi(self, "Http", names=names, settings=settings)
        functions = Functions(
            self,
            "Functions",
            names=names,
            settings=settings,
            code=Code(code.s3_bucket_name, self.code_key),
            environment={
                **_environment(names, tables, media, events, topics, cache),
                "MEDIA_URL": delivery.url,
                "ORIGINS": origins.joined(settings.origins),
                "REFUSED_NAMES": ",".join(settings.refused_names),
            },
            network=network,
        )
        functions.consume_queue("control", events.queue.attr_arn)
        functions.consume_stream("counter", tables.answers_stream_arn, events.dead.attr_arn)
        websocket.connect(functions.functions)
        http.connect(functions.functions, identity)
        Observability(self, "Observability", names=names, operations_topic=topics.operations)
        self._outputs(names, identity, media, delivery, topics, events)

    def _allocate_logical_id(self, cfn_element: CfnElement) -> str:
        parts = cfn_element.node.path.split("/")[1:]
        return "".join(part for part in parts if part not in ("Resource", "Default"))

    def _caching(self, names: Names, settings: Settings) -> tuple[Network | None, Cache | None]:
        if not settings.cache:
            return None, None
        network = Network(self, "Network", names=names)
        return network, Cache(self, "Cache", names=names, settings=settings, network=network)

    def _outputs(
        self,
        names: Names,
        identity: Identity,
        media: Media,
        delivery: Delivery,
        topics: Topics,
        events: Events,
    ) -> None:
        outputs = {
            "WebSocketApiUrl": Fn.sub(names.websocket_url),
            "HttpApiUrl": Fn.sub(names.http_url),
            "UserPoolId": identity.pool_id,
            "UserPoolClientId": identity.client_id,
            "MediaBucketName": media.bucket.ref,
            "MediaUrl": delivery.url,
            "DashboardUrl": Fn.sub(dashboard_url(names)),
            "AdminFunctionName": names.function("admin"),
            "WinnersTopicArn": topics.winners,
            "OperationsTopicArn": topics.operations,
            "ControlQueueUrl": events.queue.ref,
            "StageName": names.stage,
            "Region": self.region,
        }
        for name, value in outputs.items():
            CfnOutput(self, name, value=value)


def _environment(
    names: Names,
    tables: Tables,
    media: Media,
    events: Events,
    topics: Topics,
    cache: Cache | None,
) -> Mapping[str, str]:
    """Every value that some function may be told; `function_table` says which one gets which."""
    return {
        "STAGE": names.stage,
        **{f"{table.upper()}_TABLE": tables.tables[table].ref for table in TABLES},
        "CONTROL_QUEUE_URL": events.queue.ref,
        "CONTROL_QUEUE_ARN": events.queue.attr_arn,
        "DEAD_QUEUE_ARN": events.dead.attr_arn,
        "SCHEDULE_GROUP": events.group,
        "SCHEDULE_ROLE_ARN": events.role_arn,
        "WINNERS_TOPIC_ARN": topics.winners,
        "MEDIA_BUCKET": media.bucket.ref,
        "CONTROL_FUNCTION": names.function("control"),
        "BROADCAST_FUNCTION": names.function("broadcast"),
        "BOARD_FUNCTION": names.function("board"),
        "WEBSOCKET_URL": Fn.sub(names.websocket_url),
        "CALLBACK_URL": Fn.sub(names.callback_url),
        "SHARDS": str(SHARDS),
        "REDIS_HOST": cache.host if cache else "",
        "REDIS_PORT": cache.port if cache else str(REDIS_PORT),
        "REDIS_TLS": "true",
        "REDIS_USER": cache.user if cache else "",
        "REDIS_CLUSTER": cache.cluster if cache else "",
    }
