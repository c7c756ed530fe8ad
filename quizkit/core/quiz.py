"""What a quiz is, and how its native document becomes one.

A document is what YAML or JSON gives: dicts, lists, strings, numbers. `parse` turns it
into a `Quiz` or raises `InvalidQuiz` with every problem at once, each with its path, so
that a front end can point at lines. A parsed quiz is split in two on storage: what
players may see (`public_part`) and the key (`key_part`), so that permissions can keep the
second from whatever answers players; `joined` puts the parts together again.

The options of an `order` question are written in their right order, so their ids would
tell it. `disguised` mixes them, by a seed that is drawn where the quiz is stored and kept
nowhere; the stored parts remember that it was done, and `joined` undoes it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from quizkit.core.errors import InvalidQuiz, Problem
from quizkit.core.kinds import (
    CHOSEN,
    DEFAULT_RULES,
    number_of,
    rules_from_row,
    rules_to_row,
    shuffled,
)
from quizkit.core.quiz_model import (
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
    Option,
    Question,
    Quiz,
    kind_of_options,
)
from quizkit.core.quiz_questions import read_question
from quizkit.core.quiz_reader import Reader

__all__ = [
    "DEFAULT_POINTS",
    "DEFAULT_TIME_LIMIT",
    "FEEDBACK",
    "MAX_ACCEPT",
    "MAX_ANSWER",
    "MAX_EXPLANATION",
    "MAX_LANGUAGE",
    "MAX_OPTIONS",
    "MAX_POINTS",
    "MAX_QUESTIONS",
    "MAX_TAGS",
    "MAX_TEXT",
    "MAX_TIME_LIMIT",
    "MAX_TITLE",
    "POINTS",
    "SCORING",
    "Option",
    "Question",
    "Quiz",
    "disguised",
    "joined",
    "key_part",
    "parse",
    "public_part",
    "stored_parts",
    "to_document",
]

_QUIZ_KEYS: Final = (
    "title",
    "description",
    "language",
    "tags",
    "scoring",
    "feedback",
    "streak_bonus",
    "shuffle",
    "attribution",
    "questions",
)


def parse(document: object) -> Quiz:
    """Read a native quiz document.

    Args:
        document: a dict in the shape of docs/formats.md, as YAML or JSON gives it.

    Returns:
        The quiz; question and option ids are given by position.

    Raises:
        InvalidQuiz: with every problem found; nothing else is raised, whatever comes in.
    """
    reader = Reader()
    if not isinstance(document, Mapping):
        raise InvalidQuiz((Problem((), "a quiz is a mapping with 'title' and 'questions'"),))
    reader.unknown_keys(document, _QUIZ_KEYS, ())
    title = reader.text(document, "title", (), MAX_TITLE)
    nodes = reader.items(document, "questions", ())
    if not nodes and isinstance(document.get("questions"), list):
        reader.problem(("questions",), "a quiz needs at least one question")
    if len(nodes) > MAX_QUESTIONS:
        reader.problem(("questions",), f"{len(nodes)} questions; at most {MAX_QUESTIONS}")
        nodes = []
    tags = document.get("tags")
    quiz = Quiz(
        title=title,
        questions=tuple(read_question(reader, node, index) for index, node in enumerate(nodes)),
        scoring=reader.choice(document, "scoring", SCORING),
        feedback=reader.choice(document, "feedback", FEEDBACK),
        description=reader.optional_text(document, "description", (), MAX_EXPLANATION),
        attribution=reader.optional_text(document, "attribution", (), MAX_TEXT),
        language=reader.optional_text(document, "language", (), MAX_LANGUAGE),
        tags=()
        if tags is None
        else tuple(reader.texts(tags, "'tags'", ("tags",), (MAX_TAGS, MAX_TITLE))),
        streak_bonus=reader.whole(document, "streak_bonus", (), (0, MAX_POINTS, 0)),
        shuffle=reader.flag(document, "shuffle"),
    )
    if reader.problems:
        raise InvalidQuiz(tuple(reader.problems))
    return quiz


# --- documents -----------------------------------------------------------------------


def to_document(quiz: Quiz) -> dict[str, Any]:
    """The native document of a quiz; `parse` of it gives an equal quiz."""
    document: dict[str, Any] = {"title": quiz.title}
    for key in ("description", "attribution", "language"):
        if getattr(quiz, key) is not None:
            document[key] = getattr(quiz, key)
    if quiz.tags:
        document["tags"] = list(quiz.tags)
    document["scoring"] = quiz.scoring
    document["feedback"] = quiz.feedback
    if quiz.streak_bonus:
        document["streak_bonus"] = quiz.streak_bonus
    if quiz.shuffle:
        document["shuffle"] = True
    document["questions"] = [_question_document(question) for question in quiz.questions]
    return document


def _question_document(question: Question) -> dict[str, Any]:
    document: dict[str, Any] = {"text": question.text}
    if question.form is not None:
        document["kind"] = question.form
    document |= _answer_document(question)
    if question.rules.grading != DEFAULT_RULES.grading:
        document["grading"] = question.rules.grading
    if question.kind not in ("poll", "slide"):
        document["points"] = question.points
    if question.rules.penalty:
        document["penalty"] = question.rules.penalty
    document["time_limit"] = question.time_limit
    for key in ("explanation", "media", "alt", "source"):
        value = getattr(question, key)
        if value is not None:
            document[key] = value
    return document


def _answer_document(question: Question) -> dict[str, Any]:
    """What a question of its kind is made of."""
    rules = question.rules
    match question.kind:
        case "slide":
            return {}
        case "text":
            found: dict[str, Any] = {"accept": list(question.right)}
            return found | ({} if rules.fold == DEFAULT_RULES.fold else {"fold": rules.fold})
        case "number":
            found = {"correct": number_of(question.right[0])}
            if rules.tolerance != DEFAULT_RULES.tolerance:
                found["tolerance"] = number_of(rules.tolerance)
            if rules.nearest:
                found["nearest"] = True
            if rules.range is not None:
                found["range"] = [number_of(each) for each in rules.range]
            return found
        case "boolean" if [option.text for option in question.options] == ["True", "False"]:
            return {"correct": question.options[0].correct}
    options = [
        {"text": option.text, "correct": True} if option.correct else option.text
        for option in question.options
    ]
    shown_in_order = question.kind != "order" or question.is_in_order
    return {"options": options} | ({} if shown_in_order else {"correct": list(question.right)})


# --- storage -------------------------------------------------------------------------


def disguised(quiz: Quiz, seed: str) -> Quiz:
    """The quiz with the options of questions that are written in their right order mixed.

    Args:
        seed: random text that nobody else knows; with it the order could be told.
    """
    return replace(quiz, questions=tuple(_mixed(each, seed) for each in quiz.questions))


def _mixed(question: Question, seed: str) -> Question:
    if question.kind != "order" or not question.is_in_order:
        return question
    mixed = shuffled((option.id for option in question.options), seed, question.id)
    ids = dict(zip(mixed, question.right, strict=True))  # in their new places, from a on
    texts = {option.id: option.text for option in question.options}
    return replace(
        question,
        options=tuple(Option(ids[old], texts[old]) for old in mixed),
        right=tuple(ids[old] for old in question.right),
    )


def public_part(question: Question) -> dict[str, Any]:
    """What players may see of a question, as it is stored: whole numbers and texts only."""
    rules = question.rules
    return {
        "question_id": question.id,
        "kind": question.kind,
        "text": question.text,
        "options": [option.text for option in question.options],
        "points": question.points,
        "time_limit": question.time_limit,
        "media": question.media,
        "alt": question.alt,
        "grading": rules.grading,
        "penalty": rules.penalty,
        "range": None if rules.range is None else list(rules.range),
    }


def key_part(question: Question, mixed: bool = False) -> dict[str, Any]:
    """What players may not see, as it is stored; `rules` has those that are not the usual ones.

    Args:
        mixed: whether the question was disguised; its document shows it as it was before.
    """
    return {
        "correct": list(question.correct),
        "kind": question.kind,
        "rules": rules_to_row(question.rules),
        "mixed": mixed,
        "explanation": question.explanation,
        "source": question.source,
    }


def stored_parts(quiz: Quiz, seed: str) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Every question's public part and key, disguised; see there for the seed."""
    pairs = zip(quiz.questions, disguised(quiz, seed).questions, strict=True)
    return [(public_part(after), key_part(after, after != before)) for before, after in pairs]


def joined(public: Mapping[str, Any], key: Mapping[str, Any]) -> Question:
    """The question in two stored parts, also in parts that were stored before kinds were."""
    kind, correct = public["kind"], tuple(key["correct"])
    marked = kind in CHOSEN
    options = [
        Option(chr(ord("a") + index), text, marked and chr(ord("a") + index) in correct)
        for index, text in enumerate(public["options"])
    ]
    right = () if marked else correct
    if kind == "order" and key.get("mixed"):
        texts = {option.id: option.text for option in options}
        options = [Option(chr(ord("a") + index), texts[each]) for index, each in enumerate(correct)]
        right = tuple(option.id for option in options)
    return Question(
        id=public["question_id"],
        text=public["text"],
        options=tuple(options),
        points=public["points"],
        time_limit=public["time_limit"],
        explanation=key["explanation"],
        media=public["media"],
        source=key["source"],
        form=None if kind == kind_of_options(len(correct)) else kind,
        alt=public.get("alt"),
        right=right,
        rules=rules_from_row(key.get("rules")),
    )
