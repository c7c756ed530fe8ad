"""An AWS account to look at."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.sdk.checks.fake_account import FakeAccount, fake_account


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeAccount]:
    """An account that knows who calls and refuses everything else."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "id")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.delenv("AWS_SESSION_TOKEN", raising=False)
    with fake_account() as fake:
        yield fake
