"""The published JSON Schema of the native format, for editors.

Editors complete and check with it while somebody types; `quiz validate` is what decides. The
figures are core's own. What no schema can say is how values compare: that options differ
from one another, that `correct` names one of them (and how many are then right), that `range`
begins with the lower number. To a schema, 20.0 is as whole as 20, too.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from quizkit.core.kinds import FOLDS, GRADING, MAX_NUMBER
from quizkit.core.quiz import (
    DEFAULT_POINTS,
    DEFAULT_TIME_LIMIT,
    FEEDBACK,
    MAX_ACCEPT,
    MAX_ANSWER,
    MAX_EXPLANATION,
    MAX_LANGUAGE,
    MAX_OPTIONS,
    MAX_POINTS,
    MAX_QUESTIONS,
    MAX_TAGS,
    MAX_TEXT,
    MAX_TIME_LIMIT,
    MAX_TITLE,
    POINTS,
    SCORING,
)

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
_ALL: Final = ("options", "correct", "accept", "fold", "tolerance", "nearest", "range", "grading")
#: Of these, what each kind has; points and penalties, where an answer gets any, besides.
_HELD: Final[Mapping[str, tuple[str, ...]]] = {
    "choice": ("options", "correct"),
    "multiple": ("options", "correct", "grading"),
    "boolean": ("options", "correct"),
    "text": ("accept", "fold"),
    "number": ("correct", "tolerance", "nearest", "range"),
    "order": ("options", "correct", "grading"),
    "poll": ("options",),
    "slide": (),
}
_NEEDED: Final[Mapping[str, tuple[str, ...]]] = {
    "text": ("accept",),
    "number": ("correct",),
    **dict.fromkeys(("choice", "multiple", "order", "poll"), ("options",)),
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
            "language": _optional(
                _text(MAX_LANGUAGE, "The language of the texts, such as en or pt-BR.")
            ),
            "tags": {
                "description": "Words to find the quiz by.",
                "type": ["array", "null"],
                "maxItems": MAX_TAGS,
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
        for kind, rule in ((kind, _rule(kind)) for kind in _HELD)
    ]
    named = {"required": ["kind"], "properties": {"kind": {"type": "string"}}}
    return {
        "description": "A question, or a slide between questions.",
        "type": "object",
        "required": ["text"],
        "additionalProperties": False,
        "properties": _properties(),
        "allOf": [{"if": {"not": named}, "then": _rule("multiple")}, *kinds],
    }


def _rule(kind: str) -> dict[str, Any]:
    """What holds for questions of a kind, besides what each field may be."""
    held, needed = _HELD[kind], _NEEDED.get(kind, ())
    properties: dict[str, Any] = {name: _NULL for name in _ALL if name not in held}
    if kind in ("poll", "slide"):
        properties["penalty"] = False
    if kind == "slide":
        properties["points"] = False
    if kind == "choice":
        properties["grading"] = False
    rule: dict[str, Any] = {"required": list(needed)}
    if kind in ("choice", "multiple"):
        rule |= _marked(properties, kind)
    elif kind == "boolean":
        rule |= _true_or_false()
    elif kind == "text":
        properties["accept"] = _LIST
    elif kind == "number":
        properties["correct"] = {"type": "number", "minimum": -MAX_NUMBER, "maximum": MAX_NUMBER}
        rule["if"] = {"required": ["nearest"], "properties": {"nearest": {"const": True}}}
        rule["then"] = {"required": ["range"], "properties": {"range": _LIST}}
    elif kind in ("order", "poll"):
        properties["options"] = {**_LIST, "not": _RIGHT}
    if kind == "order":
        properties["correct"] = {"anyOf": [_NULL, {**_LIST, "items": _NAME, "minItems": 2}]}
    return rule | {"properties": properties}


def _marked(properties: dict[str, Any], kind: str) -> dict[str, Any]:
    """One right option, or several: marked, or named by `correct`."""
    one = {"maxItems": 1} if kind == "choice" else {}
    properties["correct"] = {"anyOf": [_NAME, {**_LIST, "items": _NAME, **one}]}
    properties["options"] = {**_LIST, **(_ONE_RIGHT if kind == "choice" else {})}
    named = {"required": ["correct"], "properties": {"correct": {"not": {"maxItems": 0, **_LIST}}}}
    return {"anyOf": [named, {"properties": {"options": _RIGHT}}]}


def _true_or_false() -> dict[str, Any]:
    """Options of one's own, of which one is right, or which of the usual two is."""
    two = {**_LIST, "minItems": 2, "maxItems": 2}
    plain = {
        "required": ["correct"],
        "properties": {"options": _NULL, "correct": {"type": "boolean"}},
    }
    named = {
        "required": ["options", "correct"],
        "properties": {
            "options": {**two, **_ONE_RIGHT},
            "correct": {"anyOf": [_NAME, {**_LIST, "items": _NAME, "minItems": 1, "maxItems": 1}]},
        },
    }
    marked = {
        "required": ["options"],
        "properties": {
            "options": {**two, **_RIGHT, "maxContains": 1},
            "correct": {"anyOf": [_NAME, {**_LIST, "items": _NAME, "maxItems": 1}]},
        },
    }
    return {"anyOf": [plain, named, marked]}


_NULL: Final[Mapping[str, Any]] = {"type": "null"}
_LIST: Final[Mapping[str, Any]] = {"type": "array"}
#: An option's letter or text.
_NAME: Final[Mapping[str, Any]] = {"type": ["string", "number"]}
_RIGHT: Final[Mapping[str, Any]] = {
    "contains": {
        "type": "object",
        "required": ["correct"],
        "properties": {"correct": {"const": True}},
    }
}
_ONE_RIGHT: Final[Mapping[str, Any]] = {**_RIGHT, "minContains": 0, "maxContains": 1}


def _properties() -> dict[str, Any]:
    return {
        "kind": {
            "description": "What is asked for; may be left out where the options say it.",
            "enum": [*_HELD, None],
        },
        "text": _text(MAX_TEXT, "The question."),
        **_answers(),
        "points": {
            "description": "What a right answer is worth at best.",
            "anyOf": [
                {"type": "integer", "minimum": 0, "maximum": MAX_POINTS},
                {"enum": list(POINTS)},
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


def _answers() -> dict[str, Any]:
    """What says which answers are right."""
    return {
        "options": {
            "description": "What may be chosen; for order, in the right order.",
            "type": ["array", "null"],
            "minItems": 2,
            "maxItems": MAX_OPTIONS,
            "items": {"$ref": "#/$defs/option"},
        },
        "correct": {"description": "The right answer: a letter or text of an option, true, 1822."},
        "grading": _one_of(GRADING, "All or nothing, or a part of the points for a part."),
        "accept": {
            "description": "Accepted spellings of a typed answer.",
            "type": ["array", "null"],
            "minItems": 1,
            "maxItems": MAX_ACCEPT,
            "items": _text(MAX_ANSWER, "A spelling."),
        },
        "fold": _one_of(FOLDS, "case: upper and lower case count alike; loose: so do accents."),
        "tolerance": {
            "description": "How far off is right.",
            "type": ["number", "null"],
            "minimum": 0,
            "maximum": MAX_NUMBER,
        },
        "nearest": _flag("Points by distance from the right number."),
        "range": {
            "description": "The lowest and the highest number that may be given.",
            "type": ["array", "null"],
            "minItems": 2,
            "maxItems": 2,
            "items": {"type": "number", "minimum": -MAX_NUMBER, "maximum": MAX_NUMBER},
        },
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
                "properties": {
                    "text": text,
                    "correct": {"description": "Whether it is right.", "type": "boolean"},
                },
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
    """One of these; null is as good as leaving it out."""
    return {"description": description, "enum": [*values, None], "default": values[0]}


def _flag(description: str) -> dict[str, Any]:
    return {"description": description, "type": ["boolean", "null"], "default": False}


def _number(low: int, high: int, description: str, default: int) -> dict[str, Any]:
    return {
        "description": description,
        "type": "integer",
        "minimum": low,
        "maximum": high,
        "default": default,
    }
