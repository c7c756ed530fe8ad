"""Options by letter: people know an option by its place on the screen, programs by its id.

Where a session shuffles, the first option shown is `a` to people, whatever its id is. Both
ways go through the mappings given here, and nothing else turns one into the other.
"""

from __future__ import annotations

from collections.abc import Mapping
from string import ascii_lowercase
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from quizkit.sdk.live_events import Question

#: What people call an option, by its id, in the order shown.
Letters: TypeAlias = Mapping[str, str]


def letters_of(question: Question | None) -> Letters:
    """The options' letters by their places; empty where the question is not known."""
    options = question.options if question else ()
    return {option.id: letter for option, letter in zip(options, ascii_lowercase, strict=False)}


def ids_of(question: Question) -> Letters:
    """The options' own ids in the place of letters, for programs, which read and type ids."""
    return {option.id: option.id for option in question.options}
