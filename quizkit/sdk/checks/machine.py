"""What this machine needs whatever the target: judged from facts, and the few facts gathered."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Collection, Iterable, Mapping
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from quizkit.sdk.checks.model import Check
from quizkit.sdk.errors import InvalidInput, MissingExtra

if TYPE_CHECKING:
    from quizkit.sdk.deploy.readiness import Advice, Node
    from quizkit.sdk.project import Project

_DISTRIBUTION: Final = "quizkit"
_PYTHON: Final = re.compile(r"Programming Language :: Python :: (\d+)\.(\d+)")
_GIGABYTE: Final = 1e9
#: Assemblies, logs and a few games' data; with less a write may fail in the middle of a game.
_SCARCE_BYTES: Final = 500_000_000
_FULL_BYTES: Final = 50_000_000


def installed(distribution: str) -> str | None:
    """The version of a distribution that is installed here, or None."""
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return None


def pinned(distribution: str) -> str | None:
    """The one version of a distribution that this release works with, if it wants one."""
    try:
        wanted = metadata.requires(_DISTRIBUTION) or []
    except metadata.PackageNotFoundError:
        return None
    pins = (re.match(rf"{re.escape(distribution)}==([\w.]+)", line) for line in wanted)
    return next((found[1] for found in pins if found), None)


def supported_pythons() -> tuple[tuple[int, int], ...]:
    """The versions that this release is tested with; empty where it is not installed."""
    try:
        lines = metadata.metadata(_DISTRIBUTION).get_all("Classifier") or []
    except metadata.PackageNotFoundError:
        return ()
    found = (_PYTHON.fullmatch(line) for line in lines)
    return tuple(sorted((int(each[1]), int(each[2])) for each in found if each))


def python(version: tuple[int, int, int], supported: Collection[tuple[int, int]]) -> Check:
    """Whether this Python is one that quizkit is tested with."""
    told = f"Python {'.'.join(map(str, version))}"
    if not supported:
        why = f"{told}; this copy of quizkit is not installed, so nothing tells which it supports"
        return Check.skipped("python", why, 'run: pip install "quizkit[all]"')
    if version[:2] in supported:
        return Check.ok("python", told)
    oldest, newest = (f"{major}.{minor}" for major, minor in (min(supported), max(supported)))
    fix = f"use Python {oldest} to {newest}, such as: python{newest} -m venv .venv"
    if version[:2] < min(supported):
        return Check.failed("python", f"{told} is too old", fix)
    return Check.warning("python", f"{told} is newer than quizkit is tested with", fix)


def project(found: Project | InvalidInput, stage: str, problems: Mapping[str, str | None]) -> Check:
    """Whether the project file can be read and names nothing unknown.

    Args:
        stage: the one that is asked for.
        problems: stage → what is wrong with its settings, or None.
    """
    name = "project"
    if isinstance(found, InvalidInput):
        more = [f"; {problem.message}" for problem in found.problems[1:]]
        return Check.failed(name, "".join([found.message, *more]), "correct the file")
    if found.path is None:
        return Check.ok(name, "there is no quizkit.toml, and none is needed")
    wrong = {each: problem for each, problem in problems.items() if problem is not None}
    if not wrong:
        said = ", ".join(f"stage {each}" for each in found.stages) or "no settings of stages"
        return Check.ok(name, f"{found.path}: {said}")
    message = "; ".join(f"stage {each}: {problem}" for each, problem in wrong.items())
    verdict = Check.failed if stage in wrong else Check.warning
    return verdict(name, f"{found.path}: {message}", "correct the file")


def directories(
    folders: Iterable[Path],
    *,
    home: str | None,
    writable: Callable[[Path], bool] = lambda path: os.access(path, os.W_OK | os.X_OK),
    free: Callable[[Path], int] = lambda path: shutil.disk_usage(path).free,
) -> Check:
    """Whether what is kept here has a place: folders that are there or can be made, and space.

    Args:
        home: what QUIZKIT_HOME says, or None.
        writable: whether something can be made in a folder that is there.
        free: bytes that are left where it lies.
    """
    name, elsewhere = "directories", "name another directory: export QUIZKIT_HOME=DIRECTORY"
    left: list[int] = []
    folders = list(folders)
    for folder in folders:
        nearest = _nearest(folder)
        if not nearest.is_dir():
            return Check.failed(name, f"{nearest} is in the way: it is no directory", elsewhere)
        if not writable(nearest):
            what = "written" if nearest == folder else f"made below {nearest}"
            fix = f'run: sudo chown -R "$(id -un)" {nearest}; or {elsewhere}'
            return Check.failed(name, f"{folder} cannot be {what}", fix)
        left.append(free(nearest))
    least = min(left)
    places = home or ", ".join(dict.fromkeys(str(folder) for folder in folders))
    message = f"{places}; {least / _GIGABYTE:.1f} GB free"
    if least >= _SCARCE_BYTES:
        return Check.ok(name, message)
    verdict = Check.failed if least < _FULL_BYTES else Check.warning
    return verdict(name, f"little space is left: {message}", f"make space, or {elsewhere}")


def _nearest(folder: Path) -> Path:
    """The folder itself, or the closest one above it that is there."""
    for each in (folder, *folder.parents):
        try:
            if each.exists():
                return each
        except OSError:
            # One above it may not be entered, and is the one to tell of.
            continue
    raise AssertionError("unreachable: the root is there")


def deploy_extra(
    versions: Mapping[str, str | None], bundle: Advice | None, *, needed: bool
) -> Check:
    """Whether a deployment can be synthesised: the CDK and what the functions take along.

    Args:
        versions: distribution → its version, None where it is missing.
        bundle: why the functions' bundle cannot be made, or None.
        needed: whether the target is of no use without it.
    """
    name, verdict = "deploy", Check.failed if needed else Check.warning
    missing = [each for each, version in versions.items() if version is None]
    if missing:
        error = MissingExtra("deploy", "Deploying")
        return verdict(name, f"{error.message} Missing: {', '.join(missing)}.", error.hint)
    if bundle is not None:
        return verdict(name, bundle.message, bundle.fix)
    return Check.ok(name, ", ".join(f"{each} {version}" for each, version in versions.items()))


def node(found: Node, *, needed: bool) -> Check:
    """Whether there is a Node that synthesis can run on.

    Args:
        needed: whether the target is of no use without it.
    """
    name = "node"
    if found.problem is None:
        return Check.ok(name, f"Node {found.version} at {found.path} (from {found.source})")
    chosen = found.source == "JSII_NODE"
    message = f"{found.path} cannot be used for deploying: {found.problem}"
    fix = (
        "run: unset JSII_NODE (or let it name another Node)"
        if chosen
        else 'run: pip install --force-reinstall "quizkit[deploy]"'
    )
    return (Check.failed if needed else Check.warning)(name, message, fix)


def keyring(backend: Any | None, *, present: bool, home: str | None, folder: Path) -> Check:
    """Where sign-ins are kept; each place will do.

    Args:
        backend: the keyring that is used, or None.
        present: whether the extra `keyring` is installed.
        home: what QUIZKIT_HOME says, or None.
        folder: where the private files are.
    """
    name = "keyring"
    if backend is not None:
        kind = type(backend)
        where = f"{kind.__module__}.{kind.__qualname__}"
        return Check.ok(name, f"sign-ins are kept in the system's keyring ({where})")
    if home:
        why = "as QUIZKIT_HOME is set"
    elif not present:
        why = "as the extra “keyring” is not installed"
    else:
        why = "as this system offers no keyring"
    return Check.ok(name, f"sign-ins are kept in private files below {folder}, {why}")
