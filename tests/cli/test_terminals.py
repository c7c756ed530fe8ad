"""Live commands on a real terminal: what they show, and that they give it back."""

from __future__ import annotations

import re
import signal
from collections.abc import Callable
from typing import Any

import pytest

from tests.cli.conftest import QuizkitCommand

Start = Callable[..., dict[str, Any]]


@pytest.fixture(autouse=True)
def nothing_live(quizkit: QuizkitCommand) -> None:
    """Sessions that earlier tests have left are ended, so that one can go unnamed."""
    for item in quizkit("session", "list", "--live")["sessions"]:
        quizkit("session", "end", item["session_id"])


def test_a_whole_game(quizkit: QuizkitCommand) -> None:
    """A host and a player, each on a terminal, play to the end; both terminals are as before."""
    with quizkit.terminal("host", quizkit.create()) as host:
        pin = host.wait_for(r"quizkit play (\d{6})")[1]
        with quizkit.terminal("play", pin, "--nick", "Ada") as ada:
            ada.wait_for("Wait for the first question")
            host.wait_for("1 player in the lobby")
            host.type("\r")
            ada.wait_for("Answer with a letter")
            ada.type("b")
            ada.wait_for("your answer is in")
            host.wait_for("1 of 1 have answered")
            host.type("c")
            ada.wait_for(r"Right: \d+ points")
            host.wait_for("✓ b")
            host.wait_for("Ada +[0-9]+")
            host.type("n")
            ada.wait_for("send with Enter")
            ada.type("ab\r")
            ada.wait_for("a, b: your answer is in")
            host.type("ey")
            host.wait_for("The session is finished")
            ada.wait_for("The quiz is finished")
            assert ada.finish() == 0
            assert host.finish() == 0
            assert ada.as_found()
            assert host.as_found()
            assert "1st" in host.text


def test_interrupting_a_host(quizkit: QuizkitCommand) -> None:
    """Ctrl-C ends with 130, gives the terminal back, and says how the session goes on."""
    with quizkit.terminal("host", quizkit.create()) as host:
        pin = host.wait_for(r"quizkit play (\d{6})")[1]
        host.type("\x03")
        assert host.finish() == 130
        assert host.as_found()
        assert f"quizkit host --session {pin}" in host.text
        assert "Traceback" not in host.text
    with quizkit.terminal("host", "--session", pin) as host:
        host.wait_for("in the lobby")
        host.type("q")
        assert host.finish() == 0
    assert quizkit("session", "show", pin)["state"] == "lobby"


def test_a_terminated_host_gives_the_terminal_back(quizkit: QuizkitCommand) -> None:
    """SIGTERM, too, leaves a terminal that can be typed at."""
    with quizkit.terminal("host", quizkit.create()) as host:
        host.wait_for("in the lobby")
        host.process.send_signal(signal.SIGTERM)
        assert host.finish() == 128 + signal.SIGTERM
        assert host.as_found()


def test_an_interrupted_player_returns(quizkit: QuizkitCommand, session: Start) -> None:
    """Ctrl-C ends with 130; the same command comes back to the same place."""
    started = session()
    with quizkit.terminal("play", "--nick", "Ada") as ada:
        ada.wait_for("Wait for the first question")
        ada.type("\x03")
        assert ada.finish() == 130
        assert ada.as_found()
        assert "brings you back" in ada.text
    with quizkit.terminal("play", started["pin"], "--nick", "ada") as ada:
        ada.wait_for("Ada")
        quizkit("session", "kick", "Ada", started["pin"])
        assert ada.finish() == 4
        assert "removed" in ada.text
    assert quizkit("leaderboard", started["session_id"])["total"] == 0


def test_what_is_missing_is_asked_for(quizkit: QuizkitCommand, session: Start) -> None:
    """On a terminal PIN and nickname are asked for; an unknown PIN ends with 3."""
    first, _ = session(), session()
    with quizkit.terminal("play") as ada:
        ada.wait_for("PIN")
        ada.type(f"{first['pin']}\r")
        ada.wait_for("nickname")
        ada.type("Ada\r")
        ada.wait_for("Wait for the first question")
        ada.type("\x03")
        assert ada.finish() == 130


@pytest.mark.parametrize("question", ["PIN", "nickname"])
def test_interrupting_a_question(quizkit: QuizkitCommand, session: Start, question: str) -> None:
    """Ctrl-C while something is asked for ends with 130, too."""
    session()
    if question == "PIN":
        session()
    with quizkit.terminal("play") as ada:
        ada.wait_for_prompt(question)
        ada.type("\x03")
        assert ada.finish() == 130
        assert ada.as_found()
        assert "Traceback" not in ada.text


def test_watching_the_board(quizkit: QuizkitCommand, session: Start) -> None:
    """`--watch` follows the board until the session is finished; Ctrl-C ends it with 130."""
    started = session()
    with quizkit.terminal("leaderboard", "--watch") as board:
        board.wait_for("lobby, as of")
        board.type("\x03")
        assert board.finish() == 130
        assert board.as_found()
        assert "Traceback" not in board.text
    with quizkit.terminal("leaderboard", "--watch") as board:
        board.wait_for("lobby, as of")
        quizkit("session", "end", started["session_id"])
        board.wait_for("finished, as of")
        assert board.finish() == 0


def test_following_logs(quizkit: QuizkitCommand) -> None:
    """Each new error appears once, with its traceback, until Ctrl-C; then it is there to read."""
    functions = quizkit.deployed.client("lambda")
    error = r"answer error +KeyError: 'requestContext' request_id=(\S+)"
    with quizkit.terminal("logs", "answer", "--follow", "--errors", "--since", "0s") as logs:
        logs.wait_for("following 1 function; Ctrl-C ends it")
        for count in (1, 2, 3):
            functions.invoke(FunctionName="quizkit-dev-answer", Payload=b"{}")
            logs.wait_for(rf"(?s)(?:{error}.*?File .*?){{{count}}}")
        logs.type("\x03")
        assert logs.finish() == 130
        assert logs.as_found()
        seen = re.findall(error, logs.text)
        assert len(set(seen)) == len(seen) == 3
    found = quizkit("logs", "--errors", "--grep", "requestcontext")
    assert seen == [line["request_id"] for line in found][-3:]
    assert all(line["trace"] for line in found)


def test_without_colour_nothing_moves(quizkit: QuizkitCommand, session: Start) -> None:
    """Under --no-color a terminal gets plain lines and takes lines."""
    session()
    with quizkit.terminal("--no-color", "play", "--nick", "Ada") as ada:
        ada.wait_for("Ada has joined")
        quizkit("session", "next")
        ada.wait_for(r"b\) Canberra")
        ada.type("b\r")
        ada.wait_for("b: your answer is in")
        assert not re.search(rb"\x1b\[[0-9;]*[mHJ]", ada.raw)
        quizkit("session", "end")
        ada.wait_for("Finished")
        assert ada.finish() == 0
