"""Whether a synthesis could run here, and whether the stages' settings could be synthesised.

The infrastructure knows, and nobody imports it, so it is asked as a subprocess; without the
CDK that takes some tenths of a second (`quizkit.infra.readiness`).
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from quizkit.sdk.deploy.process import run_infra
from quizkit.sdk.errors import DeploymentFailed

_TIMEOUT: Final = 15


@dataclass(frozen=True, slots=True)
class Node:
    """The Node that a synthesis would run on.

    Attributes:
        source: who names it: the variable JSII_NODE, the wheel, or nobody but the PATH.
        path: of the program; what was looked for where it is not found.
        version: such as `v24.1.0`; None where it does not run.
        problem: why it will not do, or None.
    """

    source: Literal["JSII_NODE", "wheel", "PATH"]
    path: str
    version: str | None
    problem: str | None


@dataclass(frozen=True, slots=True)
class Advice:
    """What is wrong, and what to do about it."""

    message: str
    fix: str


@dataclass(frozen=True, slots=True)
class Readiness:
    """What a synthesis would meet.

    Attributes:
        node: the Node it would run on.
        bundle: why the functions' bundle cannot be made, or None.
        stages: stage → what is wrong with its settings, or None.
    """

    node: Node
    bundle: Advice | None
    stages: Mapping[str, str | None]


def readiness(stages: Mapping[str, Mapping[str, Any]]) -> Readiness:
    """Ask the infrastructure.

    Args:
        stages: stage → its settings, as `Project.stages` gives them.

    Raises:
        DeploymentFailed: it does not answer as it should, as where files of it are missing.
    """
    settings = json.dumps(stages, default=str)
    try:
        done = run_infra("quizkit.infra.readiness", ["--stages", settings], timeout=_TIMEOUT)
    except subprocess.TimeoutExpired as exc:
        raise DeploymentFailed(
            f"Asking about synthesis did not end within {_TIMEOUT} seconds.", hint="try again"
        ) from exc
    try:
        return _decode(json.loads(done.stdout))
    except (ValueError, KeyError, TypeError) as exc:
        said = done.stderr.strip().splitlines() or [f"exit status {done.returncode}"]
        raise DeploymentFailed(
            f"The infrastructure cannot be asked: {said[-1]}",
            reason=done.stderr,
            hint='reinstall it: pip install --force-reinstall "quizkit[deploy]"',
        ) from exc


def _decode(document: Mapping[str, Any]) -> Readiness:
    bundle = document["bundle"]
    return Readiness(
        node=Node(**document["node"]),
        bundle=None if bundle is None else Advice(**bundle),
        stages=dict(document["stages"]),
    )
