"""`quizkit rehearse`: usage, a real game, a real loss, Ctrl-C."""

from __future__ import annotations

import json
import subprocess
import time
from pathlib import Path

import pytest

from quizkit.cli.main import main
from tests.cli.conftest import COMMAND, QUIZ, ROOT, QuizkitCommand

QUICK = ("--players", "6", "--cast", "steady", "--pace", "0.05")


@pytest.mark.parametrize(
    ("argv", "reason"),
    [
        (["--players", "0"], "needs players"),
        (["--players", "-5"], "needs players"),
        (["--players", "1000000"], "1,000,000 players are too many"),
        (["--players", "many"], "--players"),
        (["--seed", "abc"], "--seed"),
        (["--cast", "clown=3"], "clown"),
        (["--cast", "steady=0"], "share"),
        (["--pace", "2"], "share"),
        (["--lobby-seconds", "0"], "equal to 1"),
        (["--reveal-seconds", "-1"], "equal to 0"),
    ],
)
def test_wrong_usage(argv: list[str], reason: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Told with the reason and the limit before anything happens; no platform is asked for."""
    assert main(["--json", "rehearse", "some-quiz", *argv]) == 2
    error = json.loads(capsys.readouterr().out)["error"]
    assert reason in error["message"]
    assert error["hint"]


def test_a_quiz_has_to_be_named(capsys: pytest.CaptureFixture[str]) -> None:
    """Without a quiz there is nothing to rehearse."""
    assert main(["--json", "rehearse", "--players", "5"]) == 2
    assert "QUIZ" in json.loads(capsys.readouterr().out)["error"]["message"]


def test_a_platform_that_is_down(capsys: pytest.CaptureFixture[str]) -> None:
    """It says how to start it, and ends with 6."""
    assert main(["--json", "rehearse", "some-quiz"]) == 6
    assert "local start" in json.loads(capsys.readouterr().out)["error"]["hint"]


def test_what_is_not_there(quizkit: QuizkitCommand, tmp_path: Path) -> None:
    """An unknown quiz and a missing file end with 3, a file that is no quiz with 5."""
    assert quizkit("rehearse", "nosuchquiz", code=3)["error"]["code"] == "quiz_not_found"
    missing = str(tmp_path / "missing.yaml")
    assert missing in quizkit("rehearse", missing, code=3)["error"]["message"]
    bad = tmp_path / "bad.yaml"
    bad.write_text("title: T\nquestions: []\n")
    assert quizkit("rehearse", str(bad), code=5)["error"]["problems"]
    assert quizkit("session", "list", "--live") == {"sessions": []}


def stored(quizkit: QuizkitCommand) -> list[str]:
    """The ids of all stored quizzes."""
    return [each["quiz_id"] for each in quizkit("quiz", "list")["quizzes"]]


@pytest.mark.slow
def test_a_rehearsal_for_programs(quizkit: QuizkitCommand) -> None:
    """A quiz file is played by a mixed cast; one document has all of it, and no quiz is left."""
    file = quizkit.folder / "quiz.yaml"
    file.write_text(QUIZ)
    done = quizkit.child(
        "rehearse", str(file), "--players", "10", "--seed", "7", "--pace", "0.1", "--json"
    )
    assert done.returncode == 0, done.stdout + done.stderr
    document = json.loads(done.stdout)
    assert document["verdict"] == {"clean": True, "broken": 0, "violations": []}
    assert (document["players"], document["seed"], document["title"]) == (10, 7, "Two questions")
    assert document["cast"] == {"steady": 6, "hasty": 2, "nervous": 1, "flaky": 1}
    assert document["joins"]["joined"] == 10
    assert document["answers"]["acknowledged"] <= document["answers"]["stored"] <= 20
    assert document["acknowledgement_ms"]["count"] >= document["answers"]["acknowledged"]
    assert [each["question_id"] for each in document["questions"]] == ["q1", "q2"]
    assert "joining" in done.stderr
    assert quizkit("session", "show", document["session_id"])["state"] == "finished"
    assert quizkit("audit", document["session_id"])["answers"] == document["answers"]["stored"]
    assert document["quiz_id"] not in stored(quizkit)


@pytest.mark.slow
def test_an_answer_that_is_lost_for_real(quizkit: QuizkitCommand) -> None:
    """A stored answer deleted from the table behind the platform's back: exit 1, by name."""
    file = quizkit.folder / "lost.yaml"
    file.write_text(QUIZ)
    with subprocess.Popen(
        [*COMMAND, "rehearse", str(file), *QUICK, "--json"],
        cwd=ROOT,
        env=quizkit.deployed.env,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as running:
        who, question = delete_an_answer(quizkit)
        stdout, _ = running.communicate(timeout=120)
    assert running.returncode == 1
    document = json.loads(stdout)
    assert document["verdict"]["clean"] is False
    lost = [x for x in document["verdict"]["violations"] if x["rule"] == "acknowledged_lost"]
    assert len(lost) == 1
    assert who in lost[0]["message"]
    assert question in lost[0]["message"]
    assert document["answers"]["stored"] == document["answers"]["acknowledged"] - 1
    assert document["quiz_id"] in stored(quizkit)  # kept, to be looked into


def delete_an_answer(quizkit: QuizkitCommand) -> tuple[str, str]:
    """Delete the first answer that the live session stores; its participant and question."""
    table = "quizkit-dev-answers"
    dynamodb = quizkit.deployed.client("dynamodb")
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        for session in quizkit("session", "list", "--live")["sessions"]:
            for shard in range(8):
                rows = dynamodb.query(
                    TableName=table,
                    KeyConditionExpression="pk = :pk",
                    ExpressionAttributeValues={
                        ":pk": {"S": f"{session['session_id']}#{shard:02x}"}
                    },
                )["Items"]
                if rows:
                    # Acknowledged by now, or in a moment; nobody sends it a second time.
                    time.sleep(0.5)
                    key = {name: rows[0][name] for name in ("pk", "sk")}
                    dynamodb.delete_item(TableName=table, Key=key)
                    question, _, who = rows[0]["sk"]["S"].partition("#")
                    return who, question
        time.sleep(0.1)
    raise AssertionError("no answer was stored")


@pytest.mark.slow
def test_on_a_terminal(quizkit: QuizkitCommand) -> None:
    """Progress moves, the report follows, and the terminal is as it was."""
    with quizkit.terminal("rehearse", quizkit.create(), *QUICK) as screen:
        screen.wait_for(r"rehearsal · PIN \d{6}")
        screen.wait_for("question 1 of 2")
        screen.wait_for(r"Clean: every acknowledged answer is stored once")
        assert screen.finish() == 0
        assert screen.as_found()
        assert "joins a second" in screen.text
        assert "acknowledgement of an answer" in screen.text


@pytest.mark.slow
def test_interrupting(quizkit: QuizkitCommand) -> None:
    """Ctrl-C ends with 130 and takes the session along, and the quiz that was stored for it."""
    file = quizkit.folder / "interrupted.yaml"
    file.write_text(QUIZ)
    with quizkit.terminal("rehearse", str(file), "--players", "4", "--full-time") as screen:
        screen.wait_for("question 1 of 2")
        session = quizkit("session", "list", "--live")["sessions"][0]
        assert session["quiz_id"] in stored(quizkit)
        screen.type("\x03")
        assert screen.finish() == 130
        assert screen.as_found()
        assert "Traceback" not in screen.text
    deadline = time.monotonic() + 60
    while quizkit("session", "show", session["session_id"])["state"] != "finished":
        assert time.monotonic() < deadline, "the session goes on"
        time.sleep(0.3)
    results = quizkit("session", "results", session["session_id"])
    assert [each["question_id"] for each in results["questions"]] == ["q1"]
    assert session["quiz_id"] not in stored(quizkit)
    assert quizkit("audit", session["session_id"])["agrees"]
