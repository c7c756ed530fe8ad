"""The stack as a whole: outputs, tags, stages side by side, and nothing hidden."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

from quizkit.infra.settings import Settings
from tests.infra.conftest import Synthesise
from tests.infra.synthesis import Template, text

# These take no tags in CloudFormation; they belong to something that does.
UNTAGGABLE = {
    "AWS::ApiGatewayV2::Authorizer",
    "AWS::ApiGatewayV2::Integration",
    "AWS::ApiGatewayV2::Route",
    "AWS::ApiGatewayV2::RouteResponse",
    "AWS::CloudFront::OriginAccessControl",
    "AWS::CloudFront::ResponseHeadersPolicy",
    "AWS::Cognito::UserPoolClient",
    "AWS::Cognito::UserPoolGroup",
    "AWS::EC2::SecurityGroupIngress",
    "AWS::EC2::SubnetRouteTableAssociation",
    "AWS::Lambda::Permission",
    "AWS::S3::BucketPolicy",
    "AWS::SNS::Subscription",
    "AWS::SNS::TopicPolicy",
    "AWS::SQS::QueuePolicy",
}
# Taken out for the local platform, see quizkit.local.differences.
NOT_LOCAL = {"AWS::ApiGatewayV2::RouteResponse", "AWS::EC2::SecurityGroupIngress"}
PHYSICAL = (
    *("AlarmName", "BucketName", "CacheSubnetGroupName", "ClientName", "DashboardName"),
    *("FunctionName", "GroupName", "LogGroupName", "Name", "QueueName", "ReplicationGroupId"),
    *("TableName", "TopicName", "UserGroupId", "UserId", "UserName", "UserPoolName"),
)


def tags(properties: dict[str, Any]) -> dict[str, str]:
    """Tags in whichever of CloudFormation's spellings."""
    for key, value in properties.items():
        if key.endswith("Tags"):
            if isinstance(value, dict):
                return dict(value)
            return {tag["Key"]: tag["Value"] for tag in value}
    return {}


def test_the_outputs_are_what_the_sdk_needs(dev: Template) -> None:
    """S11, with URLs in the form that the local platform rewrites."""
    outputs = {name: text(output["Value"]) for name, output in dev.document["Outputs"].items()}
    host = "execute-api.${AWS::Region}.${AWS::URLSuffix}"
    assert outputs == {
        "WebSocketApiUrl": f"wss://${{WebSocketApi}}.{host}/dev",
        "HttpApiUrl": f"https://${{HttpApi}}.{host}",
        "UserPoolId": "${IdentityPool}",
        "UserPoolClientId": "${IdentityClient}",
        "MediaBucketName": "${MediaBucket}",
        "MediaUrl": "https://${DeliveryDistribution.DomainName}",
        "DashboardUrl": "https://${AWS::Region}.console.aws.amazon.com/cloudwatch/home"
        "?region=${AWS::Region}#dashboards/dashboard/quiz-platform-dev",
        "AdminFunctionName": "quizkit-dev-admin",
        "WinnersTopicArn": "${TopicsWinners}",
        "OperationsTopicArn": "${TopicsOperations}",
        "ControlQueueUrl": "${EventsControlQueue}",
        "StageName": "dev",
        "Region": "${AWS::Region}",
    }


def test_everything_that_can_be_tagged_is(dev: Template) -> None:
    """S12: what belongs to a stage can be found and billed."""
    for name, resource in dev.resources.items():
        if resource["Type"] not in UNTAGGABLE:
            found = tags(resource["Properties"])
            assert found.get("Project") == "quizkit", name
            assert found.get("Environment") == "dev", name


def test_there_are_no_custom_resources_and_no_hidden_functions(
    dev: Template, prod: Template, lean: Template
) -> None:
    """Each would be a function of its own, and a way to hang."""
    for template in (dev, prod, lean):
        kinds = {resource["Type"] for resource in template.resources.values()}
        assert not {kind for kind in kinds if not kind.startswith("AWS::")}
        assert "AWS::CloudFormation::CustomResource" not in kinds
        assert len(template.of("Lambda::Function")) == 9


def test_nothing_but_the_template_is_needed_to_deploy_it(dev: Template) -> None:
    """No bootstrap rule, no parameters, no tool's metadata."""
    assert set(dev.document) == {"Description", "Resources", "Outputs"}
    assert not any("Metadata" in resource for resource in dev.resources.values())


def physical_names(template: Template) -> Iterator[str]:
    """Every name that CloudFormation would give out as written."""
    for resource in template.resources.values():
        for key in PHYSICAL:
            value = resource["Properties"].get(key)
            # Refs point at names that are counted where they are given.
            if isinstance(value, str) or (isinstance(value, dict) and "Fn::Sub" in value):
                yield f"{resource['Type']}/{text(value)}"


def test_two_stages_share_no_name(synthesise: Synthesise, dev: Template) -> None:
    """S12: several stages live in one account."""
    other = synthesise(Settings(stage="qa"))
    here, there = set(physical_names(dev)), set(physical_names(other))
    assert len(here) == len(there) > 60
    shared = here & there
    # Names inside a resource that itself carries the stage.
    assert shared == {"AWS::Cognito::UserPoolGroup/hosts"}
    assert set(dev.resources) == set(other.resources)


def test_a_protected_stage_cannot_be_deleted_by_accident(dev: Template, prod: Template) -> None:
    """CloudFormation itself refuses, whoever asks."""
    for template, stack, protected in ((dev, "quizkit-dev", False), (prod, "quizkit-prod", True)):
        manifest = json.loads((template.directory / "manifest.json").read_text())
        properties = manifest["artifacts"][stack]["properties"]
        assert properties["terminationProtection"] is protected
        assert properties["tags"] == {"Project": "quizkit", "Environment": stack[8:]}


def test_the_emulator_knows_every_type_but_two(prod: Template) -> None:
    """The whole stack deploys on this machine."""
    code = (
        "import json; from ministack.services.cloudformation.provisioners import"
        " _RESOURCE_HANDLERS as known; print(json.dumps(sorted(known)))"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    known = set(json.loads(result.stdout.splitlines()[-1]))
    kinds = {resource["Type"] for resource in prod.resources.values()}
    assert kinds - known <= NOT_LOCAL
