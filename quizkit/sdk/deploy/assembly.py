"""Synthesis: from this installation's sources to a cloud assembly, at most once.

The CDK costs seconds and starts a Node process, so it runs in a subprocess
(`python -m quizkit.infra`) and its result is kept under a key made of everything that goes
into it: our sources, the settings, the versions of what they import. A directory appears
under its key by one atomic rename, so that a cached assembly is whole and two processes
may synthesise the same one at once. The cost: a change outside that key (a patched
dependency of the same version) is not seen; deleting the cache is always safe.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path
from tempfile import mkdtemp
from typing import Any, Final

import quizkit
from quizkit.sdk.deploy.model import Assembly, Asset
from quizkit.sdk.deploy.process import run_infra
from quizkit.sdk.errors import DeploymentFailed, MissingExtra, Misuse, QuizkitError

_ROOMS: Final = ("core", "lambdas", "infra")
#: What a synthesis imports, as distributions of the extra `deploy`.
NEEDED: Final = ("aws-cdk-lib", "constructs", "jsii", "redis")
_KEPT_SECONDS: Final = 30 * 86_400
_TIMEOUT: Final = 300
_WRONG_SETTINGS: Final = 2


def synthesise(stage: str, settings: Mapping[str, Any], cache: Path) -> Assembly:
    """The assembly of a stage, from the cache where nothing has changed.

    Args:
        settings: of the stage, as `[stages.<stage>]` of quizkit.toml gives them.
        cache: directory to keep assemblies in; created if absent.

    Raises:
        MissingExtra: this installation has no CDK.
        Misuse: there is no such setting, or its value cannot be.
        DeploymentFailed: the stack cannot be synthesised, for instance with these settings.
    """
    text, kept = _kept(stage, settings, cache)
    if not (kept / "manifest.json").is_file():
        cache.mkdir(parents=True, exist_ok=True)
        _prune(cache)
        work = Path(mkdtemp(prefix=".synthesis-", dir=cache))
        try:
            _run(stage, text, work)
            _publish(work, kept)
        finally:
            shutil.rmtree(work, ignore_errors=True)
    os.utime(kept)
    return load(kept)


def cached(stage: str, settings: Mapping[str, Any], cache: Path) -> Assembly | None:
    """What `synthesise` would give, if that is in the cache; changes nothing.

    Raises:
        MissingExtra: this installation has no CDK, so what it would make is not known.
    """
    _, kept = _kept(stage, settings, cache)
    return load(kept) if (kept / "manifest.json").is_file() else None


def load(directory: Path) -> Assembly:
    """Read the one stack of a cloud assembly and its asset manifest.

    Raises:
        DeploymentFailed: the directory does not hold an assembly of exactly one stack.
    """
    manifest = json.loads((directory / "manifest.json").read_text("utf-8"))
    artifacts = manifest.get("artifacts", {})
    stacks = [
        (name, item["properties"])
        for name, item in artifacts.items()
        if item["type"] == "aws:cloudformation:stack"
    ]
    if len(stacks) != 1:
        raise DeploymentFailed(f"The assembly has {len(stacks)} stacks; one was expected.")
    name, properties = stacks[0]
    template_file = properties["templateFile"]
    assets = [
        asset
        for item in artifacts.values()
        if item["type"] == "cdk:asset-manifest"
        for asset in _assets(directory, item["properties"]["file"], template_file)
    ]
    return Assembly(
        stack_name=properties.get("stackName", name),
        template=json.loads((directory / template_file).read_text("utf-8")),
        assets=tuple(assets),
        tags=properties.get("tags", {}),
        protected=bool(properties.get("terminationProtection", False)),
    )


def _assets(directory: Path, manifest_file: str, template_file: str) -> list[Asset]:
    """The files of an asset manifest, but for the template, which goes its own way."""
    files = json.loads((directory / manifest_file).read_text("utf-8")).get("files", {})
    return [
        Asset(
            path=directory / entry["source"]["path"],
            zipped=entry["source"].get("packaging") == "zip",
            bucket=destination["bucketName"],
            key=destination["objectKey"],
        )
        for entry in files.values()
        if entry["source"]["path"] != template_file
        for destination in entry["destinations"].values()
    ]


def _kept(stage: str, settings: Mapping[str, Any], cache: Path) -> tuple[str, Path]:
    """The settings as text, and where the assembly of these sources is kept."""
    text = json.dumps(settings, sort_keys=True)
    return text, cache / f"{stage}-{_key(stage, text)[:32]}"


def _key(stage: str, settings: str) -> str:
    """Hash of everything that goes into a synthesis."""
    digest = hashlib.sha256()
    parts = [
        stage,
        settings,
        quizkit.__version__,
        f"{sys.version_info.major}.{sys.version_info.minor}",
    ]
    parts += [f"{name}=={_version(name)}" for name in NEEDED]
    for part in parts:
        digest.update(part.encode() + b"\0")
    for path in _sources():
        digest.update(str(path.relative_to(_package())).encode() + b"\0")
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _version(distribution: str) -> str:
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError as exc:
        raise MissingExtra("deploy", "Deploying") from exc


def _package() -> Path:
    return Path(quizkit.__file__).parent


def _sources() -> list[Path]:
    return sorted(
        path
        for room in _ROOMS
        for path in (_package() / room).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    )


def _run(stage: str, settings: str, out: Path) -> None:
    """Run the synthesis into `out`."""
    arguments = ["--stage", stage, "--out", str(out), "--settings", settings]
    try:
        done = run_infra("quizkit.infra", arguments, timeout=_TIMEOUT, cwd=out)
    except subprocess.TimeoutExpired as exc:
        raise DeploymentFailed(f"Synthesis did not end within {_TIMEOUT} seconds.") from exc
    if done.returncode != 0 or not (out / "manifest.json").is_file():
        raise _failure(done)


def _failure(done: subprocess.CompletedProcess[str]) -> QuizkitError:
    """What the synthesis said last, as an error; it exits with 2 for wrong settings."""
    said = done.stderr.strip() or f"exit status {done.returncode}"
    last = said.splitlines()[-1].removeprefix("quizkit.infra: ")
    if done.returncode == _WRONG_SETTINGS:
        return Misuse(f"The stage cannot be synthesised: {last}")
    return DeploymentFailed(f"The stack cannot be synthesised: {last}", reason=said)


def _publish(work: Path, kept: Path) -> None:
    """Give a finished assembly its name; another process may have been first."""
    work.chmod(0o755)
    try:
        work.rename(kept)
    except OSError:
        if not (kept / "manifest.json").is_file():
            raise


def _prune(cache: Path) -> None:
    """Remove assemblies that nobody has used for a month."""
    limit = time.time() - _KEPT_SECONDS
    for directory in cache.iterdir():
        if directory.is_dir() and directory.stat().st_mtime < limit:
            shutil.rmtree(directory, ignore_errors=True)
