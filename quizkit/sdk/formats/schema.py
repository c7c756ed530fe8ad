"""The published JSON Schema of the native format, for editors.

Editors complete and check with it while somebody types; `quiz validate` is what decides. The
figures are core's own. Two things no schema can say: that options differ from one another,
and that `correct` names one of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from quizkit.core.quiz import (
    DEFAULT_POINTS,
    DEFAULT_TIME_LIMIT,
    FEEDBACK,
    MAX_EXPLANATION,
    MAX_OPTIONS,
    MAX_POINTS,
    MAX_QUESTIONS,
    MAX_TEXT,
    MAX_TIME_LIMIT,
    MAX_TITLE,
    SCORING,
)

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
#: What each kind needs, and what it has no place for, besides what all questions have.
_NEEDS: Final[Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]]] = {
    "choice": (("options",), ("accept", "fold", "tolerance", "nearest", "range", "grading")),
    "multiple": (("options",), ("accept", "fold", "tolerance", "nearest", "range")),
    "boolean": (("correct",), ("accept", "fold", "tolerance", "nearest", "range", "grading")),
    "text": (("accept",), ("options", "correct", "tolerance", "nearest", "range", "grading")),
    "number": (("correct",), ("options", "accept", "fold", "grading")),
    "order": (
        ("options",),
        ("correct", "accept", "fold", "tolerance", "nearest", "range", "grading"),
    ),
    "poll": (
        ("options",),
        ("correct", "accept", "fold", "tolerance", "nearest", "range", "grading", "penalty"),
    ),
    "slide": (
        (),
        (
            "options",
            "correct",
            "accept",
            "fold",
            "tolerance",
            "nearest",
            "range",
            "grading",
            "points",
            "penalty",
        ),
    ),
}


def schema() -> dict[str, Any]:
    """The schema of a quiz document, as JSON takes it."""
    return {
        "$schema": DIALECT,
        "title": "quizkit quiz",
        "description": "A quiz in quizkit's native format, as YAML or JSON.",
        "type": "object",
        "required": ["title", "questions"],
        "additionalProperties": False,
        "properties": {
            "title": _text(MAX_TITLE, "What the quiz is called."),
            "description": _optional(_text(MAX_EXPLANATION, "What the quiz is about.")),
            "attribution": _optional(_text(MAX_TEXT, "Whose work it is, and its licence.")),
            "language": _text(35, "The language of the texts, such as en or pt-BR."),
            "tags": {
                "description": "Words to find the quiz by.",
                "type": "array",
                "items": _text(MAX_TITLE, "A tag."),
            },
            "scoring": _one_of(SCORING, "speed: more points for faster answers; flat: the points."),
            "feedback": _one_of(FEEDBACK, "When players learn whether they were right."),
            "shuffle": _flag("Whether each session shows options in an order of its own."),
            "streak_bonus": _number(0, MAX_POINTS, "Points for each right answer in a row.", 0),
            "questions": {
                "description": "The questions, in the order of the game.",
                "type": "array",
                "minItems": 1,
                "maxItems": MAX_QUESTIONS,
                "items": {"$ref": "#/$defs/question"},
            },
        },
        "$defs": {"question": _question(), "option": _option()},
    }


def _question() -> dict[str, Any]:
    kinds = [
        {"if": {"required": ["kind"], "properties": {"kind": {"const": kind}}}, "then": rule}
        for kind, rule in ((kind, _rule(kind)) for kind in _NEEDS)
    ]
    unnamed = {"if": {"not": {"required": ["kind"]}}, "then": _rule("multiple")}
    return {
        "description": "A question, or a slide between questions.",
        "type": "object",
        "required": ["text"],
        "additionalProperties": False,
        "properties": _properties(),
        "allOf": [unnamed, *kinds],
    }


def _rule(kind: str) -> dict[str, Any]:
    """What holds for questions of a kind."""
    needed, unknown = _NEEDS[kind]
    rule: dict[str, Any] = {"required": list(needed)}
    properties: dict[str, Any] = dict.fromkeys(unknown, False)
    if kind == "boolean":
        properties["correct"] = {"type": "boolean"}
    elif kind == "number":
        properties["correct"] = {"type": "number"}
    elif kind in ("choice", "multiple"):
        marks = {"type": ["string", "number"]}
        properties["correct"] = {"anyOf": [marks, {"type": "array", "items": marks}]}
        rule["anyOf"] = [{"required": ["correct"]}, {"properties": {"options": _SOME_RIGHT}}]
    elif kind in ("order", "poll"):
        properties["options"] = {"not": _SOME_RIGHT}
    return rule | {"properties": properties}


_SOME_RIGHT: Final[Mapping[str, Any]] = {
    "contains": {
        "type": "object",
        "required": ["correct"],
        "properties": {"correct": {"const": True}},
    }
}


def _properties() -> dict[str, Any]:
    return {
        "kind": {
            "description": "What is asked for; may be left out where the options say it.",
            "enum": list(_NEEDS),
        },
        "text": _text(MAX_TEXT, "The question."),
        "options": {
            "description": "What may be chosen; for order, in the right order.",
            "type": "array",
            "minItems": 2,
            "maxItems": MAX_OPTIONS,
            "items": {"$ref": "#/$defs/option"},
        },
        "correct": {"description": "The right answer: a letter or text of an option, true, 1822."},
        "grading": _one_of(("all", "balanced"), "How several right options count."),
        "accept": {
            "description": "Accepted spellings of a typed answer.",
            "type": "array",
            "minItems": 1,
            "items": _text(MAX_TEXT, "A spelling."),
        },
        "fold": {"description": "loose: accents do not count either.", "type": "string"},
        "tolerance": {"description": "How far off is right.", "type": "number", "minimum": 0},
        "nearest": _flag("Points by distance from the right number."),
        "range": {
            "description": "The lowest and the highest number that may be given.",
            "type": "array",
            "minItems": 2,
            "maxItems": 2,
            "items": {"type": "number"},
        },
        "points": {
            "description": "What a right answer is worth at best.",
            "anyOf": [
                {"type": "number", "minimum": 0, "maximum": MAX_POINTS},
                {"enum": ["normal", "double", "none"]},
            ],
            "default": DEFAULT_POINTS,
        },
        "penalty": _number(0, MAX_POINTS, "Points taken for a wrong answer.", 0),
        "time_limit": {
            "description": "Seconds.",
            "type": "integer",
            "minimum": 1,
            "maximum": MAX_TIME_LIMIT,
            "default": DEFAULT_TIME_LIMIT,
        },
        "explanation": _optional(_text(MAX_EXPLANATION, "Shown after the question.")),
        "media": _optional(_text(MAX_TEXT, "A file beside the quiz, or an https:// address.")),
        "alt": _optional(_text(MAX_TEXT, "What the media shows, for those who cannot see it.")),
        "source": _optional(_text(MAX_TEXT, "Where the fact comes from.")),
    }


def _option() -> dict[str, Any]:
    text = _text(MAX_TEXT, "What the option says.")
    return {
        "description": "An option: its text, or a text and whether it is right.",
        "anyOf": [
            text,
            {
                "type": "object",
                "required": ["text"],
                "additionalProperties": False,
                "properties": {"text": text, "correct": _flag("Whether the option is right.")},
            },
        ],
    }


def _text(limit: int, description: str) -> dict[str, Any]:
    """A text; YAML's unquoted numbers are text to their author."""
    return {
        "description": description,
        "type": ["string", "number"],
        "pattern": r"\S",
        "maxLength": limit,
    }


def _optional(rule: dict[str, Any]) -> dict[str, Any]:
    """The same, or null, which is as good as absent."""
    return rule | {"type": [*rule["type"], "null"]}


def _one_of(values: tuple[str, ...], description: str) -> dict[str, Any]:
    return {"description": description, "enum": list(values), "default": values[0]}


def _flag(description: str) -> dict[str, Any]:
    return {"description": description, "type": "boolean", "default": False}


def _number(low: int, high: int, description: str, default: int) -> dict[str, Any]:
    return {
        "description": description,
        "type": "number",
        "minimum": low,
        "maximum": high,
        "default": default,
    }
