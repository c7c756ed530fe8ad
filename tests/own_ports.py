"""Ports of its own for a platform that a test starts."""

from __future__ import annotations

import random

from quizkit.local import ports, record
from quizkit.local.layout import Layout


def claim_ports() -> None:
    """Make the platform of QUIZKIT_HOME begin as one deployed before, on ports of its own.

    Tests that stop a platform want its ports back, while others start beside it. These are from
    where the system hands none out by itself, and no other platform wishes for them.
    """
    candidates = (random.randrange(20_000, 30_000) for _ in range(1_000))
    free = (port for port in candidates if ports.is_free(port))
    settled = dict(zip(("redis", "gateway", "handlers"), free, strict=False))
    layout = Layout.current()
    layout.create()
    record.write(layout.record, record.Record(settled=settled))
