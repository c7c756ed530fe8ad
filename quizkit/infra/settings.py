"""What a stage may choose, and the checks that keep the choices deployable.

Settings arrive as one JSON document from whoever synthesises and never from the process's
environment, so the same arguments give the same template on every machine.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields

from quizkit.core.names import REFUSED, skeletons
from quizkit.core.origins import problem as origin_problem
from quizkit.infra.errors import SettingsError

# 18 fits S3: quizkit-<stage>-assets-<12 digits>-<region of up to 14> within 63 characters.
# Doubled and trailing hyphens are refused by ElastiCache.
_STAGE = re.compile(r"(?=.{1,18}\Z)[a-z][a-z0-9]*(-[a-z0-9]+)*")
# Lambda takes 4 KB of environment variables for a function.
_MAX_WORDS_BYTES = 2_048
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """One stage's choices.

    stage: lower-case letters, digits and single hyphens, at most 18; part of every name.
    protected: keep the data when the stack goes (RETAIN, point-in-time recovery, deletion
        protection, a standby cache node).
    origins: web origins (scheme and host, no path) whose pages may open a socket, call the
        HTTP API and upload media; compared exactly. With none, the default, no page may:
        players use programs that are no browser.
    guests: whether players may join without an account.
    refused_names: words that no nickname may hold, in place of the default list
        (`quizkit.core.names.REFUSED`); with none, every name passes.
    cache: whether to run Valkey in a VPC; without it boards come from DynamoDB.
    operations_email: address subscribed to the alarms' topic.
    websocket_access_log: log each WebSocket message's route and status. Off by default:
        API Gateway refuses it in accounts without a region-wide CloudWatch role, and a
        stack that set that role would change it for every other API of the account.
    """

    stage: str
    protected: bool = False
    origins: tuple[str, ...] = ()
    guests: bool = True
    refused_names: tuple[str, ...] = REFUSED
    cache: bool = True
    operations_email: str | None = None
    websocket_access_log: bool = False

    def __post_init__(self) -> None:
        _check_stage(self.stage)
        for name in ("protected", "guests", "cache", "websocket_access_log"):
            if not isinstance(getattr(self, name), bool):
                raise SettingsError(f"setting {name!r} must be true or false")
        for origin in self.origins:
            if problem := origin_problem(origin):
                raise SettingsError(
                    f"origin {origin!r} cannot be allowed: {problem}, such as "
                    "https://quiz.example.org (wildcards are refused)"
                )
        _check_words(self.refused_names)
        if self.operations_email is not None and not _matches(_EMAIL, self.operations_email):
            raise SettingsError(
                f"operations_email {self.operations_email!r} is not an email address"
            )


def parse(stage: str, document: str | Mapping[str, object] | None = None) -> Settings:
    """Settings for `stage` from a JSON object (text or parsed); raises SettingsError."""
    values = _as_object(document)
    known = {field.name for field in fields(Settings)} - {"stage"}
    if unknown := sorted(set(values) - known):
        raise SettingsError(f"unknown setting {unknown[0]!r}; known are {', '.join(sorted(known))}")
    origins = values.pop("origins", ())
    if not isinstance(origins, (list, tuple)):
        raise SettingsError("setting 'origins' must be a list of web origins")
    words = values.pop("refused_names", REFUSED)
    if not isinstance(words, (list, tuple)):
        raise SettingsError("setting 'refused_names' must be a list of words")
    return Settings(
        stage=stage,
        origins=tuple(origins),
        refused_names=tuple(words),
        **values,  # type: ignore[arg-type]
    )


def _as_object(document: str | Mapping[str, object] | None) -> dict[str, object]:
    if isinstance(document, str):
        try:
            document = json.loads(document)
        except ValueError as exc:
            raise SettingsError(f"settings are not JSON: {exc}") from exc
    if document is None:
        return {}
    if not isinstance(document, Mapping):
        raise SettingsError("settings must be a JSON object")
    return dict(document)


def _check_words(words: tuple[object, ...]) -> None:
    for word in words:
        if not isinstance(word, str) or "," in word or not skeletons([word]):
            raise SettingsError(
                f"refused name {word!r} cannot be looked for: give words of letters, no commas"
            )
    if len(",".join(map(str, words)).encode()) > _MAX_WORDS_BYTES:
        raise SettingsError(
            f"the refused names are over {_MAX_WORDS_BYTES} bytes together; shorten the list"
        )


def _check_stage(stage: str) -> None:
    if not _matches(_STAGE, stage):
        raise SettingsError(
            f"stage {stage!r} cannot be part of resource names: use up to 18 lower-case letters, "
            "digits and single hyphens, beginning with a letter"
        )


def _matches(pattern: re.Pattern[str], value: object) -> bool:
    return isinstance(value, str) and pattern.fullmatch(value) is not None
