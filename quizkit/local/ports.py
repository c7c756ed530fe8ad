"""Choosing ports: the remembered one, else the usual one, else the next free one.

A port is only known to be free at the moment of asking. Who starts a server on it must check
that the server, and nobody else, listens there afterwards.
"""

from __future__ import annotations

import socket
from collections.abc import Collection

from quizkit.local.status import HOST

_STEP = 10
_TRIES = 40
_HIGHEST = 65_535


def is_free(port: int) -> bool:
    """Whether a server could listen on `port` of the loopback interface right now."""
    if _answers(port):
        # Some systems let a second server bind beside one that listens on all interfaces.
        return False
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # As servers do it: connections that wait to expire do not count.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
            probe.listen(1)
        except OSError:
            return False
    return True


def choose(usual: int, *, remembered: int | None = None, avoid: Collection[int] = ()) -> int:
    """A free port: `remembered`, then `usual` and every tenth above it, then any.

    Args:
        usual: where people expect the service.
        remembered: where it was last time.
        avoid: ports that are promised to others.
    """
    wished = [] if remembered is None else [remembered]
    wished += range(usual, min(usual + _STEP * _TRIES, _HIGHEST + 1), _STEP)
    for port in wished:
        if port not in avoid and is_free(port):
            return port
    while True:
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            probe.bind((HOST, 0))
            port = int(probe.getsockname()[1])
        if port not in avoid:
            return port


def _answers(port: int) -> bool:
    """Whether somebody accepts connections on `port`."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.settimeout(0.5)
        return probe.connect_ex((HOST, port)) == 0
