"""What a question may name as its media: a file beside the quiz, a stored object, a public URL.

A quiz from somebody else must not pick what it uploads from this machine, nor make players'
browsers call addresses of the network they happen to be in (cloud metadata at 169.254.169.254,
a router, this machine). Host names are not looked up: what they mean changes with who asks.
"""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Final
from urllib.parse import urlsplit

from quizkit.sdk.errors import Problem
from quizkit.sdk.formats.draft import Draft
from quizkit.sdk.formats.source import problem_at

#: The longest name that there may be.
MAX_HOST: Final = 253
_SCHEME: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:")
_ABSOLUTE: Final = re.compile(r"[/\\]|[A-Za-z]:[/\\]?")
_PRIVATE_NAMES: Final = (".localhost", ".local", ".internal", ".lan", ".home.arpa", ".intranet")
#: How browsers read addresses: up to four parts, each decimal, octal or hexadecimal.
_LOOSE_ADDRESS: Final = re.compile(r"(0x[0-9a-f]*|\d+)(\.(0x[0-9a-f]*|\d+)){0,3}\.?", re.IGNORECASE)


def check_media(draft: Draft) -> list[Problem]:
    """A problem for each question whose media may not be used."""
    questions = draft.document.get("questions") if isinstance(draft.document, dict) else None
    problems = []
    for index, question in enumerate(questions if isinstance(questions, list) else ()):
        media = question.get("media") if isinstance(question, dict) else None
        reason = refusal(media) if isinstance(media, str) and media not in draft.media else None
        if reason is not None:
            place = draft.locate(("questions", index, "media"))
            problems.append(problem_at(place, f"the media {str(media)[:80]!r} {reason}"))
    return problems


def refusal(media: str) -> str | None:
    """Why a medium may not be used, as the end of a sentence; None where it may."""
    media = media.strip()
    if _ABSOLUTE.match(media) or ".." in re.split(r"[/\\]", media):
        return "lies outside of the quiz file's folder"
    if not _SCHEME.match(media):
        return None
    try:
        parts = urlsplit(media)
        host = parts.hostname or ""
    except ValueError:
        return "is not a URL"
    if not media.startswith("https://"):
        return f"has the scheme {parts.scheme!r}; a URL begins with https://, in lower case"
    if not host or len(host) > MAX_HOST:
        return "is not a URL"
    if parts.username is not None or parts.password is not None:
        return "holds a user name or password, which every player would see"
    if _is_private(host):
        return f"is at {host!r}, an address that is not public"
    return None


def _is_private(host: str) -> bool:
    host = host.rstrip(".").lower()
    if host == "localhost" or host.endswith(_PRIVATE_NAMES):
        return True
    address = _address(host)
    if address is None:
        return False
    inner = getattr(address, "ipv4_mapped", None) or getattr(address, "sixtofour", None)
    return not (inner or address).is_global or address.is_multicast


def _address(host: str) -> IPv4Address | IPv6Address | None:
    """The address that a browser takes a host for; None for a name."""
    try:
        return ip_address(host.partition("%")[0])
    except ValueError:
        pass
    if not _LOOSE_ADDRESS.fullmatch(host):
        return None
    *front, last = (_number(part) for part in host.split("."))
    value = last
    for place, part in enumerate(front):
        value += part << (8 * (3 - place))
    return IPv4Address(value) if value < 1 << 32 else IPv4Address(0)


def _number(part: str) -> int:
    if part.lower().startswith("0x"):
        return int(part[2:] or "0", 16)
    return int(part, 8) if re.fullmatch(r"0[0-7]+", part) else int(part)
