"""MiniStack: the AWS emulator that everything but Redis runs in, with its state kept.

MiniStack holds its state in memory and writes it on a clean stop only. So it is asked to stop
and given time; a machine that loses power loses what happened since the last stop.
"""

from __future__ import annotations

import importlib.util
import sys

from quizkit.local import emulator
from quizkit.local.layout import Layout
from quizkit.local.service import Service, aws_environment, base_environment, get_json
from quizkit.local.status import ACCOUNT, HOST, REGION
from quizkit.sdk.errors import MissingExtra

NAME = "gateway"
USUAL_PORT = 4566
_NO_CRYPTOGRAPHY = (
    "cryptography is not installed: tokens of signed-in users are refused on the local"
    " platform; run: pip install cryptography"
)


def require_ministack() -> None:
    """Raises MissingExtra where MiniStack is not installed."""
    if importlib.util.find_spec("ministack") is None:
        raise MissingExtra("local", "The local platform")


def gateway_warnings() -> tuple[str, ...]:
    """What MiniStack cannot do in this installation, for people."""
    if importlib.util.find_spec("cryptography") is None:
        return (_NO_CRYPTOGRAPHY,)
    return ()


def gateway_service(
    layout: Layout, *, port: int, redis_port: int, iam: bool, native: bool
) -> Service:
    """MiniStack on `port`.

    Args:
        redis_port: the port of the Redis that its ElastiCache endpoints name.
        iam: enforce the policies of the functions' roles.
        native: functions run in MiniStack's own worker processes.
    """
    data = layout.component_data(NAME)
    env = {
        **base_environment(layout),
        **aws_environment(f"http://{HOST}:{port}"),
        "GATEWAY_PORT": str(port),
        "BIND_HOST": HOST,
        "MINISTACK_REGION": REGION,
        "MINISTACK_ACCOUNT_ID": ACCOUNT,
        "PERSIST_STATE": "1",
        "STATE_DIR": str(data / "state"),
        "S3_PERSIST": "1",
        "S3_DATA_DIR": str(data / "s3"),
        "REDIS_HOST": HOST,
        "REDIS_PORT": str(redis_port),
        "AUTH": "true" if iam else "false",
        "LOG_LEVEL": "WARNING",
        # Listeners on fixed ports that quizkit does not use; two platforms would collide.
        "SFTP_ENABLED": "0",
        "IOT_MTLS_ENABLED": "0",
        # With a Docker daemon MiniStack would start a Redis of its own, and remove containers
        # of other MiniStacks at its start.
        "DOCKER_HOST": f"unix://{layout.scratch}/no-docker.sock",
        "LAMBDA_EXECUTOR": "local",
        "LAMBDA_STRICT": "0",
        "LAMBDA_WARM_TTL_SECONDS": "60",
    }
    if not native:
        # The handler host bounds the work. MiniStack would count waiting calls as workers
        # that take memory, and refuse those beyond what this machine's memory holds.
        env["LAMBDA_ACCOUNT_CONCURRENCY"] = "0"
    return Service(
        name=NAME,
        title="MiniStack",
        # -P: what lies beside the file must not be taken for modules of its own.
        command=(sys.executable, "-P", emulator.__file__),
        env=env,
        port=port,
        healthy=lambda: get_json(port, "/_ministack/health") is not None,
        hint='see the log; reinstalling helps if files are missing: pip install "quizkit[local]"',
    )
