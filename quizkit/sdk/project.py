"""Which target is meant, and what the project file says about it.

The target comes from the flag, then `QUIZKIT_TARGET`, then the nearest `quizkit.toml`, then
local. AWS is never inferred from credentials that lie around.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from quizkit.sdk.errors import InvalidInput, Misuse, Problem
from quizkit.sdk.target import DEFAULT_STAGE, Target, check_stage

PROJECT_FILE: Final = "quizkit.toml"
TARGETS: Final = ("local", "aws")


@dataclass(frozen=True, slots=True)
class Project:
    """What the nearest `quizkit.toml` says; everything is optional.

        target = "aws"
        stage = "prod"
        region = "eu-central-1"
        profile = "quiz"

        [stages.prod]                 # settings of the stack, one table a stage
        protected = true
        origins = ["https://quiz.example.org"]

    Attributes:
        path: of the file, None where there is none.
        stages: stage → settings for the synthesis.
    """

    path: Path | None = None
    target: str | None = None
    stage: str | None = None
    region: str | None = None
    profile: str | None = None
    stages: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def settings(self, stage: str) -> dict[str, Any]:
        """The stack's settings for a stage; empty where the file has none."""
        return dict(self.stages.get(stage, {}))


def load_project(start: Path) -> Project:
    """Read the nearest `quizkit.toml`, in `start` or the closest folder above it.

    Raises:
        InvalidInput: it cannot be read, is not TOML, or has a key or a value of the wrong kind.
    """
    folder = start.absolute()
    for candidate in (folder / PROJECT_FILE, *(up / PROJECT_FILE for up in folder.parents)):
        if candidate.is_file():
            return _parse_project(candidate)
    return Project()


def _parse_project(path: Path) -> Project:
    try:
        document = tomllib.loads(path.read_text("utf-8"))
    except OSError as exc:
        why = f"{path} cannot be read: {exc.strerror}"
        raise InvalidInput(why, problems=[Problem(why)]) from exc
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as exc:
        raise InvalidInput(f"{path} is not TOML: {exc}", problems=[Problem(str(exc))]) from exc
    texts = ("target", "stage", "region", "profile")
    problems = [
        f"unknown key “{key}”; known are {', '.join(texts)} and stages"
        for key in document
        if key not in (*texts, "stages")
    ]
    problems += [
        f"“{key}” must be text"
        for key in texts
        if key in document and not isinstance(document[key], str)
    ]
    stages = document.get("stages", {})
    if not isinstance(stages, dict) or not all(isinstance(s, dict) for s in stages.values()):
        problems.append("“stages” must hold tables, such as [stages.prod]")
    if problems:
        raise InvalidInput(f"{path}: {problems[0]}", problems=[Problem(p) for p in problems])
    return Project(path=path, **document)


def named(
    *, target: str | None, stage: str | None, environ: Mapping[str, str], project: Project
) -> tuple[str, str]:
    """The target and the stage that are asked for, as they stand; see `check_names`."""
    name = target or environ.get("QUIZKIT_TARGET") or project.target or TARGETS[0]
    return name, stage or project.stage or DEFAULT_STAGE


def check_names(target: str, stage: str) -> None:
    """Refuse a target that there is not, and a stage that cannot be.

    Raises:
        Misuse: with what they may be called.
    """
    if target not in TARGETS:
        raise Misuse(f"There is no target “{target}”.", hint="targets are local and aws")
    check_stage(stage)


def choose(
    *,
    target: str | None = None,
    stage: str | None = None,
    profile: str | None = None,
    region: str | None = None,
    environ: Mapping[str, str],
    project: Project,
    local_endpoint: Callable[[], str | None],
    known_region: Callable[[str], str | None] = lambda stage: None,
) -> Target:
    """Decide which target is meant; reads nothing but its arguments and AWS's own settings.

    Args:
        target, stage, profile, region: what the flags say, None where not given.
        environ: of the process; `QUIZKIT_TARGET`, `AWS_REGION`, `AWS_DEFAULT_REGION` count.
        project: from `load_project`.
        local_endpoint: gives the running local platform's URL, or None; asked only if needed.
        known_region: gives the region of a stage on AWS that somebody signed in to here, or
            None; asked where no region is named, before AWS's own settings.

    Raises:
        Misuse: there is no such target or stage, or no region is named anywhere.
        CredentialsError: there is no such profile.
    """
    name, stage = named(target=target, stage=stage, environ=environ, project=project)
    check_names(name, stage)
    if name == "local":
        return Target(
            "local",
            stage,
            endpoint_url=local_endpoint(),
            access_key="test",
            secret_key="test",
        )
    profile = profile or project.profile
    chosen = (
        region
        or environ.get("AWS_REGION")
        or environ.get("AWS_DEFAULT_REGION")
        or project.region
        or known_region(stage)
        or _profile_region(profile)
    )
    return Target("aws", stage, chosen, profile=profile)


def _profile_region(profile: str | None) -> str:
    """The region that the AWS configuration names for the profile."""
    import boto3

    probe = Target("aws", region="", profile=profile)
    with probe.errors():
        region = boto3.Session(profile_name=profile).region_name
    if not region:
        raise Misuse("No AWS region is named.", hint="add --region, such as --region eu-central-1")
    return region
