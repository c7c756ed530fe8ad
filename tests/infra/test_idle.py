"""What `quizkit cost` calls an idle month is what the stack is billed while nobody plays."""

from __future__ import annotations

from quizkit.core import idle
from tests.infra.synthesis import Template

#: Billed by use alone, or not at all: API calls, requests, rows and bytes stored, monthly users.
FREE = {
    *("ApiGatewayV2::Api", "ApiGatewayV2::Authorizer", "ApiGatewayV2::Integration"),
    *("ApiGatewayV2::Route", "ApiGatewayV2::RouteResponse", "ApiGatewayV2::Stage"),
    *("CloudFront::Distribution", "CloudFront::OriginAccessControl"),
    *("CloudFront::ResponseHeadersPolicy", "Cognito::UserPool", "Cognito::UserPoolClient"),
    *("Cognito::UserPoolGroup", "DynamoDB::Table", "EC2::RouteTable", "EC2::SecurityGroup"),
    *("EC2::SecurityGroupIngress", "EC2::Subnet", "EC2::SubnetRouteTableAssociation"),
    *("EC2::VPC", "ElastiCache::SubnetGroup", "ElastiCache::User", "ElastiCache::UserGroup"),
    *("Events::Rule", "IAM::Role", "Lambda::Function", "Lambda::Permission", "Logs::LogGroup"),
    *("S3::Bucket", "S3::BucketPolicy", "SNS::Subscription", "SNS::Topic", "SNS::TopicPolicy"),
    *("SQS::Queue", "SQS::QueuePolicy", "Scheduler::ScheduleGroup"),
}
#: Counted by `core.idle`, or free in the form that the tests below look at.
LOOKED_AT = {
    *("CloudWatch::Alarm", "CloudWatch::Dashboard", "EC2::VPCEndpoint"),
    *("ElastiCache::ReplicationGroup", "Lambda::EventSourceMapping"),
}


def watched(template: Template) -> int:
    """How many metrics the alarms look at; each is billed."""
    alarms = template.of("CloudWatch::Alarm").values()
    return sum(
        sum("MetricStat" in query for query in alarm["Metrics"]) if "Metrics" in alarm else 1
        for alarm in alarms
    )


def test_every_type_of_resource_is_known(dev: Template, prod: Template, lean: Template) -> None:
    """A new type has to be put into the idle month, or among those that cost nothing unused."""
    for template in (dev, prod, lean):
        types = {each["Type"].removeprefix("AWS::") for each in template.resources.values()}
        assert types <= FREE | LOOKED_AT
    assert not FREE & LOOKED_AT


def test_what_is_billed_by_the_month_is_counted(
    dev: Template, prod: Template, lean: Template
) -> None:
    """Alarms and dashboards are as many in every stage."""
    for template in (dev, prod, lean):
        assert watched(template) == idle.ALARMS
        assert len(template.of("CloudWatch::Dashboard")) == idle.DASHBOARDS


def test_nodes_of_the_cache_are_counted(dev: Template, prod: Template, lean: Template) -> None:
    """As many as their stage has, of the size that the price is for."""
    for template, protected in ((dev, False), (prod, True)):
        cache = template.only("ElastiCache::ReplicationGroup")
        assert cache["NumCacheClusters"] == idle.NODES[protected]
        assert cache["CacheNodeType"] == "cache.t4g.micro"
        assert cache["Engine"] == "valkey"
        assert cache["SnapshotRetentionLimit"] == 0
    assert not lean.of("ElastiCache::ReplicationGroup")


def test_queues_that_are_polled_are_counted(dev: Template) -> None:
    """Reading a table's stream costs functions nothing, reading a queue its requests."""
    sources = [
        mapping["EventSourceArn"]["Fn::GetAtt"]
        for mapping in dev.of("Lambda::EventSourceMapping").values()
    ]
    queues = [name for name, _ in sources if dev.resources[name]["Type"] == "AWS::SQS::Queue"]
    assert len(queues) == idle.QUEUES
    assert {attribute for source, attribute in sources if source not in queues} == {"StreamArn"}


def test_nothing_else_runs_by_the_hour(dev: Template, prod: Template) -> None:
    """Endpoints are gateways, tables are billed on demand, functions keep nothing warm."""
    for template in (dev, prod):
        endpoints = template.of("EC2::VPCEndpoint").values()
        assert {endpoint["VpcEndpointType"] for endpoint in endpoints} == {"Gateway"}
        tables = template.of("DynamoDB::Table").values()
        assert {table["BillingMode"] for table in tables} == {"PAY_PER_REQUEST"}
        assert not template.of("Lambda::Version")
