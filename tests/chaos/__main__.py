"""`python -m tests.chaos --runs 200 --seed 1`: runs in one command, with a short summary.

Run `n` of a seed has a seed of its own, `SEED/n`, which `--only` plays again alone. The exit
code is 1 where a run broke a promise.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Sequence

from quizkit.core.history import Fate
from tests.chaos.run import Report, WorldMaker, play
from tests.chaos.world import ChaosWorld

_SHOWN = 5


def main(arguments: Sequence[str], world: WorldMaker = ChaosWorld) -> int:
    """Run what the arguments ask for; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--runs", type=int, default=200, help="how many (default 200)")
    parser.add_argument("--seed", default="1", help="any text (default 1)")
    parser.add_argument("--only", metavar="SEED", help="play one run, by its own seed")
    options = parser.parse_args(arguments)
    if options.runs < 1:
        parser.error("--runs must be at least 1")
    if options.only is not None:
        seeds = [str(options.only)]
    else:
        seeds = [f"{options.seed}/{number}" for number in range(options.runs)]
    reports = [shown(play(seed, world)) for seed in seeds]
    if options.only is not None:
        print(f"{reports[0].settings.summary}; history {reports[0].digest}")
    return summary(reports)


def shown(report: Report) -> Report:
    """Say at once what is wrong with a run."""
    if report.violations:
        print(f"run {report.seed}: {report.settings.summary}")
        for violation in report.violations[:_SHOWN]:
            print(f"  {violation.rule}: {violation.message}")
        if len(report.violations) > _SHOWN:
            print(f"  and {len(report.violations) - _SHOWN} more")
        print(f"  replay: python -m tests.chaos --only {report.seed}", flush=True)
    return report


def summary(reports: Sequence[Report]) -> int:
    """Print what all runs came to; the exit code."""
    faults: Counter[str] = Counter()
    fates: Counter[Fate] = Counter()
    for report in reports:
        faults += report.faults
        fates += report.fates
    failed = sum(1 for report in reports if report.violations)
    print(f"{len(reports)} runs, {sum(faults.values())} faults:")
    for name, number in sorted(faults.items()):
        print(f"  {number:6} {name}")
    print(
        f"answers: {fates[Fate.OK]} acknowledged, {fates[Fate.UNKNOWN]} unknown,"
        f" {fates[Fate.FAIL]} refused"
    )
    print(f"{failed} runs broke a promise" if failed else "every promise was kept")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
