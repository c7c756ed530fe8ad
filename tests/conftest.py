"""Fixtures for every test: a home of its own, and free ports."""

from __future__ import annotations

import gc
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from xdist.scheduler import LoadFileScheduling

# Machines are shared and slow at times; no test is about speed.
settings.register_profile("quizkit", deadline=None)
settings.load_profile("quizkit")

pytest_plugins = ["tests.deployed"]

#: Rooms whose files share something that takes long to make: a Node process with templates, a
#: user pool. One worker runs them all.
TOGETHER = ("tests/infra/", "tests/sdk/accounts/")
#: What takes a minute or more, the longest first: begun last, one of them would keep a worker
#: busy while the others have nothing left to do.
LONGEST = (
    "tests/test_readme.py",
    "tests/infra/",
    "tests/cli/test_kinds.py",
    "tests/contract/test_kinds.py",
    "tests/cli/test_platform.py",
    "tests/cli/commands/test_account.py",
    "tests/chaos/test_flaws.py",
    "tests/contract/test_game.py",
    "tests/sdk/test_rehearsal.py",
    "tests/cli/commands/test_hosts.py",
    "tests/sdk/accounts/",
    "tests/cli/commands/test_rehearse.py",
    "tests/test_docs.py",
    "tests/load/test_sizes.py",
    "tests/contract/test_iam.py",
    "tests/faults/test_parts_killed.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest; xdist keeps this order (`--no-loadscope-reorder`)."""

    def rank(item: pytest.Item) -> int:
        found = (at for at, name in enumerate(LONGEST) if item.location[0].startswith(name))
        return next(found, len(LONGEST))

    items.sort(key=rank)


class _ByRoom(LoadFileScheduling):  # type: ignore[misc]  # xdist has no types
    """Gives a file's tests to one worker, and all of a room of TOGETHER.

    `xdist_group` would say the same, but xdist 3.8 keeps groups in an attribute of items that
    pytest 9.2 does not read any more. Delete this for `--dist loadgroup` once it works again.
    """

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return next((room for room in TOGETHER if file.startswith(room)), file)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> _ByRoom:
    """Have xdist schedule by file and room, whatever `--dist` says."""
    return _ByRoom(config, log)


def pytest_collection_finish() -> None:
    """Keep the garbage collector from walking over five thousand tests again and again."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def quizkit_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep every test away from the user's own state, and from AWS credentials."""
    home = tmp_path / "quizkit-home"
    monkeypatch.setenv("QUIZKIT_HOME", str(home))
    for name in ("QUIZKIT_TARGET", "AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "no-aws-config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "no-aws-credentials"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    return home


@pytest.fixture(scope="session")
def free_port() -> Callable[[], int]:
    """Gives ports of 127.0.0.1 that nobody listened on a moment ago."""

    def find() -> int:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port: int = probe.getsockname()[1]
            return port

    return find
