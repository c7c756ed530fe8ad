"""The stack's user pool on a MiniStack that checks codes, tokens and signatures."""

from __future__ import annotations

import http.client
import json
import shutil
import sys
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from quizkit.local.service import get_json
from quizkit.sdk.accounts import Accounts, Stage
from quizkit.sdk.deploy.assembly import synthesise
from quizkit.sdk.target import Target
from tests.fakes import cloud

PASSWORD = "Correct1horse"


@dataclass
class Pool:
    """A user pool as the stack makes it, and what its operator sees."""

    target: Target
    outputs: dict[str, str]
    _clients: dict[str, Any] = field(default_factory=dict)

    @property
    def stage(self) -> Stage:
        """What people sign in to."""
        return Stage.of(self.target, self.outputs)

    @property
    def accounts(self) -> Accounts:
        """The accounts of the pool."""
        return Accounts(self.stage)

    def client(self, service: str = "cognito-idp") -> Any:
        """boto3, with an administrator's credentials."""
        return self.target.client(service)

    def code(self, address: str) -> str:
        """The code in the newest mail to an address."""
        return self.codes(address)[-1]

    def codes(self, address: str) -> list[str]:
        """The codes in all mails to an address."""
        port = int(str(self.target.endpoint_url).rpartition(":")[2])
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        try:
            connection.request("GET", "/_ministack/ses/messages")
            sent = json.loads(connection.getresponse().read())["messages"]
        finally:
            connection.close()
        mails = [mail for account in sent.values() for mail in account]
        return [
            mail["BodyText"].removeprefix("Your code is ").rstrip(".")
            for mail in mails
            if mail["To"] == [address]
        ]

    def member(self, *, confirmed: bool = True) -> str:
        """A new account; gives its name. The address is NAME@example.org."""
        name = f"user-{uuid.uuid4().hex[:10]}"
        self.accounts.sign_up(name, f"{name}@example.org", PASSWORD)
        if confirmed:
            self.accounts.confirm(name, self.code(f"{name}@example.org"))
        return name


@pytest.fixture(scope="package")
def pool(tmp_path_factory: pytest.TempPathFactory, assemblies: Path) -> Iterator[Pool]:
    """The identity part of the stack's own template, on an emulator that enforces."""
    home = tmp_path_factory.mktemp("pool")
    port = cloud.free_port()
    process = cloud.start(
        [sys.executable, "-m", "ministack"],
        {
            "AUTH": "true",
            "GATEWAY_PORT": str(port),
            "BIND_HOST": cloud.HOST,
            "MINISTACK_REGION": cloud.REGION,
            "LOG_LEVEL": "WARNING",
            "SFTP_ENABLED": "0",
            "IOT_MTLS_ENABLED": "0",
            "DOCKER_HOST": f"unix://{home}/no-docker.sock",
            "TMPDIR": str(home),
            "STATE_DIR": str(home / "state"),
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": cloud.REGION,
        },
        lambda: get_json(port, "/_ministack/health") is not None,
    )
    try:
        target = Target("local", endpoint_url=f"http://{cloud.HOST}:{port}")
        yield Pool(target, _deploy_identity(target, assemblies))
    finally:
        cloud.stop(process)
        shutil.rmtree(home, ignore_errors=True)


def _deploy_identity(target: Target, assemblies: Path) -> dict[str, str]:
    """The pool, its client and its group from the stack's template; gives the outputs."""
    resources = {
        name: resource
        for name, resource in synthesise("dev", {}, assemblies).template["Resources"].items()
        if resource["Type"].startswith("AWS::Cognito::")
    }
    body = {
        "Resources": resources,
        "Outputs": {
            "UserPoolId": {"Value": {"Ref": "IdentityPool"}},
            "UserPoolClientId": {"Value": {"Ref": "IdentityClient"}},
        },
    }
    client = target.client("cloudformation")
    client.create_stack(StackName="identity", TemplateBody=json.dumps(body))
    client.get_waiter("stack_create_complete").wait(
        StackName="identity", WaiterConfig={"Delay": 1, "MaxAttempts": 60}
    )
    [stack] = client.describe_stacks(StackName="identity")["Stacks"]
    found = {item["OutputKey"]: item["OutputValue"] for item in stack["Outputs"]}
    return found | {"HttpApiUrl": "http://127.0.0.1:9", "Region": cloud.REGION}
