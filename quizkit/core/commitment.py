"""Committing to a quiz's key before the first question, and showing it at the end.

When a session opens, a random salt is drawn and the digest of salt and key is published.
The salt stays with the keys until the session is over. Whoever then has the salt and the
right answers, all of which were shown as the questions closed, can compute the digest
again: had the key been changed in play, it would differ. Without the salt the digest
tells nothing, though a key has few possible values.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from hashlib import sha256
from typing import Any, NamedTuple

from quizkit.core.kinds import DEFAULT_RULES, Rules, rules_to_row


class Key(NamedTuple):
    """One question's key, as it is stored: see `core.kinds`."""

    question_id: str
    correct: tuple[str, ...]
    kind: str = "choice"
    rules: Rules = DEFAULT_RULES


def commitment(salt: str, keys: Iterable[Key]) -> str:
    """The digest that a session publishes: 64 hexadecimal digits.

    SHA-256 over the salt, a newline, and the compact JSON of `[[question, [text, …]], …]`;
    so that a client in any language can compute it. The texts are the ids of the right
    options, sorted except where their order is the answer; or the number; or the accepted
    spellings, in their order. Where answers are held against it by other rules than the usual
    ones, a third element has those, sorted by name: `{"tolerance":"5"}`.

    Args:
        salt: random text, the session's own.
        keys: every question of the quiz, in order.
    """
    rows = json.dumps([_row(key) for key in keys], separators=(",", ":"), ensure_ascii=False)
    return sha256(f"{salt}\n{rows}".encode()).hexdigest()


def _row(key: Key) -> list[Any]:
    ordered = key.kind in ("order", "text")
    row: list[Any] = [key.question_id, list(key.correct) if ordered else sorted(key.correct)]
    rules = rules_to_row(key.rules)
    return [*row, dict(sorted(rules.items()))] if rules else row
