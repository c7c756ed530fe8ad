"""Starting one component on a port that it really got."""

from __future__ import annotations

import socket
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from quizkit.local import record as records
from quizkit.local.errors import LocalError
from quizkit.local.launch import Launcher
from quizkit.local.layout import Layout
from quizkit.local.processes import end, find_marked
from quizkit.local.record import Record
from quizkit.local.service import Service, base_environment
from quizkit.local.status import HOST

LISTEN = """
import socket, sys, time
server = socket.create_server(("127.0.0.1", int(sys.argv[1])))
time.sleep(300)
"""


@pytest.fixture
def layout() -> Iterator[Layout]:
    """This test's layout; what was started in it is ended."""
    layout = Layout.current()
    layout.create()
    yield layout
    end(find_marked(layout.mark), layout.mark, grace=5)


def service(layout: Layout, port: int, code: str = LISTEN) -> Service:
    """A component that runs Python code with the port as its argument."""
    return Service(
        name="redis",
        title="Redis",
        command=(sys.executable, "-c", code, str(port)),
        env=base_environment(layout),
        port=port,
        healthy=lambda: True,
        hint="do something",
    )


def test_component_is_written_down(layout: Layout, free_port: Callable[[], int]) -> None:
    """A launched component is in the record with its process and port, settled at the end."""
    launcher = Launcher(layout, Record())
    usual = free_port()
    assert launcher.launch(usual, "redis", lambda port: service(layout, port)) == usual
    assert records.read(layout.record).started_at is None
    launcher.finish()
    record = records.read(layout.record)
    assert record == launcher.record
    assert record.settled == record.ports == {"redis": usual}
    assert record.started_at is not None
    assert [child.pid for child in find_marked(layout.mark)] == [record.children["redis"].pid]


def test_port_lost_to_a_stranger_is_tried_elsewhere(
    layout: Layout, free_port: Callable[[], int]
) -> None:
    """Where somebody takes the port between look and start, another port is used."""
    usual = free_port()
    strangers: list[socket.socket] = []

    def race(port: int) -> Service:
        if not strangers:
            strangers.append(socket.create_server((HOST, port)))
        return service(layout, port)

    launcher = Launcher(layout, Record())
    try:
        assert launcher.launch(usual, "redis", race) != usual
    finally:
        strangers[0].close()


def test_component_that_never_gets_ready_is_ended(
    layout: Layout, free_port: Callable[[], int]
) -> None:
    """Who does not work in time is an error and does not stay."""
    with pytest.raises(LocalError, match="not ready within"):
        Launcher(layout, Record(), patience=1.0).launch(
            free_port(), "redis", lambda port: service(layout, port, "import time; time.sleep(300)")
        )
    assert find_marked(layout.mark) == []


def test_large_log_is_rolled_and_only_the_new_part_is_told(
    layout: Layout, free_port: Callable[[], int]
) -> None:
    """The error of a crash quotes this run; a log that grew large is kept aside."""
    log = layout.log("redis")
    log.write_bytes(b"old words\n" * 600_000)
    crash = "print('new words'); raise SystemExit(1)"
    with pytest.raises(LocalError) as caught:
        Launcher(layout, Record()).launch(
            free_port(), "redis", lambda port: service(layout, port, crash)
        )
    assert "new words" in caught.value.message
    assert "old words" not in caught.value.message
    assert Path(f"{log}.1").stat().st_size == 6_000_000
