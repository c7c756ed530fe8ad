"""Every command in the README is run, in the README's order, on a platform of its own.

`RUNNERS` has one entry a command; a command without one fails the first test. Words in
capitals (QUIZ, PIN, SESSION) are filled in with what earlier commands printed.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.terminal import Terminal

ROOT = Path(__file__).parent.parent
QUIZKIT = str(Path(sys.executable).with_name("quizkit"))


def commands(document: Path) -> list[str]:
    """The commands after `$` in a document's console blocks."""
    blocks = re.findall(r"```console\n(.*?)```", document.read_text(), re.DOTALL)
    return [line[2:] for block in blocks for line in block.splitlines() if line.startswith("$ ")]


@dataclass
class Reader:
    """Somebody who follows the README; `known` has what the words in capitals stand for."""

    home: Path
    known: dict[str, str] = field(default_factory=dict)

    @property
    def env(self) -> dict[str, str]:
        """A fresh terminal's environment, with a home of its own and no AWS credentials."""
        kept = {key: os.environ[key] for key in ("HOME", "LANG") if key in os.environ}
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        return kept | {
            "PATH": path,
            "QUIZKIT_HOME": str(self.home),
            "AWS_CONFIG_FILE": str(self.home / "none"),
            "AWS_SHARED_CREDENTIALS_FILE": str(self.home / "none"),
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_REGION": "eu-central-1",
        }

    def words(self, command: str) -> list[str]:
        """The command as an argument list, filled in."""
        filled = re.sub(r"\b[A-Z]{3,}\b", lambda found: self.known[found[0]], command)
        words = filled.split()
        return [QUIZKIT, *words[1:]] if words[0] == "quizkit" else words

    def run(self, command: str, expected: int = 0) -> str:
        """Run a command to its end; returns what it printed to stdout."""
        done = subprocess.run(
            self.words(command), cwd=ROOT, env=self.env, capture_output=True, text=True, timeout=280
        )
        assert done.returncode == expected, f"{command}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def terminal(self, command: str) -> Terminal:
        """Run a command on a terminal."""
        return Terminal(self.words(command), self.env, str(ROOT))

    def json(self, command: str) -> Any:
        """The document that a command prints for programs."""
        return json.loads(self.run(f"{command} --json"))


def plain(reader: Reader, command: str) -> None:
    """A command that ends well by itself."""
    reader.run(command)


def demo(reader: Reader, command: str) -> None:
    """Installs nothing here, since the tests run in the environment that it uses."""
    if not (ROOT / ".venv" / "installed-all").exists():
        command = "quizkit demo"
    printed = reader.run(command)
    assert "Audit" in printed


def gate(reader: Reader, command: str) -> None:
    """The gate is what runs this test; CI has to run the same."""
    assert command in (ROOT / ".ci" / "run").read_text()


def activate(reader: Reader, command: str) -> None:
    """Puts the installed commands on the path."""
    script = f"{command} && command -v quizkit"
    done = subprocess.run(["/bin/sh", "-c", script], cwd=ROOT, env=reader.env)
    assert done.returncode == 0


def create(reader: Reader, command: str) -> None:
    """Prints the id that stands for QUIZ from here on."""
    printed = reader.run(command)
    quizzes = reader.json("quizkit quiz list")["quizzes"]
    reader.known["QUIZ"] = quizzes[0]["quiz_id"]
    assert reader.known["QUIZ"] in printed


def host(reader: Reader, command: str) -> None:
    """Shows the PIN; the session goes on without the screen."""
    with reader.terminal(command) as screen:
        reader.known["PIN"] = screen.wait_for(r"quizkit play (\d{6})")[1]
        screen.type("q")
        assert screen.finish() == 0
        assert screen.as_found()


def left(pattern: str) -> Callable[[Reader, str], None]:
    """Goes on once it has printed `pattern`, until Ctrl-C leaves it."""

    def run(reader: Reader, command: str) -> None:
        with reader.terminal(command) as screen:
            screen.wait_for(pattern)
            screen.type("\x03")
            assert screen.finish() == 130
            assert screen.as_found()

    return run


def watch(reader: Reader, command: str) -> None:
    """Shows who is there; then the session that was hosted is ended."""
    with reader.terminal(command) as screen:
        screen.wait_for("Ada")
        reader.run("quizkit session end PIN")
        assert screen.finish() == 0


def start(reader: Reader, command: str) -> None:
    """Prints the PIN of a session that runs by itself."""
    printed = reader.run(command)
    session = reader.json("quizkit session list")["sessions"][0]
    assert session["pin"] in printed
    reader.known |= {"PIN": session["pin"], "SESSION": session["session_id"]}


def bots(reader: Reader, command: str) -> None:
    """Bots play the twelve questions; shortened by ending the session after the first."""
    with reader.terminal(command) as screen:
        screen.wait_for(r"20 of 20|20 bots")
        reader.run("quizkit session end SESSION")
        assert screen.finish() == 0


def shell(reader: Reader, command: str) -> None:
    """A line with a pipe or a redirection, run by a shell as in a terminal."""
    filled = re.sub(r"\b[A-Z]{3,}\b", lambda found: reader.known[found[0]], command)
    done = subprocess.run(
        ["/bin/sh", "-c", filled],
        cwd=ROOT,
        env=reader.env,
        capture_output=True,
        text=True,
        timeout=280,
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"


def who(reader: Reader, command: str) -> None:
    """Names the account that signed in, which is one of the hosts by now."""
    assert reader.json(command)["groups"] == ["hosts"]
    assert "ada" in reader.run(command)


def on_aws(reader: Reader, command: str) -> None:
    """Without an account: the error for missing credentials, and nothing falls back."""
    reader.run(command, expected=4)


RUNNERS: Mapping[str, Callable[[Reader, str], None]] = {
    "make demo": demo,
    ". .venv/bin/activate": activate,
    "quizkit deploy": plain,
    "quizkit quiz create quizkit/samples/capitals.yaml": create,
    "quizkit host QUIZ": host,
    "quizkit play PIN --nick Ada": left("You are in"),
    "quizkit leaderboard --watch": watch,
    "quizkit session start QUIZ --auto --lobby-seconds 5": start,
    "quizkit play PIN --bots 20": bots,
    "quizkit session results SESSION": plain,
    "quizkit audit SESSION": plain,
    "quizkit quiz validate quizkit/samples/astronomy.yaml": plain,
    "quizkit quiz list": plain,
    "quizkit quiz show QUIZ": plain,
    "quizkit quiz sync quizkit/samples": plain,
    "quizkit media list": plain,
    "quizkit session schedule QUIZ --at 2030-01-01T18:00 --timezone Europe/Berlin": plain,
    "quizkit rehearse quizkit/samples/quickstart.yaml --players 20": plain,
    "quizkit winners subscribe you@example.com": plain,
    "quizkit logs --follow": left("following 9 functions"),
    "quizkit cost --players 200 --questions 12": plain,
    "echo Correct1horse | quizkit signup ada --email ada@example.org --password-stdin": shell,
    "quizkit hosts add ada": plain,
    "echo Correct1horse | quizkit login ada --password-stdin": shell,
    "quizkit whoami": who,
    "quizkit quiz create quizkit/samples/quickstart.yaml": create,
    "quizkit session start QUIZ --auto --lobby-seconds 8": start,
    "quizkit play PIN --user < /dev/null": shell,
    "quizkit logout": plain,
    "quizkit doctor": plain,
    "quizkit local status": plain,
    "quizkit local stop": plain,
    "quizkit local start": plain,
    "quizkit local reset": plain,
    "quizkit --target aws --stage prod deploy": on_aws,
    "quizkit --target aws --stage prod host QUIZ": on_aws,
    "quizkit --target aws --stage prod destroy": on_aws,
    "make test": gate,
}


@pytest.fixture
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    """A reader with a fresh home; whatever was started is stopped in the end."""
    someone = Reader(tmp_path_factory.mktemp("reader"))
    yield someone
    someone.run("quizkit local stop")


def test_every_command_of_the_readme_has_a_runner() -> None:
    """A command that nobody runs cannot be in the README, nor a runner without command."""
    assert list(RUNNERS) == commands(ROOT / "README.md")


@pytest.mark.slow
def test_the_readme_works_from_top_to_bottom(reader: Reader) -> None:
    """Following the README does what it says, command by command."""
    for command, runner in RUNNERS.items():
        runner(reader, command)
