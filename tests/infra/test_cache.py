"""S5: the boards' cache, and stages without one."""

from __future__ import annotations

from quizkit.infra.function_table import FUNCTIONS
from tests.infra.synthesis import Template


def test_the_cache_is_valkey_over_tls_encrypted_at_rest(dev: Template) -> None:
    """Nobody reads boards on the wire or on disk."""
    cluster = dev.only("ElastiCache::ReplicationGroup")
    assert cluster["Engine"] == "valkey"
    assert cluster["TransitEncryptionEnabled"] is True
    assert cluster["TransitEncryptionMode"] == "required"
    assert cluster["AtRestEncryptionEnabled"] is True
    assert cluster["CacheNodeType"] == "cache.t4g.micro"
    assert cluster["NumCacheClusters"] == 1


def test_users_are_vouched_for_by_iam_and_cannot_do_harm(dev: Template) -> None:
    """No password anywhere; user id and name are equal, as IAM authentication asks."""
    user = dev.only("ElastiCache::User")
    assert user["AuthenticationMode"] == {"Type": "iam"}
    assert user["UserId"] == user["UserName"] == "quizkit-dev"
    assert "NoPasswordRequired" not in user
    assert "Passwords" not in user
    assert user["AccessString"].endswith("-@dangerous")
    assert "+@all" not in user["AccessString"]
    [group] = dev.of("ElastiCache::UserGroup")
    assert dev.only("ElastiCache::ReplicationGroup")["UserGroupIds"] == [{"Ref": group}]
    # And nobody else: no default user, who needs no password, and no shared token.
    assert dev.only("ElastiCache::UserGroup")["UserIds"] == [{"Ref": "CacheUser"}]
    assert "AuthToken" not in dev.only("ElastiCache::ReplicationGroup")


def test_functions_are_told_where_and_who(dev: Template) -> None:
    """Host and port come from the cluster; the names make the IAM token."""
    for name in ("answer", "board"):
        variables = dev.functions()[name]["Environment"]["Variables"]
        assert variables["REDIS_HOST"] == {
            "Fn::GetAtt": ["CacheCluster", "PrimaryEndPoint.Address"]
        }
        assert variables["REDIS_PORT"] == {"Fn::GetAtt": ["CacheCluster", "PrimaryEndPoint.Port"]}
        assert variables["REDIS_TLS"] == "true"
        assert variables["REDIS_USER"] == variables["REDIS_CLUSTER"] == "quizkit-dev"


def test_a_protected_stage_has_a_standby(prod: Template) -> None:
    """Two nodes in two zones, failing over by themselves."""
    cluster = prod.only("ElastiCache::ReplicationGroup")
    assert cluster["NumCacheClusters"] == 2
    assert cluster["AutomaticFailoverEnabled"] is True
    assert cluster["MultiAZEnabled"] is True


def test_a_stage_without_cache_has_no_network_and_no_traces_of_one(lean: Template) -> None:
    """Idle cost near zero: no node, no VPC, and no permissions for them."""
    kinds = {resource["Type"] for resource in lean.resources.values()}
    assert not {kind for kind in kinds if kind.startswith(("AWS::EC2::", "AWS::ElastiCache::"))}
    for spec in FUNCTIONS:
        function = lean.functions()[spec.name]
        assert "VpcConfig" not in function
        assert function["Environment"]["Variables"].get("REDIS_HOST", "") == ""
        actions = {action for action, _ in lean.allowed(spec.name)}
        assert not {a for a in actions if a.startswith(("ec2:", "elasticache:"))}
