"""quizkit.core.owners: whose what somebody makes is."""

from __future__ import annotations

from quizkit.core.owners import ADMIN, ADMINS, Caller


def test_what_a_caller_makes_is_theirs() -> None:
    """An admin's things belong to the admins as a whole."""
    assert Caller("ada-1").owner == "ada-1"
    assert ADMIN.owner == ADMINS
