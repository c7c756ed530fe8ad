"""`quizkit quiz diff`, and the versions that it compares."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from tests.cli.conftest import QUIZ, QuizkitCommand
from tests.media_samples import png

EDITED = QUIZ.replace("title: Two questions", "title: Two  # at most").replace(
    "[Sydney, {text: Canberra, correct: true}, Perth]",
    "[{text: Sydney, correct: true}, Canberra, Perth]  # as of 1901",
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A quiz file that says something else than the stored quiz."""
    path = tmp_path / "edited.yaml"
    path.write_text(EDITED)
    return path


def test_editing(quizkit: QuizkitCommand, file: Path) -> None:
    """A file makes a new version, once; both are shown and exported with their comments."""
    quiz_id = quizkit.create("# first\n" + QUIZ)
    made = quizkit("quiz", "create", str(file), "--quiz", quiz_id)
    assert (made["quiz_id"], made["version"], made["changed"]) == (quiz_id, 2, True)
    said, _ = quizkit.told("quiz", "create", str(file), "--quiz", quiz_id)
    assert said == f"{quiz_id}: nothing has changed, version 2 is the newest\n"
    newest, first = (
        quizkit("quiz", "show", quiz_id),
        quizkit("quiz", "show", quiz_id, "--version", "1"),
    )
    assert [each["version"] for each in newest["versions"]] == [1, 2]
    assert (newest["title"], first["title"]) == ("Two", "Two questions")
    assert (
        "version 1, the newest is 2" in quizkit.told("quiz", "show", quiz_id, "--version", "1")[0]
    )
    assert quizkit.told("quiz", "export", quiz_id)[0] == EDITED
    older, _ = quizkit.told("quiz", "export", quiz_id, "--version", "1")
    assert older == "# first\n" + QUIZ
    [line] = [each for each in quizkit("quiz", "list")["quizzes"] if each["quiz_id"] == quiz_id]
    assert (line["version"], line["digest"]) == (2, made["digest"])


def test_comments_alone(quizkit: QuizkitCommand, tmp_path: Path) -> None:
    """They make no version, and are exported as they are now."""
    quiz_id = quizkit.create()
    path = tmp_path / "commented.yaml"
    path.write_text(QUIZ + "# the end\n")
    assert quizkit("quiz", "create", str(path), "--quiz", quiz_id)["changed"] is False
    assert quizkit.told("quiz", "export", quiz_id)[0] == QUIZ + "# the end\n"


def test_what_is_not_there(quizkit: QuizkitCommand, file: Path) -> None:
    """Exit 3 for a quiz or a version that is not there, 2 for what is no edit."""
    quiz_id, path = quizkit.create(), str(file)
    assert quizkit("quiz", "create", path, "--quiz", "none-x", code=3)["error"]["code"] == (
        "quiz_not_found"
    )
    quizkit("quiz", "create", path, path, "--quiz", quiz_id, code=2)
    for command in ("show", "export", "diff"):
        error = quizkit("quiz", command, quiz_id, "--version", "7", code=3)["error"]
        assert error["code"] == "quiz_not_found"
        quizkit("quiz", command, quiz_id, "--version", "0", code=2)
    quizkit("quiz", "diff", quiz_id, "9", code=3)
    quizkit("quiz", "diff", quiz_id, "no-such-quiz", code=3)


def test_between_versions(quizkit: QuizkitCommand, file: Path) -> None:
    """The newest with the one before, or with the one that is named; exit 0 in any case."""
    quiz_id = quizkit.create()
    alone = quizkit("quiz", "diff", quiz_id)
    assert (alone["same"], alone["questions"], alone["diff"]) == (True, [], "")
    quizkit("quiz", "create", str(file), "--quiz", quiz_id)
    found = quizkit("quiz", "diff", quiz_id)
    assert (found["from"], found["to"]) == (f"{quiz_id} version 1", f"{quiz_id} version 2")
    assert (found["same"], found["fields"]) == (False, ["title"])
    [change] = found["questions"]
    assert (change["change"], change["number_before"], change["number_after"]) == ("changed", 1, 1)
    assert change["before"]["text"] == change["after"]["text"] == "Capital of Australia?"
    assert quizkit("quiz", "diff", quiz_id, "1") == found
    assert quizkit("quiz", "diff", quiz_id, "2")["same"] is True
    printed, _ = quizkit.told("quiz", "diff", quiz_id)
    assert printed == found["diff"]
    assert "\n-title: Two questions\n+title: Two\n" in printed
    same, _ = quizkit.told("quiz", "diff", quiz_id, "2")
    assert same == f"{quiz_id} version 2 and {quiz_id} version 2 say the same\n"


def test_with_another_quiz(quizkit: QuizkitCommand) -> None:
    """From the first that is named to the second."""
    one, two = quizkit.create(), quizkit.create(EDITED)
    found = quizkit("quiz", "diff", one, two)
    assert (found["from"], found["to"]) == (f"{one} version 1", f"{two} version 1")
    assert quizkit("quiz", "diff", one, one)["same"] is True


def test_with_a_file(quizkit: QuizkitCommand, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What storing the file would change; a dash is standard input."""
    quiz_id = quizkit.create()
    found = quizkit("quiz", "diff", quiz_id, str(file))
    assert (found["to"], found["fields"]) == (str(file), ["title"])
    assert len(found["questions"]) == 1
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(QUIZ.encode())))
    assert quizkit("quiz", "diff", quiz_id, "-")["same"] is True


def test_media_are_compared_by_their_content(quizkit: QuizkitCommand, tmp_path: Path) -> None:
    """A file's picture is the stored one's if it is the same picture."""
    text = QUIZ.replace("    time_limit: 20\n", "    media: x.png\n", 1)
    (tmp_path / "x.png").write_bytes(png())
    quiz_id = quizkit.create(text)
    path = str(tmp_path / "quiz.yaml")
    assert quizkit("quiz", "diff", quiz_id, path)["same"] is True
    (tmp_path / "x.png").write_bytes(png(3, 4))
    [change] = quizkit("quiz", "diff", quiz_id, path)["questions"]
    assert change["before"]["media"] != change["after"]["media"]


def test_a_quiz_in_play_is_not_deleted(quizkit: QuizkitCommand) -> None:
    """The refusal says which session is in the way, and what to do."""
    quiz_id = quizkit.create()
    session = quizkit("session", "start", quiz_id)
    error = quizkit("quiz", "delete", quiz_id, code=1)["error"]
    assert error["code"] == "quiz_in_use"
    assert session["session_id"] in error["message"]
    assert "quizkit session end" in error["hint"]
    quizkit("session", "end", session["session_id"])
    assert quizkit("quiz", "delete", quiz_id)["deleted"] is True
    quizkit("quiz", "show", quiz_id, code=3)
