"""quizkit.cli.asking: where passwords come from when nobody sits at a terminal."""

from __future__ import annotations

import io

import pytest

from quizkit.cli import asking
from quizkit.cli.context import Cli
from quizkit.cli.render import Output
from quizkit.sdk.errors import Misuse

CLI = Cli(Output())


@pytest.fixture(autouse=True)
def no_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    """No password lies in the environment."""
    monkeypatch.delenv(asking.VARIABLE, raising=False)


def send(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    """Put text on standard input, which is no terminal."""
    monkeypatch.setattr("sys.stdin", io.StringIO(text))


@pytest.mark.parametrize(
    ("text", "expected"),
    [("s3cret\n", "s3cret"), ("s3cret", "s3cret"), (" a b \r\nmore", " a b "), ("", "")],
)
def test_the_first_line_is_the_password(
    monkeypatch: pytest.MonkeyPatch, text: str, expected: str
) -> None:
    """Whole, with its spaces, without its end."""
    send(monkeypatch, text)
    assert asking.password(CLI, from_stdin=True) == expected


def test_standard_input_before_the_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is said to this command counts more than what is said to all."""
    monkeypatch.setenv(asking.VARIABLE, "variable")
    send(monkeypatch, "line\n")
    assert asking.password(CLI, from_stdin=True) == "line"
    assert asking.password(CLI, from_stdin=False, new=True) == "variable"
    assert asking.is_given(from_stdin=False)


def test_no_password_anywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """Is told with the way to send one."""
    send(monkeypatch, "")
    assert not asking.is_given(from_stdin=False)
    with pytest.raises(Misuse) as caught:
        asking.password(CLI, from_stdin=False)
    assert "--password-stdin" in (caught.value.hint or "")


def test_a_password_is_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Before it is given on."""

    def refuse(password: str) -> None:
        raise Misuse(f"{len(password)} characters")

    send(monkeypatch, "weak\n")
    with pytest.raises(Misuse, match="4 characters"):
        asking.password(CLI, from_stdin=True, check=refuse)


def test_text_that_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was given is taken; nobody can be asked for the rest."""
    send(monkeypatch, "")
    assert asking.text(CLI, "ada", "username", "hint") == "ada"
    with pytest.raises(Misuse) as caught:
        asking.text(CLI, None, "username", "name it")
    assert (caught.value.message, caught.value.hint) == ("The username is missing.", "name it")
