"""What the local platform needs of this machine, and how it is: checks for `quizkit doctor`.

`look` gathers what can be seen from outside without changing anything; the checks judge it.
"""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from quizkit.local import gateway, handlers, platform, redis_server
from quizkit.local import record as records
from quizkit.local.errors import LocalError
from quizkit.local.layout import Layout
from quizkit.local.ports import is_free
from quizkit.local.processes import find_marked, is_running, listener
from quizkit.local.status import HOST, MOVED, Component, Status
from quizkit.sdk.checks import Check, Command
from quizkit.sdk.checks.machine import installed, pinned
from quizkit.sdk.errors import MissingExtra

_USUAL_PORTS: Final = {
    gateway.NAME: gateway.USUAL_PORT,
    redis_server.NAME: redis_server.USUAL_PORT,
    handlers.NAME: handlers.USUAL_PORT,
}
#: What nothing works without; losing Redis costs speed alone.
_VITAL: Final = (gateway.NAME, handlers.NAME)
_PACKAGES: Final = ("ministack", "psutil", "redis")
_START: Final = "run: quizkit local start"


@dataclass(frozen=True, slots=True)
class Found:
    """The local platform as seen from outside.

    Attributes:
        status: as its components tell it.
        alive: component → the id of its process, whether that answers or not.
        strays: ids of processes that carry the platform's mark while it is not running.
        killed: it was started, not stopped, and runs no more.
        settled: component → the port that deployed stacks were told.
    """

    status: Status
    alive: Mapping[str, int]
    strays: tuple[int, ...]
    killed: bool
    settled: Mapping[str, int]

    @property
    def stopped(self) -> bool:
        """Whether nothing of it runs."""
        return not self.alive and not self.strays


def look() -> Found:
    """See what there is.

    Raises:
        MissingExtra: something was started, and `quizkit[local]` is not installed any more.
    """
    layout = Layout.current()
    record = records.read(layout.record)
    alive = {
        name: child.pid for name, child in record.children.items() if is_running(child, layout.mark)
    }
    marked = find_marked(layout.mark) if not alive and layout.state.exists() and _psutil() else []
    return Found(
        status=platform.status(),
        alive=alive,
        strays=tuple(child.pid for child in marked),
        killed=bool(record.children) and not alive,
        settled=dict(record.settled),
    )


def _psutil() -> bool:
    return importlib.util.find_spec("psutil") is not None


def _holder(port: int) -> str | None:
    """Who listens on a port, as far as that can be told here."""
    return listener(port) if _psutil() else None


def extra(
    *,
    needed: bool,
    present: Callable[[str], object] = importlib.util.find_spec,
    version: str | None = None,
    system: str = os.name,
) -> Check:
    """Whether what the local platform consists of is installed.

    Args:
        needed: whether the target is of no use without it.
        present: whether a package is there.
        version: of MiniStack, as if it were installed; the installed one's where None.
        system: as in `os.name`.
    """
    name = "local"
    try:
        platform.require_system(system)
    except LocalError as exc:
        return Check.of_error(name, exc, "failed" if needed else "skipped")
    missing = [package for package in _PACKAGES if not present(package)]
    if missing:
        error = MissingExtra("local", "The local platform")
        message = f"{error.message} Missing: {', '.join(missing)}."
        return Check(name, "failed" if needed else "skipped", message, error.hint)
    version, wanted = version or installed("ministack"), pinned("ministack")
    if wanted is not None and version != wanted:
        message = f"MiniStack {version} is installed, and this release works with {wanted}"
        return Check.warning(name, message, f"run: pip install ministack=={wanted}")
    for warning in gateway.gateway_warnings():
        message, _, fix = warning.rpartition("; ")
        return Check.warning(name, message, fix)
    return Check.ok(name, f"MiniStack {version}")


def redis_program(
    *, needed: bool, find: Callable[[], Path] = redis_server.find_redis_server
) -> Check:
    """Whether there is a Redis server that runs.

    Args:
        needed: whether the target is of no use without it.
        find: gives the program.
    """
    name = "redis_server"
    try:
        program = find()
        version = redis_server.server_version(program)
    except LocalError as exc:
        return Check.of_error(name, exc, "failed" if needed else "skipped")
    return Check.ok(name, f"{version} at {program}")


def state(found: Found, command: Command) -> Check:
    """Whether the platform runs, is stopped, or is something in between."""
    name, status = "platform", found.status
    if status.running:
        return Check.ok(name, f"it runs at {status.gateway_url}")
    if found.stopped:
        known = any(part.port for part in status.components)
        fix = _START if known else f"run: {command('deploy')} (which starts it, too)"
        lost = ": it was killed, which loses what happened since its last start"
        return Check.warning(name, f"it does not run{lost if found.killed else ''}", fix)
    if found.strays:
        pids = ", ".join(map(str, found.strays))
        message = f"a start or stop was killed half-way and has left processes: {pids}"
        return Check.failed(name, message, f"{_START} (which ends them first)")
    up = [part.title for part in status.components if part.up]
    down = [part.title for part in status.components if not part.up]
    message = f"it runs in part: {' and '.join(up) or 'nothing'} up, {' and '.join(down)} down"
    vital = any(not status.component(part).up for part in _VITAL)
    return (Check.failed if vital else Check.warning)(name, message, _START)


def component(found: Found, part: Component) -> Check:
    """Whether one of the platform's processes is there and answers."""
    if part.up:
        return Check.ok(part.name, f"{part.title} answers at {HOST}:{part.port} (pid {part.pid})")
    pid = found.alive.get(part.name)
    gone = "its process is gone" if pid is None else f"its process {pid} does not answer"
    verdict = Check.failed if part.name in _VITAL else Check.warning
    return verdict(part.name, f"{part.title}: {gone}", f"{_START}; its log: {part.log}")


def ports(
    found: Found,
    command: Command,
    *,
    free: Callable[[int], bool] = is_free,
    who: Callable[[int], str | None] = _holder,
) -> Check:
    """Whether somebody else holds the ports that a start would take.

    Args:
        free: whether a port can be had.
        who: holds it, as far as that can be told.
    """
    name = "ports"
    titles = {part.name: part.title for part in found.status.components}
    wished = {
        part: found.settled.get(part, usual)
        for part, usual in _USUAL_PORTS.items()
        if part not in found.alive
    }
    taken = {part: port for part, port in wished.items() if not free(port)}
    if not taken:
        told = ", ".join(map(str, sorted(wished.values())))
        return Check.ok(name, f"{told} can be had" if told else "the platform has its own")
    held = "; ".join(
        f"{port}, for {titles[part]}, is taken by {who(port) or 'another program'}"
        for part, port in taken.items()
    )
    if not set(taken) & set(found.settled):
        return Check.ok(name, f"{held}; a start takes another")
    fix = f"end that program, or let the stack move: {command('deploy')}"
    return Check.warning(name, f"{held}; the deployed stack counts on it", fix)


def moved(found: Found, command: Command) -> Check | None:
    """The finding for a stack that was told other ports than the platform has; else None."""
    if not found.status.moved:
        return None
    return Check.failed("stack", MOVED, f"run: {command('deploy')}")
