"""Nicknames and join codes: what is allowed, and when two are the same."""

from __future__ import annotations

import unicodedata
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


def nickname(value: object) -> str:
    """The nickname as it is shown: NFKC, single spaces, 1 to 24 characters.

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
    return name


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
