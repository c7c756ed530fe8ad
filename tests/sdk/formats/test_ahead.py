"""Fields that the rules may not know yet."""

from __future__ import annotations

import pytest

from quizkit.sdk.formats.ahead import QUESTION_FIELDS, QUIZ_FIELDS, drop_unknown, known
from quizkit.sdk.formats.draft import Draft

FIELDS = [*QUIZ_FIELDS, *QUESTION_FIELDS]


def test_this_module_is_still_needed() -> None:
    """When core knows all of these, delete `ahead.py`, this file, and the calls."""
    assert not all(known(name) for name in FIELDS)


@pytest.mark.parametrize("name", FIELDS)
def test_what_core_does_not_know_is_dropped_and_said(name: str) -> None:
    """And what it knows stays."""
    draft = Draft.titled("T")
    draft.add({"text": "Q?", "options": ["x", "y"], **QUESTION_FIELDS}, (2, 1))
    draft.document |= QUIZ_FIELDS
    drop_unknown(draft)
    where = draft.document if name in QUIZ_FIELDS else draft.document["questions"][0]
    assert (name in where) is known(name)
    said = any(repr(name) in note.message for note in draft.notes.warnings)
    assert said is not known(name)


@pytest.mark.parametrize("document", [None, [], {"questions": 3}, {"questions": [3, {}]}])
def test_documents_of_any_shape(document: object) -> None:
    """The rules say what is wrong with them, not this."""
    drop_unknown(Draft(document))
