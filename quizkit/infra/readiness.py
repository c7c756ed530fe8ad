"""`python -m quizkit.infra.readiness`: whether a synthesis could run here, told without one.

    python -m quizkit.infra.readiness [--stages JSON]

Loads no CDK and starts no kernel of it: a Node is only asked for its version, the bundle is
read and not written. Prints one JSON line:

    {"node": {"source", "path", "version", "problem"},      problem: null where it will do
     "bundle": {"message", "fix"} or null,                  null where it can be made
     "stages": {stage: problem or null}}                    of the settings given for each
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from typing import Any, Final

from quizkit.infra import bundle, settings
from quizkit.infra.errors import BundleError, SettingsError
from quizkit.infra.node import OLDEST, VARIABLE, use_wheel

_TIMEOUT: Final = 10


def main(argv: list[str] | None = None) -> int:
    """Look, and report; what is found is no error."""
    parser = argparse.ArgumentParser(
        prog="python -m quizkit.infra.readiness", description="Whether a synthesis could run here."
    )
    parser.add_argument("--stages", default="{}", help="settings of stages, as a JSON object")
    stages = json.loads(parser.parse_args(argv).stages)
    document = {
        "node": node(os.environ),
        "bundle": bundle_problem(),
        "stages": {stage: settings_problem(stage, chosen) for stage, chosen in stages.items()},
    }
    print(json.dumps(document))
    return 0


def node(environ: Mapping[str, str]) -> dict[str, str | None]:
    """The Node that jsii would start, found as jsii finds it, and whether it will do."""
    chosen = dict(environ)
    use_wheel(chosen)
    source = "PATH" if VARIABLE not in chosen else VARIABLE if VARIABLE in environ else "wheel"
    name = chosen.get(VARIABLE, "node")
    path = shutil.which(name, path=environ.get("PATH"))
    found: dict[str, str | None] = {"source": source, "path": path or name, "version": None}
    if path is None:
        return found | {"problem": "no such program is found"}
    try:
        done = subprocess.run(
            [path, "--version"], capture_output=True, text=True, timeout=_TIMEOUT, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as exc:
        return found | {"problem": f"it does not run: {exc}"}
    version = re.fullmatch(r"v(\d+)\.\S+", done.stdout.strip())
    if done.returncode != 0 or version is None:
        said = (done.stderr or done.stdout).strip().splitlines() or [f"exit {done.returncode}"]
        return found | {"problem": f"it does not run: {said[-1]}"}
    old = f"it is older than Node {OLDEST}" if int(version[1]) < OLDEST else None
    return found | {"version": version[0], "problem": old}


def bundle_problem(
    contents: Callable[[], Mapping[str, bytes]] = bundle.contents,
) -> dict[str, str] | None:
    """Why the functions' bundle cannot be made, and what to do; None where it can."""
    try:
        contents()
    except BundleError as exc:
        message, _, fix = str(exc).partition("; ")
        return {"message": message, "fix": fix}
    return None


def settings_problem(stage: str, chosen: Mapping[str, Any]) -> str | None:
    """What is wrong with a stage's settings; None where they can be deployed."""
    try:
        settings.parse(stage, chosen)
    except SettingsError as exc:
        return str(exc)
    return None


if __name__ == "__main__":
    sys.exit(main())
