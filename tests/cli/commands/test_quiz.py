"""Authoring from the command line, with and without a platform."""

from __future__ import annotations

import io
import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from quizkit.cli.main import main
from quizkit.sdk.formats import FORMATS, load, schema
from tests.cli.conftest import COMMAND, QuizkitCommand
from tests.media_samples import png
from tests.sdk.formats.test_cqa import PNG, abcd, archive
from tests.sdk.formats.workbooks import kahoot
from tests.terminal import Terminal

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
    assert "“T”, 1 question\n" in capsys.readouterr().out


def test_warnings_do_not_fail(quiz_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What is mostly a mistake is said with its place; the file stays valid."""
    question = "  - {text: Q?, options: [x, y, z], correct: c}\n"
    quiz_file.write_text("title: T\nquestions:\n" + question * 5)
    assert main(["--json", "quiz", "validate", str(quiz_file)]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["valid"] is True
    assert [each["line"] for each in document["warnings"]] == [4, 5, 6, 7, 7]
    assert main(["quiz", "validate", str(quiz_file)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == f"{quiz_file}:4:12 warning: the same question as number 1"
    assert lines[-1] == f"{quiz_file}: valid: “T”, 5 questions"


def test_the_format_and_the_columns_can_be_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`--format` overrides what the content looks like, `--map` names columns."""
    table = tmp_path / "t.txt"
    table.write_text("Preguntas;Una;Otra;Buena\n¿Qué?;x;y;2\n", "utf-8")
    names = "question=Preguntas,option=Una,option=Otra"
    assert main(["quiz", "validate", str(table), "--map", names, "--map", "correct=Buena"]) == 0
    assert main(["quiz", "validate", str(table), "--format", "csv"]) == 5
    assert main(["--json", "quiz", "validate", str(table), "--format", "word"]) == 2
    capsys.readouterr()
    for wrong in ("question", "colour=Una", "question="):
        assert main(["--json", "quiz", "validate", str(table), "--map", wrong]) == 2
        assert "FIELD=COLUMN" in json.loads(capsys.readouterr().out)["error"]["message"]


def test_problems_of_spreadsheets_name_cells(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Line and column are row and column, and the message says it as people there do."""
    path = tmp_path / "k.xlsx"
    path.write_bytes(kahoot([["Q?", "x", "y", None, None, 20, 3]]))
    assert main(["quiz", "validate", str(path)]) == 5
    assert capsys.readouterr().out.startswith(f"{path}:9:8 cell H9: answer 3 is right, but empty")


def test_the_schema(capsys: pytest.CaptureFixture[str]) -> None:
    """The same document for people and for programs."""
    assert main(["quiz", "schema"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert main(["--json", "quiz", "schema"]) == 0
    assert shown == json.loads(capsys.readouterr().out) == schema()


def test_no_file_and_nobody_to_ask(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Off a terminal a file has to be named."""
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    assert main(["--json", "quiz", "create"]) == 2
    assert json.loads(capsys.readouterr().out)["error"]["hint"] == "run: quizkit quiz create FILE"


@pytest.mark.parametrize(
    "argv", [["--format", "aiken"], ["--format", "word"], ["--format", "kahoot"]]
)
def test_formats_that_cannot_be_printed(argv: list[str], quizkit: QuizkitCommand) -> None:
    """What is only read, what is unknown, and what is no text are wrong usage."""
    quiz_id = quizkit.create()
    assert quizkit("quiz", "export", quiz_id, *argv, code=2)["error"]["code"] == "usage"


def terminal(folder: Path, *argv: str) -> Terminal:
    """A command on a terminal, without a platform."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    root = str(Path(__file__).parents[3])
    env = {**kept, "QUIZKIT_HOME": str(folder / "home"), "PYTHONPATH": root, "PYTHONUTF8": "1"}
    return Terminal([sys.executable, "-m", "quizkit.cli", *argv], env, str(folder))


def test_a_caret_stands_under_each_problem(tmp_path: Path) -> None:
    """On a terminal the line is shown, and what the column means."""
    (tmp_path / "q.yaml").write_text(BAD.replace("Q?", "日本?"), "utf-8")
    with terminal(tmp_path, "quiz", "validate", "q.yaml") as screen:
        assert screen.finish() == 5
        lines = [line.rstrip() for line in screen.text.splitlines()]
    assert lines == [
        "q.yaml:4:5 no option is marked right: give one of them 'correct: true'",
        "      options: [x, y]",
        "      ^",
        "q.yaml:5:17 'time_limit' must be a whole number from 1 to 3600",
        "      time_limit: 0",
        "                  ^",
    ]


def typed(screen: Terminal, *lines: str) -> None:
    """Type lines one by one, each after it was asked for."""
    for prompt, line in zip(lines[::2], lines[1::2], strict=True):
        screen.wait_for(prompt)
        screen.forget()
        screen.type(f"{line}\n")


QUESTION = (
    *("title of the quiz: ", "Flüsse"),
    *("question 1: ", "Durch Wien?"),
    *("kind .*: ", ""),
    *("option a: ", "Donau"),
    *("option b: ", "Rhein"),
    *("option c: ", ""),
    *("right .*: ", "a"),
    *("picture, .*: ", ""),
    *("seconds .*: ", "15"),
)


def test_what_was_typed_survives_a_failing_upload(tmp_path: Path) -> None:
    """Without a platform the command fails, and the file is there with the way to store it."""
    with terminal(tmp_path, "quiz", "create") as screen:
        typed(screen, *QUESTION, "question 2: ", "")
        screen.wait_for("quizkit quiz create flüsse.yaml")
        assert screen.finish() == 6
        assert screen.as_found()
    [question] = load(tmp_path / "flüsse.yaml").quiz.questions
    assert (question.text, question.correct, question.time_limit) == ("Durch Wien?", ("a",), 15)


def test_what_was_typed_survives_ctrl_c(tmp_path: Path) -> None:
    """Interrupted within the second question: the first is a quiz, the rest a comment."""
    with terminal(tmp_path, "quiz", "create") as screen:
        typed(screen, *QUESTION, "question 2: ", "Into the sea?", "kind .*: ", "")
        typed(screen, "option a: ", "Po")
        screen.wait_for_prompt("option b: ")
        screen.type("\x03")
        assert screen.finish() == 130
        assert "flüsse.yaml" in screen.text
        assert "Traceback" not in screen.text
    text = (tmp_path / "flüsse.yaml").read_text("utf-8")
    assert "#   Into the sea?\n#   - Po\n" in text
    assert len(load(tmp_path / "flüsse.yaml").quiz.questions) == 1


def test_a_quiz_goes_on_where_it_was_left(tmp_path: Path) -> None:
    """Ctrl-D within a question stores nothing; the same title goes on with the file."""
    with terminal(tmp_path, "quiz", "create") as screen:
        typed(screen, *QUESTION, "question 2: ", "Into the sea?")
        screen.wait_for("kind .*: ")
        screen.type("\x04")
        assert screen.finish() == 5
        assert "is not finished" in screen.text
        assert "the title “Flüsse”" in screen.text
    (tmp_path / "p.png").write_bytes(png())
    with terminal(tmp_path, "quiz", "create") as screen:
        typed(screen, "title of the quiz: ", "Flüsse", r"with 1 question: go on .*: ", "y")
        screen.wait_for("not finished: Into the sea")
        typed(screen, "question 2: ", "Into the sea?", "kind .*: ", "typed")
        typed(screen, "answer 1: ", "Po", "answer 2: ", "", "picture, .*: ", "p.png")
        typed(screen, "what it shows.*: ", "A river", "seconds .*: ", "", "question 3: ", "")
        assert screen.finish() == 6
    first, second = load(tmp_path / "flüsse.yaml").quiz.questions
    assert (first.kind, second.kind, second.alt) == ("choice", "text", "A river")
    assert [path.name for path in tmp_path.glob("*.yaml")] == ["flüsse.yaml"]


def test_a_typed_quiz_is_stored(quizkit: QuizkitCommand, tmp_path: Path) -> None:
    """On a running platform the same dialogue ends with a quiz there."""
    env = {**quizkit.deployed.env, "PYTHONUTF8": "1", "PYTHONPATH": str(Path.cwd())}
    with Terminal([*COMMAND, "quiz", "create"], env, str(tmp_path)) as screen:
        typed(screen, *QUESTION, "question 2: ", "")
        quiz_id = screen.wait_for(r"(flusse\S*|fl\S*-\w{5}): “Flüsse”")[1]
        assert screen.finish() == 0
    assert quizkit("quiz", "show", quiz_id)["document"]["questions"][0]["text"] == "Durch Wien?"


WRITTEN = [name for name, form in FORMATS.items() if form.writing]


@pytest.mark.parametrize("form", WRITTEN)
def test_an_export_is_the_same_quiz(form: str, quizkit: QuizkitCommand, tmp_path: Path) -> None:
    """Each format that is written can be created again, its name alone says which it is."""
    quiz_id = quizkit.create()
    path = tmp_path / f"out{FORMATS[form].ending}"
    done = quizkit("quiz", "export", quiz_id, "--out", str(path))
    assert (done["quiz_id"], done["format"], done["file"]) == (quiz_id, form, str(path))
    questions = load(path).quiz.questions
    assert [question.correct for question in questions] == [("b",), ("a", "b")]
    made = quizkit("quiz", "create", str(path))
    assert made["questions"] == 2
    if FORMATS[form].ending != ".xlsx":
        printed, _ = quizkit.told("quiz", "export", quiz_id, "--format", form)
        assert printed.encode() == path.read_bytes()
        document = quizkit("quiz", "export", quiz_id, "--format", form)
        assert document if form in ("yaml", "json") else document["text"]


def test_what_is_lost_is_said(quizkit: QuizkitCommand) -> None:
    """Notes go to people beside the file, and into the document for programs."""
    quiz_id = quizkit.create("title: T\nscoring: flat\n" + GOOD.partition("\n")[2])
    _, said = quizkit.told("quiz", "export", quiz_id, "--format", "csv")
    assert "note: CSV has no place for the quiz's 'scoring'" in said
    warnings = quizkit("quiz", "export", quiz_id, "--format", "gift")["warnings"]
    assert warnings == ["GIFT has no place for the quiz's 'scoring'"]


def test_files_that_cannot_be_written(quizkit: QuizkitCommand, tmp_path: Path) -> None:
    """A folder that is not there is told."""
    missing = str(tmp_path / "no" / "x.md")
    error = quizkit("quiz", "export", quizkit.create(), "--out", missing, code=2)["error"]
    assert "cannot be written" in error["message"]


def test_media_inside_a_file_are_uploaded(quizkit: QuizkitCommand, tmp_path: Path) -> None:
    """An archive's pictures lie in the bucket afterwards, and the quiz names them."""
    path = tmp_path / "quiz.cqa"
    path.write_bytes(archive(abcd(image=0), abcd(), pictures={0: PNG}))
    quiz_id = quizkit("quiz", "create", str(path))["quiz_id"]
    questions: list[dict[str, Any]] = quizkit("quiz", "show", quiz_id)["document"]["questions"]
    key = questions[0]["media"]
    assert key.startswith("media/")
    assert "media" not in questions[1]
    bucket = quizkit.deployed.outputs["MediaBucketName"]
    stored = quizkit.deployed.client("s3").get_object(Bucket=bucket, Key=key)
    assert stored["Body"].read() == PNG
