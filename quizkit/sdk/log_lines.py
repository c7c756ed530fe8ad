"""What a line in a function's log says.

A group holds lines of several writers: JSON that our handlers print, JSON of Lambda's Python
runtime (its logger, and exceptions that nobody caught), metrics in CloudWatch's embedded format,
what Lambda itself reports about invocations, as JSON or as text, and any text besides. `parse`
makes one shape of them all. It never fails: what it does not know is text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

Level = Literal["debug", "info", "warning", "error", "critical"]
Kind = Literal["application", "metrics", "platform"]

_LEVELS: Final[Mapping[str, Level]] = {
    "trace": "debug",
    "debug": "debug",
    "info": "info",
    "warn": "warning",
    "warning": "warning",
    "error": "error",
    "fatal": "critical",
    "critical": "critical",
}
_REQUEST_IDS: Final = ("requestId", "request_id", "aws_request_id")
#: Told in other ways: by the line's own time, and by message and trace.
_TOLD: Final = frozenset(
    {"timestamp", "level", "message", "errorType", "errorMessage", "stackTrace", *_REQUEST_IDS}
)
_ROUTINE: Final = re.compile(
    r"(?:START|END|REPORT) RequestId: (?P<request_id>[\w-]+)|(?:INIT_START|INIT_REPORT|EXTENSION)\b"
)
_BRACKETED: Final = re.compile(r"\[(?P<level>[A-Z]+)\]\s+")
_WENT_WRONG: Final = re.compile(r"Task timed out after|Traceback \(most recent call last\)")


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line.

    Attributes:
        time: epoch milliseconds.
        function: short name of the function, such as `answer`.
        kind: whose words it is: the function's, a metric's, or Lambda's own.
        request_id: of the invocation, where the line names it.
        trace: lines of a traceback.
        fields: what else a structured line carries, under the names that it has there.
    """

    time: int
    function: str
    level: Level
    message: str
    kind: Kind = "application"
    request_id: str | None = None
    trace: tuple[str, ...] = ()
    fields: Mapping[str, Any] = field(default_factory=dict)

    @property
    def routine(self) -> bool:
        """Whether it tells of nothing but metrics, or of an invocation that went as it should."""
        return self.kind == "metrics" or (self.kind == "platform" and not self.failed)

    @property
    def failed(self) -> bool:
        """Whether it tells of an error."""
        return self.level in ("error", "critical")

    def mentions(self, text: str) -> bool:
        """Whether the line has this text anywhere, in capitals or not."""
        fields = json.dumps(self.fields, ensure_ascii=False, default=str) if self.fields else ""
        said = "\n".join((self.message, self.request_id or "", fields, *self.trace))
        return text.casefold() in said.casefold()

    def document(self) -> dict[str, Any]:
        """The line for programs; `request_id`, `trace` and `fields` only where there are any."""
        document: dict[str, Any] = {
            "time": self.time,
            "function": self.function,
            "level": self.level,
            "message": self.message,
            "kind": self.kind,
        }
        if self.request_id is not None:
            document["request_id"] = self.request_id
        if self.trace:
            document["trace"] = list(self.trace)
        if self.fields:
            document["fields"] = dict(self.fields)
        return document


def parse(function: str, time: int, text: str) -> LogLine:
    """The line that a log event holds.

    Args:
        function: whose log it is from.
        time: epoch milliseconds.
        text: as it was written.
    """
    document = _object(text)
    if document is None:
        return _text(function, time, text)
    kind = document.get("type")
    if isinstance(kind, str) and kind.startswith("platform.") and "record" in document:
        return _platform(function, time, kind.removeprefix("platform."), document["record"])
    metrics = _metrics(function, time, document) if "_aws" in document else None
    return metrics or _structured(function, time, document, text)


def _object(text: str) -> dict[str, Any] | None:
    """The JSON object that a text is, None where it is none."""
    if not text.lstrip().startswith("{"):
        return None
    try:
        found: dict[str, Any] = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return found


def _text(function: str, time: int, text: str) -> LogLine:
    """A line of plain text; Lambda's own are known by how they begin."""
    # The runtime parts the lines of one traceback with carriage returns where it logs as text.
    message = re.sub(r"\r\n?", "\n", text).rstrip("\n")
    routine = _ROUTINE.match(message)
    if routine is not None:
        failed = "Status: " in message and "Status: success" not in message
        level: Level = "error" if failed else "info"
        return LogLine(
            function=function,
            time=time,
            level=level,
            message=message,
            kind="platform",
            request_id=routine["request_id"],
        )
    bracketed = _BRACKETED.match(message)
    if bracketed is not None and bracketed["level"].lower() in _LEVELS:
        level = _LEVELS[bracketed["level"].lower()]
        return LogLine(time, function, level, message[bracketed.end() :])
    return LogLine(time, function, "error" if _WENT_WRONG.search(message) else "info", message)


def _structured(function: str, time: int, document: dict[str, Any], text: str) -> LogLine:
    """A line that our handlers or the runtime wrote as JSON; text where it has no message."""
    error = ": ".join(
        str(document[key]) for key in ("errorType", "errorMessage") if document.get(key)
    )
    message = document.get("message") or error
    if not message:
        return LogLine(time, function, _level(document), text.strip())
    return LogLine(
        time=time,
        function=function,
        level=_level(document),
        message=message if isinstance(message, str) else json.dumps(message, ensure_ascii=False),
        request_id=next((str(document[key]) for key in _REQUEST_IDS if document.get(key)), None),
        trace=_trace(document.get("stackTrace"), error if message != error else ""),
        fields={key: value for key, value in document.items() if key not in _TOLD},
    )


def _trace(stack: Any, error: str) -> tuple[str, ...]:
    """The lines of a traceback, and of the error that it is of where nothing else tells it."""
    parts = stack if isinstance(stack, list) else []
    lines = [line for part in parts for line in str(part).splitlines()]
    if error and not (lines and lines[-1] == error):
        lines.append(error)
    return tuple(lines)


def _level(document: Mapping[str, Any]) -> Level:
    return _LEVELS.get(str(document.get("level")).lower(), "info")


def _metrics(function: str, time: int, document: dict[str, Any]) -> LogLine | None:
    """Figures in the embedded metric format, as `name value unit`; None where it breaks that."""
    try:
        directives = document["_aws"]["CloudWatchMetrics"]
        metrics = [metric for directive in directives for metric in directive["Metrics"]]
        units = {str(metric["Name"]): str(metric.get("Unit", "")) for metric in metrics}
    except (AttributeError, KeyError, TypeError):
        return None
    figures = (f"{name} {document.get(name)} {unit}".rstrip() for name, unit in units.items())
    others = {key: value for key, value in document.items() if key not in ("_aws", *units)}
    return LogLine(time, function, "info", ", ".join(figures), kind="metrics", fields=others)


def _platform(function: str, time: int, event: str, record: Any) -> LogLine:
    """What Lambda itself says; an invocation that failed is told once, by its report.

    Its `runtimeDone` comes just before and says the same.
    """
    fields = dict(record) if isinstance(record, Mapping) else {"record": record}
    request_id = fields.pop("requestId", None)
    status = str(fields.pop("status", "success"))
    failed = status != "success" and not event.lower().endswith("runtimedone")
    metrics = fields.pop("metrics", None)
    return LogLine(
        time=time,
        function=function,
        level="error" if failed or event in ("fault", "logsDropped") else "info",
        message=f"{event}: {status}" if status != "success" else event,
        kind="platform",
        request_id=None if request_id is None else str(request_id),
        fields=fields | (metrics if isinstance(metrics, dict) else {}),
    )
