"""The command line on a deployed platform: in this process, as a child, or on a terminal."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from quizkit.cli.main import main
from tests.deployed import Deployed, run_platform
from tests.terminal import Terminal

ROOT = Path(__file__).parent.parent.parent
COMMAND = [sys.executable, "-m", "quizkit.cli"]

#: Two short questions, one of them with two right answers.
QUIZ = """\
title: Two questions
questions:
  - text: Capital of Australia?
    options: [Sydney, {text: Canberra, correct: true}, Perth]
    time_limit: 20
  - text: Which are prime?
    options: [{text: "2", correct: true}, {text: "3", correct: true}, "4"]
    time_limit: 20
"""


@dataclass
class QuizkitCommand:
    """`quizkit` on the deployed platform; with `--json` unless it runs on a terminal."""

    deployed: Deployed
    folder: Path
    capsys: pytest.CaptureFixture[str]

    def __call__(self, *argv: str, code: int = 0) -> Any:
        """Run a command in this process; gives its document, or a list of a stream's."""
        self.capsys.readouterr()
        assert main(["--json", *argv]) == code, self.capsys.readouterr().err
        documents = [json.loads(line) for line in self.capsys.readouterr().out.splitlines()]
        return documents[0] if len(documents) == 1 else documents

    def told(self, *argv: str, code: int = 0) -> tuple[str, str]:
        """Run a command in this process; gives what people read, on stdout and stderr."""
        self.capsys.readouterr()
        assert main(argv) == code, self.capsys.readouterr().err
        return self.capsys.readouterr()

    def child(self, *argv: str, text: str = "") -> subprocess.CompletedProcess[str]:
        """Run a command without a terminal, `text` on its standard input."""
        return subprocess.run(
            [*COMMAND, *argv],
            input=text,
            cwd=ROOT,
            env=self.deployed.env,
            capture_output=True,
            text=True,
            timeout=120,
        )

    def terminal(self, *argv: str) -> Terminal:
        """Run a command on a terminal of its own."""
        return Terminal([*COMMAND, *argv], self.deployed.env, str(ROOT))

    def end_all(self) -> None:
        """End what other tests left; an open question is settled first."""
        for session in self("session", "list", "--live")["sessions"]:
            self("session", "end", session["session_id"])
        deadline = time.monotonic() + 60
        while self("session", "list", "--live")["sessions"]:
            assert time.monotonic() < deadline, "a session does not end"
            time.sleep(0.3)

    def create(self, text: str = QUIZ) -> str:
        """Store a quiz; gives its id."""
        file = self.folder / "quiz.yaml"
        file.write_text(text)
        quiz_id: str = self("quiz", "create", str(file))["quiz_id"]
        return quiz_id


@pytest.fixture(scope="session")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    """A platform for the command line alone: what it does depends on which sessions live."""
    yield from run_platform(tmp_path_factory)


@pytest.fixture
def quizkit(
    deployed: Deployed,
    quizkit_home: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> QuizkitCommand:
    """The command line on the deployed platform, where no session lives."""
    monkeypatch.setenv("QUIZKIT_HOME", str(deployed.home))
    command = QuizkitCommand(deployed, tmp_path, capsys)
    command.end_all()
    return command


@pytest.fixture
def session(quizkit: QuizkitCommand) -> Callable[..., dict[str, Any]]:
    """Starts sessions of a small quiz."""

    def start(*options: str) -> dict[str, Any]:
        found: dict[str, Any] = quizkit("session", "start", quizkit.create(), *options)
        return found

    return start
