"""Fields that the rules may not know yet, and that a quiz can do without.

Importers give everything that a file says in the native format of docs/formats.md. While
core reads fewer fields than that, the ones named here are dropped with a note instead of
refusing the file. Delete this module, and its one call in `load`, when core knows them all:
`test_ahead.py` fails then.
"""

from __future__ import annotations

from functools import cache
from typing import Any, Final

from quizkit.core.errors import InvalidQuiz
from quizkit.core.quiz import parse
from quizkit.sdk.formats.draft import Draft

#: Harmless values, by which core is asked whether it knows the field.
QUIZ_FIELDS: Final[dict[str, Any]] = {"shuffle": True, "tags": ["x"], "language": "en"}
QUESTION_FIELDS: Final[dict[str, Any]] = {"alt": "x", "grading": "balanced"}


def drop_unknown(draft: Draft) -> None:
    """Take the fields out of a draft that core does not know, with a note for each."""
    document = draft.document
    if not isinstance(document, dict):
        return
    for name in [name for name in QUIZ_FIELDS if name in document and not known(name)]:
        draft.notes.add(f"{name!r} is left out: it cannot be stored", draft.locate((name,)))
        del document[name]
    questions = document.get("questions")
    for index, question in enumerate(questions if isinstance(questions, list) else ()):
        for name in QUESTION_FIELDS:
            if isinstance(question, dict) and name in question and not known(name):
                place = draft.locate(("questions", index, name))
                draft.notes.add(f"{name!r} is left out: it cannot be stored", place)
                del question[name]


@cache
def known(name: str) -> bool:
    """Whether core reads a field."""
    option = {"text": "x", "correct": True}
    question: dict[str, Any] = {"text": "x", "options": [option, "y"], "media": "x.png"}
    document: dict[str, Any] = {"title": "x", "questions": [question]}
    if name in QUIZ_FIELDS:
        document[name] = QUIZ_FIELDS[name]
    else:
        question[name] = QUESTION_FIELDS[name]
    try:
        parse(document)
    except InvalidQuiz as exc:
        return not any(problem.message.startswith("unknown field") for problem in exc.problems)
    return True
