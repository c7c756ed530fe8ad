"""Synthesis: the same settings give the same bytes, whoever asks and wherever."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import quizkit
from quizkit.infra.settings import Settings
from tests.infra.conftest import Synthesise
from tests.infra.synthesis import Template

SOURCE = Path(quizkit.__file__).parent.parent


def synthesise_apart(out: Path, cwd: Path, **environ: str) -> Path:
    """Run the module as the deployer does, under a given environment."""
    subprocess.run(
        [sys.executable, "-m", "quizkit.infra", "--stage", "dev", "--out", str(out)],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(SOURCE), **environ},
        check=True,
        capture_output=True,
    )
    return out


def files(directory: Path) -> dict[str, bytes]:
    """Every file of an assembly."""
    return {
        str(path.relative_to(directory)): path.read_bytes()
        for path in sorted(directory.rglob("*"))
        if path.is_file()
    }


def test_synthesis_is_hermetic_and_deterministic(tmp_path: Path, dev: Template) -> None:
    """Another process, directory, clock zone, region and leftover context change nothing."""
    noisy = synthesise_apart(
        tmp_path / "noisy",
        tmp_path,
        TZ="Asia/Tokyo",
        PYTHONHASHSEED="7",
        AWS_REGION="eu-west-3",
        CDK_DEFAULT_ACCOUNT="111122223333",
        CDK_DEFAULT_REGION="eu-west-3",
        CDK_CONTEXT_JSON=json.dumps({"stage": "other", "aws:cdk:enable-path-metadata": True}),
        CDK_OUTDIR=str(tmp_path / "elsewhere"),
    )
    assert files(noisy) == files(dev.directory)
    assert not (tmp_path / "elsewhere").exists()


def test_the_assembly_names_no_place_of_this_machine(dev: Template) -> None:
    """Paths would make two machines' assemblies differ, and tell about them."""
    for name, content in files(dev.directory).items():
        if name.endswith(".json"):
            assert str(SOURCE).encode() not in content
            assert b"jsii-kernel" not in content


def test_the_assembly_lists_what_to_upload(dev: Template) -> None:
    """The template itself, since it is too long for a request, and the bundle."""
    manifest = json.loads((dev.directory / "quizkit-dev.assets.json").read_text())
    sources = {asset["source"]["path"] for asset in manifest["files"].values()}
    key = dev.functions()["answer"]["Code"]["S3Key"]
    assert sources == {"quizkit-dev.template.json", f"asset.{key}"}
    for asset in manifest["files"].values():
        [place] = asset["destinations"].values()
        assert place["bucketName"] == "quizkit-dev-assets-${AWS::AccountId}-${AWS::Region}"
        assert "assumeRoleArn" not in place


def test_settings_reach_the_template(synthesise: Synthesise, dev: Template) -> None:
    """Another choice is another template, with the same bundle."""
    other = synthesise(Settings(stage="dev", guests=False))
    assert other.document != dev.document
    assert other.functions()["join"]["Code"] == dev.functions()["join"]["Code"]
