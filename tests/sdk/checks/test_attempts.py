"""Checks that raise or do not end."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from quizkit.sdk.checks import Check
from quizkit.sdk.checks.attempts import at_once, attempt
from quizkit.sdk.errors import Unreachable


def raising(exc: BaseException) -> Callable[[], str]:
    """A look that goes wrong."""

    def look() -> str:
        raise exc

    return look


def test_what_is_found_is_given() -> None:
    """A look that ends well passes through, also one that finds nothing."""
    assert attempt("n", lambda: 7) == 7
    assert attempt("n", lambda: None) is None


def test_an_error_of_ours_is_a_finding_with_its_fix() -> None:
    """Nothing is raised, and no bug is told of."""
    bugs: list[Exception] = []
    found = attempt("n", raising(Unreachable("away", hint="wait")), on_bug=bugs.append)
    assert found == Check.failed("n", "away", "wait")
    assert bugs == []


def test_a_bug_is_a_finding_and_is_told_of() -> None:
    """Another exception fails its own check alone, by name."""
    bugs: list[Exception] = []
    found = attempt("n", raising(KeyError("x")), on_bug=bugs.append)
    assert isinstance(found, Check)
    assert (found.name, found.status) == ("n", "failed")
    assert "KeyError" in found.message
    assert [type(bug) for bug in bugs] == [KeyError]


def test_a_look_that_does_not_end_is_left_behind() -> None:
    """The finding comes when the time is up, while the look still waits."""
    never = threading.Event()
    try:
        found = attempt("n", never.wait, seconds=0.05)
        assert isinstance(found, Check)
        assert found.status == "failed"
        assert not never.is_set()
    finally:
        never.set()


@pytest.mark.parametrize("late", [False, True])
def test_calls_at_once_do_not_wait_for_each_other(late: bool) -> None:
    """Two calls that need each other both end; one that needs nobody's help does without them."""
    both = threading.Barrier(3 if late else 2)

    def meet() -> int:
        try:
            return both.wait(timeout=30)
        except threading.BrokenBarrierError:
            return -1

    try:
        found = at_once({"a": meet, "b": meet, "c": lambda: 7}, 0.2 if late else 20)
        assert found.pop("c") == 7
        assert set(found) == (set() if late else {"a", "b"})
    finally:
        both.abort()
