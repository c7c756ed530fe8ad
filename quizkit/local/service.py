"""What a component of the platform is: a command, its environment, and a health check."""

from __future__ import annotations

import http.client
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from quizkit.local.layout import Layout
from quizkit.local.processes import MARK
from quizkit.local.status import HOST, REGION

_HEALTH_TIMEOUT_S = 5.0
#: Passed on to children: finding programs and modules, and the user's language. Nothing else
#: is, so no proxy, CA bundle, profile or credential of the user reaches the platform.
_INHERITED: Final = ("PATH", "HOME", "LANG", "LC_ALL", "SYSTEMROOT", "LD_LIBRARY_PATH")


@dataclass(frozen=True, slots=True)
class Service:
    """A component, ready to be started.

    Attributes:
        name: gateway, redis or handlers.
        title: its name for people.
        command: program and arguments.
        env: its whole environment.
        port: where it will listen on the loopback interface.
        healthy: asks it; True once it does its work.
        hint: what to do if it does not start.
    """

    name: str
    title: str
    command: tuple[str, ...]
    env: Mapping[str, str]
    port: int
    healthy: Callable[[], bool]
    hint: str


def base_environment(layout: Layout) -> dict[str, str]:
    """The environment that every component gets, with the mark that makes it ours."""
    env = {name: os.environ[name] for name in _INHERITED if name in os.environ}
    return {
        **env,
        MARK: layout.mark,
        "TMPDIR": str(layout.scratch),
        "PYTHONUNBUFFERED": "1",
        "NO_PROXY": "*",
    }


def aws_environment(gateway_url: str) -> dict[str, str]:
    """AWS settings of a component: test credentials and no file or metadata of the user's."""
    return {
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_ENDPOINT_URL": gateway_url,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
    }


def get_json(port: int, path: str) -> dict[str, Any] | None:
    """The JSON object at `path` of a local HTTP server; None unless it answers 200 with one.

    No proxy or CA setting of the user applies.
    """
    return _ask("GET", port, path, _HEALTH_TIMEOUT_S)


def post(port: int, path: str, *, timeout: float = 10.0) -> dict[str, Any] | None:
    """As `get_json`, for a POST without a body that may take `timeout` seconds."""
    return _ask("POST", port, path, timeout)


def _ask(method: str, port: int, path: str, timeout: float) -> dict[str, Any] | None:
    """One request over a connection of its own."""
    connection = http.client.HTTPConnection(HOST, port, timeout=timeout)
    try:
        connection.request(method, path)
        response = connection.getresponse()
        body = response.read()
        document = json.loads(body) if response.status == 200 else None
    except (OSError, http.client.HTTPException, ValueError):
        return None
    finally:
        connection.close()
    return document if isinstance(document, dict) else None
