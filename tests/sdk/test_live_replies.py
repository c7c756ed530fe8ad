"""Requests that wait for their answers."""

from __future__ import annotations

import asyncio

import pytest

from quizkit.sdk.errors import Refused
from quizkit.sdk.live_replies import Replies


async def test_an_answer_reaches_who_waits() -> None:
    """Once; later ones, and those that nobody expects, find nobody."""
    replies = Replies()
    reply = replies.expect("1")
    assert not replies.settle("2", "x")
    assert replies.settle("1", "x")
    assert not replies.settle("1", "y")
    assert await reply == "x"
    replies.forget("1")
    assert not replies.settle("1", "z")


async def test_an_error_is_raised() -> None:
    """A refusal comes out of the wait; one that nobody looks at any more is no warning."""
    replies = Replies()
    reply, unseen = replies.expect("1"), replies.expect("2")
    replies.settle("1", Refused("no"))
    replies.settle("2", Refused("no"))
    with pytest.raises(Refused):
        await reply
    replies.forget("2")
    assert unseen.done()


async def test_commands_are_answered_by_any_event() -> None:
    """Only commands are; and one that was given up is not in the way."""
    replies = Replies()
    command, answer = replies.expect("1", command=True), replies.expect("2")
    given_up = replies.expect("3", command=True)
    given_up.cancel()
    replies.forget("3")
    replies.commands_worked()
    assert await asyncio.wait_for(command, 1) is None
    assert not answer.done()
