"""quizkit.lambdas.ids: what can be read off an id, and what cannot be guessed."""

from __future__ import annotations

import hashlib

import pytest

from quizkit.lambdas.ids import digest, host_id, participant_id, random_id, shard_of


def test_a_participant_s_shard_stands_in_the_id() -> None:
    """Every shard is given out, ids are of one length, and no two are the same."""
    made = [participant_id(8) for _ in range(400)]
    assert {shard_of(who) for who in made} == set(range(8))
    assert len(set(made)) == 400
    assert {len(who) for who in made} == {18}


@pytest.mark.parametrize("who", ["", "zz", "host0123", "x"])
def test_other_ids_have_no_shard(who: str) -> None:
    """A host's id, or nobody's."""
    with pytest.raises(ValueError, match="invalid literal"):
        shard_of(who)
    with pytest.raises(ValueError, match="invalid literal"):
        shard_of(host_id())


def test_random_ids() -> None:
    """Letters and digits that nobody mistakes, never the same."""
    made = {random_id() for _ in range(200)}
    assert len(made) == 200
    assert not set("".join(made)) & set("01ilo#.")


def test_secrets_are_stored_hashed() -> None:
    """SHA-256; text that is no Unicode is hashed too."""
    assert digest("secret") == hashlib.sha256(b"secret").hexdigest()
    assert len(digest("\ud800")) == 64
