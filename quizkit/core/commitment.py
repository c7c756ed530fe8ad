"""Committing to a quiz's key before the first question, and showing it at the end.

When a session opens, a random salt is drawn and the digest of salt and key is published.
The salt stays with the keys until the session is over. Whoever then has the salt and the
right answers, all of which were shown as the questions closed, can compute the digest
again: had the key been changed in play, it would differ. Without the salt the digest
tells nothing, though a key has few possible values.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from hashlib import sha256

#: A question's id and the ids of its right options, in the quiz's order.
Key = Sequence[tuple[str, Sequence[str]]]


def commitment(salt: str, key: Key) -> str:
    """The digest that a session publishes: 64 hexadecimal digits.

    SHA-256 over the salt, a newline, and the compact JSON of `[[question, [option, …]], …]`
    with the options of each question sorted; so that a client in any language can compute it.

    Args:
        salt: random text, the session's own.
        key: every question of the quiz, in order.
    """
    rows = [[question_id, sorted(correct)] for question_id, correct in key]
    return sha256(f"{salt}\n{json.dumps(rows, separators=(',', ':'))}".encode()).hexdigest()
