"""Which Node synthesis runs on."""

from __future__ import annotations

import os

from quizkit.infra import node


def test_the_wheel_has_a_node_that_can_run() -> None:
    """The deploy extra alone is enough: no Node on the PATH is needed."""
    path = node.node_path()
    assert path is not None
    assert os.access(path, os.X_OK)


def test_the_wheel_is_used_unless_somebody_chose() -> None:
    """An explicit JSII_NODE stays."""
    nothing: dict[str, str] = {}
    chosen = {"JSII_NODE": "/opt/node"}
    node.use_wheel(nothing)
    node.use_wheel(chosen)
    assert nothing == {"JSII_NODE": str(node.node_path())}
    assert chosen == {"JSII_NODE": "/opt/node"}
