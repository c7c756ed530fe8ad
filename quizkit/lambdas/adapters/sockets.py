"""The WebSocket API's callback interface: frames to players, and closing their sockets."""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final
from urllib.parse import quote

from quizkit.lambdas.adapters.connections import Connections, NoAnswer
from quizkit.lambdas.adapters.signing import Signer

_POSTERS: Final = 16
_ATTEMPTS: Final = 3
_PAUSE_SECONDS: Final = 0.05
#: The status of a post that was not answered.
_SILENCE: Final = 599
#: What may be otherwise at the next try.
_PASSING: Final = (429, 500, 503, _SILENCE)


class GatewaySockets:
    """`ports.Sockets` over the WebSocket API's callback interface.

    botocore's client spends most of its time on things that a post does not need, and gets
    slower with threads.

    Args:
        connections: to the callback URL, with the stage's path.
        signer: for `execute-api`.
    """

    def __init__(self, connections: Connections, signer: Signer) -> None:
        self._connections = connections
        self._signer = signer

    def _request(self, method: str, connection_id: str, body: bytes = b"") -> int:
        path = self._connections.path(f"/@connections/{quote(connection_id, safe='')}")
        status = 0
        for attempt in range(_ATTEMPTS):
            if attempt:
                # At random, so that those who were refused together do not return together.
                time.sleep(random.uniform(0, _PAUSE_SECONDS * 2**attempt))
            headers = self._signer.headers(method, self._connections.host, path, {}, body)
            try:
                status = self._connections.request(method, path, headers, body).status
            except NoAnswer:
                status = _SILENCE
            if status not in _PASSING:
                break
        return status

    def post(self, frames: Sequence[tuple[str, Sequence[bytes]]]) -> list[str]:
        def deliver(task: tuple[str, Sequence[bytes]]) -> str | None:
            connection_id, bodies = task
            for body in bodies:
                status = self._request("POST", connection_id, body)
                if status == 410:
                    return connection_id
                if status in _PASSING:
                    # Its client would never know what it missed; without its socket it comes
                    # back, and gets the present.
                    self.close(connection_id)
                    return None
            return None

        if not frames:
            return []
        with ThreadPoolExecutor(min(_POSTERS, len(frames))) as pool:
            return [gone for gone in pool.map(deliver, frames) if gone]

    def close(self, connection_id: str) -> None:
        self._request("DELETE", connection_id)
