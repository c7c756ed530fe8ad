"""The functions that the host runs: their settings, their handlers, one invocation of them.

A function's handler is built at its first use from what MiniStack has on record for it, and kept
until a refresh, or until a look at the record finds other settings. Nothing of a function is read
from this process's environment.
"""

from __future__ import annotations

import json
import threading
import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Protocol, TypeAlias

Handler: TypeAlias = Callable[[Any, "Context"], Any]

#: What API Gateway tells a client about a function that failed; details stay in the log.
_PUBLIC_FAILURE: Final = {"message": "Internal server error"}


@dataclass(frozen=True, slots=True)
class Settings:
    """A function as MiniStack has it on record.

    Attributes:
        name, arn, role: the function's name, ARN and role ARN.
        handler: `package.module.attribute`.
        memory_mb: configured memory.
        variables: its environment variables.
        code: checksum of its code.
    """

    name: str
    arn: str
    role: str
    handler: str
    memory_mb: int
    variables: Mapping[str, str]
    code: str

    @property
    def module(self) -> str:
        """The module that holds the handler."""
        return self.handler.rpartition(".")[0].replace("/", ".")


@dataclass(frozen=True, slots=True)
class Context:
    """What a handler gets beside the event; the part of Lambda's context that is used."""

    aws_request_id: str
    function_name: str
    invoked_function_arn: str
    memory_limit_in_mb: int
    log_group_name: str
    log_stream_name: str
    deadline_ms: int
    function_version: str = "$LATEST"

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds until the caller gives up, at least 0."""
        return max(0, self.deadline_ms - int(time.time() * 1000))


@dataclass(frozen=True, slots=True)
class Call:
    """One invocation as MiniStack sends it; `deadline_ms` is epoch milliseconds."""

    function: str
    request_id: str
    deadline_ms: int
    payload: bytes


@dataclass(frozen=True, slots=True)
class Reply:
    """An HTTP status and a body, JSON unless the headers say otherwise."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=lambda: {"Content-Type": "application/json"})


class Source(Protocol):
    """Where functions come from: MiniStack, or a fake in tests."""

    def settings(self, name: str) -> Settings | None:
        """The function's settings, None where there is no such function."""

    def environ(self, settings: Settings) -> tuple[Mapping[str, str], float]:
        """The function's environment, and how many seconds its credentials live."""


@dataclass(slots=True)
class _Loaded:
    settings: Settings
    handler: Handler
    good_until: float
    used: bool = True


class UnknownFunction(Exception):
    """MiniStack has no function of that name."""


class Functions:
    """Handlers by function name, built at their first use.

    Args:
        source: where functions come from.
        load: builds a handler from its settings and environment.
    """

    def __init__(
        self, source: Source, load: Callable[[Settings, Mapping[str, str]], Handler]
    ) -> None:
        self._source = source
        self._load = load
        self._loaded: dict[str, _Loaded] = {}
        self._locks: dict[str, threading.Lock] = {}
        self._guard = threading.Lock()
        self._generation = 0

    def get(self, name: str) -> tuple[Settings, Handler]:
        """The function's settings and handler; callers of one name wait for one build.

        Raises:
            UnknownFunction: there is none of that name.
            Exception: whatever importing and building the handler raises.
        """
        found = self._fresh(name)
        if found is None:
            with self._guard:
                lock = self._locks.setdefault(name, threading.Lock())
            with lock:
                found = self._fresh(name) or self._build(name)
        found.used = True
        return found.settings, found.handler

    def names(self) -> list[str]:
        """The functions that are built."""
        return sorted(self._loaded)

    def forget(self) -> None:
        """Build every function anew at its next use."""
        with self._guard:
            self._generation += 1
            self._loaded.clear()

    def recheck(self) -> None:
        """Forget functions, used since the last look, whose settings on record have changed."""
        for name, loaded in list(self._loaded.items()):
            if loaded.used:
                loaded.used = False
                if self._source.settings(name) != loaded.settings:
                    self._loaded.pop(name, None)

    def _fresh(self, name: str) -> _Loaded | None:
        loaded = self._loaded.get(name)
        return loaded if loaded and time.monotonic() < loaded.good_until else None

    def _build(self, name: str) -> _Loaded:
        generation = self._generation
        settings = self._source.settings(name)
        if settings is None:
            raise UnknownFunction(name)
        environ, lifetime = self._source.environ(settings)
        loaded = _Loaded(
            settings=settings,
            handler=self._load(settings, environ),
            good_until=time.monotonic() + lifetime,
        )
        with self._guard:
            # A refresh during the build wants what is on record now, not this.
            if generation == self._generation:
                self._loaded[name] = loaded
        return loaded


def invoke(functions: Functions, call: Call, *, stream: str) -> Reply:
    """Run one invocation to its end in this thread.

    Args:
        stream: name of the log stream that the function's lines go to.

    Returns:
        The handler's result, or a failure with status 500 in Lambda's form. A client of an API
        reads failures too, so those of API events carry no details.
    """
    event: Any = None
    if call.deadline_ms <= time.time() * 1000:
        # Its caller has given up while it waited; Lambda would not run it any more either.
        return _failure({"errorType": "Sandbox.Timedout", "errorMessage": "Task timed out"})
    try:
        event = json.loads(call.payload or b"null")
        settings, handler = functions.get(call.function)
        result = handler(event, _context(settings, call, stream))
        return Reply(200, b"" if result is None else json.dumps(result).encode())
    except BaseException as exc:  # noqa: BLE001 - what a handler raises must not end the host
        details = {
            "errorType": type(exc).__name__,
            "errorMessage": str(exc),
            "requestId": call.request_id,
            "stackTrace": traceback.format_exception(exc),
        }
        print(json.dumps({"level": "ERROR", **details}))
        return _failure(_PUBLIC_FAILURE if _is_api_event(event) else details)


def _context(settings: Settings, call: Call, stream: str) -> Context:
    return Context(
        aws_request_id=call.request_id,
        function_name=settings.name,
        invoked_function_arn=settings.arn,
        memory_limit_in_mb=settings.memory_mb,
        log_group_name=f"/aws/lambda/{settings.name}",
        log_stream_name=stream,
        deadline_ms=call.deadline_ms,
    )


def _failure(document: Mapping[str, Any]) -> Reply:
    return Reply(500, json.dumps(document).encode())


def _is_api_event(event: Any) -> bool:
    """Whether API Gateway sent the event, so that a client gets the answer."""
    return isinstance(event, dict) and isinstance(event.get("requestContext"), dict)
