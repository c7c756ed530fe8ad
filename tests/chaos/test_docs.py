"""docs/testing.md names what the runs do, and nothing that they do not."""

from __future__ import annotations

import re
from pathlib import Path

from tests.chaos.flaws import FLAWS
from tests.chaos.test_runs import OTHER_FAULTS
from tests.chaos.weather import PORT_FAULTS

ROOT = Path(__file__).parents[2]


def test_every_fault_and_every_flaw_is_in_the_documentation() -> None:
    """A fault or flaw that is added or renamed is added or renamed there, too."""
    text = re.sub(r"\s+", " ", (ROOT / "docs/testing.md").read_text())
    faults, flaws = text.split("**The flaws**")
    listed = faults[faults.index(" 1. ") : faults.index(" `tests/chaos/test_runs.py`")]
    named = set(re.findall(r"`([^`]+)`", listed))
    assert named == {*PORT_FAULTS, *OTHER_FAULTS}
    classes = {name for name in re.findall(r"`(\w+)`", flaws) if name[0].isupper()}
    assert classes == {flaw.__name__ for flaw in FLAWS}


def test_the_command_is_a_target() -> None:
    """`make chaos` is what CONTRIBUTING says it is."""
    assert "\nchaos: " in (ROOT / "Makefile").read_text()
    assert "`make chaos`" in (ROOT / "CONTRIBUTING.md").read_text()
