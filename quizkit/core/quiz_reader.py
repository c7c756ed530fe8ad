"""Reading a document with every problem kept, each with its path."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias, cast

from quizkit.core.errors import Problem
from quizkit.core.kinds import MAX_NUMBER, is_number, number_text

Path: TypeAlias = tuple[str | int, ...]


class Reader:
    """Reads one document and keeps every problem with its path."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def problem(self, path: Path, message: str) -> None:
        """Keep a problem."""
        self.problems.append(Problem(path, message))

    def unknown_keys(self, node: Mapping[str, Any], known: tuple[str, ...], path: Path) -> None:
        """Report every field that is not among those known."""
        for key in node:
            if key not in known:
                message = f"unknown field {shown(key)!r}; known: {', '.join(known)}"
                self.problem((*path, plain(key) or shown(key)), message)

    def text(self, node: Mapping[str, Any], key: str, path: Path, limit: int) -> str:
        """A required, non-blank string of at most `limit` characters."""
        if key not in node:
            self.problem(path, f"{key!r} is missing")
            return ""
        return self.words(node[key], repr(key), (*path, key), limit)

    def words(self, value: object, name: str, path: Path, limit: int) -> str:
        """A non-blank string of at most `limit` characters, called `name` in problems."""
        text = plain(value)
        if text is None:
            said = "is empty" if value is None else "must be text (put it in quotes)"
            self.problem(path, f"{name} {said}")
            return ""
        text = text.strip()
        if not text:
            self.problem(path, f"{name} is empty")
        elif len(text) > limit:
            self.problem(path, f"{name} has {len(text)} characters; at most {limit}")
        elif not _encodable(text):
            self.problem(path, f"{name} holds a lone surrogate, which is not text")
        return text

    def optional_text(
        self, node: Mapping[str, Any], key: str, path: Path, limit: int
    ) -> str | None:
        """The same, or None where it is absent or null."""
        if node.get(key) is None:
            return None
        return self.text(node, key, path, limit)

    def whole(
        self,
        node: Mapping[str, Any],
        key: str,
        path: Path,
        bounds: tuple[int, int, int],
    ) -> int:
        """A whole number within (low, high), or the default where it is absent."""
        low, high, default = bounds
        value = node.get(key, default)
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            self.problem((*path, key), f"{key!r} must be a whole number from {low} to {high}")
            return default
        return value

    def choice(
        self, node: Mapping[str, Any], key: str, known: tuple[str, ...], path: Path = ()
    ) -> str:
        """One of several words, the first of them where it is absent or null."""
        value = node.get(key)
        if value is None:
            return known[0]
        if value not in known:
            self.problem((*path, key), f"{key!r} must be one of: {', '.join(known)}")
            return known[0]
        return cast(str, value)

    def flag(self, node: Mapping[str, Any], key: str, path: Path = ()) -> bool:
        """True or false, false where it is absent or null."""
        value = node.get(key)
        if value is not None and not isinstance(value, bool):
            self.problem((*path, key), f"{key!r} must be true or false")
        return value is True

    def number(self, value: object, name: str, path: Path, low: int = -MAX_NUMBER) -> str | None:
        """A number as `kinds.number_text` has it; None where it is none."""
        if isinstance(value, int | float) and is_number(value) and value >= low:
            return number_text(value)
        least = "" if low == -MAX_NUMBER else f" from {low} on"
        self.problem(path, f"{name} must be a number{least}, such as 1822 or 2.5")
        return None

    def texts(self, value: object, name: str, path: Path, bounds: tuple[int, int]) -> list[str]:
        """A list of non-blank texts; bounds are how many, and the characters of each."""
        most, limit = bounds
        if not isinstance(value, list):
            self.problem(path, f"{name} must be a list of texts")
            return []
        if len(value) > most:
            self.problem(path, f"{name} has {len(value)} texts; at most {most}")
            return []
        return [
            self.words(each, f"text {index + 1} of {name}", (*path, index), limit)
            for index, each in enumerate(value)
        ]

    def items(self, node: Mapping[str, Any], key: str, path: Path) -> list[Any]:
        """A required list."""
        if key not in node:
            self.problem(path, f"{key!r} is missing")
            return []
        value = node[key]
        if not isinstance(value, list):
            self.problem((*path, key), f"{key!r} must be a list")
            return []
        return value


def plain(value: object) -> str | None:
    """A string or a number as text; None for what is neither.

    YAML reads `- 1969` or `- yes` as a number or a boolean; as an option's text both are
    plain text to the author, so numbers are taken and only booleans refused.
    """
    if isinstance(value, str):
        return value
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return str(value)
    except ValueError:  # an integer of thousands of digits, which Python does not print
        return None


def shown(value: object) -> str:
    """How a problem names something that should be text, short enough to read."""
    text = plain(value)
    if text is not None:
        return text[:60]
    if isinstance(value, bool):
        return "true" if value else "false"
    kinds = {"NoneType": "nothing", "list": "a list", "dict": "a mapping", "int": "a huge number"}
    return kinds.get(type(value).__name__, "something that is no text")


def _encodable(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True
