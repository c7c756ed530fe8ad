"""Running `quizkit.infra`, which nobody imports: this interpreter, this very package."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import quizkit


def run_infra(
    module: str, arguments: Sequence[str], *, timeout: float, cwd: Path | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a module of `quizkit.infra` to its end, whatever its exit status.

    Args:
        module: such as `quizkit.infra`.
        timeout: seconds that it has.
        cwd: the directory to run it in; this process's where None.

    Raises:
        TimeoutExpired: of `subprocess`; it was killed.
    """
    paths = [str(Path(quizkit.__file__).parent.parent), os.environ.get("PYTHONPATH", "")]
    # -P: what lies in that directory must not be taken for modules of its own.
    return subprocess.run(
        [sys.executable, "-P", "-m", module, *arguments],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )
