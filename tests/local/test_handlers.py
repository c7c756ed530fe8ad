"""The handler host as a component."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

import quizkit
from quizkit.local.handlers import handlers_service
from quizkit.local.layout import Layout


def test_host_imports_this_very_package(monkeypatch: pytest.MonkeyPatch) -> None:
    """Extra directories come first, then this package, then the user's own path."""
    monkeypatch.setenv("PYTHONPATH", "/of/the/user")
    service = handlers_service(
        Layout.current(), port=1, gateway_url="http://127.0.0.1:2", handler_path=[Path("/extra")]
    )
    assert quizkit.__file__ is not None
    root = str(Path(quizkit.__file__).resolve().parents[1])
    assert service.env["PYTHONPATH"].split(os.pathsep) == ["/extra", root, "/of/the/user"]
    assert service.env["AWS_ENDPOINT_URL"] == "http://127.0.0.1:2"
    assert not service.healthy()
