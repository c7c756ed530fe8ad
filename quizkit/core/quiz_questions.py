"""Reading one question of a document: what each kind needs, and has no place for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from string import ascii_lowercase
from typing import Any, Final

from quizkit.core.kinds import FOLDS, GRADING, KINDS, UNSCORED, Rules, number_of
from quizkit.core.quiz_model import (
    DEFAULT_POINTS,
    DEFAULT_TIME_LIMIT,
    MAX_ACCEPT,
    MAX_ANSWER,
    MAX_EXPLANATION,
    MAX_OPTIONS,
    MAX_POINTS,
    MAX_TEXT,
    MAX_TIME_LIMIT,
    POINTS,
    Option,
    Question,
)
from quizkit.core.quiz_reader import Path, Reader, plain, shown

_COMMON: Final = ("kind", "text", "time_limit", "explanation", "media", "alt", "source")
_OF_KINDS: Final[Mapping[str, tuple[str, ...]]] = {
    "choice": ("options", "correct", "points", "penalty"),
    "multiple": ("options", "correct", "grading", "points", "penalty"),
    "boolean": ("options", "correct", "points", "penalty"),
    "text": ("accept", "fold", "points", "penalty"),
    "number": ("correct", "tolerance", "nearest", "range", "points", "penalty"),
    "order": ("options", "correct", "grading", "points", "penalty"),
    "poll": ("options", "points"),
    "slide": (),
}
#: All fields of a question, in the order in which they are best read.
FIELDS: Final = (
    "text",
    "kind",
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
    "time_limit",
    "explanation",
    "media",
    "alt",
    "source",
)
_OPTION_KEYS: Final = ("text", "correct")
_BOOLEAN: Final = (Option("a", "True"), Option("b", "False"))


def read_question(reader: Reader, node: object, index: int) -> Question:
    """One question of a document; its problems are in the reader."""
    path: Path = ("questions", index)
    if not isinstance(node, Mapping):
        reader.problem(path, "a question is a mapping with 'text' and 'options'")
        return Question(id=f"q{index + 1}", text="?")
    reader.unknown_keys(node, FIELDS, path)
    question = Question(
        id=f"q{index + 1}",
        text=reader.text(node, "text", path, MAX_TEXT),
        points=_points(reader, node, path),
        time_limit=reader.whole(node, "time_limit", path, (1, MAX_TIME_LIMIT, DEFAULT_TIME_LIMIT)),
        explanation=reader.optional_text(node, "explanation", path, MAX_EXPLANATION),
        media=reader.optional_text(node, "media", path, MAX_TEXT),
        source=reader.optional_text(node, "source", path, MAX_TEXT),
        alt=reader.optional_text(node, "alt", path, MAX_TEXT),
        rules=Rules(penalty=reader.whole(node, "penalty", path, (0, MAX_POINTS, 0))),
    )
    kind = node.get("kind")
    if kind is not None and kind not in KINDS:
        reader.problem((*path, "kind"), f"'kind' must be one of: {', '.join(KINDS)}")
        return question
    # Without a kind it is what the options say, of which `multiple` may have most fields.
    _misplaced(reader, node, path, kind or "multiple")
    made = _READERS[kind or "multiple"](reader, node, path, question)
    if kind in UNSCORED:
        return replace(made, points=0, form=kind)
    return replace(made, form=_form(reader, path, kind, made))


def _form(reader: Reader, path: Path, kind: str | None, question: Question) -> str | None:
    """The kind of a question, where its options do not say the same."""
    right = len(question.correct)
    if kind == "choice" and right > 1:
        reader.problem(
            (*path, "options"), f"{right} options are right: only one may be, or 'kind: multiple'"
        )
    if kind is None and right == 1 and question.rules.grading != "all":
        return "multiple"  # nothing else can be graded by parts
    if kind in (None, "choice") or (kind == "multiple" and right > 1):
        return None
    return kind


def _points(reader: Reader, node: Mapping[str, Any], path: Path) -> int:
    value = node.get("points", DEFAULT_POINTS)
    if isinstance(value, str) and value in POINTS:
        return POINTS[value]
    if isinstance(value, str):
        words = ", ".join(POINTS)
        reader.problem((*path, "points"), f"'points' must be a whole number, or one of: {words}")
        return DEFAULT_POINTS
    return reader.whole(node, "points", path, (0, MAX_POINTS, DEFAULT_POINTS))


def _misplaced(reader: Reader, node: Mapping[str, Any], path: Path, kind: str) -> None:
    for key in FIELDS:
        if key in _COMMON or key in _OF_KINDS[kind] or node.get(key) is None:
            continue
        kinds = ", ".join(kind for kind, keys in _OF_KINDS.items() if key in keys)
        reader.problem((*path, key), f"{key!r} is for questions of the kind {kinds}")


# --- the kinds -----------------------------------------------------------------------


def _read_marked(
    reader: Reader, node: Mapping[str, Any], path: Path, question: Question
) -> Question:
    options, misnamed = _marked_options(reader, node, path)
    if options and not misnamed and not any(option.correct for option in options):
        reader.problem(
            (*path, "options"), "no option is marked right: give one of them 'correct: true'"
        )
    grading = reader.choice(node, "grading", GRADING, path)
    return replace(question, options=options, rules=replace(question.rules, grading=grading))


def _read_boolean(
    reader: Reader, node: Mapping[str, Any], path: Path, question: Question
) -> Question:
    if node.get("options") is not None:
        options, misnamed = _marked_options(reader, node, path)
        one_right = misnamed or sum(option.correct for option in options) == 1
        if options and not (len(options) == 2 and one_right):
            reader.problem((*path, "options"), "of two options one is right, or give no options")
        return replace(question, options=options)
    right = node.get("correct")
    if not isinstance(right, bool):
        reader.problem(
            (*path, "correct") if "correct" in node else path, "'correct' must be true or false"
        )
    marked = (replace(_BOOLEAN[0], correct=right is True), replace(_BOOLEAN[1], correct=not right))
    return replace(question, options=marked)


def _read_text(reader: Reader, node: Mapping[str, Any], path: Path, question: Question) -> Question:
    fold = reader.choice(node, "fold", FOLDS, path)
    accept: list[str] = []
    if not node.get("accept"):
        reader.problem(
            (*path, "accept") if "accept" in node else path,
            "'accept' is missing: a list of the spellings that are right",
        )
    else:
        bounds = (MAX_ACCEPT, MAX_ANSWER)
        accept = reader.texts(node["accept"], "'accept'", (*path, "accept"), bounds)
    return replace(question, right=tuple(accept), rules=replace(question.rules, fold=fold))


def _read_number(
    reader: Reader, node: Mapping[str, Any], path: Path, question: Question
) -> Question:
    place = (*path, "correct") if "correct" in node else path
    correct = reader.number(node.get("correct"), "'correct'", place)
    tolerance = None
    if node.get("tolerance") is not None:
        tolerance = reader.number(node["tolerance"], "'tolerance'", (*path, "tolerance"), 0)
    nearest = reader.flag(node, "nearest", path)
    bounds = _range(reader, node, path, correct)
    if nearest and node.get("range") is None:
        reader.problem(
            (*path, "nearest"), "'nearest' needs 'range: [low, high]', which scales the points"
        )
    rules = replace(question.rules, tolerance=tolerance or "0", nearest=nearest, range=bounds)
    return replace(question, right=() if correct is None else (correct,), rules=rules)


def _range(
    reader: Reader, node: Mapping[str, Any], path: Path, correct: str | None
) -> tuple[str, str] | None:
    value = node.get("range")
    if value is None:
        return None
    path = (*path, "range")
    if not isinstance(value, list) or len(value) != 2:
        reader.problem(path, "'range' must be a list of two numbers, such as [0, 100]")
        return None
    low, high = (reader.number(each, "each of 'range'", (*path, i)) for i, each in enumerate(value))
    if low is None or high is None:
        return None
    if not number_of(low) < number_of(high):
        reader.problem(path, "the first number of 'range' must be the lower one")
    elif correct is not None and not number_of(low) <= number_of(correct) <= number_of(high):
        reader.problem(path, f"the right number, {correct}, is out of 'range'")
    return low, high


def _read_order(
    reader: Reader, node: Mapping[str, Any], path: Path, question: Question
) -> Question:
    options = _options(reader, node, path)
    if any(option.correct for option in options):
        reader.problem(
            (*path, "options"), "give the options in their right order, none of them marked"
        )
    grading = reader.choice(node, "grading", GRADING, path)
    right = tuple(option.id for option in options)
    if node.get("correct") is not None and options:
        right = _named(reader, node["correct"], path, options)
        if sorted(right) != [option.id for option in options]:
            reader.problem((*path, "correct"), "'correct' must name every option once, in order")
    rules = replace(question.rules, grading=grading)
    return replace(question, options=options, right=right, rules=rules)


def _read_poll(reader: Reader, node: Mapping[str, Any], path: Path, question: Question) -> Question:
    options = _options(reader, node, path)
    if any(option.correct for option in options):
        reader.problem((*path, "options"), "no option of a poll is right")
    return replace(question, options=options)


def _read_slide(
    reader: Reader, node: Mapping[str, Any], path: Path, question: Question
) -> Question:
    return question


_READERS: Final[Mapping[str, Callable[[Reader, Mapping[str, Any], Path, Question], Question]]] = {
    "choice": _read_marked,
    "multiple": _read_marked,
    "boolean": _read_boolean,
    "text": _read_text,
    "number": _read_number,
    "order": _read_order,
    "poll": _read_poll,
    "slide": _read_slide,
}


# --- options -------------------------------------------------------------------------


def _options(reader: Reader, node: Mapping[str, Any], path: Path) -> tuple[Option, ...]:
    nodes = reader.items(node, "options", path)
    path = (*path, "options")
    if not isinstance(node.get("options"), list):
        return ()
    if not 2 <= len(nodes) <= MAX_OPTIONS:
        reader.problem(path, f"a question has 2 to {MAX_OPTIONS} options, not {len(nodes)}")
        return ()
    options = tuple(
        _option(reader, child, (*path, index), ascii_lowercase[index])
        for index, child in enumerate(nodes)
    )
    seen: dict[str, str] = {}
    for index, option in enumerate(options):
        twin = seen.setdefault(option.text, option.id)
        if twin != option.id and option.text:
            reader.problem((*path, index), f"the same text as option {twin!r}")
    return options


def _option(reader: Reader, node: object, path: Path, option_id: str) -> Option:
    if not isinstance(node, Mapping):
        return Option(option_id, reader.words(node, f"option {option_id!r}", path, MAX_TEXT))
    reader.unknown_keys(node, _OPTION_KEYS, path)
    correct = node.get("correct", False)
    if not isinstance(correct, bool):
        reader.problem((*path, "correct"), "'correct' must be true or false")
    return Option(option_id, reader.text(node, "text", path, MAX_TEXT), correct is True)


def _marked_options(
    reader: Reader, node: Mapping[str, Any], path: Path
) -> tuple[tuple[Option, ...], bool]:
    """The options with the short form `correct: b` (or a list of ids or texts) applied.

    The second value tells whether it names something wrongly: then it was told, and whoever
    mends that need not hear that no option is right.
    """
    options = _options(reader, node, path)
    if "correct" not in node or not options:
        return options, False
    told = len(reader.problems)
    right = _named(reader, node["correct"], path, options)
    marked = [replace(option, correct=option.correct or option.id in right) for option in options]
    return tuple(marked), len(reader.problems) > told


def _named(
    reader: Reader, value: object, path: Path, options: tuple[Option, ...]
) -> tuple[str, ...]:
    """The ids of the options that `correct` names, in its order."""
    named: list[str] = []
    for mark in value if isinstance(value, list) else [value]:
        name = plain(mark)
        found = [option.id for option in options if name in (option.id, option.text)]
        if not found:
            reader.problem(
                (*path, "correct"),
                f"'correct' names {shown(mark)!r}, which is not among the options "
                f"{options[0].id!r} to {options[-1].id!r}",
            )
        elif len(found) > 1:
            reader.problem(
                (*path, "correct"),
                f"{name!r} is one option's id and another's text: mark the right one "
                "with 'correct: true'",
            )
        named += found
    return tuple(named)
