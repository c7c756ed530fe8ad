"""Findings of cdk-nag that stay as they are, each with its reason.

The gate runs the packs AwsSolutions and Serverless over every flavour of the stack
(tests/infra/test_findings.py), and a finding fails it unless the resource that it is about was told
here why. Reasons are given beside the resource and for one resource at a time; nothing is
acknowledged for the whole stack. cdk-nag itself is needed by the tests alone: acknowledging
is a feature of the CDK.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from aws_cdk import Acknowledgment, CfnResource, Validations


def acknowledge(resource: CfnResource, reasons: Mapping[str, str]) -> None:
    """Say why the findings of these rules (such as `AwsSolutions-S1`) on a resource stay."""
    Validations.of(resource).acknowledge(
        *(
            Acknowledgment(id=f"{rule.partition('-')[0]}::{rule}", reason=reason)
            for rule, reason in reasons.items()
        )
    )


def wildcards(reasons: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The rules about wildcards in a role, from (`Fn::Sub` text of a resource, reason)."""
    found: dict[str, str] = {}
    for resource, reason in reasons:
        if "*" in resource:
            # As the rule prints the ARN: ${Name} becomes <Name>.
            printed = re.sub(r"\$\{(.+?)\}", r"<\1>", resource)
            found[f"AwsSolutions-IAM5[Resource::{printed}]"] = reason
        if resource == "*":
            found["Serverless-LambdaStarPermissions"] = reason
    return found
