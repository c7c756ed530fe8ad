"""One way out for every format."""

from __future__ import annotations

from typing import Any

import pytest

from quizkit.sdk.errors import Misuse
from quizkit.sdk.formats import FORMATS, load, write

DOCUMENT: dict[str, Any] = {
    "title": "Größe",
    "questions": [{"text": "Q?", "options": ["x", {"text": "y", "correct": True}]}],
}
WRITTEN = [name for name, form in FORMATS.items() if form.writing]


@pytest.mark.parametrize("form", WRITTEN)
def test_every_format_is_read_again_without_being_named(form: str) -> None:
    """What is exported imports, its format found from the content."""
    written = write(DOCUMENT, form)
    loaded = load(written.content, f"Größe{written.ending}")
    # A table of ours is Kahoot's where it has its header.
    assert loaded.format == form
    assert loaded.quiz.title == "Größe"
    assert loaded.quiz.questions[0].correct == ("b",)
    assert written.is_text is (form != "kahoot")


def test_formats_that_are_only_read() -> None:
    """They are refused with those that are written."""
    with pytest.raises(Misuse) as caught:
        write(DOCUMENT, "aiken")
    assert caught.value.hint == "take one of: yaml, json, markdown, gift, csv, kahoot"
    with pytest.raises(Misuse, match="no format 'doc'"):
        write(DOCUMENT, "doc")


def test_comments_come_back() -> None:
    """In the format that they were written in, as long as it says the same."""
    text = "# mine\ntitle: Größe\nquestions: [{text: Q?, options: [x, y], correct: b}]\n"
    source = {"format": "yaml", "text": text}
    assert write(DOCUMENT, "yaml", source=source).content.decode() == text
    assert b"mine" not in write(DOCUMENT, "json", source=source).content
    changed = write({**DOCUMENT, "title": "Anders"}, "yaml", source=source)
    assert b"mine" not in changed.content
    assert "comments of the quiz's file are lost" in changed.warnings[0].message
