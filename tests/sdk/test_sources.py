"""quizkit.sdk.sources: a file's text, sent beside its quiz and read back."""

from __future__ import annotations

import random

import pytest

from quizkit.core.packing import pack
from quizkit.sdk.formats import load
from quizkit.sdk.sources import MAX_REQUEST, TOO_LONG, kept_source, unpacked_source

TEXT = "# ours\ntitle: T # a title\nquestions:\n  - {text: q, options: [x, y], correct: a}\n"


def test_a_text_is_sent_and_read_back() -> None:
    """With its format, and the comments in it."""
    loaded = load(TEXT.encode(), "t.yaml")
    sent, warnings = kept_source(loaded, loaded.document)
    assert warnings == []
    assert unpacked_source(sent) == {"format": "yaml", "text": TEXT}


def test_formats_without_a_text_of_their_own() -> None:
    """Of an import there is nothing to keep, and nothing to warn of."""
    loaded = load(b"Q?\nA. x\nB. y\nANSWER: A\n", "t.txt")
    assert loaded.format == "aiken"
    assert kept_source(loaded, loaded.document) == (None, [])


def test_a_text_that_is_too_long() -> None:
    """Too long by itself, or together with the document: a warning, and it stays here."""
    noise = "".join(random.Random(1).choices("abcdefghijklmnopqrstuvwxyz0123456789", k=600_000))
    loaded = load(f"# {noise}\n{TEXT}".encode(), "t.yaml")
    assert kept_source(loaded, loaded.document) == (None, [TOO_LONG])
    small = load(TEXT.encode(), "t.yaml")
    large = {**small.document, "description": "x" * MAX_REQUEST}
    assert kept_source(small, large) == (None, [TOO_LONG])


@pytest.mark.parametrize(
    "stored",
    [None, {}, {"format": "yaml"}, {"format": "yaml", "packed": "?"}, {"packed": 7}],
)
def test_what_cannot_be_read(stored: dict[str, object] | None) -> None:
    """Nothing was kept, or something else: then there is no source."""
    assert unpacked_source(stored) is None
    assert unpacked_source({"format": "yaml", "packed": pack("x")}) is not None
