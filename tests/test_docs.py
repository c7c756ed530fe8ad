"""The documentation is executed: its programs run, its examples are valid, its tables true."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from quizkit.core.errors import STATUS
from tests.deployed import Deployed

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"


def blocks(document: str, language: str) -> list[str]:
    """The fenced blocks of one language."""
    return re.findall(rf"```{language}\n(.*?)```", (DOCS / document).read_text(), re.DOTALL)


@pytest.mark.slow
def test_the_programs_of_the_sdk_page_run(
    deployed: Deployed, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The host's program opens a session, and the player's plays it to the end."""
    monkeypatch.chdir(ROOT)
    names: dict[str, Any] = {}
    for program in blocks("sdk.md", "python"):
        exec(program.replace("http://127.0.0.1:4566", deployed.gateway_url), names)
    printed = capsys.readouterr().out
    assert re.search(r"join with \d{6}", printed)
    assert printed.count("points:") == 3
    assert "winner: Ada" in printed
    assert "clean: True" in printed


def test_the_error_table_is_complete() -> None:
    """The protocol page lists every code with its status, and no other."""
    text = (DOCS / "protocol.md").read_text().split("## Error codes")[1].split("\n## ")[0]
    rows = re.findall(r"^\| (`[^|]+) \| (\d{3}) \|", text, re.MULTILINE)
    listed = {code: int(status) for codes, status in rows for code in re.findall(r"`(\w+)`", codes)}
    assert listed == STATUS


def test_links_between_pages_lead_somewhere() -> None:
    """No page links to a file that is not there."""
    pages = [*ROOT.glob("*.md"), *DOCS.rglob("*.md")]
    for page in pages:
        for link in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text()):
            assert (page.parent / link).exists(), f"{page.name}: {link}"


def test_promises_name_tests_that_are_there() -> None:
    """Each promise of the README is proved by files that exist."""
    rows = re.findall(r"^\| P\d \|.*\|(.*)\|$", (ROOT / "README.md").read_text(), re.MULTILINE)
    assert len(rows) == 8
    for row in rows:
        for path in re.findall(r"`([^`]+)`", row):
            assert (ROOT / path).exists(), path


def test_the_protocol_page_has_the_events_of_the_code() -> None:
    """Every event that the functions send is described."""
    text = (DOCS / "protocol.md").read_text()
    sources = (ROOT / "quizkit" / "lambdas").rglob("*.py")
    sent = {name for path in sources for name in re.findall(r'event\(\s*"(\w+)"', path.read_text())}
    assert "quiz_finished" in sent
    assert sent | {"new_question"} <= set(re.findall(r"`(\w+)`", text))
