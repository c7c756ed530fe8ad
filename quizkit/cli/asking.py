"""Passwords and codes: asked for without showing them, or read where nobody can be asked.

A password never comes as an option's value, since those show in the list of processes and in
the shell's history. It is typed, sent on standard input with --password-stdin, or, for
machines that test, in QUIZKIT_PASSWORD.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from getpass import getpass
from typing import Final

import typer

from quizkit.cli.context import Cli
from quizkit.sdk.errors import Misuse

VARIABLE: Final = "QUIZKIT_PASSWORD"


def can_ask(cli: Cli) -> bool:
    """Whether somebody sits at a terminal and expects questions."""
    return sys.stdin.isatty() and not cli.out.as_json


def text(cli: Cli, given: str | None, what: str, hint: str) -> str:
    """What was given, else asked for.

    Raises:
        Misuse: it is missing, and nobody can be asked.
    """
    if given is not None:
        return given
    if not can_ask(cli):
        raise Misuse(f"The {what} is missing.", hint=hint)
    answer: str = typer.prompt(what, err=True)
    return answer.strip()


def password(
    cli: Cli, *, from_stdin: bool, new: bool = False, check: Callable[[str], None] | None = None
) -> str:
    """A password from standard input, the environment, or somebody who types it.

    Args:
        new: it is one that is to be, so it is typed twice.
        check: raises where it cannot be taken.

    Raises:
        Misuse: there is none, or two that differ.
    """
    found = _given(from_stdin)
    if found is None:
        if not can_ask(cli):
            raise Misuse(
                "The password is missing.",
                hint="send it on standard input with --password-stdin",
            )
        found = getpass("new password: " if new else "password: ", stream=sys.stderr)
        if check is not None:
            check(found)  # nobody types a password again that cannot be taken
        if new and getpass("once more: ", stream=sys.stderr) != found:
            raise Misuse("The two passwords differ.", hint="try again")
    elif check is not None:
        check(found)
    return found


def is_given(from_stdin: bool) -> bool:
    """Whether a password comes without anybody typing it."""
    return from_stdin or bool(os.environ.get(VARIABLE))


def code(cli: Cli, hint: str) -> str:
    """A code that was mailed; empty where there is none."""
    answer: str = typer.prompt(f"code ({hint})", default="", show_default=False, err=True)
    return answer.strip()


def _given(from_stdin: bool) -> str | None:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    return os.environ.get(VARIABLE) or None
