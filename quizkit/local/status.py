"""What the local platform tells about itself: plain data, no I/O."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

HOST: Final = "127.0.0.1"
REGION: Final = "us-east-1"
ACCOUNT: Final = "000000000000"
#: Said where `Status.moved` names anything.
MOVED: Final = "The local platform runs on other ports than when the stack was deployed."


@dataclass(frozen=True, slots=True)
class Component:
    """One process of the platform.

    Attributes:
        name: gateway, redis or handlers.
        title: its name for people.
        up: it is our process and answered its health check just now.
        pid: process id, None where it does not run.
        port: TCP port on the loopback interface; None before the first start.
        data_bytes: size of what it keeps on disk.
        log: its log file.
    """

    name: str
    title: str
    up: bool
    pid: int | None
    port: int | None
    data_bytes: int
    log: Path


@dataclass(frozen=True, slots=True)
class BotoSettings:
    """Arguments of a boto3 session and client for the local platform (AWS_* never matter)."""

    endpoint_url: str
    region: str = REGION
    access_key_id: str = "test"
    secret_access_key: str = "test"


@dataclass(frozen=True, slots=True)
class Status:
    """The platform at one moment.

    Attributes:
        components: gateway, redis, handlers, in this order.
        iam: MiniStack enforces IAM policies.
        native: functions are left to MiniStack's own runner (see `differences.localise`).
        started_at: epoch seconds of the last start, None while nothing runs.
        moved: names of components whose port is another than the deployed stacks were told;
            they have to be deployed again (`platform.settle_ports` after that).
        warnings: what works less well than it could, for people.
    """

    components: tuple[Component, ...]
    iam: bool = False
    native: bool = False
    started_at: float | None = None
    moved: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def running(self) -> bool:
        """Whether every component is up."""
        return bool(self.components) and all(part.up for part in self.components)

    @property
    def gateway_url(self) -> str:
        """MiniStack's endpoint, without a trailing slash."""
        return f"http://{HOST}:{self._port('gateway')}"

    @property
    def handlers_url(self) -> str:
        """The handler host's endpoint, without a trailing slash."""
        return f"http://{HOST}:{self._port('handlers')}"

    @property
    def redis_port(self) -> int:
        """Redis's port on the loopback interface."""
        return self._port("redis")

    def component(self, name: str) -> Component:
        """The component of that name; KeyError where there is none."""
        for part in self.components:
            if part.name == name:
                return part
        raise KeyError(name)

    def boto_settings(self) -> BotoSettings:
        """What a boto3 client needs to talk to this platform."""
        return BotoSettings(endpoint_url=self.gateway_url)

    def as_dict(self) -> dict[str, Any]:
        """The status as a JSON document."""
        components = [{**asdict(part), "log": str(part.log)} for part in self.components]
        return {
            "running": self.running,
            "components": components,
            "iam": self.iam,
            "native": self.native,
            "started_at": self.started_at,
            "moved": list(self.moved),
            "warnings": list(self.warnings),
        }

    def _port(self, name: str) -> int:
        port = self.component(name).port
        if port is None:
            raise LookupError(f"{name} has no port: the local platform was never started")
        return port
