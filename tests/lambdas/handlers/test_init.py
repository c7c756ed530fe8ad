"""quizkit.lambdas.handlers: entry points build themselves when they are first used."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import quizkit.lambdas.handlers
from quizkit.lambdas.handlers import Handler, lazy

NAMES = sorted(
    path.stem for path in Path(quizkit.lambdas.handlers.__file__).parent.glob("[a-z]*.py")
)


def test_importing_needs_no_environment() -> None:
    """Every entry point can be imported with nothing set; no client is opened, nothing read."""
    code = "import os; os.environ.clear()\n" + "".join(
        f"import quizkit.lambdas.handlers.{name} as m; assert callable(m.handler)\n"
        for name in NAMES
    )
    root = Path(quizkit.lambdas.handlers.__file__).parents[3]
    subprocess.run([sys.executable, "-c", code], check=True, cwd=root)
    assert len(NAMES) == 9


def test_a_handler_is_built_once() -> None:
    """By its first event."""
    built: list[Mapping[str, str]] = []

    def build(environ: Mapping[str, str]) -> Handler:
        built.append(environ)
        return lambda event, context: {"seen": event}

    handler = lazy(build)
    assert built == []
    assert [handler({"n": n}, None) for n in (1, 2)] == [{"seen": {"n": 1}}, {"seen": {"n": 2}}]
    assert len(built) == 1
