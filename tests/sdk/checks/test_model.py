"""Findings as data."""

from __future__ import annotations

import pytest

from quizkit.sdk.checks import Check
from quizkit.sdk.errors import MissingExtra


@pytest.mark.parametrize(
    ("check", "status", "fix"),
    [
        (Check.ok("n", "m"), "ok", None),
        (Check.warning("n", "m", "do it"), "warning", "do it"),
        (Check.failed("n", "m", "do it"), "failed", "do it"),
        (Check.skipped("n", "m"), "skipped", None),
    ],
)
def test_each_status_has_its_maker(check: Check, status: str, fix: str | None) -> None:
    """The document has the four keys of the contract."""
    assert check.as_dict() == {"name": "n", "status": status, "message": "m", "fix": fix}


def test_an_error_is_a_finding() -> None:
    """What is wrong and the fix are the error's own."""
    check = Check.of_error("deploy", MissingExtra("deploy", "Deploying"), "warning")
    assert check.status == "warning"
    assert "“deploy”" in check.message
    assert check.fix == 'run: pip install "quizkit[deploy]"'
