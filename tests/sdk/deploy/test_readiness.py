"""Asking the infrastructure whether a synthesis could run."""

from __future__ import annotations

from pathlib import Path

import pytest

from quizkit.sdk.deploy.readiness import readiness
from quizkit.sdk.errors import DeploymentFailed


def test_this_installation_is_ready() -> None:
    """Its Node runs and its bundle can be made; settings are judged stage by stage."""
    found = readiness({"dev": {"guests": False}, "prod": {"nonsense": 1}})
    assert found.node.problem is None
    assert (found.node.version or "").startswith("v")
    assert found.bundle is None
    assert found.stages["dev"] is None
    assert "nonsense" in (found.stages["prod"] or "")


def test_settings_that_json_has_no_words_for() -> None:
    """A date in quizkit.toml is a wrong setting, not a crash."""
    from datetime import date

    found = readiness({"dev": {"origins": [date(2030, 1, 1)]}})
    assert "2030-01-01" in (found.stages["dev"] or "")


def test_an_infrastructure_that_cannot_run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What it said last is the reason, and reinstalling is the fix."""
    (tmp_path / "sitecustomize.py").write_text("raise SystemExit('broken installation')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with pytest.raises(DeploymentFailed, match="broken installation") as caught:
        readiness({})
    assert "reinstall" in (caught.value.hint or "")
