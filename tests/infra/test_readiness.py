"""Whether a synthesis could run here, told without one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from quizkit.infra import node as wheel
from quizkit.infra import readiness
from quizkit.infra.errors import BundleError


def program(folder: Path, name: str, script: str) -> Path:
    """A program of that name that runs a shell script."""
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


def test_it_reports_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    """Node, bundle, and each stage that was asked about."""
    assert readiness.main(["--stages", '{"dev": {"guests": 3}}']) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["node"]["source"] in ("wheel", "JSII_NODE")
    assert said["bundle"] is None
    assert "guests" in said["stages"]["dev"]


def test_it_loads_no_cdk() -> None:
    """Asking is cheap: the kernel of the CDK is not started."""
    code = (
        "import sys; from quizkit.infra.readiness import main; main([]); "
        "sys.exit('aws_cdk' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True).returncode == 0


def test_the_wheels_node_comes_first() -> None:
    """Where nobody names another, it is the one from the wheel, whatever is on the PATH."""
    found = readiness.node({"PATH": os.environ["PATH"]})
    assert found["source"] == "wheel"
    assert found["path"] == str(wheel.node_path())
    assert found["problem"] is None


def test_a_node_that_somebody_names(tmp_path: Path) -> None:
    """JSII_NODE wins over the wheel, as for jsii."""
    mine = program(tmp_path, "mine", "echo v22.1.0")
    found = readiness.node({"JSII_NODE": str(mine), "PATH": ""})
    assert found == {
        "source": "JSII_NODE",
        "path": str(mine),
        "version": "v22.1.0",
        "problem": None,
    }


@pytest.mark.parametrize(
    ("script", "problem"),
    [
        ("echo v18.20.1", "older than Node 20"),
        ("echo no such library >&2; exit 127", "no such library"),
        ("exit 3", "exit 3"),
        ("echo hello", "hello"),
    ],
)
def test_a_node_that_will_not_do(tmp_path: Path, script: str, problem: str) -> None:
    """Too old, broken, or no Node at all: the reason is told."""
    bad = program(tmp_path, "node", script)
    found = readiness.node({"JSII_NODE": str(bad), "PATH": ""})
    assert problem in (found["problem"] or "")


def test_a_node_that_is_not_there(tmp_path: Path) -> None:
    """What was looked for is named."""
    found = readiness.node({"JSII_NODE": str(tmp_path / "none"), "PATH": ""})
    assert found["path"] == str(tmp_path / "none")
    assert found["version"] is None
    assert "no such program" in (found["problem"] or "")


def test_a_file_that_is_no_program(tmp_path: Path) -> None:
    """It cannot be run, and that is a finding."""
    bad = tmp_path / "node"
    bad.write_bytes(b"\x7fELF is not all it takes")
    bad.chmod(0o755)
    found = readiness.node({"JSII_NODE": str(bad), "PATH": ""})
    assert "does not run" in (found["problem"] or "")


def test_a_bundle_that_cannot_be_made() -> None:
    """The bundle's own error, in two parts: what is wrong, and what to do."""

    def contents() -> Mapping[str, bytes]:
        raise BundleError("redis is not installed, and it is needed; run: pip install redis")

    assert readiness.bundle_problem(contents) == {
        "message": "redis is not installed, and it is needed",
        "fix": "run: pip install redis",
    }


def test_this_bundle_can_be_made() -> None:
    """What is installed here is what the functions take along."""
    assert readiness.bundle_problem() is None


@pytest.mark.parametrize(
    ("stage", "settings", "problem"),
    [("dev", {"cache": False}, None), ("dev", {"x": 1}, "unknown"), ("Dev!", {}, "resource names")],
)
def test_settings_of_a_stage(stage: str, settings: dict[str, object], problem: str | None) -> None:
    """They are judged by the same rules as in a synthesis."""
    found = readiness.settings_problem(stage, settings)
    assert (found is None) == (problem is None)
    assert problem is None or problem in (found or "")
