"""Starting, stopping and recovering the local platform, with its real processes."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import psutil  # type: ignore[import-untyped]
import pytest
import redis
from websockets.sync.client import connect

from quizkit.local import platform, ports
from quizkit.local import record as records
from quizkit.local.errors import LocalError
from quizkit.local.layout import Layout
from quizkit.local.processes import MARK, Child, find_marked
from quizkit.local.redis_server import find_redis_server
from quizkit.local.service import get_json
from quizkit.local.status import ACCOUNT, HOST, REGION, Status
from tests.local.cloud import Cloud
from tests.own_ports import claim_ports

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def _nothing_left(quizkit_home: Path) -> Iterator[None]:
    """Whatever a test does, its platform is gone afterwards; it has ports of its own."""
    claim_ports()
    yield
    platform.reset()
    assert marked() == set()


def marked() -> set[int]:
    """Process ids of everything that belongs to this test's platform."""
    return {child.pid for child in find_marked(Layout.current().mark)}


def pids(status: Status) -> dict[str, int | None]:
    """Process ids by component."""
    return {part.name: part.pid for part in status.components}


def test_start_brings_everything_up_and_stop_leaves_nothing() -> None:
    """Three healthy processes in sessions of their own, then no process and no open port."""
    status = platform.start()
    assert status.running
    assert {part.name for part in status.components} == {"gateway", "redis", "handlers"}
    assert marked() == set(pids(status).values())
    for pid in marked():
        assert os.getsid(pid) == pid
    assert platform.status().running

    stopped = platform.stop()
    assert not stopped.running
    assert marked() == set()
    assert all(part.port and ports.is_free(part.port) for part in stopped.components)
    assert not platform.stop().running


def test_windows_itself_is_refused() -> None:
    """There Redis has no server; elsewhere nothing is said."""
    with pytest.raises(LocalError, match="Windows") as caught:
        platform.require_system("nt")
    assert "Subsystem" in (caught.value.hint or "")
    platform.require_system("posix")


def test_only_the_loopback_interface_listens() -> None:
    """No component can be reached from another machine."""
    platform.start()
    for pid in marked():
        for connection in psutil.Process(pid).net_connections(kind="inet"):
            assert connection.laddr.ip == HOST


def test_second_start_changes_nothing() -> None:
    """Starting what runs leaves every process as it is."""
    assert pids(platform.start()) == pids(platform.start())


def test_busy_component_is_waited_for_and_not_restarted() -> None:
    """A start while a component is too busy to answer leaves it, and its sockets, alone."""
    before = pids(platform.start())
    handlers = before["handlers"]
    assert handlers is not None
    os.kill(handlers, signal.SIGSTOP)
    waker = threading.Timer(6.0, os.kill, (handlers, signal.SIGCONT))
    waker.start()
    try:
        assert not platform.status().running
        assert pids(platform.start()) == before
    finally:
        waker.join()


def test_starts_at_once_agree_on_one_platform() -> None:
    """Concurrent starts end with the same three processes and no others."""
    with ThreadPoolExecutor(3) as crowd:
        statuses = list(crowd.map(lambda _: platform.start(), range(3)))
    assert len({tuple(sorted(pids(status).items())) for status in statuses}) == 1
    assert marked() == set(pids(statuses[0]).values())


def test_settings_of_the_user_do_not_reach_the_platform(monkeypatch: pytest.MonkeyPatch) -> None:
    """Proxies, CA bundles, profiles and endpoints of the user break nothing here."""
    for name in ("AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"):
        monkeypatch.setenv(name, "/nowhere/ca.pem")
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    assert platform.start().running


def test_data_is_kept_over_a_stop() -> None:
    """A DynamoDB item and a Redis key are there again, also where a player stayed to the end."""
    first = Cloud(platform.start())
    put_item(first)
    with redis_client(first.status) as cache:
        cache.zadd("board", {"ann": 5})
    answering = "def handler(event, context):\n    return {'statusCode': 200, 'body': 'here'}\n"
    with connect(first.socket_api(first.native_function(answering)), proxy=None) as player:
        player.send("hello")
        assert player.recv(timeout=30) == "here"
        first.close()
        platform.stop()

    second = Cloud(platform.start())
    assert second.status.moved == ()
    assert get_item(second) == "value"
    with redis_client(second.status) as cache:
        assert cache.zscore("board", "ann") == 5
    second.close()


def test_reset_forgets_data_and_options() -> None:
    """After a reset a start begins with nothing."""
    first = Cloud(platform.start(native=True))
    put_item(first)
    with redis_client(first.status) as cache:
        cache.set("key", "value")
    first.close()
    assert not platform.reset().running
    assert not Layout.current().data.exists()

    second = Cloud(platform.start())
    assert second.client("dynamodb").list_tables()["TableNames"] == []
    assert not second.status.native
    with redis_client(second.status) as cache:
        assert cache.get("key") is None
    second.close()


def test_taken_port_is_avoided_and_the_move_is_told() -> None:
    """With a stranger on its port a component moves, and says so until deployed anew."""
    before = platform.start()
    gateway = before.component("gateway").port
    platform.stop()
    with socket.socket() as stranger:
        stranger.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        stranger.bind((HOST, gateway))
        stranger.listen()
        moved = platform.start()
        assert moved.running
        assert moved.component("gateway").port != gateway
        assert moved.moved == ("gateway",)
        platform.settle_ports()
        assert platform.status().moved == ()
        platform.stop()
    assert platform.start().moved == ()


def test_queues_are_read_after_a_move() -> None:
    """A function is given what is sent to its queue, also when MiniStack got another port."""
    first = Cloud(platform.start())
    queues = first.client("sqs")
    url = queues.create_queue(QueueName="kept")["QueueUrl"]
    arn = f"arn:aws:sqs:{REGION}:{ACCOUNT}:kept"
    reader = first.native_function("def handler(event, context):\n    print('taken')\n")
    first.client("lambda").create_event_source_mapping(EventSourceArn=arn, FunctionName=reader)
    gateway = first.status.component("gateway").port
    first.close()
    platform.stop()
    with socket.socket() as stranger:
        stranger.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        stranger.bind((HOST, gateway))
        stranger.listen()
        second = Cloud(platform.start())
        assert second.status.moved == ("gateway",)
        queues = second.client("sqs")
        # Functions that were not deployed anew have the old URL.
        queues.send_message(QueueUrl=url, MessageBody="{}")
        here = queues.get_queue_url(QueueName="kept")["QueueUrl"]
        assert str(second.status.component("gateway").port) in here
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        deadline = time.monotonic() + 30
        while True:
            left = queues.get_queue_attributes(QueueUrl=here, AttributeNames=names)["Attributes"]
            if set(left.values()) == {"0"}:
                break
            assert time.monotonic() < deadline, left
            time.sleep(0.2)
        second.close()


def test_options_restart_the_platform_and_are_remembered() -> None:
    """IAM and native functions are switched by a restart and stay until said otherwise."""
    plain = platform.start()
    strict = platform.start(iam=True, native=True)
    assert pids(strict)["gateway"] != pids(plain)["gateway"]
    assert (strict.iam, strict.native) == (True, True)
    assert strict.component("gateway").port is not None
    health = get_json(strict.component("gateway").port or 0, "/_ministack/health")
    assert health is not None
    assert health["auth"] == "enabled"
    platform.stop()
    assert platform.start().iam
    assert not platform.start(iam=False).iam


def test_missing_redis_is_an_error_with_the_fix() -> None:
    """Without a Redis program nothing is left running and the error says how to get one."""
    with pytest.raises(LocalError) as caught:
        platform.start(find_redis=lambda: find_redis_server(packages=(), search_path=""))
    assert caught.value.code == "backend_unreachable"
    assert "redis-server" in caught.value.message
    assert "install" in (caught.value.hint or "")
    assert marked() == set()
    assert not platform.status().running


def test_crashing_redis_is_an_error_with_its_last_words(tmp_path: Path) -> None:
    """A component that ends at once is reported with the end of its log."""
    program = tmp_path / "redis-server"
    program.write_text("#!/bin/sh\necho cannot load the frobnicator\nexit 3\n", encoding="utf-8")
    program.chmod(0o755)
    with pytest.raises(LocalError, match="cannot load the frobnicator") as caught:
        platform.start(find_redis=lambda: program)
    assert "Redis did not start" in caught.value.message
    assert "redis.log" in (caught.value.hint or "")
    assert marked() == set()


def test_program_that_cannot_be_run_is_an_error(tmp_path: Path) -> None:
    """A file that is no program is reported as such, with what ran before it stopped."""
    program = tmp_path / "redis-server"
    program.write_bytes(b"\x7fELF is not all it takes")
    program.chmod(0o755)
    with pytest.raises(LocalError, match="cannot be run"):
        platform.start(find_redis=lambda: program)
    assert marked() == set()


def test_later_component_failing_stops_the_earlier_ones() -> None:
    """Where the handler host cannot start, Redis and MiniStack do not stay."""
    broken = Layout.current().state.parent / "broken"
    (broken / "boto3").mkdir(parents=True)
    (broken / "boto3" / "__init__.py").write_text("raise ImportError('no boto3 today')\n")
    with pytest.raises(LocalError, match="no boto3 today") as caught:
        platform.start(handler_path=[broken])
    assert caught.value.message.startswith("The handler host did not start")
    assert marked() == set()


@pytest.mark.parametrize("name", ["redis", "gateway", "handlers"])
def test_killed_component_is_seen_and_the_next_start_recovers(name: str) -> None:
    """After a kill -9 the status says so, and a start has everything up again."""
    before = platform.start()
    victim = before.component(name).pid
    assert victim is not None
    os.kill(victim, signal.SIGKILL)
    wait_until_gone(victim)
    seen = platform.status()
    assert not seen.running
    assert not seen.component(name).up

    after = platform.start()
    assert after.running
    assert marked() == set(pids(after).values())
    assert after.moved == ()


def test_killed_start_is_recovered_from() -> None:
    """A starter killed half-way leaves processes that the next start replaces."""
    script = """
        import os, signal, threading, time
        from quizkit.local import platform, record
        from quizkit.local.layout import Layout

        def watch():
            while "gateway" not in record.read(Layout.current().record).children:
                time.sleep(0.001)
            os.kill(os.getpid(), signal.SIGKILL)

        threading.Thread(target=watch, daemon=True).start()
        platform.start()
    """
    starter = subprocess.run([sys.executable, "-c", textwrap.dedent(script)], check=False)
    assert starter.returncode == -signal.SIGKILL
    left = marked()
    assert left
    assert not platform.status().running
    status = platform.start()
    assert status.running
    assert marked() == set(pids(status).values())
    assert not left & marked()


def test_unrecorded_process_of_ours_is_found() -> None:
    """A process whose starter died before writing it down is ended by the next stop."""
    with sleeper({**os.environ, MARK: Layout.current().mark}) as orphan:
        platform.stop()
        assert not psutil.pid_exists(orphan.pid)


def test_foreign_process_is_never_taken_for_ours() -> None:
    """A recycled process id in the record belongs to a stranger: not up, and not killed."""
    platform.start()
    platform.stop()
    layout = Layout.current()
    with sleeper(dict(os.environ)) as stranger:
        child = Child(stranger.pid, psutil.Process(stranger.pid).create_time())
        record = records.read(layout.record)
        records.write(layout.record, replace(record, children={"redis": child}))
        assert not platform.status().component("redis").up
        platform.stop()
        platform.reset()
        assert stranger.poll() is None


def test_torn_record_loses_no_process() -> None:
    """With the record destroyed a start still ends the old processes."""
    old = pids(platform.start())
    Layout.current().record.write_text("{", encoding="utf-8")
    assert not platform.status().running
    status = platform.start()
    assert marked() == set(pids(status).values())
    assert not set(old.values()) & marked()


def test_reset_survives_a_home_that_never_was(quizkit_home: Path) -> None:
    """Status, stop and reset work before the first start."""
    shutil.rmtree(quizkit_home)
    assert not platform.status().running
    assert not quizkit_home.exists()
    assert not platform.stop().running
    assert not platform.reset().running
    with pytest.raises(LocalError):
        platform.refresh_handlers()


def test_refresh_handlers_reaches_the_host() -> None:
    """The handler host takes a refresh while it runs."""
    platform.start()
    platform.refresh_handlers()


class sleeper:  # noqa: N801 - used like a function
    """A process that sleeps, with the environment given; killed at the end."""

    def __init__(self, env: dict[str, str]) -> None:
        self._env = env

    def __enter__(self) -> subprocess.Popen[bytes]:
        """Start it; returns once its environment can be read."""
        program = shutil.which("sleep")
        assert program is not None
        self._process = subprocess.Popen([program, "300"], env=self._env)
        while not psutil.Process(self._process.pid).environ():
            time.sleep(0.01)
        return self._process

    def __exit__(self, *_: object) -> None:
        """Kill it."""
        self._process.kill()
        self._process.wait()


def wait_until_gone(pid: int) -> None:
    """Wait until the process has ended."""
    try:
        psutil.Process(pid).wait(timeout=30)
    except psutil.NoSuchProcess:
        return


def redis_client(status: Status) -> redis.Redis:
    """A client of the platform's Redis."""
    return redis.Redis(host=HOST, port=status.redis_port)


def put_item(cloud: Cloud) -> None:
    """Make a table with one item."""
    tables = cloud.client("dynamodb")
    tables.create_table(
        TableName="kept",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    tables.put_item(TableName="kept", Item={"pk": {"S": "key"}, "v": {"S": "value"}})


def get_item(cloud: Cloud) -> str:
    """The item's value."""
    found = cloud.client("dynamodb").get_item(TableName="kept", Key={"pk": {"S": "key"}})
    return str(found["Item"]["v"]["S"])
