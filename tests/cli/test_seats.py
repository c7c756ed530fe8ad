"""Seats kept on this machine."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from quizkit.cli import seats

URL = "http://127.0.0.1:1"


def test_a_seat_is_found_again_until_it_is_forgotten() -> None:
    """The same stage, PIN and nickname, spaces and case aside, find the token."""
    seats.keep(URL, "123456", "Ada", "secret")
    assert seats.recall(URL, "123 456", " ada ") == "secret"
    assert seats.recall(URL, "123456", "Bob") is None
    assert seats.recall("http://127.0.0.1:2", "123456", "Ada") is None
    seats.forget(URL, "123456", "ADA")
    assert seats.recall(URL, "123456", "Ada") is None


def test_seats_are_private_and_do_not_pile_up(quizkit_home: Path) -> None:
    """Only the user reads a token, and a day later it is gone."""
    seats.keep(URL, "1", "Ada", "old")
    (file,) = (quizkit_home / "state" / "seats").iterdir()
    assert file.stat().st_mode & 0o077 == 0
    yesterday = time.time() - 90_000
    os.utime(file, (yesterday, yesterday))
    seats.keep(URL, "2", "Ada", "new")
    assert seats.recall(URL, "1", "Ada") is None
    assert seats.recall(URL, "2", "Ada") == "new"


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"resume_token": 1}'])
def test_a_broken_file_is_no_seat(quizkit_home: Path, content: str) -> None:
    """Whatever a file holds, playing goes on."""
    seats.keep(URL, "1", "Ada", "token")
    (file,) = (quizkit_home / "state" / "seats").iterdir()
    file.write_text(content)
    assert seats.recall(URL, "1", "Ada") is None


def test_a_disk_that_cannot_be_written_is_no_reason_not_to_play(quizkit_home: Path) -> None:
    """Where no seat can be kept, none is, and nothing is raised."""
    quizkit_home.parent.mkdir(parents=True, exist_ok=True)
    quizkit_home.write_text("a file where a folder should be")
    seats.keep(URL, "1", "Ada", "token")
    seats.forget(URL, "1", "Ada")
    assert seats.recall(URL, "1", "Ada") is None
