"""Global options wherever people type them."""

from __future__ import annotations

import pytest

from quizkit.cli.argv import hoist


@pytest.mark.parametrize(
    ("argv", "front", "rest"),
    [
        ([], [], []),
        (["quiz", "list", "--json"], ["--json"], ["quiz", "list"]),
        (["-q", "quiz", "list"], ["-q"], ["quiz", "list"]),
        (["play", "-vv", "--bots", "3"], ["-vv"], ["play", "--bots", "3"]),
        (["deploy", "--stage", "prod", "-q"], ["--stage", "prod", "-q"], ["deploy"]),
        (["deploy", "--target=aws"], ["--target=aws"], ["deploy"]),
        (["quiz", "show", "--", "--json"], [], ["quiz", "show", "--", "--json"]),
        (["play", "--nick=--json"], [], ["play", "--nick=--json"]),
        (["deploy", "--stage"], ["--stage"], ["deploy"]),
        (["session", "list", "--as", "host"], ["--as", "host"], ["session", "list"]),
        (["demo", "--help"], [], ["demo", "--help"]),
    ],
)
def test_global_options_come_first(argv: list[str], front: list[str], rest: list[str]) -> None:
    """Known flags move with their values, `--` ends it, everything else stays in order."""
    assert hoist(argv) == (front, rest)
