"""The page about formats: each example is a quiz of its format, each format is on the page."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from quizkit.sdk.formats import FORMATS, load
from quizkit.sdk.formats.advice import PHONE_OPTION
from quizkit.sdk.formats.source import MAX_BYTES, MAX_CONTAINER

PAGE = (Path(__file__).parents[3] / "docs" / "formats.md").read_text("utf-8")
EXAMPLES = re.findall(r"```(yaml|json|markdown|gift|xml|aiken|csv)\n(.*?)```\n", PAGE, re.DOTALL)
RIGHT = {"Canberra", "False", "Perth", "Darwin", "Lima"}


@pytest.mark.parametrize(("language", "example"), EXAMPLES)
def test_examples_are_quizzes(language: str, example: str) -> None:
    """As they stand, with the right answers right and nothing left out but what is said."""
    loaded = load(example.encode(), "Capitals.txt")
    expected = {"json": {"opentdb"}, "xml": {"moodle", "qti"}}.get(language, {language})
    assert loaded.format in expected
    for question in loaded.quiz.questions:
        assert {option.text for option in question.options if option.correct} <= RIGHT
    assert not [note for note in loaded.warnings if "difficulty" not in note.message]


def test_every_format_is_on_the_page() -> None:
    """In the table, with whether quizzes are written in it."""
    rows = re.findall(r"^\| (`\w+`(?:, `\w+`)*) \|.*\| *(yes)? *\|$", PAGE, re.MULTILINE)
    listed = {name: bool(yes) for names, yes in rows for name in re.findall(r"`(\w+)`", names)}
    known = {name: form.writing is not None for name, form in FORMATS.items()}
    assert {name: listed[name] for name in known} == known


def test_figures_are_those_of_the_code() -> None:
    """Limits are told as they are."""
    assert f"more than {PHONE_OPTION} characters" in PAGE
    assert f"over {MAX_BYTES // 1_000_000} MB, other files over {MAX_CONTAINER >> 20} MB" in PAGE
