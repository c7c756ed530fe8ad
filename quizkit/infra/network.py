"""The network of the functions that talk to the cache: isolated, without a NAT gateway.

Two availability zones with isolated subnets only. DynamoDB and S3 are reached through gateway
endpoints, which cost nothing; logs and metrics leave through the Lambda service itself.
Nothing else is reachable from inside, which is why the broadcaster, the control function and
everything that calls another AWS API run outside.
"""

from __future__ import annotations

from aws_cdk import CfnTag, Fn
from aws_cdk import aws_ec2 as ec2
from constructs import Construct

from quizkit.infra.findings import acknowledge
from quizkit.infra.naming import Names

REDIS_PORT = 6379
_ZONES = 2
# CloudFormation gives a group without egress rules one that allows everything; a rule to the
# group's own loopback is the documented way to say "none".
_NO_EGRESS = ec2.CfnSecurityGroup.EgressProperty(
    ip_protocol="-1", cidr_ip="127.0.0.1/32", description="Nothing leaves from here"
)
_NO_FLOW_LOG = (
    "Nothing leads out of this network or into it, and its traffic is two functions' talk with"
    " the cache and DynamoDB: a flow log would be charged for and tell nothing."
)


class Network(Construct):
    """`subnet_ids`, `functions_group` (security group id) and `cache_group`."""

    def __init__(self, scope: Construct, construct_id: str, *, names: Names) -> None:
        super().__init__(scope, construct_id)
        network = ec2.CfnVPC(
            self,
            "Vpc",
            cidr_block="10.0.0.0/16",
            enable_dns_support=True,
            enable_dns_hostnames=True,
            tags=_named(names.stack),
        )
        acknowledge(network, {"AwsSolutions-VPC7": _NO_FLOW_LOG})
        vpc = network.ref
        self.subnet_ids = self._isolated_subnets(names, vpc)
        cache = ec2.CfnSecurityGroup(
            self,
            "CacheGroup",
            vpc_id=vpc,
            group_name=f"{names.stack}-cache",
            group_description="The cache: admits the functions and nobody else",
            security_group_egress=[_NO_EGRESS],
        )
        functions = ec2.CfnSecurityGroup(
            self,
            "FunctionsGroup",
            vpc_id=vpc,
            group_name=f"{names.stack}-functions",
            group_description="Functions beside the cache",
            security_group_egress=[
                ec2.CfnSecurityGroup.EgressProperty(
                    ip_protocol="tcp",
                    from_port=REDIS_PORT,
                    to_port=REDIS_PORT,
                    destination_security_group_id=cache.attr_group_id,
                    description="The cache",
                ),
                # The endpoints' prefix lists differ by region; without a route elsewhere this
                # reaches DynamoDB and S3 alone.
                ec2.CfnSecurityGroup.EgressProperty(
                    ip_protocol="tcp",
                    from_port=443,
                    to_port=443,
                    cidr_ip="0.0.0.0/0",
                    description="DynamoDB and S3 through the gateway endpoints",
                ),
            ],
        )
        ec2.CfnSecurityGroupIngress(
            self,
            "CacheIngress",
            group_id=cache.attr_group_id,
            source_security_group_id=functions.attr_group_id,
            ip_protocol="tcp",
            from_port=REDIS_PORT,
            to_port=REDIS_PORT,
            description="The functions",
        )
        self.functions_group = functions.attr_group_id
        self.cache_group = cache.attr_group_id

    def _isolated_subnets(self, names: Names, vpc: str) -> list[str]:
        """Subnets whose only routes lead to themselves, DynamoDB and S3."""
        routes = ec2.CfnRouteTable(self, "Routes", vpc_id=vpc, tags=_named(names.stack)).ref
        subnets = []
        for index in range(_ZONES):
            subnet = ec2.CfnSubnet(
                self,
                f"Subnet{index}",
                vpc_id=vpc,
                cidr_block=f"10.0.{index}.0/24",
                availability_zone=Fn.select(index, Fn.get_azs()),
                tags=_named(f"{names.stack}-{index}"),
            ).ref
            ec2.CfnSubnetRouteTableAssociation(
                self, f"Subnet{index}Routes", subnet_id=subnet, route_table_id=routes
            )
            subnets.append(subnet)
        for service in ("dynamodb", "s3"):
            ec2.CfnVPCEndpoint(
                self,
                f"{service.capitalize()}Endpoint",
                vpc_id=vpc,
                vpc_endpoint_type="Gateway",
                service_name=Fn.sub(f"com.amazonaws.${{AWS::Region}}.{service}"),
                route_table_ids=[routes],
            )
        return subnets


def _named(name: str) -> list[CfnTag]:
    """What the console shows for resources that have no name of their own."""
    return [CfnTag(key="Name", value=name)]
