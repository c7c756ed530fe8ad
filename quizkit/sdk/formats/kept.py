"""Comments and order survive: a quiz's own source, made to say what is stored.

The platform stores a quiz's document, in which there are no comments. Beside it it can keep
the text that the quiz was read from. What has changed since is the names of media, which
became keys of objects on uploading: they are exchanged in the text, place by place. A text
that then still does not say what is stored is not used.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from quizkit.core.errors import InvalidQuiz
from quizkit.core.quiz import Quiz, parse
from quizkit.sdk.errors import InvalidInput
from quizkit.sdk.formats.draft import Draft
from quizkit.sdk.formats.load import read
from quizkit.sdk.formats.native import json_text
from quizkit.sdk.formats.source import Lines, Source


def kept(text: str, form: str, document: Mapping[str, Any]) -> str | None:
    """The source text of a stored quiz, comments and all.

    Args:
        text: what the quiz was read from.
        form: its format, `yaml` or `markdown`.
        document: as it is stored.

    Returns:
        The text, saying what `document` says; None where it says something else.
    """
    try:
        draft, _ = _read(text, form)
        changed = _with_media(text, draft, document)
        _, quiz = _read(changed, form)
        same = quiz == parse(document)
    except (InvalidInput, InvalidQuiz, UnicodeEncodeError):
        return None
    return changed if same else None


def _read(text: str, form: str) -> tuple[Draft, Quiz]:
    draft = read(Source(text.encode()), format=form)
    return draft, parse(draft.document)


def _with_media(text: str, draft: Draft, document: Mapping[str, Any]) -> str:
    """The text with the media of the document."""
    lines = Lines(text)
    edits: list[tuple[int, str, str]] = []
    pairs = zip(draft.document["questions"], document["questions"], strict=False)
    for index, (written, stored) in enumerate(pairs):
        before, after = written.get("media"), stored.get("media")
        mark = draft.marks.get(("questions", index, "media"))
        if before != after and isinstance(before, str) and isinstance(after, str) and mark:
            edits.append((lines.offset(mark), before, after))
    for offset, before, after in sorted(edits, reverse=True):
        quoted = json_text(before) if text.startswith('"', offset) else f"'{before}'"
        for spelling in (before, quoted):
            if text.startswith(spelling, offset):
                text = text[:offset] + after + text[offset + len(spelling) :]
                break
    return text
