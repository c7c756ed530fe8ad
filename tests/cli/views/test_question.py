"""Questions on a terminal."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from quizkit.cli.views.question import (
    closed_lines,
    closed_question,
    correct_ids,
    heading,
    hint,
    open_question,
    question_lines,
)
from quizkit.sdk.live_events import Answer, Choice, QuestionClosed
from tests.cli import samples
from tests.cli.samples import as_text, question


def test_an_open_question_shows_its_options_and_time() -> None:
    """Options stand with their letters, the chosen one is marked, the clock runs."""
    asked = question(media_url="https://example.org/x.png")
    text = as_text(open_question(asked, waiting=0, left=7.4, chosen=["b"]))
    assert "Capital of Australia?" in text
    assert "▶ b  Canberra" in text
    assert "  a  Sydney" in text
    assert "7 s" in text
    assert "media: https://example.org/x.png" in text
    assert "opens in 0.5 s" in as_text(open_question(question(), waiting=0.5, left=20))
    assert "time is up" in as_text(open_question(question(), waiting=0, left=0))


def test_what_is_typed_and_what_is_ordered() -> None:
    """Options that are put in order have their places, a typed answer stands below the text."""
    ordered = as_text(open_question(question(kind="order"), waiting=0, left=1, chosen=["c", "a"]))
    assert "1 c  Perth" in ordered
    assert "2 a  Sydney" in ordered
    typed = question(kind="text", options=())
    assert "▶ Canb" in as_text(open_question(typed, waiting=0, left=1, typed="Canb"))


def test_media_are_described() -> None:
    """Who cannot see a picture reads what it shows."""
    asked = question(media_url="https://example.org/x.png", alt="A map of Australia")
    described = "media: https://example.org/x.png (A map of Australia)"
    assert described in as_text(open_question(asked, waiting=0, left=1))
    assert f"  {described}" in question_lines(asked)
    assert "A map" not in "\n".join(question_lines(replace(asked, media_url=None)))


def closed(correct: Answer, counts: dict[str, int] | None = None, **more: Any) -> QuestionClosed:
    """The end of the question."""
    return replace(samples.CLOSED, correct=correct, counts=counts or {}, you=None, **more)


def test_a_closed_question_shows_what_was_right() -> None:
    """The right option is ticked, counts have bars, the explanation follows."""
    ended = closed(["b"], {"a": 1, "b": 3}, explanation="Since 1908.")
    text = as_text(closed_question(question(), ended, ["a"]))
    lines = text.splitlines()
    right = next(line for line in lines if "Canberra" in line)
    wrong = next(line for line in lines if "Sydney" in line)
    assert "✓ b" in right
    assert right.count("█") > wrong.count("█") > 0
    assert "▶ a" in wrong
    assert "Since 1908." in text


@pytest.mark.parametrize(
    ("kind", "ended", "shown"),
    [
        ("number", closed(1_822, right=2), ["✓ 1822", "2 players were right"]),
        ("text", closed(["Canberra", "ACT"], right=1), ["“Canberra”, “ACT”", "1 player was right"]),
        ("order", closed(["c", "a", "b"], right=0), ["1 c  Perth", "3 b", "0 players were right"]),
        ("multiple", closed(["a", "b"], {"a": 2, "b": 1}, right=1), ["✓ a", "1 player was right"]),
        ("poll", closed([], {"a": 0, "b": 4, "c": 1}, right=0), ["b  Canberra  ████", "█ 1"]),
        ("slide", closed([], right=0, explanation="So."), ["Capital of Australia?", "So."]),
    ],
)
def test_each_kind_when_it_is_over(kind: str, ended: QuestionClosed, shown: list[str]) -> None:
    """The key as people read it, and how many were right where no count of an option says it."""
    bare = kind in ("number", "text", "slide")
    asked = question(kind=kind, **({"options": ()} if bare else {}))
    text = as_text(closed_question(asked, ended))
    assert all(part in text for part in shown), text
    if kind in ("poll", "slide"):
        assert "✓" not in text
        assert "right" not in text


def test_lines_tell_the_same() -> None:
    """Without a moving screen nothing is missing."""
    assert heading(question(index=1)) == "Question 2 of 2"
    lines = question_lines(question(kind="multiple"))
    assert lines[0].endswith("(several may be right)")
    assert lines[1:] == ["  a) Sydney", "  b) Canberra", "  c) Perth"]
    ended = closed(["b"], {"a": 1, "b": 2}, explanation="Why.", right=2)
    assert closed_lines(question(), ended) == ["Right: b) Canberra (chosen: a 1, b 2)", "  Why."]
    assert closed_lines(question(), ended, counted=False) == ["Right: b) Canberra", "  Why."]
    assert closed_lines(None, closed(42, explanation=None)) == ["Right: 42"]


@pytest.mark.parametrize(
    ("kind", "ended", "told"),
    [
        ("number", closed(18.5, right=2), ["Right: 18.5 (2 players were right)"]),
        ("number", closed(18.5, rules={"tolerance": 2}), ["Right: 18.5 ± 2"]),
        ("order", closed(["c", "a", "b"]), ["Right: c) Perth, a) Sydney, b) Canberra"]),
        ("poll", closed([], {"a": 0, "b": 4}), ["Chosen: Sydney 0, Canberra 4"]),
        ("slide", closed([]), []),
        ("text", closed(list("uvwxyz")), ["Right: “u”, “v”, “w”, “x”, “y” …"]),
        (
            "multiple",
            closed(["a", "b"], {"a": 2, "b": 1}, right=1),
            ["Right: a) Sydney, b) Canberra (chosen: a 2, b 1; 1 player was right)"],
        ),
    ],
)
def test_lines_of_each_kind(kind: str, ended: QuestionClosed, told: list[str]) -> None:
    """The same in lines; of a slide there is nothing to tell."""
    assert closed_lines(question(kind=kind), replace(ended, explanation=None)) == told


@pytest.mark.parametrize(
    ("kind", "more", "told"),
    [
        ("choice", {}, ""),
        ("boolean", {}, ""),
        ("order", {}, "all letters in order, such as cba"),
        ("number", {}, "a number"),
        ("number", {"range": (1, 2.5)}, "a number from 1 to 2.5"),
        ("text", {}, "type the answer"),
        ("poll", {}, "no answer is wrong"),
        ("slide", {}, "nothing to answer"),
        ("choice", {"penalty": 50}, "a wrong answer costs 50 points"),
        ("multiple", {"grading": "balanced"}, "several may be right; each right part counts"),
    ],
)
def test_hints(kind: str, more: dict[str, Any], told: str) -> None:
    """The first line says what kind of answer is wanted, where the options do not."""
    assert hint(question(kind=kind, **more)) == told


SHUFFLED = (Choice("c", "Perth"), Choice("a", "Sydney"), Choice("b", "Canberra"))


def test_shuffled_options_have_the_letters_of_their_places() -> None:
    """Open and closed, moving and in lines: one letter for one option, in the order shown."""
    asked = question(kind="multiple", options=SHUFFLED)
    lines = as_text(open_question(asked, waiting=0, left=1, chosen=["b"])).splitlines()
    shown = [line.rstrip() for line in lines if line.endswith(("h", "y", "a"))]
    assert [line[3:] for line in shown] == ["a  Perth", "b  Sydney", "c  Canberra"]
    assert shown[2].startswith(" ▶ c")
    assert question_lines(asked)[1:] == ["  a) Perth", "  b) Sydney", "  c) Canberra"]
    ended = closed(["a", "c"], {"a": 1, "b": 2, "c": 3}, right=0, explanation=None)
    over = as_text(closed_question(asked, ended, ["b"]))
    for part in ("✓ a  Perth", "✓ b  Sydney", "▶ c  Canberra"):
        assert part in over
    [told] = closed_lines(asked, ended)
    assert told.startswith("Right: a) Perth, b) Sydney (chosen: a 3, b 1, c 2;")
    poll = closed_lines(replace(asked, kind="poll"), replace(ended, correct=[]))
    assert poll == ["Chosen: Perth 3, Sydney 1, Canberra 2"]


def test_shuffled_orders() -> None:
    """The right order is told with the letters that the session shows, and so is the hint."""
    asked = question(kind="order", options=SHUFFLED)
    ended = closed(["a", "b", "c"], right=0, explanation=None)
    assert closed_lines(asked, ended, counted=False) == ["Right: b) Sydney, c) Canberra, a) Perth"]
    over = as_text(closed_question(asked, ended))
    assert [part in over for part in ("1 b  Sydney", "2 c  Canberra", "3 a  Perth")] == [True] * 3
    assert hint(asked) == "all letters in order, such as cba"


def test_right_answers_of_any_kind() -> None:
    """Options come as a list, numbers and texts alone."""
    assert correct_ids(["a", "c"]) == ("a", "c")
    assert correct_ids(7) == ("7",)


def test_texts_cannot_move_the_cursor() -> None:
    """Control characters from elsewhere are shown as replacements."""
    asked = question(text="Q\x1b[2J?", options=(Choice("a", "x\x07"), Choice("b", "y")))
    shown = as_text(open_question(asked, waiting=0, left=1)) + "\n".join(question_lines(asked))
    assert "\x1b" not in shown
    assert "\x07" not in shown
