"""Ids and secrets: how they are made, and what can be read off them.

A participant's shard stands in the first two hex digits of the participant id, so that
nothing has to be looked up to find a row. A host's id begins with `host`.
"""

from __future__ import annotations

import hashlib
import secrets
from typing import Final

_LETTERS: Final = "23456789abcdefghjkmnpqrstuvwxyz"
#: Far beyond any id of ours, and far below what storage takes as a key.
_LONGEST_ID: Final = 64


def random_id(length: int = 16) -> str:
    """Random letters and digits that cannot be mistaken for one another, 5 bits each."""
    return "".join(secrets.choice(_LETTERS) for _ in range(length))


def participant_id(shards: int) -> str:
    """The id of a new participant, in a random shard."""
    return f"{secrets.randbelow(shards):02x}{secrets.token_hex(8)}"


def host_id() -> str:
    """The id of a new host's socket."""
    return f"host{secrets.token_hex(8)}"


def shard_of(participant: str) -> int:
    """The shard that a participant's rows live in; ValueError for no participant's id."""
    if len(participant) > _LONGEST_ID:
        raise ValueError("no id is as long as this")
    return int(participant[:2], 16)


def digest(secret: str) -> str:
    """How secrets are stored: SHA-256, hex. They are random, so no salt is needed."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()
