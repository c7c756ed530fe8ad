"""Global options wherever people type them.

The contract puts global options before the command; people also write
`quizkit quiz list --json`. `hoist` moves them to the front before the real parser sees the
arguments, and stops at `--`. It knows names only, not grammar: where the value of another
option looks like a global option it has to be joined to it, as in `--nick=-q`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import islice
from typing import Final

_FLAG: Final = re.compile(r"--json|--no-color|--debug|--quiet|--verbose|-[qv]+")
_VALUED: Final = frozenset({"--target", "--stage", "--profile", "--region", "--as"})


def hoist(argv: Sequence[str]) -> tuple[list[str], list[str]]:
    """Split arguments into global options, with their values, and everything else.

    Returns:
        Both parts, each in the order given; joined they are what the parser takes.
    """
    front: list[str] = []
    rest: list[str] = []
    items = iter(argv)
    for item in items:
        if item == "--":
            rest += [item, *items]
        elif _FLAG.fullmatch(item) or item.partition("=")[0] in _VALUED:
            front.append(item)
            if item in _VALUED:
                front += islice(items, 1)
        else:
            rest.append(item)
    return front, rest
