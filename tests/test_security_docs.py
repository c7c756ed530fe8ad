"""docs/security.md: the tests that it names are there."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "security.md").read_text()


def test_every_threat_has_a_test_that_exists() -> None:
    """A row without one, or with one that was renamed, promises what nobody checks."""
    table = PAGE[PAGE.index("| threat ") :].partition("\n\n")[0]
    rows = table.splitlines()[2:]
    assert len(rows) >= 20
    for row in rows:
        threat, stops, tests = (cell.strip() for cell in row.strip("|").split(" | "))
        assert threat
        assert stops
        named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", tests)
        assert named, threat
        for path, name in named:
            tree = ast.parse((ROOT / path).read_text())
            names = {node.name for node in ast.walk(tree) if hasattr(node, "name")}
            assert name in names, (path, name)


def test_settings_of_the_page_are_settings_of_a_stage() -> None:
    """What it shows can be written into quizkit.toml."""
    import tomllib

    from quizkit.infra.settings import parse

    blocks = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    assert len(blocks) == 2
    for block in blocks:
        for stage, settings in tomllib.loads(block)["stages"].items():
            parse(stage, settings)
