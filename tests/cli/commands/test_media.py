"""`media`: uploading, listing, removing, on a deployed platform."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from quizkit.cli.main import main
from tests import media_samples as samples
from tests.cli.conftest import QuizkitCommand
from tests.cli.people import log_in, nobody, sign_up


def picture(path: Path, size: int = 1, body: bytes = b"") -> Path:
    """A new picture at a path, of a content that was never stored before."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(samples.png(size, size, body=uuid.uuid4().bytes + body))
    return path


def quiz(folder: Path, media: str) -> str:
    """A quiz file that names a medium."""
    file = folder / "quiz.yaml"
    file.write_text(
        f"title: P\nquestions:\n- text: Q?\n  options: [x, y]\n  correct: a\n  media: {media}\n"
    )
    return str(file)


def test_from_file_to_nothing(quizkit: QuizkitCommand) -> None:
    """Sent once, named by a quiz, kept as long as a version of it is there, then removed."""
    first = picture(quizkit.folder / "a.png")
    picture(quizkit.folder / "b" / "c.png", 2)
    (quizkit.folder / "b" / "notes.txt").write_text("x")
    (quizkit.folder / "b" / "copy.png").write_bytes(first.read_bytes())
    sent = quizkit("media", "upload", str(first), str(quizkit.folder / "b"))
    assert (sent["sent"], sent["stored"]) == (2, 1)
    keys = {Path(each["file"]).name: each["key"] for each in sent["media"]}
    assert keys["a.png"] == keys["copy.png"] != keys["c.png"]
    again, _ = quizkit.told("media", "upload", str(first))
    assert again == f"{keys['a.png']}  {first} (stored already, nothing was sent)\n"

    made = quizkit("quiz", "create", quiz(quizkit.folder, "b/copy.png"))["quiz_id"]
    quizkit("quiz", "create", quiz(quizkit.folder, "b/c.png"), "--quiz", made)
    listed = {item["key"]: item for item in quizkit("media", "list")["media"]}
    assert listed[keys["a.png"]]["used_by"] == listed[keys["c.png"]]["used_by"] == [made]
    shown, _ = quizkit.told("media", "list")
    line = next(line for line in shown.splitlines() if keys["a.png"] in line)
    size = f"{len(first.read_bytes())} B"
    assert all(word in line for word in ("a.png", "image/png", size, made))

    for key in keys.values():
        error = quizkit("media", "rm", key, code=1)["error"]
        assert (error["code"], made in error["message"]) == ("media_in_use", True)
        assert error["hint"]
    quizkit("quiz", "delete", made)
    assert quizkit("media", "rm", *set(keys.values()))["removed"]
    assert not set(keys.values()) & {item["key"] for item in quizkit("media", "list")["media"]}
    error = quizkit("media", "rm", keys["a.png"], code=3)["error"]
    assert error["code"] == "media_not_found"


def test_some_of_several_are_removed(quizkit: QuizkitCommand) -> None:
    """What has gone before the refusal is said."""
    key = quizkit("media", "upload", str(picture(quizkit.folder / "a.png")))["media"][0]["key"]
    _, stderr = quizkit.told("media", "rm", key, "media/none.png", code=3)
    assert f"{key} is removed." in stderr
    assert "there is no file" in stderr


def test_nothing_is_sent_where_one_file_is_bad(
    quizkit: QuizkitCommand, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each is told; exit 5, and 3 where there is none."""
    picture(quizkit.folder / "media" / "good.png")
    (quizkit.folder / "media" / "bad.png").write_bytes(samples.SVG)
    (quizkit.folder / "media" / "gif.png").write_bytes(samples.gif())
    before = quizkit("media", "list")
    error = quizkit("media", "upload", str(quizkit.folder / "media"), code=5)["error"]
    assert error["code"] == "invalid_media"
    assert "bad.png" in error["message"]
    assert "gif.png" in error["message"]
    assert quizkit("media", "list") == before
    assert main(["--json", "media", "upload", str(quizkit.folder / "none.png")]) == 3
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "not_found"


def test_media_are_checked_before_any_quiz_is_stored(
    quizkit: QuizkitCommand, capsys: pytest.CaptureFixture[str]
) -> None:
    """Those of every file, by `quiz validate`, too; with the line that names them."""
    good, bad = quizkit.folder / "good.yaml", quiz(quizkit.folder, "none.png")
    good.write_text("title: G\nquestions:\n- {text: Q?, options: [x, y], correct: a}\n")
    before = quizkit("quiz", "list")
    error = quizkit("quiz", "create", str(good), bad, code=5)["error"]
    assert [problem["line"] for problem in error["problems"]] == [6]
    assert quizkit("quiz", "list") == before
    assert main(["--json", "quiz", "validate", str(good), bad]) == 5
    document = json.loads(capsys.readouterr().out)
    assert [problem["line"] for problem in document["problems"]] == [6]
    assert "no media file" in document["problems"][0]["message"]


def test_the_bar_is_for_terminals(quizkit: QuizkitCommand) -> None:
    """There it moves; elsewhere nothing but the result is printed."""
    file = picture(quizkit.folder / "large.png", body=bytes(3_000_000))
    with quizkit.terminal("media", "upload", str(file)) as screen:
        screen.wait_for(r"(large\.png|uploading) .*/\d\.\d MiB")
        screen.wait_for(r"media/[0-9a-f]{64}\.png")
        assert screen.finish() == 0
        assert screen.as_found()
    done = quizkit.child("media", "upload", str(file))
    assert done.stdout.count("\n") == 1
    assert done.stderr == "target: local · stage dev\n"


@pytest.fixture
def hosts(quizkit: QuizkitCommand) -> Iterator[tuple[str, str]]:
    """Two accounts of hosts; nobody is signed in, nor afterwards."""
    nobody(quizkit.deployed.home)
    ada, bob = sign_up(quizkit), sign_up(quizkit)
    for name in (ada, bob):
        quizkit("hosts", "add", name)
    yield ada, bob
    nobody(quizkit.deployed.home)


def test_a_host_keeps_to_their_own(quizkit: QuizkitCommand, hosts: tuple[str, str]) -> None:
    """Without AWS credentials; another host neither sees nor removes the file, but may use it."""
    file = picture(quizkit.folder / "a.png")
    log_in(quizkit, hosts[0])
    key = quizkit("media", "upload", str(file))["media"][0]["key"]
    assert [item["key"] for item in quizkit("media", "list")["media"]] == [key]
    quizkit("logout")
    log_in(quizkit, hosts[1])
    assert quizkit("media", "list")["media"] == []
    assert "no media yet" in quizkit.told("media", "list")[0]
    assert quizkit("media", "rm", key, code=4)["error"]["code"] == "forbidden"
    made = quizkit("quiz", "create", quiz(quizkit.folder, "a.png"))["quiz_id"]
    quizkit("logout")
    log_in(quizkit, hosts[0])
    message = quizkit("media", "rm", key, code=1)["error"]["message"]
    assert made not in message
    assert "1 quiz" in message
