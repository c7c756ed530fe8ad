"""quizkit.sdk.sync: folders of quiz files, read, compared and carried out."""

from __future__ import annotations

import json
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any, NotRequired, TypedDict, Unpack

import pytest

from quizkit.core.digest import digest
from quizkit.core.quiz import parse, to_document
from quizkit.sdk.admin import Admin
from quizkit.sdk.documents import QuizSummary
from quizkit.sdk.errors import InvalidInput, NotFound, Unreachable
from quizkit.sdk.sync import QuizFile, Step, carry_out, plan, read_folder
from tests import media_samples as samples
from tests.sdk.fake_aws import FakeAws, fake_aws
from tests.sdk.formats.test_cqa import PNG, abcd, archive

QUESTION = {"text": "Q?", "options": [{"text": "x", "correct": True}, "y"]}
QUIZ = "title: %s\nquestions:\n- {text: Q?, options: [x, y], correct: a}\n"


class Told(TypedDict):
    """What newer stages say of a quiz, too."""

    source_digest: NotRequired[str | None]


def write(folder: Path, **files: str | bytes) -> None:
    """Files below a folder; `__` in a name stands for a slash, `_` for a dot."""
    for name, content in files.items():
        path = folder / name.replace("__", "/").replace("_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)


def stored(
    name: str | None,
    digest: str | None = "0",
    owner: str = "admin",
    **more: Unpack[Told],
) -> QuizSummary:
    """A line of the list of quizzes; of older stages if no `source_digest` is given."""
    return {
        "quiz_id": f"id-{name}",
        "title": f"title {name}",
        "questions": 1,
        "created_at": 0,
        "owner": owner,
        "version": 3,
        "name": name,
        "digest": digest,
        **more,
    }


def actions(steps: list[Step]) -> list[tuple[str, str]]:
    """What is to be done, in order."""
    return [(step.action, step.name) for step in steps]


# --- reading -------------------------------------------------------------------------------


def test_a_folder_of_quizzes(tmp_path: Path) -> None:
    """All below it, in whichever format, named by their paths; the rest is left alone."""
    write(
        tmp_path,
        b_yaml=QUIZ % "B",
        a__x_json=json.dumps({"title": "X", "questions": [QUESTION]}),
        a__deep__er_txt="Q?\nA) x\nB) y\nANSWER: A\n",
        README_md="# How this works",
        quiz_schema_json="{}",
        notes_doc="no quiz",
        picture_png=samples.png(),
    )
    write(tmp_path / ".git", x_yaml="broken: [")
    write(tmp_path, **{"~$b_csv": "x"})
    (tmp_path / "b.yaml.bak").write_text("x")
    files = read_folder(tmp_path)
    assert [file.name for file in files] == ["a/deep/er.txt", "a/x.json", "b.yaml"]
    assert files[2].loaded.quiz.title == "B"


def test_links_do_not_lead_out(tmp_path: Path) -> None:
    """What lies elsewhere is not this folder's content."""
    write(tmp_path, inside__a_yaml=QUIZ % "A", outside_yaml=QUIZ % "O")
    (tmp_path / "inside" / "link.yaml").symlink_to(tmp_path / "outside.yaml")
    assert [file.name for file in read_folder(tmp_path / "inside")] == ["a.yaml"]


def test_every_problem_of_every_file(tmp_path: Path) -> None:
    """With its file; also of media, and of names that no quiz can have."""
    write(
        tmp_path,
        good_yaml=QUIZ % "G",
        bad_yaml="title: B\nquestions:\n- {text: Q?, options: [x, x]}\n",
        media_yaml=QUIZ.replace("correct: a", "correct: a, media: none.png") % "M",
        up_yaml=QUIZ.replace("correct: a", "correct: a, media: ../x.png") % "U",
        broken_json="{",
    )
    (tmp_path / "two\nlines.yaml").write_text(QUIZ % "T")
    with pytest.raises(InvalidInput, match="5 files are not valid") as caught:
        read_folder(tmp_path)
    found = [(Path(problem.file or "").name, problem.line) for problem in caught.value.problems]
    assert set(found) == {
        ("bad.yaml", 3),
        ("broken.json", 1),
        ("media.yaml", 3),
        ("two\nlines.yaml", 1),
        ("up.yaml", 3),
    }
    assert found.count(("bad.yaml", 3)) == 2


def test_no_folder_and_no_quiz(tmp_path: Path) -> None:
    """A typing error in a path must not look like a folder without quizzes."""
    (tmp_path / "picture.png").write_bytes(samples.png())
    for path, reason in ((tmp_path / "none", "no folder"), (tmp_path, "no quiz files")):
        with pytest.raises(NotFound, match=reason):
            read_folder(path)


def test_the_digest_is_what_the_platform_will_say(tmp_path: Path) -> None:
    """Of the document with the keys of its media, which lie beside it."""
    media = QUIZ.replace("correct: a", "correct: a, media: p.png")
    write(tmp_path, sub__m_yaml=media % "M", sub__p_png=samples.png())
    [file] = read_folder(tmp_path)
    key = f"media/{sha256(samples.png()).hexdigest()}.png"
    document = {"title": "M", "questions": [QUESTION | {"media": key}]}
    assert file.digest == digest(to_document(parse(document)))
    (tmp_path / "sub" / "p.png").write_bytes(samples.png(2, 2))
    assert read_folder(tmp_path)[0].digest != file.digest


# --- comparing -----------------------------------------------------------------------------


def test_the_plan(tmp_path: Path) -> None:
    """New, changed, unchanged and orphaned, by name; comments alone are no change."""
    write(tmp_path, a_yaml=QUIZ % "A", b_yaml=QUIZ % "B", d_yaml="# note\n" + QUIZ % "D")
    files = read_folder(tmp_path)
    known = [stored("b.yaml"), stored("c.yaml"), stored("d.yaml", files[2].digest)]
    steps = plan(files, known, host=False)
    assert actions(steps) == [
        ("create", "a.yaml"),
        ("update", "b.yaml"),
        ("orphaned", "c.yaml"),
        ("unchanged", "d.yaml"),
    ]
    assert [(step.quiz_id, step.version) for step in steps[:2]] == [(None, None), ("id-b.yaml", 3)]
    assert actions(plan(files[2:], [stored("d.yaml", None)], host=False)) == [("update", "d.yaml")]


def test_what_is_not_ones_own_is_left_alone(tmp_path: Path) -> None:
    """Quizzes without a name, and those of others: an admin's, a host's."""
    write(tmp_path, a_yaml=QUIZ % "A")
    files = read_folder(tmp_path)
    known = [stored(None), stored("a.yaml", owner="ada-1"), stored("z.yaml", owner="ada-1")]
    assert actions(plan(files, known, host=False)) == [("create", "a.yaml")]
    known = [stored("a.yaml"), stored("y.yaml"), stored("z.yaml", owner="ada-1")]
    host = plan(files, known, host=True)
    assert actions(host) == [("create", "a.yaml"), ("orphaned", "z.yaml")]


def test_comments_are_told_by_the_text(tmp_path: Path) -> None:
    """Another text that says the same; not where no text is kept, on neither side's account."""
    write(tmp_path, a_yaml=QUIZ % "A", b_json=json.dumps({"title": "B", "questions": [QUESTION]}))
    text, none = read_folder(tmp_path)
    assert text.source_digest is not None
    assert none.source_digest is None
    (tmp_path / "a.yaml").write_text("# note\n" + QUIZ % "A")
    noted = read_folder(tmp_path)[0]
    assert noted.digest == text.digest
    assert noted.source_digest not in (None, text.source_digest)

    def action(file: QuizFile, **more: Unpack[Told]) -> str:
        [step] = plan([file], [stored(file.name, file.digest, **more)], host=False)
        return step.action

    assert action(noted, source_digest=noted.source_digest) == "unchanged"
    assert action(noted, source_digest=text.source_digest) == "comments"
    assert action(noted, source_digest=None) == "comments"
    assert action(noted) == "unchanged"
    assert action(none, source_digest=None) == "unchanged"
    assert action(none, source_digest=text.source_digest) == "unchanged"
    changed = plan([noted], [stored("a.yaml", "0", source_digest=None)], host=False)
    assert actions(changed) == [("update", "a.yaml")]


# --- carrying out ----------------------------------------------------------------------------


@pytest.fixture
def aws() -> Iterator[FakeAws]:
    """A running endpoint."""
    with fake_aws() as running:
        yield running


def answer(quiz_id: str, version: int, **more: object) -> dict[str, Any]:
    """What the platform says of a stored quiz."""
    made = {"quiz_id": quiz_id, "title": "T", "questions": 1, "version": version}
    return {"ok": made | {"name": None, "digest": "0"} | more}


def test_what_is_refused_does_not_stop_the_rest(aws: FakeAws, tmp_path: Path) -> None:
    """A quiz that changed meanwhile, and one that is played: the others are done."""
    write(tmp_path, a_yaml=QUIZ % "A", b_yaml=QUIZ % "B", e_yaml=QUIZ % "E")
    known = [stored("b.yaml"), stored("c.yaml"), stored("d.yaml")]
    steps = plan(read_folder(tmp_path), known, host=False)
    aws.operations["quiz.create"] = lambda args: answer(f"new-{args['name']}", 1)
    aws.operations["quiz.update"] = lambda args: {
        "error": {"code": "conflict", "message": f"not {args['expected_version']}"}
    }
    aws.operations["quiz.delete"] = lambda args: (
        {"error": {"code": "quiz_in_use", "message": "live"}}
        if args["quiz_id"] == "id-c.yaml"
        else {"ok": {}}
    )
    admin = Admin(aws.target, aws.outputs)
    came = {step.name: step for step in carry_out(admin, steps, prune=True)}
    assert {name: (step.done, step.error and step.error.code) for name, step in came.items()} == {
        "a.yaml": (True, None),
        "b.yaml": (False, "conflict"),
        "c.yaml": (False, "quiz_in_use"),
        "d.yaml": (True, None),
        "e.yaml": (True, None),
    }
    assert (came["a.yaml"].quiz_id, came["a.yaml"].version) == ("new-a.yaml", 1)
    assert str(came["b.yaml"].error) == "not 3"


def test_nothing_is_deleted_unless_asked_for(aws: FakeAws, tmp_path: Path) -> None:
    """And what is unchanged is not touched."""
    write(tmp_path, a_yaml=QUIZ % "A")
    files = read_folder(tmp_path)
    steps = plan(files, [stored("a.yaml", files[0].digest), stored("b.yaml")], host=False)
    came = list(carry_out(Admin(aws.target, aws.outputs), steps, prune=False))
    assert came == steps
    assert aws.calls == []


def test_a_platform_that_is_away_ends_it(tmp_path: Path) -> None:
    """Every other quiz would fare the same."""
    write(tmp_path, a_yaml=QUIZ % "A", b_yaml=QUIZ % "B")
    steps = plan(read_folder(tmp_path), [], host=False)
    with fake_aws() as running:
        admin = Admin(running.target, running.outputs)
    with pytest.raises(Unreachable):
        list(carry_out(admin, steps, prune=False))


def test_media_that_came_inside_a_file(aws: FakeAws, tmp_path: Path) -> None:
    """Are unpacked for as long as they are read, and again to be sent."""
    (tmp_path / "c.cqa").write_bytes(archive(abcd(image=0), pictures={0: PNG}))
    files = read_folder(tmp_path)
    sent: list[str] = []
    aws.operations["media.upload"] = lambda args: {"ok": {"key": args["sha256"], "stored": True}}

    def create(args: dict[str, Any]) -> dict[str, Any]:
        sent.append(digest(args["document"]))
        return answer("c", 1)

    aws.operations["quiz.create"] = create
    steps = plan(files, [], host=False)
    [step] = carry_out(Admin(aws.target, aws.outputs), steps, prune=False)
    assert step.error is None
    assert sent == [files[0].digest]
    assert aws.named("media.upload")
