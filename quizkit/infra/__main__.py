"""`python -m quizkit.infra`: synthesise one stage.

    python -m quizkit.infra --stage dev --out DIR [--settings JSON]
    cdk synth -c stage=dev [-c settings=JSON]        (cdk.json runs this module without arguments)

Prints one JSON line: {"stack", "directory", "template", "assets", "bundle"}. Exits 0, or 2
for arguments and settings that cannot be, or 1 when the bundle cannot be made; the reason is
on stderr. Without arguments it obeys the CDK CLI's protocol (CDK_OUTDIR, CDK_CONTEXT_JSON).
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from quizkit.infra import node, settings
from quizkit.infra.errors import InfraError, SettingsError


def main(argv: list[str] | None = None) -> int:
    """Parse, synthesise, report; returns the exit code."""
    options = _parser().parse_args(argv)
    node.use_wheel(os.environ)
    try:
        if options.stage is None and options.out is None:
            line = _for_cdk()
        elif options.stage is None or options.out is None:
            raise SettingsError("--stage and --out go together")
        else:
            line = _by_arguments(options.stage, options.out, options.settings)
    except InfraError as exc:
        print(f"quizkit.infra: {exc}", file=sys.stderr)
        return 2 if isinstance(exc, SettingsError) else 1
    print(line)
    return 0


def _by_arguments(stage: str, out: Path, document: str | None) -> str:
    chosen = settings.parse(stage, document)
    for name in [name for name in os.environ if name.startswith("CDK_")]:
        # Somebody's leftover context must not reach a synthesis that is told everything.
        del os.environ[name]
    from quizkit.infra.app import synthesise

    return synthesise(chosen, out).as_json()


def _for_cdk() -> str:
    out = Path(os.environ.get("CDK_OUTDIR", "cdk.out"))
    from quizkit.infra.app import synthesise_from_context

    return synthesise_from_context(out).as_json()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m quizkit.infra", description="Synthesise one stage of quizkit."
    )
    parser.add_argument("--stage", help="name of the stage")
    parser.add_argument("--out", type=Path, help="directory for the cloud assembly")
    parser.add_argument("--settings", help="the stage's settings as a JSON object")
    return parser


if __name__ == "__main__":
    sys.exit(main())
