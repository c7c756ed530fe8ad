"""Files that are to be stored: all are checked, and all problems told, before the first is."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest

from quizkit.cli.main import main
from quizkit.cli.quiz_files import at, load_all, load_file
from quizkit.cli.render import Output
from quizkit.sdk.errors import InvalidInput, NotFound, Problem
from tests.cli.conftest import QuizkitCommand

GOOD = "title: T\nquestions:\n  - {text: Q?, options: [x, y], correct: b}\n"
#: Two problems, in lines 4 and 5.
BAD = "title: T\nquestions:\n  - text: Q?\n    options: [x, y]\n    time_limit: 0\n"
#: One problem, in line 3, that is found only beside the file.
NO_PICTURE = GOOD.replace("correct: b", "correct: b, media: none.png")


@pytest.fixture
def files(tmp_path: Path) -> dict[str, str]:
    """A good file and some that are not, by name."""
    texts = {"good": GOOD, "bad": BAD, "media": NO_PICTURE, "broken": "title: ["}
    found = {}
    for name, text in texts.items():
        (tmp_path / f"{name}.yaml").write_text(text)
        found[name] = str(tmp_path / f"{name}.yaml")
    return found


def failed(capsys: pytest.CaptureFixture[str], *argv: str) -> dict[str, Any]:
    """What `quiz create` says where it ends with 5."""
    assert main(["--json", "quiz", "create", *argv]) == 5
    document: dict[str, Any] = json.loads(capsys.readouterr().out)["error"]
    return document


def test_every_problem_of_every_file(
    files: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    """Formats, contents and media, each with its file, line and column, for people as well."""
    names = [files[name] for name in ("bad", "good", "media", "broken")]
    error = failed(capsys, *names)
    assert error["code"] == "invalid_quiz"
    assert "3 files are not valid (4 problems), so nothing was stored." in error["message"]
    places = [(each["file"], each["line"]) for each in error["problems"]]
    assert places[:3] == [(files["bad"], 4), (files["bad"], 5), (files["media"], 3)]
    assert [name for name, _ in places[3:]] == [files["broken"]]
    assert all(each["column"] and each["message"] for each in error["problems"])

    assert main(["--json", "quiz", "validate", *names]) == 5
    assert json.loads(capsys.readouterr().out)["problems"] == [
        {name: each[name] for name in ("file", "line", "column", "message")}
        for each in error["problems"]
    ]
    assert main(["quiz", "create", *names]) == 5
    told = capsys.readouterr()
    assert told.out.splitlines() == [
        f"{each['file']}:{each['line']}:{each['column']} {each['message']}"
        for each in error["problems"]
    ]
    assert "error: 3 files are not valid" in told.err


def test_one_file(files: dict[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    """All of its problems; a single one is in the error itself and nowhere else."""
    error = failed(capsys, files["bad"])
    assert [set(each) for each in error["problems"]] == [{"line", "column", "message"}] * 2
    assert main(["quiz", "create", files["bad"]]) == 5
    lines = capsys.readouterr().out.splitlines()
    assert [line.partition(" ")[0] for line in lines] == [
        f"{files['bad']}:4:5",
        f"{files['bad']}:5:17",
    ]
    for names in ([files["media"]], [files["good"], files["media"]]):
        assert main(["quiz", "create", *names]) == 5
        told = capsys.readouterr()
        assert told.out == ""
        assert "none.png" in told.err
        assert files["media"] in told.err


def test_nothing_is_stored(quizkit: QuizkitCommand, files: dict[str, str]) -> None:
    """A good file beside a bad one stays here; alone it is stored."""
    before = quizkit("quiz", "list")["quizzes"]
    quizkit("quiz", "create", files["good"], files["bad"], code=5)
    assert quizkit("quiz", "list")["quizzes"] == before
    made = quizkit("quiz", "create", files["good"], files["good"])["quizzes"]
    assert len(made) == 2
    for quiz in made:
        quizkit("quiz", "delete", quiz["quiz_id"])


def test_a_file_that_is_not_there(files: dict[str, str], tmp_path: Path) -> None:
    """Not found, whatever else is wrong."""
    with pytest.raises(NotFound):
        load_all(Output(), [files["bad"], str(tmp_path / "none.yaml")])


def test_all_are_given_in_their_order(files: dict[str, str]) -> None:
    """With the names by which they were asked for."""
    loaded = load_all(Output(), [files["good"], files["good"]])
    assert [name for name, _ in loaded] == [files["good"]] * 2
    assert loaded[0][1].quiz == load_file(files["good"]).quiz


def test_standard_input_has_no_media(monkeypatch: pytest.MonkeyPatch) -> None:
    """There is no folder beside it, which is said with the place."""
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(NO_PICTURE.encode())))
    with pytest.raises(InvalidInput, match="a path to media needs a quiz file") as caught:
        load_all(Output(), ["-"])
    assert caught.value.problems[0].line == 3


def test_places() -> None:
    """As far as they are known; names cannot move the cursor."""
    assert at("q.yaml", Problem("no", 3, 4)) == "q.yaml:3:4 no"
    assert at("q.yaml", Problem("no")) == "q.yaml no"
    assert "\x1b" not in at("\x1b[2J", Problem("\x1b[2J"))
