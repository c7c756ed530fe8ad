"""Accounts for tests of the command line: each of its own, nobody left signed in."""

from __future__ import annotations

import shutil
import uuid
from pathlib import Path

from tests.cli.conftest import QuizkitCommand

PASSWORD = "Correct1horse"
NEW_PASSWORD = "Another2horse"


def nobody(home: Path) -> None:
    """Forget every sign-in below a home."""
    for folder in (home / "state" / "accounts", home / "config" / "stages"):
        shutil.rmtree(folder, ignore_errors=True)


def new_name() -> str:
    """A name that nobody has."""
    return f"user-{uuid.uuid4().hex[:10]}"


def sign_up(quizkit: QuizkitCommand, name: str | None = None) -> str:
    """An account that is confirmed; gives its name. The address is NAME@example.org."""
    name = name or new_name()
    done = quizkit.child(
        *("--json", "signup", name, "--email", f"{name}@example.org", "--password-stdin"),
        text=f"{PASSWORD}\n",
    )
    assert done.returncode == 0, done.stderr
    return name


def log_in(quizkit: QuizkitCommand, name: str, password: str = PASSWORD) -> None:
    """Sign somebody in."""
    done = quizkit.child("login", name, "--password-stdin", text=f"{password}\n")
    assert done.returncode == 0, done.stderr
