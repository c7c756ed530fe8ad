"""Functions, built once and run many times."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from quizkit.local.hosting.functions import (
    Call,
    Context,
    Functions,
    Handler,
    Settings,
    UnknownFunction,
    invoke,
)

ONE = Settings("one", "arn:one", "role", "package.module.handler", 512, {"STAGE": "dev"}, "sha")


class FakeSource:
    """Functions in memory."""

    def __init__(self, *settings: Settings, lifetime: float = float("inf")) -> None:
        self.known = {one.name: one for one in settings}
        self.lifetime = lifetime

    def settings(self, name: str) -> Settings | None:
        """The settings given."""
        return self.known.get(name)

    def environ(self, settings: Settings) -> tuple[Mapping[str, str], float]:
        """The variables, for the lifetime given."""
        return settings.variables, self.lifetime


class Builder:
    """Builds handlers that do what was given, and counts."""

    def __init__(self, do: Any = None) -> None:
        self.built: list[Mapping[str, str]] = []
        self._do = do or (lambda event, context: event)

    def __call__(self, settings: Settings, environ: Mapping[str, str]) -> Handler:
        """Build one."""
        self.built.append(environ)
        handler: Handler = self._do
        return handler


def call(payload: Any, *, function: str = "one", seconds: float = 60) -> Call:
    """An invocation with that much time left."""
    body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    return Call(function, "request-1", int((time.time() + seconds) * 1000), body)


def test_module_of_both_handler_forms() -> None:
    """Dots and slashes name the same module."""
    assert ONE.module == "package.module"
    assert replace(ONE, handler="package/module.handler").module == "package.module"


def test_first_burst_builds_once() -> None:
    """Many first callers at once wait for one build."""
    builder = Builder()
    functions = Functions(FakeSource(ONE), builder)
    with ThreadPoolExecutor(8) as crowd:
        found = list(crowd.map(lambda _: functions.get("one"), range(40)))
    assert len(builder.built) == 1
    assert all(settings is ONE for settings, _ in found)
    assert functions.names() == ["one"]


def test_unknown_function_is_an_error() -> None:
    """A function that MiniStack does not have cannot be run."""
    with pytest.raises(UnknownFunction):
        Functions(FakeSource(), Builder()).get("one")


def test_forget_builds_anew() -> None:
    """After a deployment every function is built from what is on record then."""
    source, builder = FakeSource(ONE), Builder()
    functions = Functions(source, builder)
    functions.get("one")
    source.known["one"] = replace(ONE, variables={"STAGE": "test"})
    assert functions.get("one")[0].variables == {"STAGE": "dev"}
    functions.forget()
    assert functions.get("one")[0].variables == {"STAGE": "test"}
    assert len(builder.built) == 2


def test_forget_during_a_build_is_not_lost() -> None:
    """A build that began before a refresh is used once and not kept."""
    functions: Functions

    def load(settings: Settings, environ: Mapping[str, str]) -> Handler:
        builder.built.append(environ)
        if len(builder.built) == 1:
            functions.forget()
        return lambda event, context: event

    builder = Builder()
    functions = Functions(FakeSource(ONE), load)
    functions.get("one")
    assert functions.names() == []
    functions.get("one")
    assert functions.names() == ["one"]


def test_expired_credentials_build_anew() -> None:
    """A handler is not used beyond the life of its credentials."""
    builder = Builder()
    functions = Functions(FakeSource(ONE, lifetime=0.0), builder)
    functions.get("one")
    functions.get("one")
    assert len(builder.built) == 2


def test_recheck_notices_changed_and_deleted_functions() -> None:
    """Only functions whose record changed are forgotten, and only used ones are asked about."""
    two = replace(ONE, name="two")
    source = FakeSource(ONE, two)
    functions = Functions(source, Builder())
    functions.get("one")
    functions.get("two")
    source.known["one"] = replace(ONE, memory_mb=1024)
    functions.recheck()
    assert functions.names() == ["two"]
    del source.known["two"]
    functions.recheck()
    assert functions.names() == ["two"]
    functions.get("two")
    functions.recheck()
    assert functions.names() == []


def test_invocation_gives_result_and_context() -> None:
    """The handler gets its context; its result is the JSON body."""
    seen: list[Context] = []

    def handler(event: Any, context: Context) -> Any:
        seen.append(context)
        return {"twice": event["n"] * 2}

    functions = Functions(FakeSource(ONE), Builder(handler))
    reply = invoke(functions, call({"n": 2}), stream="stream-1")
    assert (reply.status, json.loads(reply.body)) == (200, {"twice": 4})
    context = seen[0]
    assert context.aws_request_id == "request-1"
    assert context.log_group_name == "/aws/lambda/one"
    assert context.log_stream_name == "stream-1"
    assert 0 < context.get_remaining_time_in_millis() <= 60_000
    assert replace(context, deadline_ms=0).get_remaining_time_in_millis() == 0


def test_no_result_is_an_empty_body() -> None:
    """None is no result, as MiniStack expects it."""
    functions = Functions(FakeSource(ONE), Builder(lambda event, context: None))
    assert invoke(functions, call(None), stream="s").body == b""


@pytest.mark.parametrize("failure", [ValueError("no"), SystemExit(1), KeyboardInterrupt()])
def test_raising_handler_fails_the_invocation_only(
    failure: BaseException, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whatever a handler raises becomes a failure with its kind, and a log line with the trace."""

    def handler(event: Any, context: Context) -> Any:
        raise failure

    functions = Functions(FakeSource(ONE), Builder(handler))
    reply = invoke(functions, call({}), stream="s")
    assert reply.status == 500
    assert json.loads(reply.body)["errorType"] == type(failure).__name__
    logged = json.loads(capsys.readouterr().out)
    assert logged["requestId"] == "request-1"
    assert "Traceback" in logged["stackTrace"][0]


def test_result_that_is_no_json_fails() -> None:
    """A result that cannot be sent is a failure, not a broken answer."""
    functions = Functions(FakeSource(ONE), Builder(lambda event, context: {1, 2}))
    assert invoke(functions, call({}), stream="s").status == 500


def test_clients_of_an_api_learn_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    """The failure of an API event carries no detail; the log does."""

    def handler(event: Any, context: Context) -> Any:
        raise ValueError("the secret is b")

    functions = Functions(FakeSource(ONE), Builder(handler))
    reply = invoke(functions, call({"requestContext": {"connectionId": "c"}}), stream="s")
    assert b"secret" not in reply.body
    assert "secret" in capsys.readouterr().out


def test_body_that_is_no_json_fails() -> None:
    """A payload that cannot be read is a failure of that invocation."""
    assert invoke(Functions(FakeSource(ONE), Builder()), call(b"{"), stream="s").status == 500


def test_invocation_given_up_before_its_start_does_not_run() -> None:
    """What waited beyond its deadline has no caller any more and is not run."""
    ran = threading.Event()
    functions = Functions(FakeSource(ONE), Builder(lambda event, context: ran.set()))
    reply = invoke(functions, call({}, seconds=-1), stream="s")
    assert reply.status == 500
    assert not ran.is_set()
