"""Administration, through real boto3 against a small endpoint."""

from __future__ import annotations

import random
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from quizkit.core.packing import pack
from quizkit.sdk.admin import Admin
from quizkit.sdk.errors import (
    Conflict,
    InvalidInput,
    NotFound,
    QuizkitError,
    Refused,
    Unreachable,
)
from quizkit.sdk.formats import LoadedQuiz, load
from quizkit.sdk.sources import unpacked_source
from quizkit.sdk.target import Target
from tests.media_samples import png
from tests.sdk.fake_aws import FakeAws, Raised, fake_aws

PICTURE = png()
QUESTION = "  - {text: q, options: [x, y], correct: a%s}\n"


@pytest.fixture
def aws() -> Iterator[FakeAws]:
    """A running endpoint."""
    with fake_aws() as running:
        yield running


@pytest.fixture
def admin(aws: FakeAws) -> Admin:
    """An administrator of the stage behind it."""
    return Admin(aws.target, aws.outputs)


def quiz(*media: str) -> LoadedQuiz:
    """A quiz with one question for each medium; an empty one is none."""
    questions = "".join(QUESTION % (f", media: {name}" if name else "") for name in media)
    return load(f"title: T\nquestions:\n{questions}".encode(), "t.yaml")


def ok(**fields: Any) -> dict[str, Any]:
    """A good answer."""
    return {"ok": fields}


def refuse(code: str, **more: Any) -> dict[str, Any]:
    """A refusal."""
    return {"error": {"code": code, "message": f"{code}!", **more}}


def test_create_quiz(aws: FakeAws, admin: Admin) -> None:
    """The native document is sent, and what the platform made of it comes back."""
    aws.operations["quiz.create"] = lambda args: ok(quiz_id="t-1", title="T", questions=1)
    assert admin.create_quiz(quiz("")) == {"quiz_id": "t-1", "title": "T", "questions": 1}
    (sent,) = aws.named("quiz.create")
    assert sent["document"] == quiz("").document
    assert unpacked_source(sent["source"]) == quiz("").source
    assert set(sent) == {"document", "source"}
    admin.create_quiz(quiz(""), name="a/t.yaml")
    assert aws.named("quiz.create")[-1]["name"] == "a/t.yaml"


def test_update_quiz(aws: FakeAws, admin: Admin) -> None:
    """The same as for a new one, and which quiz and version it is about."""
    aws.operations["quiz.update"] = lambda args: ok(quiz_id="t-1", version=2, changed=True)
    assert admin.update_quiz("t-1", quiz("")) == {"quiz_id": "t-1", "version": 2, "changed": True}
    admin.update_quiz("t-1", quiz(""), expected_version=1)
    plain, expecting = aws.named("quiz.update")
    assert plain["document"] == quiz("").document
    assert unpacked_source(plain["source"]) == quiz("").source
    assert expecting == plain | {"expected_version": 1}


def test_a_text_that_cannot_be_kept(aws: FakeAws, admin: Admin) -> None:
    """The quiz is stored without, and the answer says so."""
    aws.operations["quiz.create"] = lambda args: ok(quiz_id="t-1")
    noise = "".join(random.Random(1).choices("abcdefghijklmnopqrstuvwxyz0123456789", k=600_000))
    text = f"# {noise}\ntitle: T\nquestions:\n{QUESTION % ''}"
    made = admin.create_quiz(load(text.encode(), "t.yaml"))
    assert len(made["warnings"]) == 1
    assert "source" not in aws.named("quiz.create")[0]


def test_get_quiz(aws: FakeAws, admin: Admin) -> None:
    """A version, and its source where it is asked for, as text."""
    packed = {"format": "yaml", "packed": pack("# x")}
    aws.operations["quiz.get"] = lambda args: ok(
        quiz_id="t-1", **({"source": packed} if args.get("source") else {})
    )
    assert "source" not in admin.get_quiz("t-1")
    assert admin.get_quiz("t-1", 2, source=True)["source"] == {"format": "yaml", "text": "# x"}
    asked = [{"quiz_id": "t-1"}, {"quiz_id": "t-1", "version": 2, "source": True}]
    assert aws.named("quiz.get") == asked


def test_deleting_a_quiz_in_use(aws: FakeAws, admin: Admin) -> None:
    """The refusal says what to do about it."""
    aws.operations["quiz.delete"] = lambda args: refuse("quiz_in_use")
    with pytest.raises(Conflict) as caught:
        admin.delete_quiz("t-1")
    assert (caught.value.code, "session end" in (caught.value.hint or "")) == ("quiz_in_use", True)


def test_create_quiz_with_media(aws: FakeAws, admin: Admin, tmp_path: Path) -> None:
    """Files are uploaded first, each once, and the stored document names their keys."""
    (tmp_path / "images").mkdir()
    (tmp_path / "images" / "x.png").write_bytes(PICTURE)
    aws.operations["quiz.create"] = lambda args: ok(quiz_id="t-1", title="T", questions=3)
    digest = sha256(PICTURE).hexdigest()
    key = f"media/{digest}.png"
    aws.operations["media.upload"] = lambda args: ok(
        key=key,
        stored=key in aws.uploads,
        url=f"{aws.url}/bucket",
        fields={"key": key, "Content-Type": args["content_type"]},
    )
    aws.operations["media.keep"] = lambda args: ok(key=args["key"], stored=True)
    loaded = quiz("images/x.png", "https://example.org/y.png", "./images/x.png")
    admin.create_quiz(loaded, tmp_path)
    assert aws.uploads == {key: ("image/png", PICTURE)}
    assert aws.named("media.upload") == [
        {"name": "x.png", "content_type": "image/png", "size": len(PICTURE), "sha256": digest}
    ]
    assert aws.named("media.keep") == [{"key": key, "name": "x.png"}]
    (stored,) = aws.named("quiz.create")
    media = [question["media"] for question in stored["document"]["questions"]]
    assert media == [key, "https://example.org/y.png", key]
    assert loaded.document["questions"][0]["media"] == "images/x.png"
    assert admin.upload_media(tmp_path / "images" / "x.png") == key
    assert len(aws.named("media.keep")) == 1


def test_missing_media_stores_nothing(aws: FakeAws, admin: Admin, tmp_path: Path) -> None:
    """Media that is not there is a problem with its line, and nothing is called."""
    with pytest.raises(InvalidInput) as caught:
        admin.create_quiz(quiz("", "nothing.png"), tmp_path)
    assert [(problem.line, problem.column) for problem in caught.value.problems] == [(4, 51)]
    assert aws.calls == []


def test_lists_come_in_pages(aws: FakeAws, admin: Admin) -> None:
    """All pages are fetched, whatever their number."""
    pages = {None: (["a", "b"], "1"), "1": (["c"], "2"), "2": ([], None)}

    def listing(args: dict[str, Any]) -> dict[str, Any]:
        ids, cursor = pages[args.get("cursor")]
        return ok(quizzes=[{"quiz_id": name} for name in ids], cursor=cursor)

    aws.operations["quiz.list"] = listing
    assert [item["quiz_id"] for item in admin.list_quizzes()] == ["a", "b", "c"]


def test_media_come_newest_first(aws: FakeAws, admin: Admin) -> None:
    """From all pages, which the platform keeps in another order."""
    pages = {None: ([("b", 2), ("a", 1)], "c"), "c": ([("d", 3), ("c", 2)], None)}

    def listing(args: dict[str, Any]) -> dict[str, Any]:
        items, cursor = pages[args.get("cursor")]
        return ok(media=[{"key": key, "uploaded_at": at} for key, at in items], cursor=cursor)

    aws.operations["media.list"] = listing
    assert [item["key"] for item in admin.list_media()] == ["d", "b", "c", "a"]
    aws.operations["media.delete"] = lambda args: refuse("media_in_use")
    with pytest.raises(Conflict):
        admin.delete_media("media/k.png")
    assert aws.named("media.delete") == [{"key": "media/k.png"}]


def test_sessions(aws: FakeAws, admin: Admin) -> None:
    """Starting, moving and reading a session send their arguments, None left out."""
    aws.operations = dict.fromkeys(
        ("session.start", "session.command", "session.get", "session.audit"),
        lambda args: ok(session_id="s1", **{f"got_{key}": value for key, value in args.items()}),
    )
    admin.start_session("t-1", auto=True, lobby_seconds=5)
    admin.command("s1", "kick", participant_id="p1")
    admin.get_session("123 456")
    admin.get_session("s1")
    assert admin.audit("s1")["session_id"] == "s1"
    assert aws.calls == [
        (
            "session.start",
            {"quiz_id": "t-1", "auto": True, "lobby_seconds": 5, "close_early": False},
        ),
        ("session.command", {"session_id": "s1", "command": "kick", "participant_id": "p1"}),
        ("session.get", {"pin": "123 456"}),
        ("session.get", {"session_id": "s1"}),
        ("session.audit", {"session_id": "s1"}),
    ]


def test_results_come_in_pages_and_are_ranked(aws: FakeAws, admin: Admin) -> None:
    """Whatever the number of pages, it is one document, its lines in the order of standings."""

    def line(name: str, score: int, time: int, joined_at: int) -> dict[str, Any]:
        return {
            "participant_id": name,
            "nickname": name.upper(),
            "score": score,
            "time": time,
            "joined_at": joined_at,
            "answers": [],
        }

    pages = {
        "first": ([line("d", 5, 9, 4), line("b", 10, 7, 2)], "2:1:b"),
        "2:1:b": ([], "2:2:"),
        "2:2:": ([line("c", 10, 7, 3), line("a", 10, 6, 9), line("e", 5, 9, 4)], None),
    }

    def results(args: dict[str, Any]) -> dict[str, Any]:
        lines, cursor = pages[args["cursor"]]
        state = "open" if cursor == "2:1:b" else "finished"
        return ok(session_id="s1", state=state, participants=lines, cursor=cursor)

    aws.operations["session.results"] = results
    found = admin.results("s1")
    assert [(x["rank"], x["participant_id"]) for x in found["participants"]] == [
        (1, "a"),
        (2, "b"),
        (3, "c"),
        (4, "d"),
        (5, "e"),
    ]
    assert next(iter(found["participants"][0])) == "rank"
    assert (found["session_id"], found["state"]) == ("s1", "open")
    assert "cursor" not in found
    assert [args["cursor"] for args in aws.named("session.results")] == list(pages)


@pytest.mark.parametrize("live", [0, 1, 2])
def test_the_session_that_is_meant(aws: FakeAws, admin: Admin, live: int) -> None:
    """Without a name the only live session is taken; none and several are errors."""
    sessions = [
        {"session_id": f"s{number}", "pin": f"00000{number}", "title": "T", "state": "lobby"}
        for number in range(live)
    ]
    over = {"session_id": "old", "pin": "9", "title": "T", "state": "finished"}
    aws.operations["session.list"] = lambda args: ok(sessions=[*sessions, over], cursor=None)
    aws.operations["session.get"] = lambda args: ok(**args)
    if live == 1:
        assert admin.find_session()["session_id"] == "s0"
    else:
        with pytest.raises(NotFound if live == 0 else Conflict):
            admin.find_session()
    assert admin.find_session("other")["session_id"] == "other"


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("quiz_not_found", NotFound),
        ("quiz_in_use", Conflict),
        ("bad_request", Refused),
        ("unavailable", Unreachable),
    ],
)
def test_refusals(aws: FakeAws, admin: Admin, code: str, kind: type[QuizkitError]) -> None:
    """The platform's codes come out as the SDK's errors."""
    aws.operations["quiz.delete"] = lambda args: refuse(code)
    with pytest.raises(kind) as caught:
        admin.delete_quiz("t-1")
    assert caught.value.code == code


def test_an_invalid_quiz(aws: FakeAws, admin: Admin) -> None:
    """Problems that the platform finds are problems of the file."""
    problem = {"path": ["questions", 0], "message": "no"}
    aws.operations["quiz.create"] = lambda args: refuse("invalid_quiz", problems=[problem])
    with pytest.raises(InvalidInput) as caught:
        admin.create_quiz(quiz(""))
    assert "questions.0" in str(caught.value.problems[0])


def test_a_function_that_fails(aws: FakeAws, admin: Admin) -> None:
    """A crash of the function, and answers of no known form, are errors of ours."""

    def crash(args: dict[str, Any]) -> Any:
        raise Raised("boom")

    aws.operations = {"quiz.get": crash, "quiz.delete": lambda args: [1]}
    with pytest.raises(QuizkitError, match="boom") as caught:
        admin.get_quiz("t-1")
    assert caught.value.code == "internal"
    with pytest.raises(Refused, match="unknown form"):
        admin.delete_quiz("t-1")


def test_a_stage_that_is_not_deployed(aws: FakeAws) -> None:
    """No function and no outputs: NotFound, and what to type."""
    aws.deployed = False
    admin = Admin(aws.target, {})
    for call in (admin.list_quizzes, lambda: admin.leaderboard("s1")):
        with pytest.raises(NotFound) as caught:
            call()
        assert caught.value.hint == "run: quizkit deploy"


def test_a_platform_that_is_down() -> None:
    """Nobody listens: Unreachable, and what to type."""
    target = Target("local", endpoint_url="http://127.0.0.1:9", access_key="a", secret_key="b")
    with pytest.raises(Unreachable) as caught:
        Admin(target, {}).delete_quiz("t-1")
    assert "quizkit local start" in (caught.value.hint or "")


def test_the_leaderboard(aws: FakeAws, admin: Admin) -> None:
    """The board comes over HTTP; an unknown session is NotFound."""
    board = {"session_id": "s1", "as_of": 1, "source": "redis", "total": 0, "entries": []}
    aws.boards["/leaderboard/s1?top=3"] = board
    assert admin.leaderboard("s1", 3) == board
    with pytest.raises(NotFound):
        admin.leaderboard("nothing")


def test_schedules_and_tickets(aws: FakeAws, admin: Admin) -> None:
    """Schedules are made, listed and deleted; a host gets a ticket."""
    ticket = {"session_id": "s1", "ticket": "t", "websocket_url": "ws://x"}
    aws.operations = {
        "schedule.create": lambda args: ok(schedule="n", **args),
        "schedule.list": lambda args: ok(schedules=[{"schedule": "n"}]),
        "schedule.delete": lambda args: ok(**args),
        "session.host_ticket": lambda args: ok(**ticket),
    }
    made = admin.create_schedule("t-1", "rate(1 day)", timezone="Europe/Zurich")
    assert (made["schedule"], made["timezone"]) == ("n", "Europe/Zurich")
    assert [item["schedule"] for item in admin.list_schedules()] == ["n"]
    admin.delete_schedule("n")
    assert aws.named("schedule.delete") == [{"schedule": "n"}]
    assert admin.host_ticket("s1") == ticket
