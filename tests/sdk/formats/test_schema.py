"""The published schema, asked by a validator."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from jsonschema import Draft202012Validator

from quizkit.core.quiz import parse
from quizkit.sdk.formats import load, schema
from quizkit.sdk.formats.json_reader import read_json
from quizkit.sdk.formats.native import json_text
from quizkit.sdk.formats.yaml_reader import read_yaml
from tests.sdk.formats.quizzes import documents

VALIDATOR = Draft202012Validator(schema())
SAMPLES = Path(__file__).parents[3] / "quizkit" / "samples"


def valid(question: dict[str, Any], **quiz: Any) -> bool:
    """Whether a quiz with this question is valid by the schema."""
    return bool(VALIDATOR.is_valid({"title": "T", "questions": [question], **quiz}))


def test_the_schema_is_one() -> None:
    """It is valid by its own dialect, and plain JSON."""
    Draft202012Validator.check_schema(schema())
    assert read_json(json_text(schema())).value == schema()


@pytest.mark.parametrize("path", sorted(SAMPLES.glob("*.yaml")), ids=lambda path: path.name)
def test_our_samples_are_valid(path: Path) -> None:
    """As they are written, and as they are stored."""
    VALIDATOR.validate(read_yaml(path.read_text("utf-8")).value)
    VALIDATOR.validate(load(path).document)


OPTIONS = ["x", {"text": "y", "correct": True}]


@pytest.mark.parametrize(
    "question",
    [
        {"text": "Q?", "options": OPTIONS},
        {"text": "Q?", "options": [1, 2.5, "x"], "correct": 2},
        {"text": "Q?", "options": ["x", "y", "z"], "correct": ["a", "z"], "grading": "balanced"},
        {"text": "Q?", "options": OPTIONS, "points": "double", "penalty": 100},
        {"text": "Q?", "options": OPTIONS, "media": "x.png", "alt": "An x", "explanation": None},
        {"kind": "choice", "text": "Q?", "options": OPTIONS, "time_limit": 3600},
        {"kind": "multiple", "text": "Q?", "options": OPTIONS, "grading": "all"},
        {"kind": "boolean", "text": "Q?", "correct": False},
        {"kind": "text", "text": "Q?", "accept": ["x", 7], "fold": "loose"},
        {"kind": "number", "text": "Q?", "correct": 1822, "tolerance": 5},
        {"kind": "number", "text": "Q?", "correct": 1.5, "nearest": True, "range": [0, 3]},
        {"kind": "order", "text": "Q?", "options": ["x", "y"]},
        {"kind": "poll", "text": "Q?", "options": ["x", {"text": "y"}]},
        {"kind": "slide", "text": "S", "media": "x.png", "time_limit": 8},
    ],
)
def test_valid_questions(question: dict[str, Any]) -> None:
    """Every kind, with all that it may have."""
    assert valid(question, shuffle=True, tags=["a"], language="de", streak_bonus=50)


@pytest.mark.parametrize(
    "question",
    [
        {},
        {"text": "Q?"},
        {"text": "", "options": OPTIONS},
        {"text": "x" * 1001, "options": OPTIONS},
        {"text": "Q?", "options": ["x"], "correct": "a"},
        {"text": "Q?", "options": ["x", "y"]},
        {"text": "Q?", "options": ["x", {"text": "y", "right": True}], "correct": "a"},
        {"text": "Q?", "options": ["x", {"text": "y", "correct": "yes"}], "correct": "a"},
        {"text": "Q?", "options": OPTIONS, "points": -1},
        {"text": "Q?", "options": OPTIONS, "points": "triple"},
        {"text": "Q?", "options": OPTIONS, "time_limit": 0},
        {"text": "Q?", "options": OPTIONS, "time_limit": 2.5},
        {"text": "Q?", "options": OPTIONS, "colour": "red"},
        {"text": "Q?", "options": OPTIONS, "accept": ["x"]},
        {"kind": "riddle", "text": "Q?", "options": OPTIONS},
        {"kind": "boolean", "text": "Q?", "correct": "x"},
        {"kind": "boolean", "text": "Q?"},
        {"kind": "text", "text": "Q?"},
        {"kind": "text", "text": "Q?", "accept": []},
        {"kind": "text", "text": "Q?", "accept": ["x"], "options": OPTIONS},
        {"kind": "number", "text": "Q?", "correct": "many"},
        {"kind": "number", "text": "Q?", "correct": 1, "tolerance": -1},
        {"kind": "order", "text": "Q?", "options": OPTIONS},
        {"kind": "poll", "text": "Q?", "options": OPTIONS},
        {"kind": "slide", "text": "S", "options": ["x", "y"]},
    ],
)
def test_invalid_questions(question: dict[str, Any]) -> None:
    """What is missing, what is too much, and what is of another kind."""
    assert not valid(question)


@pytest.mark.parametrize(
    "quiz",
    [
        {"title": ""},
        {"title": None},
        {"scoring": "fast"},
        {"feedback": True},
        {"questions": []},
        {"questions": [{"text": "Q?", "options": OPTIONS}] * 501},
        {"questions": "none"},
        {"titel": "T"},
        {"shuffle": "yes"},
    ],
)
def test_invalid_quizzes(quiz: dict[str, Any]) -> None:
    """The quiz's own fields."""
    assert not valid({"text": "Q?", "options": OPTIONS}, **quiz)


@given(documents())
def test_what_the_rules_take_is_valid(document: dict[str, Any]) -> None:
    """No quiz that can be stored is refused by an editor."""
    parse(document)
    VALIDATOR.validate(document)
