"""Web origins: which browsers' pages may open a socket.

A browser says in `Origin` which page asks, and a page cannot change it. So the allow-list is
compared as bytes, whole: whatever is normalised, shortened or matched by pattern has a
lookalike. Programs that are no browser send no origin and lie as they please: a list of
origins says nothing about them, the ticket does.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import Final

# What a browser sends: lower case, no path, no default port, international names as punycode.
_ORIGIN: Final = re.compile(
    r"(?P<scheme>https?)://(?P<host>[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?)(?::(?P<port>[1-9][0-9]{0,4}))?"
)
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}
_SEPARATOR: Final = " "


def problem(origin: object) -> str | None:
    """Why this cannot be on an allow-list, or None where it can."""
    match = _ORIGIN.fullmatch(origin) if isinstance(origin, str) else None
    if match is None:
        return "give scheme and host in lower case and nothing after them"
    if match["port"] is not None:
        port = int(match["port"])
        if port > 65_535:
            return "there is no such port"
        if port == _DEFAULT_PORTS[match["scheme"]]:
            return "leave the default port out, as browsers do: it would never match"
    return None


def admits(allowed: Collection[str], sent: Sequence[str]) -> bool:
    """Whether a connection with these `Origin` headers may be opened.

    None sent: no browser, so there is nothing to check. An empty list admits no browser.
    """
    return all(origin in allowed for origin in sent)


def joined(origins: Sequence[str]) -> str:
    """An allow-list as one text, for a function's environment."""
    return _SEPARATOR.join(origins)


def split(text: str) -> frozenset[str]:
    """The allow-list in such a text."""
    return frozenset(text.split(_SEPARATOR)) - {""}
