"""cdk-nag and cfn-lint over the flavours of the stack: a finding is mended or has a reason."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from quizkit.infra.findings import wildcards
from tests.infra.synthesis import FLAVOURS, Flavours, nag

_LINT = "import sys; from cfnlint.runner import main; sys.exit(main())"
# Any two choices of a stage meet in one of these in each of their four ways.
_LINTED = (0, 7, 11, 13, 14)


def test_every_finding_has_a_reason(flavours: Flavours) -> None:
    """AwsSolutions and Serverless, errors and warnings alike."""
    assert list(flavours.findings(acknowledged=False)) == []
    assert {
        pack["pluginName"]: pack["conclusion"] for pack in flavours.report["pluginReports"]
    } == {
        "AwsSolutions": "success",
        "Serverless": "success",
    }


def test_all_flavours_were_looked_at(flavours: Flavours) -> None:
    """Each stack has findings of both packs that stay, so each was seen by both."""
    seen = {
        (path.partition("/")[0], rule.partition("-")[0])
        for rule, path, _ in flavours.findings(acknowledged=True)
    }
    assert seen == {
        (f"quizkit-{settings.stage}", pack)
        for settings in FLAVOURS
        for pack in ("AwsSolutions", "Serverless")
    }


def test_reasons_stand_beside_their_resource(flavours: Flavours) -> None:
    """Nothing is waved through for a whole construct or stack, and nothing without a word."""
    for rule, path, entry in flavours.findings(acknowledged=True):
        assert entry["acknowledgedAt"] == path, rule
        assert len(entry["reason"].split()) > 4, entry["reason"]


def test_no_reason_outlives_its_finding(flavours: Flavours) -> None:
    """What is acknowledged was found: the rest would hide a finding to come."""
    found = {
        (entry["acknowledgedAt"], entry["acknowledgedId"])
        for _, _, entry in flavours.findings(acknowledged=True)
    }
    written = {(path, rule) for path, rule, _ in flavours.acknowledgements()}
    assert written == found


def test_the_packs_find_what_is_wrong(tmp_path: Path) -> None:
    """A plain bucket and a queue without dead letters are seen, so silence means something."""
    from aws_cdk import App, Stack
    from aws_cdk import aws_s3 as s3
    from aws_cdk import aws_sqs as sqs

    app = App(outdir=str(tmp_path), analytics_reporting=False, stack_traces=False)
    stack = Stack(app, "Planted")
    s3.CfnBucket(stack, "Bucket")
    sqs.CfnQueue(stack, "Queue")
    findings = Flavours(tmp_path, nag(app, tmp_path)).findings(acknowledged=False)
    assert {(rule, path) for rule, path, _ in findings} >= {
        ("AwsSolutions-S10", "Planted/Bucket"),
        ("AwsSolutions-SQS4", "Planted/Queue"),
        ("Serverless-SQSRedrivePolicy", "Planted/Queue"),
    }


def test_templates_pass_cfn_lint(flavours: Flavours) -> None:
    """Types, values, references and policies as CloudFormation knows them."""
    paths = [flavours.template(FLAVOURS[number].stage) for number in _LINTED]
    result = subprocess.run(
        [sys.executable, "-c", _LINT, "--regions", "us-east-1", "--", *map(str, paths)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


def test_rules_about_wildcards_name_the_resource_as_printed() -> None:
    """A finding about one resource is acknowledged for that one; plain ARNs have none."""
    assert wildcards([("arn:${AWS::Partition}:s3:::b/*", "r"), ("arn:x", "no")]) == {
        "AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:s3:::b/*]": "r"
    }
    assert wildcards([("*", "r")]) == {
        "AwsSolutions-IAM5[Resource::*]": "r",
        "Serverless-LambdaStarPermissions": "r",
    }
