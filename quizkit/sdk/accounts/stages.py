"""What it takes to sign in to a stage: public facts of its outputs, no AWS credentials.

Whoever deploys can read them (`quizkit outputs --json`) and hand them to hosts and players as
a file. A stage that somebody signed in to is remembered here: on AWS, later commands then
need neither the file nor CloudFormation; and where none is remembered nobody is signed in.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from quizkit.sdk import home
from quizkit.sdk.errors import InvalidInput, NotFound, Problem
from quizkit.sdk.player import is_loopback
from quizkit.sdk.target import STAGE, Target, TargetName

_REGION: Final = re.compile(r"[a-z]{2,3}(-[a-z]+)+-[0-9]{1,2}")
_POOL: Final = re.compile(r"[a-z0-9-]+_[0-9A-Za-z]+")
_CLIENT: Final = re.compile(r"[0-9A-Za-z_+-]{1,128}")
_NEEDED: Final = ("HttpApiUrl", "Region", "UserPoolClientId", "UserPoolId")


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage as people who sign in see it.

    Attributes:
        target: `local` or `aws`.
        name: such as `dev`.
        http_url: of the HTTP API, where tokens of this pool are sent.
        endpoint_url: of the local gateway; None on AWS.
    """

    target: TargetName
    name: str
    region: str
    http_url: str
    pool_id: str
    client_id: str
    endpoint_url: str | None = None

    @classmethod
    def of(cls, target: Target, outputs: Mapping[str, str]) -> Stage:
        """The stage that a target and its outputs name.

        Raises:
            NotFound: the outputs are not those of a stage with accounts.
            InvalidInput: an output cannot be what it should be.
        """
        missing = [name for name in _NEEDED if not outputs.get(name)]
        if missing:
            raise NotFound(
                f"The stage {target.stage} has no output {missing[0]}.", hint="run: quizkit deploy"
            )
        stage = cls(
            target=target.name,
            name=target.stage,
            region=outputs["Region"],
            http_url=outputs["HttpApiUrl"].rstrip("/"),
            pool_id=outputs["UserPoolId"],
            client_id=outputs["UserPoolClientId"],
            endpoint_url=target.endpoint_url,
        )
        _check(stage)
        return stage

    @property
    def as_target(self) -> Target:
        """The target that it is on; without credentials of its own."""
        return Target(self.target, self.name, self.region, endpoint_url=self.endpoint_url)


def read(path: Path) -> Stage:
    """The stage on AWS in a file that `quizkit outputs --json` wrote.

    Raises:
        InvalidInput: the file cannot be read, or holds something else.
    """
    try:
        document = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as exc:
        raise _wrong(path.name, f"it cannot be read: {exc}") from exc
    match document:
        case {"target": "aws", "stage": str(name), "outputs": dict(outputs)} if STAGE.fullmatch(
            name
        ):
            texts = {key: value for key, value in outputs.items() if isinstance(value, str)}
            target = Target("aws", name, str(texts.get("Region", "")))
            try:
                return Stage.of(target, texts)
            except NotFound as exc:
                raise _wrong(path.name, exc.message) from exc
        case {"target": "local"}:
            raise _wrong(path.name, "it is of a local platform, which no other machine reaches")
    raise _wrong(path.name, "it is not what quizkit outputs --json prints")


def remember(stage: Stage) -> None:
    """Keep what is known of a stage; nothing in it is secret."""
    file = _file(stage.target, stage.name)
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    file.write_text(json.dumps(asdict(stage), indent=2) + "\n", "utf-8")


def recall(target: TargetName, name: str) -> Stage | None:
    """The stage that was remembered, or None."""
    try:
        fields: dict[str, Any] = json.loads(_file(target, name).read_text("utf-8"))
        stage = Stage(**fields)
        _check(stage)
    except (OSError, ValueError, TypeError, InvalidInput):
        return None
    return stage if (stage.target, stage.name) == (target, name) else None


def _file(target: TargetName, name: str) -> Path:
    return home.config_dir() / "stages" / f"{target}-{name}.json"


def _check(stage: Stage) -> None:
    """Refuse what would send a password's proof or a token to a strange place."""
    url = urlsplit(stage.http_url)
    here = stage.target == "local" and is_loopback(stage.http_url)
    wrong = [
        name
        for name, right in (
            ("HttpApiUrl", bool(url.hostname) and (url.scheme == "https" or here)),
            ("Region", _REGION.fullmatch(stage.region)),
            ("UserPoolId", _POOL.fullmatch(stage.pool_id)),
            ("UserPoolClientId", _CLIENT.fullmatch(stage.client_id)),
        )
        if not right
    ]
    if wrong:
        raise _wrong("The stage's outputs", f"{wrong[0]} is not one")


def _wrong(what: str, why: str) -> InvalidInput:
    message = f"{what}: {why}"
    return InvalidInput(message, problems=[Problem(message)], code="invalid_outputs")
