"""quizkit.core needs the standard library and nothing else."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import quizkit.core

ROOT = Path(quizkit.core.__file__).parents[2]
MODULES = sorted(
    f"quizkit.core.{path.stem}" for path in Path(quizkit.core.__file__).parent.glob("[a-z]*.py")
)


def test_core_imports_without_site_packages() -> None:
    """An interpreter that has no site-packages and reads no environment imports all of core."""
    code = (
        f"import sys; sys.path.append({str(ROOT)!r})\n"
        + "".join(f"import {module}\n" for module in MODULES)
        + "print(*sorted(name for name in sys.modules if '.' not in name))"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True, check=True
    )
    loaded = set(done.stdout.split()) - {"quizkit", "__main__"}
    assert loaded <= sys.stdlib_module_names
    assert MODULES


def test_core_has_no_clock_and_no_randomness() -> None:
    """Rules take time and ids as arguments; no module that gives either is imported."""
    code = (
        f"import sys; before = set(sys.modules); sys.path.append({str(ROOT)!r})\n"
        + "".join(f"import {module}\n" for module in MODULES)
        + "print(*(set(sys.modules) - before))"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True, check=True
    )
    loaded = set(done.stdout.split())
    assert not loaded & {"random", "secrets", "uuid", "datetime", "socket", "subprocess"}
