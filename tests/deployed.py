"""One local platform with the real stack deployed, for every test that needs one."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

#: The one web origin whose pages may connect to the strict platform.
ORIGIN = "https://quiz.example.com"


@dataclass(frozen=True, slots=True)
class Deployed:
    """A running platform with stage `dev` deployed.

    Attributes:
        home: its QUIZKIT_HOME.
        gateway_url: MiniStack's endpoint.
        outputs: of the stack.
    """

    home: Path
    gateway_url: str
    redis_port: int
    outputs: dict[str, str]

    @property
    def env(self) -> dict[str, str]:
        """The environment of a subprocess that is to use this platform."""
        kept = {key: os.environ[key] for key in ("PATH", "HOME", "LANG") if key in os.environ}
        return kept | {"QUIZKIT_HOME": str(self.home), "PYTHONWARNINGS": "default"}

    def client(self, service: str) -> Any:
        """A boto3 client of the platform."""
        import boto3

        session: Any = boto3.session.Session()
        return session.client(
            service,
            endpoint_url=self.gateway_url,
            region_name="us-east-1",
            aws_access_key_id="test",
            aws_secret_access_key="test",
        )


@pytest.fixture(scope="session")
def assemblies(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where assemblies are kept for the tests of all workers; that of stage `dev` is there."""
    return shared_assemblies(tmp_path_factory)


@pytest.fixture(scope="session")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    """A platform that the tests share, each with sessions of its own."""
    yield from run_platform(tmp_path_factory)


@pytest.fixture(scope="session")
def strict(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    """A platform that enforces IAM: MiniStack runs the bundles, each with its function's role.

    Its stage lists one web origin, ORIGIN.
    """
    yield from run_platform(tmp_path_factory, strict=True, settings={"origins": [ORIGIN]})


def run_platform(
    tmp_path_factory: pytest.TempPathFactory,
    *,
    strict: bool = False,
    settings: dict[str, Any] | None = None,
) -> Iterator[Deployed]:
    """Start a platform with a home of its own, deploy the stack, stop it at the end."""
    from quizkit.local import platform
    from quizkit.local.differences import localiser
    from quizkit.sdk.deploy import deploy
    from quizkit.sdk.target import Target
    from tests.own_ports import claim_ports

    home = tmp_path_factory.mktemp("deployed")
    (home / "cache").mkdir()
    (home / "cache" / "assemblies").symlink_to(shared_assemblies(tmp_path_factory))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("QUIZKIT_HOME", str(home))
        claim_ports()
        status = platform.start(iam=strict, native=strict)
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("QUIZKIT_HOME", str(home))
            target = Target(
                "local", endpoint_url=status.gateway_url, access_key="test", secret_key="test"
            )
            deployment = deploy(target, settings, transform=localiser(status))
            platform.settle_ports()
            platform.refresh_handlers()
        yield Deployed(home, status.gateway_url, status.redis_port, dict(deployment.outputs))
    finally:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("QUIZKIT_HOME", str(home))
            platform.stop()
        shutil.rmtree(home, ignore_errors=True)


def shared_assemblies(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache of assemblies that all workers use, since each synthesis costs seconds.

    The first to come makes that of stage `dev`, which nearly everybody wants, alone.
    """
    from quizkit.sdk.deploy.assembly import synthesise

    base = tmp_path_factory.getbasetemp()
    shared = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "assemblies"
    shared.mkdir(exist_ok=True)
    with (shared / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        synthesise("dev", {}, shared)
    return shared
