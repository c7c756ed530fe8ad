"""Every kind of question at the command line: on terminals, as lines, by bots without a key."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from quizkit.core.kinds import KINDS
from tests.cli.conftest import ROOT, QuizkitCommand

QUIZ = """\
title: Kinds
scoring: flat
questions:
  - {kind: slide, text: Read this, time_limit: 3, explanation: You have read it}
  - {kind: order, text: Sort, options: [one, two, three], points: 300, time_limit: 20}
  - {kind: number, text: How many, correct: 40, tolerance: 2.5, points: 200, penalty: 50,
     time_limit: 20}
  - {kind: text, text: Which city, accept: [Zürich, Zuerich], fold: loose, points: 100,
     time_limit: 20}
  - {kind: poll, text: Which do you like, options: [this, that], time_limit: 20}
  - {kind: boolean, text: Two is even, correct: true, time_limit: 20}
  - {kind: multiple, text: Which are even, options: ["2", "3", "4"], correct: [a, c],
     grading: balanced, time_limit: 20}
  - {text: Which is odd, options: ["2", {text: "3", correct: true}], time_limit: 20}
"""


@pytest.mark.slow
def test_kinds_on_terminals(quizkit: QuizkitCommand) -> None:
    """A host and a player on terminals: what to type is said, and what came of it, by kind."""
    short = QUIZ[: QUIZ.index("  - {kind: boolean")]
    with (
        quizkit.terminal("host", quizkit.create(short)) as host,
        quizkit.terminal("play", host.wait_for(r"quizkit play (\d{6})")[1], "--nick", "Ada") as ada,
    ):
        ada.wait_for("Wait for the first question")
        host.type("\r")
        ada.wait_for("Nothing to answer")
        host.wait_for("it is only shown")
        ada.wait_for("You have read it")
        host.wait_for("You have read it")
        host.type("n")
        ada.wait_for("Type the letters in order")
        letters = [ada.wait_for(rf"([abc])  {each}\b")[1] for each in ("one", "two", "three")]
        ada.type(f"{letters[0]}\r")
        ada.wait_for("are missing")
        ada.type(f"{letters[1]}{letters[2]}\r")
        ada.wait_for(f"{', '.join(letters)}: your answer is in")
        # Whoever is waited for is read, and a screen that nobody reads stands still.
        host.type("c")
        host.wait_for(rf"1 {letters[0]}  one")
        host.wait_for("1 player was right")
        ada.wait_for("Right: 300 points")
        host.type("n")
        ada.wait_for("Type a number")
        ada.type("fifty\r")
        ada.wait_for("answer with a number")
        ada.type("\x7f" * 5 + "-7\r")
        ada.wait_for("-7: your answer is in")
        host.type("c")
        host.wait_for("40 ± 2.5")
        host.wait_for("0 players were right")
        ada.wait_for("Wrong: -50 points. You have 250 points")
        host.type("n")
        ada.wait_for("Type your answer")
        ada.type("zurich\r")
        ada.wait_for("zurich: your answer is in")
        host.type("c")
        host.wait_for("“Zürich”, “Zuerich”")
        ada.wait_for("Right: 100 points. You have 350 points")
        host.type("n")
        ada.wait_for("no answer is wrong")
        ada.forget()  # the order's answer may have ended with b, too
        ada.type("b")
        ada.wait_for("b: your answer is in")
        host.type("c")
        host.wait_for("that  █+ 1")
        ada.wait_for("Thanks for your answer")
        host.type("n")
        ada.wait_for("The quiz is finished")
        assert ada.finish() == 0
        assert host.finish() == 0


SHUFFLED = """\
title: Shuffled
shuffle: true
questions:
  - {text: Which is a river, options: [Mount, Lake, Cape, River, Isle, Reef], correct: d,
     time_limit: 30}
"""
OPTIONS = ("Mount", "Lake", "Cape", "River", "Isle", "Reef")


@pytest.mark.slow
def test_shuffled_options_on_terminals(quizkit: QuizkitCommand) -> None:
    """Letters count the places on every screen and in lines; what is stored are the file's ids."""
    with (
        ThreadPoolExecutor(1) as pool,
        quizkit.terminal("host", quizkit.create(SHUFFLED)) as host,
    ):
        pin = host.wait_for(r"quizkit play (\d{6})")[1]
        eve = pool.submit(quizkit.child, "--no-color", "play", pin, "--nick", "Eve", text="a\n")
        host.wait_for("1 player in the lobby")
        with quizkit.terminal("play", pin, "--nick", "Ada") as ada:
            ada.wait_for("Wait for the first question")
            host.wait_for("2 players in the lobby")
            host.type("\r")
            order = ada.wait_for(
                r"(?s)\ba  (\w+).*?\bb  (\w+).*?\bc  (\w+).*?\bd  (\w+).*?\be  (\w+).*?\bf  (\w+)"
            ).groups()
            assert sorted(order) == sorted(OPTIONS)
            letter = "abcdef"[order.index("River")]
            ada.type(letter)
            ada.wait_for(f"{letter}: your answer is in")
            host.wait_for("2 of 2 have answered")
            host.type("c")
            ada.wait_for(rf"✓ {letter}  River")
            host.wait_for(rf"✓ {letter}  River  +█+ \d")
            host.type("n")
            ada.wait_for("The quiz is finished")
            assert ada.finish() == 0
        assert host.finish() == 0
        played = eve.result()
    assert played.returncode == 0, played.stderr
    assert [line[2:] for line in played.stdout.splitlines() if line[3:5] == ") "] == [
        f"{name}) {text}" for name, text in zip("abcdef", order, strict=True)
    ]
    assert "a: your answer is in" in played.stderr
    assert f"Right: {letter}) River" in played.stdout
    session = quizkit("session", "list")["sessions"][0]["session_id"]
    results = quizkit("session", "results", session)
    stored = {row["nickname"]: row["answers"][0]["answer"] for row in results["participants"]}
    assert stored == {"Ada": ["d"], "Eve": ["abcdef"[OPTIONS.index(order[0])]]}


@pytest.mark.slow
def test_kinds_as_lines_and_by_bots(quizkit: QuizkitCommand) -> None:
    """Prepared lines answer what takes an answer; bots that know nothing answer plausibly."""
    # Bots take their share of the time, so there is less of it.
    quiz_id = quizkit.create(QUIZ.replace("time_limit: 20", "time_limit: 6"))
    options = ("--auto", "--lobby-seconds", "5", "--reveal-seconds", "0", "--close-early")
    started = quizkit("session", "start", quiz_id, *options)
    # The order is a guess: its letters are mixed where a quiz is stored.
    lines = "cab\nhow many\n42.5\n zürich \na\na\nca\nb\n"
    with ThreadPoolExecutor(1) as pool:
        eve = pool.submit(
            quizkit.child, "--no-color", "play", started["pin"], "--nick", "Eve", text=lines
        )
        stream = quizkit("play", started["pin"], "--bots", "3", "--seed", "2")
        played = eve.result()
    assert played.returncode == 0, played.stderr
    assert (stream[-1]["failed"], stream[-1]["answers"]) == (0, 3 * 7)
    results = quizkit("session", "results", started["session_id"])
    (line,) = [row for row in results["participants"] if row["nickname"] == "Eve"]
    answers = {answer["question_id"]: answer for answer in line["answers"]}
    assert [answers[f"q{number}"]["answer"] for number in range(2, 9)] == [
        ["c", "a", "b"], 42.5, "zürich", ["a"], ["a"], ["a", "c"], ["b"],
    ]  # fmt: skip
    assert [answers[f"q{number}"]["points"] for number in range(3, 9)] == [
        200, 100, 0, 1_000, 1_000, 1_000,
    ]  # fmt: skip
    told = played.stdout + played.stderr
    assert "answer with a number" in told
    assert told.count("your answer is in") == 7
    assert "Thanks for your answer." in played.stdout
    assert "Chosen: this" in played.stdout
    assert "Right: 40 ± 2.5" in played.stdout
    assert quizkit("audit", started["session_id"])["agrees"] is True
    shown = quizkit.told("session", "results", started["session_id"])[0]
    assert "Eve" in shown


def test_every_kind_is_shown(quizkit: QuizkitCommand) -> None:
    """`quiz show` prints the sample with every kind as its author wrote it, orders as right."""
    sample = ROOT / "quizkit" / "samples" / "measuring.yaml"
    quiz_id = quizkit("quiz", "create", str(sample))["quiz_id"]
    text = quizkit.told("quiz", "show", quiz_id)[0]
    for part in (
        "* c) Eratosthenes",
        "* a) True",
        "* pascals",
        "* 42.195 ± 0.5",
        "* 8848.86 ± 1, from 7000 to 10000, the nearer the more",
        "1. an inch\n   2. a foot\n   3. a yard\n   4. a chain\n   5. a furlong\n   6. a mile",
        "1. tera\n   2. giga\n   3. mega\n   4. kilo",
        "penalty 100",
        "streak bonus 50, options shuffled",
    ):
        assert part in text, part
    document: Any = quizkit("quiz", "show", quiz_id)["document"]
    kinds = {question.get("kind", "choice") for question in document["questions"]}
    assert kinds | {"multiple"} == set(KINDS)
    assert len(re.findall(r"^\d+\. ", text, re.MULTILINE)) == 12
