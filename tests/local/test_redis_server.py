"""Finding a Redis server and asking it."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from quizkit.local.errors import LocalError
from quizkit.local.layout import Layout
from quizkit.local.redis_server import (
    answers_ping,
    find_redis_server,
    redis_service,
    server_version,
)
from quizkit.local.status import HOST


@pytest.mark.parametrize("name", ["redis-server", "valkey-server"])
def test_program_on_the_path_is_found(tmp_path: Path, name: str) -> None:
    """Either server's program on the search path is taken where no package has one."""
    program = tmp_path / name
    program.write_text("#!/bin/sh\n", encoding="utf-8")
    program.chmod(0o755)
    assert find_redis_server(packages=("no_such_package",), search_path=str(tmp_path)) == program


def test_package_comes_before_the_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server inside an installed package is preferred."""
    program = tmp_path / "some_package_with_redis" / "bin" / "redis-server"
    program.parent.mkdir(parents=True)
    program.write_text("#!/bin/sh\n", encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.syspath_prepend(tmp_path)
    assert find_redis_server(packages=("some_package_with_redis",)) == program


def test_no_program_is_an_error_with_the_fix() -> None:
    """Without a server the error says how to install one."""
    with pytest.raises(LocalError) as caught:
        find_redis_server(packages=(), search_path="")
    assert "brew install redis" in (caught.value.hint or "")


def test_service_keeps_data_and_binds_to_loopback() -> None:
    """The command writes below the data directory and listens on the loopback interface."""
    layout = Layout.current()
    service = redis_service(layout, port=1234, program=Path("/bin/redis-server"))
    assert str(layout.data) in service.command[service.command.index("--dir") + 1]
    assert service.command[service.command.index("--bind") + 1] == HOST
    assert not service.healthy()


@pytest.mark.parametrize(("said", "healthy"), [(b"+PONG\r\n", True), (b"-LOADING\r\n", False)])
def test_ping_needs_a_pong(free_port: Callable[[], int], said: bytes, healthy: bool) -> None:
    """A server that still loads its data is not healthy yet; nobody is not either."""
    port = free_port()
    with socket.create_server((HOST, port)) as server:

        def answer() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(64)
                connection.sendall(said)

        thread = threading.Thread(target=answer)
        thread.start()
        assert answers_ping(port) is healthy
        thread.join()
    assert not answers_ping(port)


def server(tmp_path: Path, script: str) -> Path:
    """A server program that runs a shell script."""
    program = tmp_path / "redis-server"
    program.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    program.chmod(0o755)
    return program


@pytest.mark.parametrize(
    ("said", "version"),
    [
        ("Redis server v=6.2.14 sha=40305114:0 malloc=libc bits=64", "Redis 6.2.14"),
        ("Redis server v=10.0.1 sha=0", "Redis 10.0.1"),
        ("Valkey server v=8.0.1 sha=0", "Valkey 8.0.1"),
    ],
)
def test_a_server_tells_its_version(tmp_path: Path, said: str, version: str) -> None:
    """Redis from 6.2 on and every Valkey will do."""
    assert server_version(server(tmp_path, f"echo '{said}'")) == version


@pytest.mark.parametrize(
    ("script", "why"),
    [
        ("echo Redis server v=6.0.16 sha=0", "6.2 is needed"),
        ("echo no such library >&2; exit 127", "no such library"),
        ("echo hello", "hello"),
    ],
)
def test_a_server_that_will_not_do(tmp_path: Path, script: str, why: str) -> None:
    """Too old, broken, or something else: the reason, and how to install another."""
    with pytest.raises(LocalError, match=why) as caught:
        server_version(server(tmp_path, script))
    assert "install" in (caught.value.hint or "")


def test_a_file_that_is_no_server(tmp_path: Path) -> None:
    """What cannot be run at all is an error, too."""
    with pytest.raises(LocalError, match="does not run"):
        server_version(tmp_path / "none")


def test_the_server_that_is_found_here_runs() -> None:
    """The one that the platform would start."""
    assert server_version(find_redis_server())
