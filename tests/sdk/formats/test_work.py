"""No file takes time that grows faster than the file: work is counted, not timed."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from quizkit.sdk import formats
from quizkit.sdk.errors import InvalidInput
from quizkit.sdk.formats import load
from quizkit.sdk.formats.html_text import words_of

SOURCES = sorted(Path(formats.__file__).parent.glob("*.py"))

#: What may stand before, and what then is repeated: signs of the formats, mostly misplaced.
HEADS = ("", "## q\n- [x] a\n", "question,a,b,correct\n", "<quiz>", '["', "q{~x", "title: T\nx: ")
REPEATED = (
    *("//\n", "\n", "a\n\n", " ", "- [x] a\n\n", "## q\n- [x] a\npoints: 3\n", "```\n~~~\n"),
    *("{=a ~b}\n\n", "=b", "~%5%b", "#", "\\", '\\"', '"', "'", "!", "&a ", "*a ", "<a ", "<p>"),
    *(
        "> a\n",
        "1. a\n",
        "a: b\n",
        "- {a: b}\n",
        "A) x\n",
        "ANSWER: A\n",
        "a,",
        "<!--",
        "$CATEGORY: a\n",
    ),
)


def lines_run(act: Callable[[], object]) -> int:
    """How many lines of Python run in it, those of libraries, too."""
    count = 0

    def trace(frame: FrameType, event: str, argument: Any) -> Any:
        nonlocal count
        count += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        act()
    finally:
        sys.settrace(before)
    return count


def read(content: str, form: str | None) -> None:
    """Read what may be no quiz."""
    with suppress(InvalidInput):
        load(content.encode(), "quiz", format=form)


@pytest.mark.parametrize("form", [None, "gift", "markdown", "aiken", "csv", "yaml"])
@pytest.mark.parametrize("head", HEADS)
def test_twice_the_file_is_twice_the_work(head: str, form: str | None) -> None:
    """The lines of Python that run grow no faster than what is repeated."""
    for piece in REPEATED:
        read(head + piece * 3, form)  # what is imported once counts for neither
        small = lines_run(lambda piece=piece: read(head + piece * 100, form))  # type: ignore[misc]
        large = lines_run(lambda piece=piece: read(head + piece * 200, form))  # type: ignore[misc]
        assert large <= 2.3 * small + 200, (head, piece, form)


@pytest.mark.parametrize("piece", ["<a ", "<!--", "<![", "<a b='", "<?", "</", "<b> ", "<sup>"])
def test_html_is_parsed_once(piece: str) -> None:
    """Tags without an end are not looked at again and again."""
    words_of(piece)
    small = lines_run(lambda: words_of(piece * 300))
    assert lines_run(lambda: words_of(piece * 600)) <= 2.3 * small + 200


# --- what the regular expression engine does runs no lines, so patterns follow rules -----


def patterns(path: Path) -> Iterator[tuple[str, str, bool]]:
    """Every pattern in a module: where, what, and whether `^` means each line in it."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        called = node.func if isinstance(node, ast.Call) else None
        if not isinstance(called, ast.Attribute) or not isinstance(called.value, ast.Name):
            continue
        assert isinstance(node, ast.Call)
        text = node.args[0] if node.args else None
        if (
            called.value.id == "re"
            and isinstance(text, ast.Constant)
            and isinstance(text.value, str)
        ):
            by_lines = any("MULTILINE" in ast.dump(each) for each in node.args[1:])
            yield f"{path.name}:{node.lineno}", text.value, by_lines


ALL = [each for path in SOURCES for each in patterns(path)]


@pytest.mark.parametrize(("place", "pattern", "by_lines"), ALL, ids=[each[0] for each in ALL])
def test_patterns_try_no_place_twice(place: str, pattern: str, by_lines: bool) -> None:
    """What begins at each line ends in it, and nothing is repeated behind a lazy anything."""
    if by_lines:
        assert not re.search(r"\^[^$|]*?\\s[*+]", pattern), place
    assert not re.search(r"\.[*+]\?[)?]*(?:\(\?:)?(?:\\s|\[[^\]]*\])[*+]", pattern), place
    leading = re.search(r"(?:\A|(?<!\\)\|)(?:\[[^\]]*\]|\\[swd]|\.)[*+](?!\+)(.)", pattern)
    assert leading is None or leading.group(1) in "|)", place
