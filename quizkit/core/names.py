"""Nicknames and join codes: what is allowed, and when two are the same."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from typing import Final

from quizkit.core.errors import Rejected

MAX_NICKNAME: Final = 24
PIN_DIGITS: Final = 6

# Controls, formats (bidirectional overrides, zero-width), surrogates, private use and
# unassigned: none of them can be read aloud, and some make one name look like another.
_REFUSED: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
# Blank, though their category is that of letters, symbols or accents: the fillers of
# Hangul, the empty Braille pattern, the joiner of graphemes, inherent vowels of Khmer.
_BLANK: Final = frozenset("\u115f\u1160\u3164\uffa0\u2800\u034f\u17b4\u17b5")
# They choose between two pictures of one character; emoji need them.
_SELECTORS: Final = dict.fromkeys(range(0xFE00, 0xFE10))


#: What no nickname may hold, unless a stage has a list of its own: the commonest obscenities of
#: English, short on purpose. A host removes what gets through.
REFUSED: Final = (
    *("arsehole", "ass", "asshole", "bastard", "bitch", "bullshit", "cock", "cunt", "dick"),
    *("faggot", "fuck", "fucker", "fucking", "motherfucker", "nazi", "nigga", "nigger", "piss"),
    *("porn", "pussy", "rape", "rapist", "retard", "shit", "slut", "twat", "wank", "wanker"),
    *("whore", "hitler"),
)

# Written in place of letters. What looks like `i` and like `l` is one letter here.
_LEET: Final = str.maketrans("013456789l", "oieasgtbgi")
_LEET_SIGNS: Final = str.maketrans("@$!|€", "asiie")


def nickname(value: object, refused: frozenset[str] = frozenset()) -> str:
    """The nickname as it is shown: NFKC, single spaces, 1 to 24 characters.

    Args:
        refused: skeletons of words that it may not hold, see `skeletons`.

    Raises:
        Rejected: `invalid_nickname`.
    """
    if not isinstance(value, str):
        raise Rejected("invalid_nickname", "'nickname' must be text")
    # The length is checked before normalising too: NFKC of a long text is slow.
    if len(value) > 10 * MAX_NICKNAME:
        raise Rejected("invalid_nickname", f"a nickname has at most {MAX_NICKNAME} characters")
    if any(char in _BLANK or unicodedata.category(char) in _REFUSED for char in value):
        raise Rejected("invalid_nickname", "a nickname has visible characters only")
    name = " ".join(unicodedata.normalize("NFKC", value).split())
    if all(unicodedata.category(char)[0] in "MZ" for char in name):
        raise Rejected("invalid_nickname", "a nickname has at least one visible character")
    if len(name) > MAX_NICKNAME:
        raise Rejected("invalid_nickname", f"a nickname has at most {MAX_NICKNAME} characters")
    if refused and not refused.isdisjoint(_readings(name)):
        raise Rejected("invalid_nickname", "this nickname is not wanted here; choose another one")
    return name


def skeletons(words: Iterable[str]) -> frozenset[str]:
    """A list of words in the form in which nicknames are compared with it."""
    return frozenset(filter(None, ("".join(_words(word)) for word in words)))


def _readings(name: str) -> Iterator[str]:
    """Everything that can be read in a name: its words, and those that several make together.

    Words begin and end where letters do, so that no word is found within another one. Signs
    are read as letters, too, and digits around a word are also left out.
    """
    for text in (name, name.translate(_LEET_SIGNS)):
        bare = _parts(text)
        for parts in (bare, [part.strip("0123456789") for part in bare]):
            read = [_lettered(part) for part in parts]
            for first in range(len(read)):
                for end in range(first + 1, len(read) + 1):
                    yield "".join(read[first:end])


def _words(text: str) -> list[str]:
    return [_lettered(part) for part in _parts(text)]


def _lettered(part: str) -> str:
    """A part with its digits read as letters, unless it is a number more than a word."""
    letters = sum(char.isalpha() for char in part)
    return part.translate(_LEET) if 2 * letters >= len(part) else part


def _parts(text: str) -> list[str]:
    """The runs of letters and digits, in lower case and without accents."""
    plain = unicodedata.normalize("NFKD", folded(text))
    kept = "".join(char for char in plain if unicodedata.category(char) != "Mn")
    return "".join(char if char.isalnum() else " " for char in kept).split()


def folded(name: str) -> str:
    """What two nicknames have in common if they count as the same one."""
    return unicodedata.normalize("NFKC", name.translate(_SELECTORS).casefold())


def pin(value: object) -> str:
    """A join code: six digits, spaces in between ignored.

    Raises:
        Rejected: `pin_not_found`, the same for a code that cannot be and one that is not.
    """
    if isinstance(value, str):
        digits = "".join(value.split())
        if len(digits) == PIN_DIGITS and digits.isascii() and digits.isdigit():
            return digits
    raise Rejected("pin_not_found", "no session has this PIN")
