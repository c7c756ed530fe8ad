"""The published schema, asked by a validator."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from quizkit.core.errors import InvalidQuiz
from quizkit.core.quiz import parse, to_document
from quizkit.sdk.formats import load, schema
from quizkit.sdk.formats.json_reader import read_json
from quizkit.sdk.formats.native import json_text
from quizkit.sdk.formats.yaml_reader import read_yaml
from tests.sdk.formats.quizzes import KINDS, documents

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
        {"text": "Q?", "options": [1, 2.5, "x"], "correct": 2.5},
        {"text": "Q?", "options": ["x", "y", "z"], "correct": ["a", "z"], "grading": "balanced"},
        {"text": "Q?", "options": OPTIONS, "points": "double", "penalty": 100},
        {"text": "Q?", "options": OPTIONS, "media": "x.png", "alt": "An x", "explanation": None},
        {"kind": "choice", "text": "Q?", "options": OPTIONS, "time_limit": 3600},
        {"kind": "multiple", "text": "Q?", "options": OPTIONS, "grading": "all"},
        {"kind": "boolean", "text": "Q?", "correct": False},
        {"kind": "text", "text": "Q?", "accept": ["x", 7], "fold": "loose"},
        {"kind": "number", "text": "Q?", "correct": 1822, "tolerance": 5},
        {"kind": "number", "text": "Q?", "correct": 1.5, "nearest": True, "range": [0, 3]},
        {"kind": "boolean", "text": "Q?", "options": ["Ja", {"text": "Nein", "correct": True}]},
        {"kind": "boolean", "text": "Q?", "options": ["Ja", "Nein"], "correct": "Ja"},
        {"kind": "order", "text": "Q?", "options": ["x", "y"]},
        {"kind": "order", "text": "Q?", "options": ["x", "y"], "correct": ["b", "a"]},
        {"kind": "poll", "text": "Q?", "options": ["x", {"text": "y"}]},
        {"kind": "slide", "text": "S", "media": "x.png", "time_limit": 8},
    ],
)
def test_valid_questions(question: dict[str, Any]) -> None:
    """Every kind, with all that it may have."""
    assert valid(question, shuffle=True, tags=["a"], language="de", streak_bonus=50)
    parse({"title": "T", "questions": [question]})


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
        {"kind": "text", "text": "Q?", "accept": ["x"], "fold": "strict"},
        {"kind": "text", "text": "Q?", "accept": ["x"], "options": OPTIONS},
        {"kind": "number", "text": "Q?", "correct": "many"},
        {"kind": "number", "text": "Q?", "correct": 1, "tolerance": -1},
        {"kind": "number", "text": "Q?", "correct": 1, "nearest": True},
        {"kind": "boolean", "text": "Q?", "options": ["Ja", "Nein"]},
        {"text": "Q?", "options": OPTIONS, "points": 2.5},
        {"kind": "order", "text": "Q?", "options": OPTIONS},
        {"kind": "poll", "text": "Q?", "options": OPTIONS},
        {"kind": "slide", "text": "S", "options": ["x", "y"]},
    ],
)
def test_invalid_questions(question: dict[str, Any]) -> None:
    """What is missing, what is too much, and what is of another kind; the rules agree."""
    assert not valid(question)
    with pytest.raises(InvalidQuiz):
        parse({"title": "T", "questions": [question]})


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


#: Problems that lie in how values compare, which no schema can say.
BEYOND = re.compile(
    "the same text as option|^'correct' names|is one option's id|must name every option once"
    "|the first number of 'range'|is out of 'range'|options are right: only one|of two options one"
)
#: What somebody may give in the place of anything.
STRANGE: st.SearchStrategy[Any] = st.sampled_from(
    [
        *(None, True, False, 0, -1, 1, 2.5, 10**20, "", " ", "a", "b", "normal", "loose", "all"),
        *("x" * 201, "x" * 1_001, [], ["a"], ["a", "b"], [1, 2], [1], [0, 0.5, 1], {}, [None]),
        *([{"text": "x", "correct": True}, "y"], [{"text": "x", "correct": 1}, "y"], ["x", "y"]),
        *(["x"] * 27, [{"text": "x", "correct": True}, {"text": "y", "correct": True}]),
        *("balanced", "case", 3_601, 1_000_001, [{"correct": True}, "y"], [["x"], "y"]),
    ]
)
FIELDS = st.sampled_from(
    [
        *(
            "kind",
            "text",
            "options",
            "correct",
            "accept",
            "fold",
            "tolerance",
            "nearest",
        ),
        *(
            "range",
            "grading",
            "points",
            "penalty",
            "time_limit",
            "explanation",
            "media",
            "alt",
        ),
        *("source",),
    ]
)
QUIZ_FIELDS = st.sampled_from(
    [
        *(
            "title",
            "description",
            "language",
            "tags",
            "scoring",
            "feedback",
        ),
        *(
            "streak_bonus",
            "shuffle",
            "attribution",
            "questions",
            "colour",
        ),
    ]
)


@st.composite
def changed(draw: st.DrawFn) -> dict[str, Any]:
    """Quizzes of one question of any kind, in which a few fields are missing or others."""
    document = draw(documents(controls=False))
    question = document["questions"][-1]
    for _ in range(draw(st.integers(0, 3))):
        how = draw(st.sampled_from(["set", "set", "drop", "kind", "quiz"]))
        if how == "set":
            question[draw(FIELDS)] = draw(STRANGE)
        elif how == "kind":
            question["kind"] = draw(st.sampled_from(KINDS))
        elif how == "quiz":
            document[draw(QUIZ_FIELDS)] = draw(STRANGE)
        elif question:
            del question[draw(st.sampled_from(sorted(question)))]
    return document


@settings(max_examples=200, suppress_health_check=[HealthCheck.too_slow])
@given(changed())
def test_the_schema_and_the_rules_agree(document: dict[str, Any]) -> None:
    """A document is valid by both or by neither, but for how values compare."""
    try:
        parse(document)
    except InvalidQuiz as exc:
        told = [problem.message for problem in exc.problems if not BEYOND.search(problem.message)]
        assert not told or not VALIDATOR.is_valid(document), told
    else:
        VALIDATOR.validate(document)


@given(documents())
def test_what_the_rules_take_is_valid(document: dict[str, Any]) -> None:
    """No quiz that can be stored is refused by an editor, as it is written or as it is stored."""
    VALIDATOR.validate(to_document(parse(document)))
    VALIDATOR.validate(document)
