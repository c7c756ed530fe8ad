"""A real MiniStack and a real Redis, each started once a test run and ended with it.

Nothing of the user's environment reaches them, and nothing that they keep survives them.
"""

from __future__ import annotations

import atexit
import http.client
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from quizkit.lambdas.adapters import dynamo
from quizkit.lambdas.adapters.connections import Connections
from quizkit.lambdas.adapters.dynamo import Table
from quizkit.lambdas.adapters.json_api import JsonApi
from quizkit.lambdas.adapters.signing import Credentials, Signer
from quizkit.local.redis_server import find_redis_server

HOST = "127.0.0.1"
REGION = "us-east-1"
_READY_SECONDS = 90.0
_KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "LD_LIBRARY_PATH")


def free_port() -> int:
    """A port that nobody listened on a moment ago."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def start(command: list[str], env: Mapping[str, str], ready: Callable[[], bool]) -> Any:
    """Start a server, wait until it is ready, end it when the interpreter ends."""
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    process = subprocess.Popen(
        command, env={**kept, **env}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    atexit.register(stop, process)
    deadline = time.monotonic() + _READY_SECONDS
    while not ready():
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"{command} did not start")
        time.sleep(0.05)
    return process


def stop(process: subprocess.Popen[bytes]) -> None:
    """End a server, whatever it is doing."""
    process.kill()
    process.wait()


class Cloud:
    """MiniStack on a port of its own."""

    def __init__(self) -> None:
        self.port = free_port()
        self._home = tempfile.mkdtemp(prefix="quizkit-ministack-")
        atexit.register(shutil.rmtree, self._home, ignore_errors=True)
        env = {
            "GATEWAY_PORT": str(self.port),
            "BIND_HOST": HOST,
            "MINISTACK_REGION": REGION,
            "LOG_LEVEL": "WARNING",
            "SFTP_ENABLED": "0",
            "IOT_MTLS_ENABLED": "0",
            "DOCKER_HOST": f"unix://{self._home}/no-docker.sock",
            "LAMBDA_EXECUTOR": "local",
            "LAMBDA_STRICT": "0",
            "TMPDIR": self._home,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": REGION,
        }
        start([sys.executable, "-m", "ministack"], env, self._ready)
        self._clients: dict[str, Any] = {}

    def _ready(self) -> bool:
        connection = http.client.HTTPConnection(HOST, self.port, timeout=2)
        try:
            connection.request("GET", "/_ministack/health")
            return connection.getresponse().status == 200
        except OSError:
            return False
        finally:
            connection.close()

    @property
    def environ(self) -> dict[str, str]:
        """What a function needs to find it."""
        return {
            "AWS_REGION": REGION,
            "AWS_ENDPOINT_URL": f"http://{HOST}:{self.port}",
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
        }

    def client(self, service: str) -> Any:
        """A boto3 client."""
        import boto3

        if service not in self._clients:
            session: Any = boto3.session.Session()
            self._clients[service] = session.client(
                service,
                region_name=REGION,
                endpoint_url=f"http://{HOST}:{self.port}",
                aws_access_key_id="test",
                aws_secret_access_key="test",
            )
        return self._clients[service]

    def api(self, service: str, target: str) -> JsonApi:
        """A service's JSON interface, as the adapters see it."""
        url = f"http://{HOST}:{self.port}"
        connections = Connections(url, connect_seconds=2, read_seconds=30)
        signer = Signer(Credentials("test", "test"), service, REGION)
        return JsonApi(connections, signer, target=target, attempts=3)

    def table(self) -> str:
        """The name of a new table with keys as ours have."""
        name = f"test-{uuid.uuid4().hex[:12]}"
        self.client("dynamodb").create_table(
            TableName=name,
            KeySchema=[
                {"AttributeName": "pk", "KeyType": "HASH"},
                {"AttributeName": "sk", "KeyType": "RANGE"},
            ],
            AttributeDefinitions=[
                {"AttributeName": "pk", "AttributeType": "S"},
                {"AttributeName": "sk", "AttributeType": "S"},
            ],
            BillingMode="PAY_PER_REQUEST",
        )
        return name

    def store(self) -> Table:
        """A new, empty table as the adapters see it."""
        return Table(self.api("dynamodb", dynamo.TARGET), self.table())

    def queue(self) -> str:
        """The URL of a new queue."""
        name = f"test-{uuid.uuid4().hex[:12]}"
        return str(self.client("sqs").create_queue(QueueName=name)["QueueUrl"])

    def topic(self) -> tuple[str, str]:
        """A new topic's ARN, and the URL of a queue that receives what it publishes."""
        sns, sqs = self.client("sns"), self.client("sqs")
        arn = str(sns.create_topic(Name=f"test-{uuid.uuid4().hex[:12]}")["TopicArn"])
        url = self.queue()
        attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
        sns.subscribe(
            TopicArn=arn,
            Protocol="sqs",
            Endpoint=attributes["Attributes"]["QueueArn"],
            Attributes={"RawMessageDelivery": "true"},
        )
        return arn, url

    def function(self, code: str) -> str:
        """The name of a new function whose module is this text."""
        import io
        import zipfile

        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            archive.writestr("index.py", code)
        name = f"test-{uuid.uuid4().hex[:12]}"
        self.client("lambda").create_function(
            FunctionName=name,
            Runtime="python3.13",
            Handler="index.handler",
            Role="arn:aws:iam::000000000000:role/any",
            Timeout=20,
            Code={"ZipFile": buffer.getvalue()},
        )
        return name


class RedisServer:
    """A Redis server of one's own, which may be killed."""

    def __init__(self) -> None:
        self.port = free_port()
        self._home = Path(tempfile.mkdtemp(prefix="quizkit-redis-"))
        atexit.register(shutil.rmtree, self._home, ignore_errors=True)
        self.start()

    def start(self) -> None:
        """Start it, empty."""
        command = [
            str(find_redis_server()),
            *("--bind", HOST, "--port", str(self.port), "--dir", str(self._home)),
            *("--save", "", "--appendonly", "no", "--daemonize", "no"),
        ]
        self.process = start(command, {}, self._ready)

    def kill(self) -> None:
        """End it without a word."""
        stop(self.process)

    def _ready(self) -> bool:
        try:
            with socket.create_connection((HOST, self.port), timeout=2) as connection:
                connection.sendall(b"PING\r\n")
                return connection.recv(16).startswith(b"+PONG")
        except OSError:
            return False

    @property
    def environ(self) -> dict[str, str]:
        """What a function needs to find it."""
        return {"REDIS_HOST": HOST, "REDIS_PORT": str(self.port), "REDIS_TLS": "false"}


@cache
def cloud() -> Cloud:
    """The run's MiniStack."""
    return Cloud()


@cache
def redis_server() -> RedisServer:
    """The run's Redis."""
    return RedisServer()
