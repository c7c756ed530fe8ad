"""`python -m quizkit.infra` as people, the deployer and the CDK CLI run it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import quizkit
from quizkit.infra.__main__ import main
from tests.infra.synthesis import Template

ROOT = Path(quizkit.__file__).parent.parent


def run(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """The module in a process of its own, from the repository's root."""
    return subprocess.run(
        [sys.executable, "-m", "quizkit.infra", *arguments],
        cwd=ROOT,
        env={**os.environ, **environ},
        capture_output=True,
        text=True,
        check=False,
    )


def test_it_says_what_it_wrote(tmp_path: Path) -> None:
    """One JSON line, and every file that it names exists."""
    out = tmp_path / "out"
    result = run("--stage", "uat", "--out", str(out), "--settings", '{"cache": false}')
    assert result.returncode == 0, result.stderr
    said = json.loads(result.stdout)
    assert said["stack"] == "quizkit-uat"
    assert said["directory"] == str(out)
    for name in ("template", "assets", "bundle"):
        assert (out / said[name]).is_file()
    assert not Template.read(out).of("ElastiCache::ReplicationGroup")


def test_it_obeys_the_cdk_cli(tmp_path: Path) -> None:
    """Stage and settings by context, output where the CLI wants it, no tool's metadata."""
    context = {
        "stage": "uat",
        "settings": '{"guests": false, "cache": false}',
        "aws:cdk:enable-path-metadata": True,
        "aws:cdk:enable-asset-metadata": True,
        "aws:cdk:version-reporting": True,
    }
    result = run(CDK_OUTDIR=str(tmp_path / "out"), CDK_CONTEXT_JSON=json.dumps(context))
    assert result.returncode == 0, result.stderr
    template = Template.read(tmp_path / "out")
    assert not any("Metadata" in resource for resource in template.resources.values())
    assert "AWS::CDK::Metadata" not in {r["Type"] for r in template.resources.values()}


def test_cdk_json_runs_this_module() -> None:
    """`cdk deploy` and `cdk diff` work from a checkout."""
    document = json.loads((ROOT / "cdk.json").read_text())
    assert document["app"].split()[1:] == ["-m", "quizkit.infra"]
    assert document["context"]["stage"] == "dev"


def test_the_cdk_cli_must_name_a_stage(tmp_path: Path) -> None:
    """No default: a stage by mistake is a bill by mistake."""
    result = run(CDK_OUTDIR=str(tmp_path), CDK_CONTEXT_JSON="{}")
    assert result.returncode == 2
    assert "-c stage=NAME" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--stage", "dev"], "go together"),
        (["--out", "x"], "go together"),
        (["--stage", "Dev!", "--out", "x"], "cannot be part of resource names"),
        (["--stage", "dev", "--out", "x", "--settings", "{"], "not JSON"),
        (["--stage", "dev", "--out", "x", "--settings", '{"origins": ["*"]}'], "wildcards"),
    ],
)
def test_what_cannot_be_is_refused_before_node_starts(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    arguments: list[str],
    reason: str,
) -> None:
    """Exit 2 with the reason on stderr, and nothing written."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("JSII_NODE", "set-so-that-this-test-leaves-no-trace")
    assert main(arguments) == 2
    assert reason in capsys.readouterr().err
    assert not list(tmp_path.glob("x"))
