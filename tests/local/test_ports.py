"""Choosing ports."""

from __future__ import annotations

import socket
from collections.abc import Callable

from quizkit.local import ports
from quizkit.local.status import HOST


def test_listener_makes_a_port_taken(free_port: Callable[[], int]) -> None:
    """A port is free until somebody listens on it."""
    port = free_port()
    assert ports.is_free(port)
    with socket.socket() as listener:
        listener.bind((HOST, port))
        listener.listen()
        assert not ports.is_free(port)


def test_remembered_comes_before_usual_before_the_next(free_port: Callable[[], int]) -> None:
    """The first free one of remembered, usual and the tenths above is taken."""
    usual, remembered = free_port(), free_port()
    assert ports.choose(usual, remembered=remembered) == remembered
    assert ports.choose(usual) == usual
    with socket.socket() as listener:
        listener.bind((HOST, remembered))
        listener.listen()
        assert ports.choose(usual, remembered=remembered) == usual
    assert (ports.choose(usual, avoid={usual}) - usual) % 10 == 0


def test_any_port_is_taken_where_all_wishes_fail() -> None:
    """Where no port near the usual one exists, the system gives one."""
    port = ports.choose(65_530, avoid={65_530})
    assert 1024 <= port < 65_530
