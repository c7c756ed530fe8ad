"""Sends a session's events to its sockets, on control's or the counter's order."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from quizkit.lambdas.handlers import Event, Handler, lazy
from quizkit.lambdas.wiring import Wiring


def build(environ: Mapping[str, str]) -> Handler:
    broadcasting = Wiring(environ).broadcasting()

    def handle(event: Event, context: Any) -> dict[str, int]:
        return broadcasting.send(event)

    return handle


handler = lazy(build)
