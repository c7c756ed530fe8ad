"""quizkit.core.packing: texts come back, and nothing else is unpacked."""

from __future__ import annotations

import random
import zlib
from base64 import b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quizkit.core.packing import MAX_PACKED, MAX_TEXT_BYTES, pack, source_digest, unpack


@given(st.text())
def test_texts_come_back(text: str) -> None:
    """Every text that can be encoded; what cannot is not packed."""
    packed = pack(text)
    assert packed is not None
    assert unpack(packed) == text


def test_what_is_no_text_is_not_packed() -> None:
    """A lone surrogate has no encoding."""
    assert pack("\ud800") is None


def test_long_texts_are_not_packed() -> None:
    """Neither above the limit of a text, nor above that of an item once packed."""
    assert unpack(pack("x" * MAX_TEXT_BYTES) or "") == "x" * MAX_TEXT_BYTES
    assert pack("x" * (MAX_TEXT_BYTES + 1)) is None
    noise = "".join(random.Random(1).choices("abcdefghijklmnopqrstuvwxyz0123456789", k=MAX_PACKED))
    assert pack(noise * 2) is None


def packed(data: bytes) -> str:
    """Deflated bytes in base64."""
    return b64encode(data).decode()


@pytest.mark.parametrize(
    "given",
    [
        "",
        "no base64!",
        "é",
        "AAAA",
        packed(zlib.compress(b"cut short")[:-3]),
        packed(zlib.compress(b"x") + b"more"),
        packed(zlib.compress(b"\xff\xfe")),
        packed(zlib.compress(b"x" * (MAX_TEXT_BYTES + 1))),
        packed(zlib.compress(b"bomb" * 30_000_000)),
        "A" * (MAX_PACKED + 4),
    ],
    ids=[
        *("empty", "no base64", "no ascii", "no deflate", "cut", "more", "no text"),
        *("long", "bomb", "long packed"),
    ],
)
def test_what_nobody_packed_is_not_unpacked(given: str) -> None:
    """Broken, cut, foreign, or more than a text may have."""
    assert unpack(given) is None


def test_digests_are_of_texts() -> None:
    """However it is packed; another text and another format have others, no text has none."""
    text = "# one\ntitle: é" * 50
    best, stored = pack(text) or "", packed(zlib.compress(text.encode(), 0))
    assert best != stored
    first = source_digest({"format": "yaml", "packed": best})
    assert first is not None
    assert len(first) == 64
    assert first == source_digest({"format": "yaml", "packed": stored})
    others = [
        source_digest({"format": "yaml", "packed": pack(text + " ") or ""}),
        source_digest({"format": "markdown", "packed": best}),
    ]
    assert len({first, *others, None}) == 4
    assert source_digest(None) is None
    assert source_digest({"format": "yaml", "packed": "AAAA"}) is None
