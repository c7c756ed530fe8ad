"""MiniStack as a component."""

from __future__ import annotations

import pytest

from quizkit.local.gateway import gateway_service, gateway_warnings, require_ministack
from quizkit.local.layout import Layout
from quizkit.local.processes import MARK


def test_environment_is_explicit(monkeypatch: pytest.MonkeyPatch) -> None:
    """State is kept below the data directory, and nothing of the user's settings gets in."""
    monkeypatch.setenv("AWS_CA_BUNDLE", "/nowhere")
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy")
    monkeypatch.setenv("PYTHONPATH", "/nowhere")
    layout = Layout.current()
    service = gateway_service(layout, port=1, redis_port=2, iam=False, native=False)
    env = service.env
    assert not {"AWS_CA_BUNDLE", "HTTPS_PROXY", "PYTHONPATH"} & set(env)
    assert env[MARK] == layout.mark
    assert (env["GATEWAY_PORT"], env["REDIS_PORT"], env["BIND_HOST"]) == ("1", "2", "127.0.0.1")
    assert env["STATE_DIR"].startswith(str(layout.data))
    assert env["S3_DATA_DIR"].startswith(str(layout.data))
    assert env["AUTH"] == "false"
    assert not service.healthy()


def test_options_set_iam_and_the_concurrency_of_native_functions() -> None:
    """IAM is enforced on demand; MiniStack's own workers keep its memory guard."""
    strict = gateway_service(Layout.current(), port=1, redis_port=2, iam=True, native=True)
    assert strict.env["AUTH"] == "true"
    assert "LAMBDA_ACCOUNT_CONCURRENCY" not in strict.env


def test_ministack_is_installed_here() -> None:
    """The requirement check passes where the extra is installed; warnings are texts."""
    require_ministack()
    assert all(isinstance(text, str) for text in gateway_warnings())
