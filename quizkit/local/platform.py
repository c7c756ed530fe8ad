"""Starting and stopping the local platform: MiniStack, Redis and the handler host.

Each is a process of its own that outlives the caller. One JSON file remembers them, one lock
serialises who changes them, and a mark in their environment makes them known again. Three rules
keep this safe whenever and wherever something is killed:

- A start that does not find everything up and well first ends whatever is left of this
  platform, then starts all of it.
- A process is written down before its health is waited for; one that was not written down is
  found by its mark.
- A start that fails leaves nothing running.

The cost: losing one component restarts all of them. What keeps data does so over that.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from quizkit.local import gateway, handlers, redis_server
from quizkit.local import record as records
from quizkit.local.errors import LocalError
from quizkit.local.launch import Launcher
from quizkit.local.layout import Layout, exclusive, size_of
from quizkit.local.processes import Child, end, find_marked, listens
from quizkit.local.record import Record
from quizkit.local.redis_server import answers_ping, find_redis_server
from quizkit.local.service import get_json, post
from quizkit.local.status import HOST, Component, Status

#: Seconds that a component gets for a clean end. MiniStack closes sockets and writes its state.
_GRACE_S: Final = {gateway.NAME: 60.0, handlers.NAME: 5.0, redis_server.NAME: 10.0}
#: How long a platform may be too busy to answer before it counts as stuck.
_BUSY_S: Final = 30.0
_BUSY_POLL_S: Final = 0.2
#: A refresh builds every function; on a busy machine that takes its time.
_REFRESH_S: Final = 120.0
_TITLES: Final = {
    gateway.NAME: "MiniStack",
    redis_server.NAME: "Redis",
    handlers.NAME: "handler host",
}


def start(
    *,
    iam: bool | None = None,
    native: bool | None = None,
    find_redis: Callable[[], Path] = find_redis_server,
    handler_path: Sequence[Path] = (),
) -> Status:
    """Start what is not running; harmless and quick where everything is.

    Args:
        iam: MiniStack enforces IAM policies. None: as last time (at first: no).
        native: deployments leave functions to MiniStack's own runner instead of the handler
            host. None: as last time (at first: no).
        find_redis: gives the Redis program to run.
        handler_path: directories that the handler host imports from before all others.

    Returns:
        The status, with everything up.

    Raises:
        LocalError: a component did not start; nothing is left running.
        MissingExtra: the extra `local` is not installed.
    """
    require_system(os.name)
    gateway.require_ministack()
    layout = Layout.current()
    with exclusive(layout):
        old = records.read(layout.record)
        wanted = replace(
            old,
            iam=old.iam if iam is None else iam,
            native=old.native if native is None else native,
        )
        if (wanted.iam, wanted.native) == (old.iam, old.native):
            found = _running_status(layout, old)
            if found is not None:
                return found
        _end_everything(layout, old)
        _bring_up(layout, wanted.stopped(), find_redis, handler_path)
        return _status(layout, records.read(layout.record))


def require_system(name: str) -> None:
    """Refuse a system that the platform cannot run on.

    Args:
        name: as in `os.name`.

    Raises:
        LocalError: with where it runs.
    """
    if name == "nt":
        raise LocalError(
            "The local platform does not run on Windows itself: Redis has no server for it.",
            hint="use the Windows Subsystem for Linux, or --target aws",
        )


def stop() -> Status:
    """Stop everything cleanly, data kept. Harmless where nothing runs.

    Returns:
        The status, with everything down.
    """
    layout = Layout.current()
    with exclusive(layout):
        _end_everything(layout, records.read(layout.record))
        return _status(layout, records.read(layout.record))


def status() -> Status:
    """Ask every component for its health, without changing anything."""
    layout = Layout.current()
    return _status(layout, records.read(layout.record))


def reset() -> Status:
    """Stop everything and forget all data, logs, options and remembered ports.

    Returns:
        The status, with everything down.
    """
    layout = Layout.current()
    with exclusive(layout):
        _end_everything(layout, records.read(layout.record))
        for directory in (layout.data, layout.logs, layout.scratch):
            shutil.rmtree(directory, ignore_errors=True)
        layout.record.unlink(missing_ok=True)
        return _status(layout, Record())


def settle_ports() -> None:
    """Note that the deployed stacks know the present ports (call this after each deployment)."""
    layout = Layout.current()
    with exclusive(layout):
        record = records.read(layout.record)
        records.write(layout.record, replace(record, settled=record.ports))


def refresh_handlers() -> None:
    """Make the handler host forget settings and code of all functions, and warm them again.

    Raises:
        LocalError: the handler host does not answer.
    """
    port = status().component(handlers.NAME).port
    if port is None or post(port, "/refresh", timeout=_REFRESH_S) is None:
        raise LocalError(
            "The handler host does not answer.",
            hint="run: quizkit local start",
        )


def _running_status(layout: Layout, record: Record) -> Status | None:
    """The status where everything is up; None where something has to be started.

    A platform whose processes all listen is given time to answer: in a full game its health
    checks wait like everything else, and it must not be restarted for that.
    """
    deadline = time.monotonic() + _BUSY_S
    while True:
        found = _status(layout, record)
        if found.running:
            return found
        alive = all(
            _is_up(layout, record.children.get(part.name), part.port, lambda port: True)
            for part in found.components
        )
        if not alive or time.monotonic() > deadline:
            return None
        time.sleep(_BUSY_POLL_S)


def _bring_up(
    layout: Layout,
    record: Record,
    find_redis: Callable[[], Path],
    handler_path: Sequence[Path],
) -> None:
    """Start every component in the order of their needs; on any failure, none."""
    launcher = Launcher(layout, record)
    complete = False
    try:
        program = find_redis()
        redis_port = launcher.launch(
            redis_server.USUAL_PORT,
            redis_server.NAME,
            lambda port: redis_server.redis_service(layout, port=port, program=program),
        )
        gateway_port = launcher.launch(
            gateway.USUAL_PORT,
            gateway.NAME,
            lambda port: gateway.gateway_service(
                layout, port=port, redis_port=redis_port, iam=record.iam, native=record.native
            ),
        )
        launcher.launch(
            handlers.USUAL_PORT,
            handlers.NAME,
            lambda port: handlers.handlers_service(
                layout,
                port=port,
                gateway_url=f"http://{HOST}:{gateway_port}",
                handler_path=handler_path,
            ),
        )
        launcher.finish()
        complete = True
    finally:
        if not complete:
            _end_everything(layout, launcher.record)


def _end_everything(layout: Layout, record: Record) -> None:
    """End all processes of this platform, recorded or not, and write down that none runs.

    MiniStack goes before the handler host: closing its sockets still invokes functions.
    """
    port = record.ports.get(handlers.NAME)
    if port is not None and handlers.NAME in record.children:
        post(port, "/flush")
    for name in (gateway.NAME, handlers.NAME, redis_server.NAME):
        child = record.children.get(name)
        if child is not None:
            end([child], layout.mark, grace=_GRACE_S[name])
    left = find_marked(layout.mark) if layout.state.exists() else []
    end(left, layout.mark, grace=_GRACE_S[gateway.NAME])
    if record.children or record.started_at or layout.record.exists():
        records.write(layout.record, record.stopped())


def _status(layout: Layout, record: Record) -> Status:
    """The status as the components themselves tell it."""
    checks: dict[str, Callable[[int], bool]] = {
        gateway.NAME: lambda port: get_json(port, "/_ministack/health") is not None,
        redis_server.NAME: answers_ping,
        handlers.NAME: lambda port: get_json(port, "/health") is not None,
    }
    components = []
    for name, check in checks.items():
        child, port = record.children.get(name), record.ports.get(name)
        up = _is_up(layout, child, port, check)
        components.append(
            Component(
                name=name,
                title=_TITLES[name],
                up=up,
                pid=child.pid if up and child else None,
                port=port,
                data_bytes=size_of(layout.component_data(name)),
                log=layout.log(name),
            )
        )
    return Status(
        components=tuple(components),
        iam=record.iam,
        native=record.native,
        started_at=record.started_at,
        moved=tuple(
            name for name, port in record.settled.items() if record.ports.get(name, port) != port
        ),
        warnings=gateway.gateway_warnings(),
    )


def _is_up(
    layout: Layout, child: Child | None, port: int | None, check: Callable[[int], bool]
) -> bool:
    """Whether our own process listens on the port and does its work."""
    if child is None or port is None:
        return False
    return listens(child, layout.mark, port) and check(port)
