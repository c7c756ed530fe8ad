"""`hosts`, and what a host who signed in may do with the command line."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from tests.cli.conftest import QUIZ, QuizkitCommand
from tests.cli.people import log_in, nobody, sign_up


@pytest.fixture(autouse=True)
def nobody_signed_in(quizkit: QuizkitCommand) -> Iterator[None]:
    """Before and after each test."""
    nobody(quizkit.deployed.home)
    yield
    nobody(quizkit.deployed.home)


def test_making_and_listing_hosts(quizkit: QuizkitCommand) -> None:
    """Added, listed, removed; nobody of that name is 3."""
    name = sign_up(quizkit)
    assert quizkit("hosts", "add", name) == {"username": name, "host": True}
    assert {"username": name, "email": f"{name}@example.org"} in quizkit("hosts", "list")["hosts"]
    assert name in quizkit.told("hosts", "list")[0]
    assert quizkit("hosts", "remove", name) == {"username": name, "host": False}
    assert name not in quizkit.told("hosts", "list")[0]
    error = quizkit("hosts", "add", "nobody", code=3)["error"]
    assert error["code"] == "user_not_found"
    assert error["hint"]


def test_no_host_makes_hosts(quizkit: QuizkitCommand, monkeypatch: pytest.MonkeyPatch) -> None:
    """Asked to act as a host, all of it is refused and nothing done; as an admin it is done."""
    name = sign_up(quizkit)
    quizkit("hosts", "add", name)
    log_in(quizkit, name)
    other = sign_up(quizkit)
    for argv in (("hosts", "add", other), ("hosts", "remove", name), ("hosts", "list")):
        error = quizkit("--as", "host", *argv, code=4)["error"]
        assert error["code"] == "forbidden"
        assert "--as admin" in error["hint"]
    monkeypatch.setenv("QUIZKIT_AS", "host")
    assert quizkit("hosts", "list", code=4)["error"]["code"] == "forbidden"
    names = [host["username"] for host in quizkit("--as", "admin", "hosts", "list")["hosts"]]
    assert name in names
    assert other not in names
    monkeypatch.setenv("QUIZKIT_AS", "king")
    assert quizkit("hosts", "list", code=2)["error"]["code"] == "usage"


def test_whoever_signed_in_as_a_host_is_one(quizkit: QuizkitCommand) -> None:
    """Being made a host counts after whoami; then commands act as that host, and say so."""
    name = sign_up(quizkit)
    log_in(quizkit, name)
    assert "as host" not in quizkit.told("quiz", "list")[1]
    quizkit("hosts", "add", name)
    assert quizkit("whoami")["groups"] == ["hosts"]
    _, stderr = quizkit.told("quiz", "list")
    assert stderr.splitlines()[:2] == ["target: local · stage dev", f"as host: {name}"]
    assert quizkit("--as", "admin", "quiz", "list")["quizzes"] is not None
    assert "as host" not in quizkit.told("--as", "admin", "quiz", "list")[1]
    quizkit("logout")
    assert "as host" not in quizkit.told("quiz", "list")[1]
    error = quizkit("--as", "host", "quiz", "list", code=4)["error"]
    assert error["code"] == "not_signed_in"


def test_hosts_keep_to_their_own(quizkit: QuizkitCommand) -> None:
    """Every command about another host's quiz or session ends with 4 and changes nothing."""
    ada, bob = sign_up(quizkit), sign_up(quizkit)
    for name in (ada, bob):
        quizkit("hosts", "add", name)
    log_in(quizkit, ada)
    file = quizkit.folder / "quiz.yaml"
    file.write_text(QUIZ)
    quiz_id = quizkit("quiz", "create", str(file))["quiz_id"]
    session = quizkit("session", "start", quiz_id)
    assert quizkit("session", "list", "--live")["sessions"][0]["pin"] == session["pin"]
    log_in(quizkit, bob)
    assert quiz_id not in [quiz["quiz_id"] for quiz in quizkit("quiz", "list")["quizzes"]]
    assert quizkit("session", "list")["sessions"] == []
    for argv in (
        ("quiz", "show", quiz_id),
        ("quiz", "delete", quiz_id),
        ("session", "start", quiz_id),
        ("session", "show", session["session_id"]),
        ("session", "next", session["pin"]),
        ("session", "results", session["session_id"]),
        ("session", "end", session["session_id"]),
        ("audit", session["session_id"]),
        ("host", "--session", session["pin"]),
    ):
        error = quizkit(*argv, code=4)["error"]
        assert error["code"] == "forbidden", argv
        assert "--as admin" in error["hint"]
    log_in(quizkit, ada)
    assert quizkit("session", "show")["state"] == "lobby"
    quizkit("--as", "admin", "session", "end", session["session_id"])
    assert quizkit("session", "show", session["session_id"])["state"] == "finished"


def test_a_player_is_no_host(quizkit: QuizkitCommand) -> None:
    """Asking for a host's rights with a player's account is refused by the platform."""
    log_in(quizkit, sign_up(quizkit))
    error = quizkit("--as", "host", "quiz", "list", code=4)["error"]
    assert error["code"] == "forbidden"
    assert "group" in error["message"]


@pytest.mark.slow
def test_a_game_of_accounts(quizkit: QuizkitCommand) -> None:
    """A host and a player who signed in play to the end, each on a terminal."""
    host, player = sign_up(quizkit), sign_up(quizkit)
    quizkit("hosts", "add", host)
    log_in(quizkit, host)
    quiz_id = quizkit.create()
    with quizkit.terminal("host", quiz_id) as leading:
        leading.wait_for(f"as host: {host}")
        pin = leading.wait_for(r"quizkit play (\d{6})")[1]
        log_in(quizkit, player)
        with quizkit.terminal("play", pin, "--user") as playing:
            playing.wait_for("Wait for the first question")
            leading.wait_for("1 player in the lobby")
            leading.type("\r")
            playing.wait_for("Answer with a letter")
            playing.type("b")
            playing.wait_for("your answer is in")
            playing.type("\x03")
            assert playing.finish() == 130
        with quizkit.terminal("play", pin, "--user") as playing:
            playing.wait_for(player)
            leading.type("c")
            playing.wait_for(r"Right: \d+ points")
            leading.type("ey")
            leading.wait_for("The session is finished")
            playing.wait_for("The quiz is finished")
            assert playing.finish() == 0
            assert leading.finish() == 0
    assert quizkit("leaderboard", *_finished(quizkit, quiz_id))["total"] == 1


def _finished(quizkit: QuizkitCommand, quiz_id: str) -> list[str]:
    """The id of a quiz's session."""
    sessions = quizkit("--as", "admin", "session", "list")["sessions"]
    return [item["session_id"] for item in sessions if item["quiz_id"] == quiz_id]


@pytest.mark.parametrize("extra", [("--bots", "2"), ("--url", "http://127.0.0.1:9")])
def test_an_account_plays_for_itself(quizkit: QuizkitCommand, extra: tuple[str, str]) -> None:
    """A token goes to its own stage only, and bots have no account."""
    done = quizkit.child("--json", "play", "123456", "--user", *extra)
    assert done.returncode == 2
    assert json.loads(done.stdout)["error"]["hint"]


def test_playing_with_an_account_takes_one(quizkit: QuizkitCommand) -> None:
    """Nobody signed in: 4, with the command that helps."""
    error = quizkit("play", "123456", "--user", code=4)["error"]
    assert error["code"] == "not_signed_in"
    assert error["hint"] == "run: quizkit login"
