"""What a quiz's native document comes to in 64 digits, to tell whether two are the same."""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any


def digest(document: Mapping[str, Any]) -> str:
    """The digest of a native document: 64 hexadecimal digits.

    SHA-256 over its canonical JSON: keys sorted, no spaces, UTF-8.

    Args:
        document: as `quiz.to_document` gives it, with media by the names that are stored.
    """
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return sha256(text.encode()).hexdigest()
