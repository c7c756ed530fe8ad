"""The command itself: help, usage errors, what it loads, and how it ends."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Annotated

import pytest
import typer

import quizkit
from quizkit.cli import main as cli_main
from quizkit.cli.main import main
from quizkit.sdk.errors import NotFound


def test_help_loads_nothing_heavy() -> None:
    """`quizkit --help` loads neither boto3 nor the CDK, nor a live client."""
    program = (
        "import sys\n"
        "from quizkit.cli.main import main\n"
        "code = main(['--help'])\n"
        "heavy = {'boto3', 'botocore', 'aws_cdk', 'jsii', 'websockets', 'redis', 'ministack',\n"
        "         'ruamel', 'urllib3', 'asyncio', 'psutil'}\n"
        "print(code, sorted(heavy & set(sys.modules)))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )
    assert done.stdout.splitlines()[-1] == "0 []"
    commands = ("demo", "deploy", "doctor", "play", "host", "leaderboard", "quiz", "session")
    for command in (*commands, "local"):
        assert command in done.stdout


def test_every_command_has_help(capsys: pytest.CaptureFixture[str]) -> None:
    """Each command, in each group, says what it does."""
    root = typer.main.get_command(cli_main.app)
    paths = []
    for name, command in root.commands.items():  # type: ignore[attr-defined]
        paths += [[name, inner] for inner in getattr(command, "commands", {})] or [[name]]
    assert len(paths) > 30
    for path in paths:
        assert main([*path, "--help"]) == 0
        assert len(capsys.readouterr().out.split("\n\n")[0].split()) > 3, path


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    """The version is told to people and to programs."""
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"quizkit {quizkit.__version__}\n"
    assert main(["--json", "--version"]) == 0
    assert json.loads(capsys.readouterr().out) == {"version": quizkit.__version__}


def test_nothing_typed_shows_help(capsys: pytest.CaptureFixture[str]) -> None:
    """The bare command shows what there is, as a usage error."""
    assert main([]) == 2
    assert "demo" in capsys.readouterr().out


@pytest.mark.parametrize(
    "argv",
    [
        ["nonsense"],
        ["quiz"],
        ["quiz", "create"],
        ["session", "start", "q", "--lobby-seconds", "soon"],
        ["session", "start", "q", "--lobby-seconds", "-1"],
        ["session", "start", "q", "--max-players", "0"],
        ["leaderboard", "--top", "0"],
        ["host"],
        ["host", "q", "--session", "s"],
        ["play", "--url", "http://x"],
        ["--stage", "Not A Stage", "status"],
        ["--target", "mars", "status"],
        ["--target", "aws", "demo"],
        ["session", "schedule", "q", "--at", "later"],
        ["--nonsense", "status"],
        ["deploy", "--stage"],
        ["logs", "--since", "soon"],
        ["logs", "--since", "10"],
    ],
)
def test_usage_errors_end_with_2(argv: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Wrong usage is told on stderr; with --json it is a document on stdout."""
    assert main(argv) == 2
    stdout, stderr = capsys.readouterr()
    assert stdout == ""
    assert "error: " in stderr
    assert "Traceback" not in stderr
    assert main(["--json", *argv]) == 2
    stdout, stderr = capsys.readouterr()
    assert json.loads(stdout)["error"].keys() == {"code", "message", "hint"}
    assert stderr == ""


@pytest.mark.parametrize(
    "argv",
    [
        ["status"],
        ["outputs"],
        ["diff"],
        ["destroy"],
        ["quiz", "list"],
        ["session", "list"],
        ["session", "next"],
        ["leaderboard"],
        ["leaderboard", "--watch"],
        ["audit", "x"],
        ["play", "123456", "--nick", "Ada"],
        ["play", "123456", "--bots", "2"],
        ["host", "x"],
        ["winners", "list"],
        ["logs"],
        ["logs", "answer", "--follow"],
    ],
)
def test_a_platform_that_is_down_ends_with_6(
    argv: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """Every command that needs the platform says how to start it."""
    assert main(["--json", *argv]) == 6
    error = json.loads(capsys.readouterr().out)["error"]
    assert "local start" in error["hint"]


def test_local_commands_work_on_a_platform_that_is_down(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Status, stop and reset are harmless where nothing runs."""
    for command in ("status", "stop", "reset"):
        assert main(["--json", "local", command]) == 0
        document = json.loads(capsys.readouterr().out)
        assert document["target"] == "local"
        assert document["running"] is False


class _Told(Exception):
    pass


def _with_command(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    """Replace the application by one whose only command raises."""
    app = typer.Typer()

    @app.callback()
    def options(as_json: Annotated[bool, typer.Option("--json")] = False) -> None:
        """Take the options that are hoisted."""

    @app.command()
    def fail() -> None:
        raise error

    monkeypatch.setattr(cli_main, "app", app)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (NotFound("gone"), 3),
        (_Told("a bug"), 1),
        (KeyboardInterrupt(), 130),
        (typer.Abort(), 130),
        (typer.Exit(5), 5),
        (EOFError(), 130),
    ],
)
def test_whatever_is_raised_becomes_an_exit_code(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    error: BaseException,
    code: int,
) -> None:
    """No exception leaves `main`, and no traceback is shown unasked."""
    _with_command(monkeypatch, error)
    assert main(["fail"]) == code
    stdout, stderr = capsys.readouterr()
    assert stdout == ""
    assert "Traceback" not in stderr


def test_a_bug_says_so(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """An error that nobody foresaw is told as one, with what to do."""
    _with_command(monkeypatch, _Told("a bug"))
    assert main(["--json", "fail"]) == 1
    error = json.loads(capsys.readouterr().out)["error"]
    assert error["code"] == "internal"
    assert "_Told: a bug" in error["message"]
    assert "--debug" in error["hint"]


def test_debug_shows_the_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With --debug the traceback comes before the error."""
    app = typer.Typer()

    @app.callback()
    def options(debug: Annotated[bool, typer.Option("--debug")] = False) -> None:
        """Take the option."""

    @app.command()
    def fail() -> None:
        raise NotFound("gone")

    monkeypatch.setattr(cli_main, "app", app)
    assert main(["fail", "--debug"]) == 3
    stderr = capsys.readouterr().err
    assert "Traceback" in stderr
    assert stderr.rstrip().endswith("error: gone")
