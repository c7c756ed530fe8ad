"""A check that raises, or does not end, is a finding and stops nobody else.

Clients have time-outs of their own, yet some waits have none: a name server that does not
answer, a program that is asked for credentials. So calls run in daemon threads, which are left
behind when their time is up; neither another check nor the end of the process waits for them.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import Final, TypeVar

from quizkit.sdk.checks.model import Check
from quizkit.sdk.errors import QuizkitError

T = TypeVar("T")

#: More than a hurried client needs to give up by itself.
SECONDS: Final = 25.0


def attempt(
    name: str,
    look: Callable[[], T],
    *,
    seconds: float = SECONDS,
    on_bug: Callable[[Exception], None] = lambda exc: None,
) -> T | Check:
    """What `look` gives; where it raises or does not end, a check of that name that failed.

    Args:
        on_bug: told of an exception that is no error of ours, before it becomes a finding.
    """

    def guarded() -> T | Check:
        try:
            return look()
        except QuizkitError as exc:
            return Check.of_error(name, exc)
        except Exception as exc:  # noqa: BLE001  (a bug in one check must not hide the others)
            on_bug(exc)
            why = f"This could not be checked: {type(exc).__name__}: {exc}"
            return Check.failed(name, why, "run it again with --debug and report it")

    ended = at_once({name: guarded}, seconds)
    late = Check.failed(
        name,
        f"This was not found out within {seconds:.0f} s.",
        "check the network and the machine's load, then try again",
    )
    return ended.get(name, late)


def at_once(calls: Mapping[str, Callable[[], T]], seconds: float) -> dict[str, T]:
    """Make all calls at the same time; those that have not ended in time are left out.

    Args:
        calls: name → call, which must not raise.
        seconds: for all of them together.
    """
    results: dict[str, T] = {}

    def run(name: str, call: Callable[[], T]) -> None:
        results[name] = call()

    threads = [
        threading.Thread(target=partial(run, name, call), daemon=True)
        for name, call in calls.items()
    ]
    for thread in threads:
        thread.start()
    deadline = time.monotonic() + seconds
    for thread in threads:
        thread.join(max(deadline - time.monotonic(), 0.0))
    # A thread that is left behind may still end, so what is given back is a copy.
    return dict(results)
