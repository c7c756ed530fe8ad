"""Counts answers from the answers table's stream."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from quizkit.lambdas.handlers import Event, Handler, lazy
from quizkit.lambdas.wiring import Wiring


def build(environ: Mapping[str, str]) -> Handler:
    counting = Wiring(environ).counting()

    def handle(event: Event, context: Any) -> None:
        counting.count(event["Records"])

    return handle


handler = lazy(build)
