"""The command line on a real platform: documents, exit codes, and what happens."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.cli.conftest import QUIZ, QuizkitCommand

Start = Callable[..., dict[str, Any]]


def finish(quizkit: QuizkitCommand, session_id: str) -> None:
    """End a session and everything that is left of it."""
    quizkit("session", "end", session_id)


def test_a_second_deployment_changes_nothing(quizkit: QuizkitCommand) -> None:
    """`deploy` says that the stack is unchanged; outputs, status and diff agree with it."""
    deployed = quizkit("deploy")
    assert deployed["target"] == "local"
    assert deployed["stage"] == "dev"
    assert deployed["changed"] is False
    assert deployed["outputs"] == quizkit("outputs")["outputs"]
    assert deployed["outputs"]["HttpApiUrl"].startswith("http://127.0.0.1:")
    assert quizkit("diff") | {"changes": []} == {
        "target": "local",
        "stage": "dev",
        "action": "unchanged",
        "changes": [],
    }
    status = quizkit("status")
    assert status["deployed"] is True
    assert len(status["resources"]) > 50
    stdout, stderr = quizkit.told("deploy")
    assert "quizkit-dev is unchanged." in stdout
    assert stderr.startswith("target: local · stage dev\n")


def test_a_stage_that_is_not_deployed(quizkit: QuizkitCommand) -> None:
    """Commands say how to deploy it and end with 6; `status` just tells."""
    error = quizkit("--stage", "other", "quiz", "list", code=6)["error"]
    assert error["code"] == "stack_not_found"
    assert "--stage other deploy" in error["hint"]
    assert quizkit("--stage", "other", "status")["deployed"] is False
    assert quizkit("--stage", "other", "destroy")["destroyed"] is False


@pytest.mark.slow
def test_another_stage_comes_and_goes(quizkit: QuizkitCommand) -> None:
    """A stage is deployed beside the first one and destroyed without touching it."""
    assert quizkit("--stage", "side", "deploy")["changed"] is True
    assert quizkit("--stage", "side", "quiz", "list") == {"quizzes": []}
    assert quizkit("--stage", "side", "destroy")["destroyed"] is True
    assert quizkit("--stage", "side", "status")["deployed"] is False
    assert quizkit("status")["deployed"] is True


def test_a_quiz_from_creation_to_deletion(quizkit: QuizkitCommand) -> None:
    """It is listed, shown, exported as it came, and gone once deleted."""
    file = quizkit.folder / "quiz.yaml"
    file.write_text(QUIZ)
    made = quizkit("quiz", "create", str(file))
    assert (made["title"], made["questions"], made["version"]) == ("Two questions", 2, 1)
    quiz_id = made["quiz_id"]
    assert quiz_id in [quiz["quiz_id"] for quiz in quizkit("quiz", "list")["quizzes"]]
    assert quizkit("quiz", "show", quiz_id)["document"]["title"] == "Two questions"
    assert "* b) Canberra" in quizkit.told("quiz", "show", quiz_id)[0]
    exported = quizkit.folder / "exported.yaml"
    exported.write_text(quizkit.told("quiz", "export", quiz_id)[0])
    again = quizkit("quiz", "create", str(exported))
    shown = [quizkit("quiz", "show", name)["document"] for name in (quiz_id, again["quiz_id"])]
    assert shown[0] == shown[1]
    quizkit("quiz", "delete", quiz_id)
    assert quizkit("quiz", "show", quiz_id, code=3)["error"]["code"] == "quiz_not_found"
    assert quizkit("quiz", "delete", quiz_id, code=3)["error"]["hint"]


def test_a_bad_file_stores_nothing(quizkit: QuizkitCommand) -> None:
    """Of several files with a bad one among them none is stored."""
    before = quizkit("quiz", "list")
    good, bad = quizkit.folder / "good.yaml", quizkit.folder / "bad.yaml"
    good.write_text(QUIZ)
    bad.write_text("title: T\nquestions: []\n")
    quizkit("quiz", "create", str(good), str(bad), code=5)
    assert quizkit("quiz", "list") == before


def test_a_quiz_from_standard_input(quizkit: QuizkitCommand) -> None:
    """`quiz create -` reads a pipe, also with --json behind it."""
    done = quizkit.child("quiz", "create", "-", "--json", text=QUIZ)
    assert done.returncode == 0
    assert json.loads(done.stdout)["questions"] == 2


def test_a_session_moved_by_commands(quizkit: QuizkitCommand, session: Start) -> None:
    """Lobby, lock, question, close, end, results, audit: each from its own command."""
    started = session()
    session_id, pin = started["session_id"], started["pin"]
    assert started["state"] == "lobby"
    assert re.fullmatch(r"\d{6}", pin)
    assert quizkit("session", "show", pin)["session_id"] == session_id
    assert quizkit("session", "lock", pin)["locked"] is True
    assert quizkit("session", "unlock", pin)["locked"] is False
    assert quizkit("session", "close", pin, code=1)["error"]["code"] == "not_allowed_now"
    assert quizkit("session", "next", pin)["state"] == "open"
    assert quizkit("session", "next", pin, code=1)["error"]["code"] == "not_allowed_now"
    assert quizkit("session", "close", pin)["state"] == "open"
    assert quizkit("quiz", "delete", started["quiz_id"], code=1)["error"]["code"] == "quiz_in_use"
    finish(quizkit, session_id)
    quizkit("leaderboard", session_id, "--watch")
    assert quizkit("session", "show", session_id)["state"] == "finished"
    results = quizkit("session", "results", session_id)
    assert results["state"] == "finished"
    assert [question["correct"] for question in results["questions"]] == [["b"]]
    audit = quizkit("audit", session_id)
    assert audit["agrees"] is True
    assert audit["session_id"] == session_id


def test_the_live_session_is_taken_where_none_is_named(
    quizkit: QuizkitCommand, session: Start
) -> None:
    """One live session needs no name, two do, and of none the last one is told."""
    first = session()
    assert quizkit("leaderboard")["session_id"] == first["session_id"]
    assert quizkit("session", "show")["session_id"] == first["session_id"]
    second = session()
    error = quizkit("leaderboard", code=2)["error"]
    assert first["pin"] in error["message"]
    assert second["pin"] in error["message"]
    finish(quizkit, first["session_id"])
    finish(quizkit, second["session_id"])
    error = quizkit("audit", code=3)["error"]
    assert second["session_id"] in error["hint"]


def test_bots_play_a_session_that_runs_by_itself(quizkit: QuizkitCommand) -> None:
    """`session start --auto` and `play --bots` give a whole game on which everything agrees."""
    quiz_id = quizkit.create(QUIZ.replace("time_limit: 20", "time_limit: 3"))
    options = ("--auto", "--lobby-seconds", "3", "--reveal-seconds", "1", "--close-early")
    started = quizkit("session", "start", quiz_id, *options)
    stream = quizkit("play", started["pin"], "--bots", "3", "--seed", "7")
    assert {document["event"] for document in stream[:-1]} == {"progress"}
    bots = stream[-1]
    assert bots["failed"] == 0
    assert bots["answers"] == 6
    board = quizkit("leaderboard", started["session_id"], "--top", "2")
    assert board["total"] == 3
    expected = [(bot["participant_id"], bot["score"]) for bot in bots["results"]]
    assert [(line["participant_id"], line["score"]) for line in board["entries"]] == expected[:2]
    results = quizkit("session", "results", started["session_id"])
    found = [(line["participant_id"], line["score"]) for line in results["participants"]]
    assert found == expected
    assert quizkit("audit", started["session_id"])["answers"] == 6
    assert "rank" in quizkit.told("session", "results", started["session_id"])[0]
    assert "agree" in quizkit.told("audit", started["session_id"])[0]


@pytest.mark.parametrize(
    ("argv", "code", "error"),
    [
        (["leaderboard", "nosuchsession"], 3, "session_not_found"),
        (["leaderboard", "nosuchsession", "--watch"], 3, "session_not_found"),
        (["audit", "nosuchsession"], 3, "session_not_found"),
        (["session", "results", "nosuchsession"], 3, "session_not_found"),
        (["session", "next", "000000"], 3, "pin_not_found"),
        (["session", "start", "nosuchquiz"], 3, "quiz_not_found"),
        (["host", "nosuchquiz"], 3, "quiz_not_found"),
        (["host", "--session", "nosuchsession"], 3, "session_not_found"),
        (["play", "000000", "--nick", "Ada"], 3, "pin_not_found"),
        (["play", "000000", "--bots", "2"], 3, "pin_not_found"),
        (["session", "schedule", "nosuchquiz", "--rate", "1 day"], 3, "quiz_not_found"),
        (["winners", "unsubscribe", "nobody@example.org"], 3, "not_found"),
        (["winners", "subscribe", "nonsense"], 2, "usage"),
        (["logs", "nosuchfunction"], 3, "function_not_found"),
        (["--stage", "other", "logs", "--follow"], 6, "stack_not_found"),
    ],
)
def test_what_is_not_there(quizkit: QuizkitCommand, argv: list[str], code: int, error: str) -> None:
    """Each unknown name ends with its code and says what to do."""
    found = quizkit(*argv, code=code)
    document = found[-1] if isinstance(found, list) else found
    assert document["error"]["code"] == error
    assert document["error"]["hint"]


@pytest.mark.parametrize(("nickname", "error"), [("", "invalid_nickname"), ("x" * 300, None)])
def test_nicknames_that_cannot_be(
    quizkit: QuizkitCommand, session: Start, nickname: str, error: str | None
) -> None:
    """An empty and an endless nickname are refused, and nobody has joined."""
    started = session()
    found = quizkit("play", started["pin"], "--nick", nickname, code=1)
    assert found["error"]["code"] == error or "invalid_nickname"
    assert quizkit("session", "show", started["session_id"])["participants"] == 0
    finish(quizkit, started["session_id"])


def test_a_player_without_a_nickname_is_wrong_usage(
    quizkit: QuizkitCommand, session: Start
) -> None:
    """Where nobody can be asked, the nickname has to be given."""
    started = session()
    done = quizkit.child("play", started["pin"], "--json")
    assert done.returncode == 2
    assert "--nick" in json.loads(done.stdout)["error"]["hint"]
    finish(quizkit, started["session_id"])


def test_schedules_come_and_go(quizkit: QuizkitCommand) -> None:
    """A schedule is listed until it is taken back."""
    quiz_id = quizkit.create()
    made = quizkit("session", "schedule", quiz_id, "--rate", "7 days", "--name", "weekly")
    assert made["expression"] == "rate(7 days)"
    names = [item["schedule"] for item in quizkit("session", "schedules")["schedules"]]
    assert "weekly" in names
    quizkit("session", "unschedule", "weekly")
    assert "weekly" not in quizkit.told("session", "schedules")[0]
    assert quizkit("session", "unschedule", "weekly", code=3)["error"]["code"].endswith("not_found")


def test_winners_are_subscribed_and_unsubscribed(quizkit: QuizkitCommand) -> None:
    """An endpoint is listed until it is taken back."""
    queue = "arn:aws:sqs:us-east-1:000000000000:quizkit-dev-control-dead"
    assert quizkit("winners", "subscribe", queue)["protocol"] == "sqs"
    (found,) = quizkit("winners", "list")["subscriptions"]
    assert found["endpoint"] == queue
    assert queue in quizkit.told("winners", "list")[0]
    quizkit("winners", "unsubscribe", queue)
    assert quizkit("winners", "list") == {"subscriptions": []}


def test_lines_host_and_play_a_whole_game(quizkit: QuizkitCommand) -> None:
    """Without a terminal, lines command a session, and a program reads what happens."""
    done = quizkit.child("host", quizkit.create(), "--json", text="n\nend\n")
    assert done.returncode == 0, done.stderr
    events = [json.loads(line) for line in done.stdout.splitlines()]
    names = [event["event"] for event in events]
    assert names[:2] == ["session", "joined"]
    assert names[-1] == "quiz_finished"
    assert {"new_question", "question_closed", "leaderboard"} <= set(names)


@pytest.mark.slow
def test_the_demonstration(quizkit: QuizkitCommand) -> None:
    """`demo` ends by itself with winners and an audit that agrees."""
    done = quizkit.child("demo", "--bots", "4", "--json")
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert document["audit"]["agrees"] is True
    assert [entry["rank"] for entry in document["podium"]][:1] == [1]
    assert "quizkit local stop" in done.stderr


def test_a_platform_that_is_well(quizkit: QuizkitCommand) -> None:
    """Each process, the stack, its version and its API are found well, and nothing is left out."""
    found = quizkit("doctor")
    assert (found["healthy"], found["target"], found["stage"]) == (True, "local", "dev")
    told = {check["name"]: check["status"] for check in found["checks"]}
    rest = ("platform", "ports", "gateway", "redis", "handlers", "stack", "up_to_date", "api")
    assert [told[name] for name in rest] == ["ok"] * len(rest), found


def test_the_checks_of_an_account(quizkit: QuizkitCommand, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the emulator for AWS: who one is, the clock, services, limits, and subscriptions."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", quizkit.deployed.gateway_url)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    found = quizkit("--target", "aws", "--region", "us-east-1", "doctor")
    told = {check["name"]: check for check in found["checks"]}
    assert "000000000000" in told["credentials"]["message"]
    for name in ("region", "credentials", "clock", "services", "stack", "api", "concurrency"):
        assert told[name]["status"] == "ok", told[name]
    assert {told[name]["status"] for name in ("winners", "alarms")} <= {"ok", "warning"}
    # What is deployed is the local form of the stack.
    assert "--target aws --region us-east-1" in told["up_to_date"]["fix"]
