"""Synthesis in a subprocess, and its cache."""

from __future__ import annotations

import json
import os
import shutil
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from quizkit.sdk.deploy.assembly import cached, load, synthesise
from quizkit.sdk.errors import DeploymentFailed, Misuse


@pytest.mark.slow
def test_a_synthesis_gives_stack_template_and_assets(assemblies: Path) -> None:
    """The assembly names the stack, its tags, and one bundle that is there."""
    assembly = synthesise("dev", {}, assemblies)
    assert assembly.stack_name == "quizkit-dev"
    assert assembly.tags == {"Project": "quizkit", "Environment": "dev"}
    assert assembly.template["Resources"]
    assert not assembly.protected
    (bundle,) = assembly.assets
    assert bundle.path.is_file()
    assert "${AWS::AccountId}" in bundle.bucket


@pytest.mark.slow
def test_a_cached_synthesis_starts_no_node(
    assemblies: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The same stage and settings come from the cache; others would need the Node."""
    cache = tmp_path / "cache"
    shutil.copytree(assemblies, cache, ignore=shutil.ignore_patterns(".*"))
    monkeypatch.setenv("JSII_NODE", str(tmp_path / "no-node"))
    assert synthesise("dev", {}, cache).stack_name == "quizkit-dev"
    with pytest.raises(DeploymentFailed, match="cannot be synthesised"):
        synthesise("dev", {"guests": False}, cache)
    assert not [path for path in cache.iterdir() if path.name.startswith(".")]


@pytest.mark.slow
def test_settings_reach_the_stack_and_old_assemblies_go(tmp_path: Path) -> None:
    """A protected stage's assembly says so; what nobody used for a month is removed."""
    for name, age in (("old", 31), ("young", 1)):
        (tmp_path / name).mkdir()
        then = time.time() - age * 86_400
        os.utime(tmp_path / name, (then, then))
    assert synthesise("prod", {"protected": True}, tmp_path).protected
    assert not (tmp_path / "old").exists()
    assert (tmp_path / "young").exists()


@pytest.mark.slow
def test_two_at_once_agree(tmp_path: Path) -> None:
    """Two syntheses of the same stage at the same time both succeed and leave one assembly."""
    with ThreadPoolExecutor(2) as pool:
        one, two = pool.map(lambda _: synthesise("dev", {}, tmp_path), range(2))
    assert one == two
    assert len(list(tmp_path.iterdir())) == 1


def test_a_wrong_setting_is_a_misuse(tmp_path: Path) -> None:
    """A setting that does not exist is told in the synthesis's own words, without a traceback."""
    with pytest.raises(Misuse, match="nonsense"):
        synthesise("dev", {"nonsense": 1}, tmp_path)


def test_an_assembly_has_one_stack(tmp_path: Path) -> None:
    """More stacks than one, or none, are not ours to deploy."""
    (tmp_path / "manifest.json").write_text(json.dumps({"artifacts": {}}), "utf-8")
    with pytest.raises(DeploymentFailed, match="0 stacks"):
        load(tmp_path)


def test_assets_are_read_without_the_template(tmp_path: Path) -> None:
    """Directories are to be zipped, files are not, and the template is no asset."""
    documents = {
        "manifest.json": {
            "artifacts": {
                "a": {"type": "cdk:asset-manifest", "properties": {"file": "s.assets.json"}},
                "s": {
                    "type": "aws:cloudformation:stack",
                    "properties": {"templateFile": "t.json", "stackName": "named"},
                },
            }
        },
        "t.json": {"Resources": {}},
        "s.assets.json": {
            "files": {
                name: {
                    "source": {"path": path, "packaging": packaging},
                    "destinations": {"here": {"bucketName": "b", "objectKey": name}},
                }
                for name, path, packaging in (
                    ("1.zip", "directory", "zip"),
                    ("2.txt", "file", "file"),
                    ("3.json", "t.json", "file"),
                )
            }
        },
    }
    for name, document in documents.items():
        (tmp_path / name).write_text(json.dumps(document), "utf-8")
    assembly = load(tmp_path)
    assert assembly.stack_name == "named"
    assert [(asset.key, asset.zipped) for asset in assembly.assets] == [
        ("1.zip", True),
        ("2.txt", False),
    ]


@pytest.mark.slow
def test_the_cache_can_be_asked_alone(
    assemblies: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """What was synthesised is found, for the same settings only, and nothing is made."""
    made = synthesise("dev", {}, assemblies)
    before = sorted(assemblies.iterdir())
    monkeypatch.setenv("JSII_NODE", str(tmp_path / "no-node"))
    assert cached("dev", {}, assemblies) == made
    assert cached("dev", {"guests": False, "cache": False}, assemblies) is None
    assert cached("dev", {}, tmp_path / "none") is None
    assert sorted(assemblies.iterdir()) == before
    assert not (tmp_path / "none").exists()
