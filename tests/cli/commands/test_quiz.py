"""Authoring from the command line; what needs no platform."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from quizkit.cli.commands.quiz import _yaml
from quizkit.cli.main import main
from quizkit.core.quiz import parse, to_document
from quizkit.sdk.formats import load

GOOD = "title: T\nquestions:\n  - text: Q?\n    options: [x, {text: y, correct: true}]\n"
BAD = "title: T\nquestions:\n  - text: Q?\n    options: [x, y]\n    time_limit: 0\n"


@pytest.fixture
def quiz_file(tmp_path: Path) -> Path:
    """A place for a quiz file."""
    return tmp_path / "quiz.yaml"


def test_a_valid_file(quiz_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A valid file ends with 0 and has no problems."""
    quiz_file.write_text(GOOD)
    assert main(["quiz", "validate", str(quiz_file), "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["valid"] is True
    assert document["problems"] == []


def test_every_problem_has_its_place(quiz_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An invalid file ends with 5 and tells file, line, column and message of each problem."""
    quiz_file.write_text(BAD)
    assert main(["quiz", "validate", str(quiz_file)]) == 5
    lines = capsys.readouterr().out.splitlines()
    assert [line.partition(" ")[0] for line in lines] == [f"{quiz_file}:4:5", f"{quiz_file}:5:17"]
    assert main(["--json", "quiz", "validate", str(quiz_file)]) == 5
    document = json.loads(capsys.readouterr().out)
    assert document["valid"] is False
    assert [set(problem) for problem in document["problems"]] == [{"line", "column", "message"}] * 2


@pytest.mark.parametrize("content", ["", "title: [", "\t", "null", "[]", "title: T\n"])
def test_what_is_no_quiz_ends_with_5(
    quiz_file: Path, content: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Empty, broken and foreign files are invalid, also for `create`, with line and column."""
    quiz_file.write_text(content)
    assert main(["--json", "quiz", "validate", str(quiz_file)]) == 5
    (problem, *_) = json.loads(capsys.readouterr().out)["problems"]
    assert problem["line"] >= 1
    assert problem["column"] >= 1
    assert main(["--json", "quiz", "create", str(quiz_file)]) == 5
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "invalid_quiz"


def test_a_missing_file_ends_with_3(capsys: pytest.CaptureFixture[str]) -> None:
    """A file that is not there is not found."""
    assert main(["--json", "quiz", "validate", "no-such.yaml"]) == 3
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "not_found"


def test_several_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One invalid file makes the whole check fail, and problems name their file."""
    good, bad = tmp_path / "good.yaml", tmp_path / "bad.yaml"
    good.write_text(GOOD)
    bad.write_text(BAD)
    assert main(["--json", "quiz", "validate", str(good), str(bad)]) == 5
    document = json.loads(capsys.readouterr().out)
    assert [each["valid"] for each in document["files"]] == [True, False]
    assert {problem["file"] for problem in document["problems"]} == {str(bad)}


def test_standard_input(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A dash reads the quiz from standard input."""
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(GOOD.encode())))
    assert main(["quiz", "validate", "-"]) == 0
    assert "“T”, 1 questions" in capsys.readouterr().out


def test_exported_yaml_gives_the_same_quiz() -> None:
    """What `export` prints is what `create` takes, also for texts that look like numbers."""
    options = ["255", "1.50", "007", "yes", "- x", {"text": "null", "correct": True}, "Ünïcode 🙂"]
    quiz = parse({"title": "T: #1", "questions": [{"text": "Q?\nTwo lines", "options": options}]})
    text = _yaml(to_document(quiz))
    assert load(text.encode(), "export.yaml").quiz == quiz
    assert text.startswith("title:")
