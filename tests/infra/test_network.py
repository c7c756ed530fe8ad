"""S5: the network has no way out but to DynamoDB and S3, and costs nothing."""

from __future__ import annotations

from tests.infra.synthesis import Template, text

PAID_OR_PUBLIC = ("NatGateway", "EIP", "InternetGateway", "VPCGatewayAttachment", "Route")


def test_there_is_no_nat_gateway_and_no_way_to_the_internet(dev: Template) -> None:
    """Reference flaw: its stack needed NAT, about $33 a month."""
    for kind in PAID_OR_PUBLIC:
        assert not dev.of(f"EC2::{kind}"), kind


def test_both_zones_reach_dynamodb_and_s3_by_gateway_endpoints(dev: Template) -> None:
    """Gateway endpoints are free; interface endpoints are not."""
    endpoints = list(dev.of("EC2::VPCEndpoint").values())
    assert {text(endpoint["ServiceName"]) for endpoint in endpoints} == {
        "com.amazonaws.${AWS::Region}.dynamodb",
        "com.amazonaws.${AWS::Region}.s3",
    }
    [table] = dev.of("EC2::RouteTable")
    for endpoint in endpoints:
        assert endpoint["VpcEndpointType"] == "Gateway"
        assert endpoint["RouteTableIds"] == [{"Ref": table}]
    associations = dev.of("EC2::SubnetRouteTableAssociation").values()
    assert {text(a["SubnetId"]) for a in associations} == {
        f"${{{subnet}}}" for subnet in dev.of("EC2::Subnet")
    }


def test_subnets_lie_in_two_zones_and_give_no_public_addresses(dev: Template) -> None:
    """One zone may fail."""
    subnets = list(dev.of("EC2::Subnet").values())
    assert len({str(subnet["AvailabilityZone"]) for subnet in subnets}) == 2
    assert not any(subnet.get("MapPublicIpOnLaunch") for subnet in subnets)


def test_the_cache_admits_exactly_the_functions(dev: Template) -> None:
    """Reference flaw: the cache's security group admitted nobody."""
    rule = dev.only("EC2::SecurityGroupIngress")
    cluster = dev.only("ElastiCache::ReplicationGroup")
    assert cluster["SecurityGroupIds"] == [rule["GroupId"]]
    assert (rule["IpProtocol"], rule["FromPort"], rule["ToPort"]) == ("tcp", 6379, 6379)
    for name in ("answer", "board"):
        groups = dev.functions()[name]["VpcConfig"]["SecurityGroupIds"]
        assert groups == [rule["SourceSecurityGroupId"]]
    for group in dev.of("EC2::SecurityGroup").values():
        assert "SecurityGroupIngress" not in group


def test_functions_may_reach_the_cache_and_tls_only(dev: Template) -> None:
    """And the cache itself may call nobody."""
    groups = dev.of("EC2::SecurityGroup")
    ports = {
        (rule["FromPort"], rule["ToPort"])
        for rule in groups["NetworkFunctionsGroup"]["SecurityGroupEgress"]
    }
    assert ports == {(6379, 6379), (443, 443)}
    [nothing] = groups["NetworkCacheGroup"]["SecurityGroupEgress"]
    assert nothing["CidrIp"] == "127.0.0.1/32"
