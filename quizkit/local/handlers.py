"""The handler host as a component: the command that runs `quizkit.local.host`."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from quizkit.local.layout import Layout
from quizkit.local.service import Service, aws_environment, base_environment, get_json

NAME = "handlers"
USUAL_PORT = 4567


def handlers_service(
    layout: Layout, *, port: int, gateway_url: str, handler_path: Sequence[Path] = ()
) -> Service:
    """The handler host on `port`.

    Args:
        gateway_url: MiniStack's endpoint.
        handler_path: directories to import handlers from, before all others.
    """
    # This very package, also where it runs from a source tree.
    root = Path(__file__).resolve().parents[2]
    inherited = os.environ.get("PYTHONPATH", "")
    path = [*map(str, handler_path), str(root), *filter(None, inherited.split(os.pathsep))]
    command = (
        *(sys.executable, "-m", "quizkit.local.host"),
        *("--port", str(port), "--gateway", gateway_url, "--logs", str(layout.logs)),
    )
    env = {
        **base_environment(layout),
        **aws_environment(gateway_url),
        "PYTHONPATH": os.pathsep.join(dict.fromkeys(path)),
    }
    return Service(
        name=NAME,
        title="The handler host",
        command=command,
        env=env,
        port=port,
        healthy=lambda: get_json(port, "/health") is not None,
        hint="see the log; it hosts the functions of quizkit.lambdas",
    )
