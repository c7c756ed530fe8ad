"""quizkit.core.digest: the same quiz, the same digits."""

from __future__ import annotations

from hashlib import sha256

from quizkit.core.digest import digest


def test_a_digest_is_over_canonical_json() -> None:
    """So that a program in any language computes the same."""
    document = {"title": "Ä", "questions": [{"text": "b", "points": 2}]}
    canonical = '{"questions":[{"points":2,"text":"b"}],"title":"Ä"}'
    assert digest(document) == sha256(canonical.encode()).hexdigest()


def test_order_of_keys_is_nothing_and_order_of_questions_is() -> None:
    """Two mappings that say the same are the same; two lists are not."""
    assert digest({"a": 1, "b": 2}) == digest({"b": 2, "a": 1})
    assert digest({"a": [1, 2]}) != digest({"a": [2, 1]})
