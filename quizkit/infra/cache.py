"""The boards' cache: one small Valkey node, over TLS, for users whom IAM vouches for.

There is no password to store or rotate: functions sign a token with their role. The node
holds nothing that DynamoDB does not, so there are no snapshots; a protected stage gets a
standby node for speed of recovery, not for safety of data.
"""

from __future__ import annotations

from aws_cdk import aws_elasticache as elasticache
from constructs import Construct

from quizkit.infra.findings import acknowledge
from quizkit.infra.naming import Names
from quizkit.infra.network import REDIS_PORT, Network
from quizkit.infra.settings import Settings

# Reading, writing, scripts and transactions on any key; none of what can hurt others
# (FLUSHALL, KEYS, CONFIG, …).
_ACCESS = "on ~* -@all +@connection +@read +@write +@scripting +@transaction -@dangerous"
_BY_IAM = "Users are vouched for by IAM through the user group, so there is no shared password."
_ONE_NODE = (
    "Boards are rebuilt from DynamoDB and served from it meanwhile; a protected stage has a"
    " standby in another zone."
)


class Cache(Construct):
    """`host` and `port` of the primary node, `user` and `cluster` for the IAM token."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        names: Names,
        settings: Settings,
        network: Network,
    ) -> None:
        super().__init__(scope, construct_id)
        self.user = self.cluster = names.stack
        user = elasticache.CfnUser(
            self,
            "User",
            engine="valkey",
            user_id=self.user,
            user_name=self.user,
            access_string=_ACCESS,
            authentication_mode={"Type": "iam"},
        )
        group = elasticache.CfnUserGroup(
            self, "Users", engine="valkey", user_group_id=names.stack, user_ids=[user.ref]
        )
        subnets = elasticache.CfnSubnetGroup(
            self,
            "Subnets",
            cache_subnet_group_name=names.stack,
            description=f"Cache of {names.stack}",
            subnet_ids=network.subnet_ids,
        )
        nodes = 2 if settings.protected else 1
        cluster = elasticache.CfnReplicationGroup(
            self,
            "Cluster",
            replication_group_id=self.cluster,
            replication_group_description=f"Leaderboards of {names.stack}",
            engine="valkey",
            engine_version="8.0",
            cache_node_type="cache.t4g.micro",
            num_cache_clusters=nodes,
            automatic_failover_enabled=nodes > 1,
            multi_az_enabled=nodes > 1,
            port=REDIS_PORT,
            transit_encryption_enabled=True,
            transit_encryption_mode="required",
            at_rest_encryption_enabled=True,
            user_group_ids=[group.ref],
            cache_subnet_group_name=subnets.ref,
            security_group_ids=[network.cache_group],
            snapshot_retention_limit=0,
            auto_minor_version_upgrade=True,
        )
        acknowledge(
            cluster,
            {"AwsSolutions-AEC6": _BY_IAM}
            | ({} if nodes > 1 else {"AwsSolutions-AEC4": _ONE_NODE}),
        )
        self.host = cluster.attr_primary_end_point_address
        self.port = cluster.attr_primary_end_point_port
