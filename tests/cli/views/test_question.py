"""Questions on a terminal."""

from __future__ import annotations

from quizkit.cli.views.question import (
    closed_lines,
    closed_question,
    correct_ids,
    heading,
    open_question,
    question_lines,
)
from quizkit.sdk.live_events import Choice
from tests.cli.samples import as_text, question


def test_an_open_question_shows_its_options_and_time() -> None:
    """Options stand with their letters, the chosen one is marked, the clock runs."""
    asked = question(media_url="https://example.org/x.png")
    text = as_text(open_question(asked, waiting=0, left=7.4, chosen={"b"}))
    assert "Capital of Australia?" in text
    assert "▶ b  Canberra" in text
    assert "  a  Sydney" in text
    assert "7 s" in text
    assert "media: https://example.org/x.png" in text
    assert "opens in 0.5 s" in as_text(open_question(question(), waiting=0.5, left=20))
    assert "time is up" in as_text(open_question(question(), waiting=0, left=0))


def test_a_closed_question_shows_what_was_right() -> None:
    """The right option is ticked, counts have bars, the explanation follows."""
    counts = {"a": 1, "b": 3}
    text = as_text(closed_question(question(), ["b"], counts, "Since 1908.", {"a"}))
    lines = text.splitlines()
    right = next(line for line in lines if "Canberra" in line)
    wrong = next(line for line in lines if "Sydney" in line)
    assert "✓ b" in right
    assert right.count("█") > wrong.count("█") > 0
    assert "▶ a" in wrong
    assert "Since 1908." in text


def test_lines_tell_the_same() -> None:
    """Without a moving screen nothing is missing."""
    assert heading(question(index=1)) == "Question 2 of 2"
    lines = question_lines(question(kind="multiple"))
    assert lines[0].endswith("(several may be right)")
    assert lines[1:] == ["  a) Sydney", "  b) Canberra", "  c) Perth"]
    assert closed_lines(question(), ["b"], {"a": 1, "b": 2}, "Why.") == [
        "Right: b) Canberra (chosen: a 1, b 2)",
        "  Why.",
    ]
    assert closed_lines(None, 42, {}, None) == ["Right: 42"]


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
