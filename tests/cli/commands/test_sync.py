"""`quiz sync`: a folder of files becomes what a deployed platform has."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from quizkit.cli.main import main
from tests import media_samples as samples
from tests.cli.conftest import QuizkitCommand
from tests.cli.people import log_in, nobody, sign_up

QUIZ = "title: %s\nquestions:\n- {text: Q?, options: [x, y], correct: a%s}\n"


@pytest.fixture
def folder(quizkit: QuizkitCommand, tmp_path: Path) -> Iterator[Path]:
    """A folder with a few quizzes, and a stage without synchronised ones, then and after."""
    found = tmp_path / "quizzes"
    (found / "deep" / "pictures").mkdir(parents=True)
    (found / "a.yaml").write_text(QUIZ % ("A", ""))
    (found / "deep" / "b.md").write_text("---\ntitle: B\n---\n\n## Q?\n\n- [x] x\n- [ ] y\n")
    (found / "deep" / "c.yaml").write_text(QUIZ % ("C", ", media: pictures/p.png"))
    picture = samples.png(body=uuid.uuid4().bytes)
    (found / "deep" / "pictures" / "p.png").write_bytes(picture)
    yield found
    for quiz in quizkit("quiz", "list")["quizzes"]:
        if quiz["name"] is not None:
            quizkit("quiz", "delete", quiz["quiz_id"])


def counts(document: dict[str, Any]) -> dict[str, int]:
    """What came of a run, without what did not happen."""
    names = ("create", "update", "comments", "unchanged", "orphaned", "deleted", "failed")
    return {name: document[name] for name in names if document[name]}


def named(quizkit: QuizkitCommand) -> dict[str, Any]:
    """The stage's quizzes by their names."""
    quizzes = quizkit("quiz", "list")["quizzes"]
    return {quiz["name"]: quiz for quiz in quizzes if quiz["name"] is not None}


def test_again_and_again(quizkit: QuizkitCommand, folder: Path) -> None:
    """Created; then nothing; changed files become versions; lost ones stay until pruned."""
    unnamed = quizkit.create()
    run = ("quiz", "sync", str(folder))
    assert counts(quizkit(*run, "--dry-run")) == {"create": 3}
    assert named(quizkit) == {}
    first = quizkit(*run)
    assert counts(first) == {"create": 3}
    assert [step["name"] for step in first["steps"]] == ["a.yaml", "deep/b.md", "deep/c.yaml"]
    assert all(step["done"] and step["version"] == 1 for step in first["steps"])
    before = named(quizkit)
    assert counts(quizkit(*run)) == {"unchanged": 3}
    assert named(quizkit) == before

    (folder / "a.yaml").write_text("# Only a note.\n" + QUIZ % ("A", ""))
    picture = samples.png(2, 2, body=uuid.uuid4().bytes)
    (folder / "deep" / "pictures" / "p.png").write_bytes(picture)
    (folder / "deep" / "b.md").rename(folder / "b.md")
    preview = quizkit(*run, "--dry-run", "--prune")
    assert counts(preview) == {"create": 1, "update": 1, "comments": 1, "orphaned": 1}
    assert not any(step["done"] for step in preview["steps"])
    changed = quizkit(*run)
    assert counts(changed) == {"create": 1, "update": 1, "comments": 1, "orphaned": 1}
    assert named(quizkit)["a.yaml"]["version"] == 1
    noted = named(quizkit)["a.yaml"]["quiz_id"]
    assert "# Only a note." in quizkit.told("quiz", "export", noted)[0]
    assert named(quizkit)["deep/c.yaml"]["version"] == 2
    assert counts(quizkit(*run)) == {"unchanged": 3, "orphaned": 1}
    pruned = quizkit(*run, "--prune")
    assert counts(pruned) == {"unchanged": 3, "orphaned": 1, "deleted": 1}
    assert set(named(quizkit)) == {"a.yaml", "b.md", "deep/c.yaml"}
    assert counts(quizkit(*run, "--prune")) == {"unchanged": 3}
    assert quizkit("quiz", "show", unnamed)["quiz_id"] == unnamed
    quizkit("quiz", "delete", unnamed)


def test_every_kind_is_the_same_on_both_sides(quizkit: QuizkitCommand, folder: Path) -> None:
    """What is stored says what the file says: a second run has nothing to do."""
    (folder / "kinds.yaml").write_text(
        """\
title: Kinds
streak_bonus: 50
shuffle: true
tags: [x]
questions:
- {text: One?, options: [x, y], correct: b, points: double, penalty: 10}
- {text: Several?, options: [x, y, z], correct: [a, b], grading: balanced}
- {text: So?, kind: boolean, correct: false}
- {text: Typed?, kind: text, accept: [Käse, cheese], fold: loose}
- {text: When?, kind: number, correct: 1822, tolerance: 2.5}
- {text: How far?, kind: number, correct: 3.5, nearest: true, range: [0, 10]}
- {text: Order?, kind: order, options: [first, second, third, fourth]}
- {text: Like?, kind: poll, options: [x, y]}
- {text: Look., kind: slide}
"""
    )
    run = ("quiz", "sync", str(folder))
    assert counts(quizkit(*run)) == {"create": 4}
    assert counts(quizkit(*run)) == {"unchanged": 4}


def test_nothing_changes_where_one_file_is_bad(quizkit: QuizkitCommand, folder: Path) -> None:
    """Every problem of every file, with file, line and column; exit 5."""
    (folder / "bad.yaml").write_text("title: B\nquestions:\n- {text: Q?, options: [x, x]}\n")
    (folder / "deep" / "pictures" / "p.png").write_bytes(samples.SVG)
    error = quizkit("quiz", "sync", str(folder), code=5)["error"]
    assert [(Path(each["file"]).name, each["line"]) for each in error["problems"]] == [
        ("bad.yaml", 3),
        ("bad.yaml", 3),
        ("c.yaml", 3),
    ]
    assert named(quizkit) == {}
    stdout, stderr = quizkit.told("quiz", "sync", str(folder), code=5)
    assert [line.rpartition("/")[2].split(" ")[0] for line in stdout.splitlines()] == [
        "bad.yaml:3:14",
        "bad.yaml:3:27",
        "c.yaml:3:50",
    ]
    assert "2 files are not valid (3 problems), so nothing was changed." in stderr


def test_a_quiz_that_is_played_stays(quizkit: QuizkitCommand, folder: Path) -> None:
    """Its deletion is reported, the rest is done, exit 1; afterwards it goes."""
    run = ("quiz", "sync", str(folder))
    quizkit(*run)
    quiz_id = named(quizkit)["a.yaml"]["quiz_id"]
    session = quizkit("session", "start", quiz_id)["session_id"]
    (folder / "a.yaml").unlink()
    (folder / "deep" / "b.md").unlink()
    done = quizkit(*run, "--prune", code=1)
    assert counts(done) == {"unchanged": 1, "orphaned": 2, "deleted": 1, "failed": 1}
    [failed] = [step for step in done["steps"] if step["error"]]
    assert (failed["name"], failed["error"]["code"]) == ("a.yaml", "quiz_in_use")
    stdout, _ = quizkit.told(*run, "--prune", "-q", code=1)
    assert stdout.splitlines()[0].startswith("failed: a.yaml: ")
    assert stdout.splitlines()[1] == "0 created, 0 updated, 1 unchanged, 1 orphaned, 1 failed"
    quizkit("session", "end", session)
    quizkit.end_all()
    assert counts(quizkit(*run, "--prune"))["deleted"] == 1


def test_what_people_read(quizkit: QuizkitCommand, folder: Path) -> None:
    """The plan on the way, one line as the result; with -q that alone; no prompt anywhere."""
    run = ("quiz", "sync", str(folder))
    stdout, _ = quizkit.told(*run, "--dry-run")
    assert stdout.splitlines() == [
        "create    a.yaml",
        "create    deep/b.md",
        "create    deep/c.yaml",
        "3 to create, 0 to update, 0 unchanged",
    ]
    stdout, stderr = quizkit.told(*run)
    assert stdout == "3 created, 0 updated, 0 unchanged\n"
    assert "created: deep/c.yaml" in stderr
    done = quizkit.child("-q", *run)
    assert (done.returncode, done.stdout) == (0, "0 created, 0 updated, 3 unchanged\n")
    notes = [line for line in stderr.splitlines() if line.startswith("note: ")]
    assert [line.rpartition("/")[2] for line in notes] == [
        "c.yaml:3:50 the media has no 'alt': a text for those who cannot see it"
    ]
    (folder / "a.yaml").write_text("# Only a note.\n" + QUIZ % ("A", ""))
    stdout, _ = quizkit.told(*run, "--dry-run")
    assert "comments  a.yaml" in stdout
    stdout, stderr = quizkit.told(*run)
    assert stdout == "0 created, 0 updated, 2 unchanged, 1 in comments alone\n"
    assert "comments exchanged: a.yaml" in stderr
    (folder / "a.yaml").unlink()
    stdout, _ = quizkit.told(*run, "--dry-run")
    assert "orphaned  a.yaml" in stdout
    assert "--prune deletes it" in stdout
    assert stdout.endswith("0 to create, 0 to update, 2 unchanged, 1 orphaned\n")
    stdout, _ = quizkit.told(*run, "--dry-run", "--prune")
    assert stdout.endswith("0 to create, 0 to update, 2 unchanged, 1 to delete\n")


def test_a_folder_that_is_none(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Not found, also with --prune: a wrong path must not empty a stage."""
    for path in (tmp_path / "none", tmp_path):
        assert main(["--json", "quiz", "sync", str(path), "--prune"]) == 3
        assert json.loads(capsys.readouterr().out)["error"]["code"] == "not_found"


def test_a_hosts_folder_is_their_own(quizkit: QuizkitCommand, folder: Path) -> None:
    """The admins' quizzes of the same names are neither changed nor pruned."""
    nobody(quizkit.deployed.home)
    quizkit("quiz", "sync", str(folder))
    before = named(quizkit)
    name = sign_up(quizkit)
    quizkit("hosts", "add", name)
    log_in(quizkit, name)
    try:
        (folder / "a.yaml").write_text(QUIZ % ("Mine", ""))
        assert counts(quizkit("quiz", "sync", str(folder), "--prune")) == {"create": 3}
        (folder / "a.yaml").unlink()
        assert counts(quizkit("quiz", "sync", str(folder), "--prune")) == {
            "unchanged": 2,
            "orphaned": 1,
            "deleted": 1,
        }
        mine = [quiz for quiz in quizkit("quiz", "list")["quizzes"] if quiz["owner"] != "admin"]
        assert {quiz["name"] for quiz in mine} == {"deep/b.md", "deep/c.yaml"}
        for quiz in mine:
            quizkit("quiz", "delete", quiz["quiz_id"])
    finally:
        nobody(quizkit.deployed.home)
    assert named(quizkit) == before
