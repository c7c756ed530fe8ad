"""XML from strangers: entities off, nothing fetched, and every element knows its place.

defusedxml refuses entity declarations and external references; depth is bounded here. The
tree is the standard library's, namespaces taken off, since exporters disagree about them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final
from xml.etree.ElementTree import Element, ParseError, TreeBuilder

from quizkit.sdk.formats.source import Mark, Unreadable, problem_at

MAX_XML_DEPTH: Final = 100
#: 500 questions of Moodle have 30,000.
MAX_ELEMENTS: Final = 100_000
_DECLARATION: Final = re.compile(r"\A\s*<\?xml[^>]*\?>")


class Tree:
    """A parsed document.

    Attributes:
        root: its outermost element; tags have no namespace.
    """

    def __init__(self, root: Element, marks: dict[int, Mark]) -> None:
        self.root = root
        self._marks = marks

    @property
    def elements(self) -> int:
        """How many there are."""
        return len(self._marks)

    def mark(self, element: Element) -> Mark:
        """Where an element begins."""
        return self._marks.get(id(element), (1, 1))


class _Builder(TreeBuilder):
    """Builds elements, noting where each begins."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self._most = most
        self.marks: dict[int, Mark] = {}
        self.expat: Any = None
        self._depth = 0

    def start(self, tag: Any, attrs: Any, /) -> Element:
        self._depth += 1
        place = (self.expat.CurrentLineNumber, self.expat.CurrentColumnNumber + 1)
        if self._depth > MAX_XML_DEPTH:
            raise Unreadable(problem_at(place, f"XML nested more than {MAX_XML_DEPTH} deep"))
        if len(self.marks) >= self._most:
            raise Unreadable(problem_at(place, f"more than {MAX_ELEMENTS} XML elements"))
        plain = {local(name): value for name, value in attrs.items()}
        element = super().start(local(tag), plain)
        self.marks[id(element)] = place
        return element

    def end(self, tag: str, /) -> Element:
        self._depth -= 1
        return super().end(local(tag))


def read_xml(text: str, most: int = MAX_ELEMENTS) -> Tree:
    """Parse a document.

    Args:
        most: how many elements it may have, where it is one of several.

    Raises:
        Unreadable: it is not well-formed, or uses entities or external references.
    """
    from defusedxml.common import DefusedXmlException
    from defusedxml.ElementTree import DefusedXMLParser

    builder = _Builder(most)
    parser = DefusedXMLParser(target=builder, forbid_dtd=False)
    builder.expat = parser.parser
    try:
        # The declaration may name the encoding that the text no longer has.
        parser.feed(_DECLARATION.sub(_blank, text))
        root = parser.close()
    except ParseError as exc:
        line, column = exc.position
        message = f"this is not well-formed XML: {str(exc).partition(': line')[0]}"
        raise Unreadable(problem_at((line, column + 1), message)) from exc
    except DefusedXmlException as exc:
        place = (parser.parser.CurrentLineNumber, parser.parser.CurrentColumnNumber + 1)
        message = "XML entities and external references are not allowed"
        raise Unreadable(problem_at(place, message)) from exc
    except ValueError as exc:
        raise Unreadable(problem_at((1, 1), f"this is not well-formed XML: {exc}")) from exc
    return Tree(root, builder.marks)


def _blank(found: re.Match[str]) -> str:
    """White space of the same shape, so that places stay what they were."""
    return re.sub(r"[^\n]", " ", found.group())


def local(tag: str) -> str:
    """A name without its namespace."""
    return tag.rpartition("}")[2]


def children(element: Element, tag: str) -> Iterator[Element]:
    """The direct children of that name."""
    return (child for child in element if child.tag == tag)


def words(element: Element | None) -> str:
    """All text in an element, or nothing where there is none."""
    return "" if element is None else "".join(element.itertext())
