"""QTI 2.0 to 2.2: choice, order and text-entry items, alone or in a package.

A package is a zip archive whose `imsmanifest.xml` lists the items; a test in it gives their
order. References never leave the archive. What an item does beyond one question with a fixed
key (templates, adaptive items, several interactions) is left out with a note.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from posixpath import join, normpath
from typing import Final
from urllib.parse import unquote
from xml.etree.ElementTree import Element

from quizkit.sdk.errors import Problem
from quizkit.sdk.formats.archive import Archive
from quizkit.sdk.formats.draft import Draft
from quizkit.sdk.formats.encoding import decode
from quizkit.sdk.formats.media_files import media_name
from quizkit.sdk.formats.qti_item import Item
from quizkit.sdk.formats.source import Source, Unreadable, problem_at
from quizkit.sdk.formats.xml_tree import MAX_ELEMENTS, Tree, read_xml

MAX_ITEM: Final = 1_000_000
#: Of all XML in a package, in bytes.
MAX_XML: Final = 8 * 1024 * 1024
_ITEM_TYPE: Final = re.compile(r"imsqti_item|assessmentItem", re.IGNORECASE)
_TEST_TYPE: Final = re.compile(r"imsqti_(test|assessment)|assessmentTest", re.IGNORECASE)


def read(source: Source) -> Draft:
    """A draft of an item, or of all items of a package in the order of its test.

    Raises:
        Unreadable: no item, or a damaged package.
    """
    if source.content.startswith(b"PK"):
        return _Package(source).read()
    draft = Draft.titled(source.title)
    item = Item(read_xml(source.text), draft)
    if item.title:
        draft.document["title"] = item.title
    item.add()
    return draft


@dataclass(frozen=True, slots=True)
class _Resource:
    kind: str
    path: str


class _Package:
    """A zip archive with a manifest."""

    def __init__(self, source: Source) -> None:
        self._archive = Archive(source.content)
        self._source = source
        self._elements, self._bytes = MAX_ELEMENTS, MAX_XML
        manifests = [each for each in self._archive.names if _file(each) == "imsmanifest.xml"]
        if not manifests:
            raise Unreadable(problem_at((1, 1), "there is no imsmanifest.xml in the archive"))
        manifest = min(manifests, key=lambda name: (name.count("/"), name))
        self._folder = manifest.rpartition("/")[0]
        self._manifest = self._xml(manifest)

    def read(self) -> Draft:
        """A draft of the package's items."""
        draft = Draft.titled(self._source.title)
        resources = [
            _Resource(node.get("type", ""), self._path(self._folder, node.get("href", "")))
            for node in self._manifest.iter("resource")
            if node.get("href")
        ]
        items = [each.path for each in resources if _ITEM_TYPE.search(each.kind)]
        if not items:
            kinds = ", ".join(sorted({each.kind for each in resources})[:5]) or "nothing"
            message = f"the package has no QTI 2 items but {kinds[:200]}; export it as QTI 2.1"
            raise Unreadable(problem_at((1, 1), message))
        for test in (each.path for each in resources if _TEST_TYPE.search(each.kind)):
            items = self._ordered(test, items, draft)
        problems: list[Problem] = []
        for path in dict.fromkeys(items):
            try:
                self._add(draft, path)
            except Unreadable as exc:
                problems += _inside(path, exc)
        if problems:
            raise Unreadable(*problems)
        return draft

    def _add(self, draft: Draft, path: str) -> None:
        if path not in self._archive.names:
            raise Unreadable(problem_at((1, 1), "this item is not in the archive"))
        item = Item(self._tree(path), draft, where=path)
        item.add(lambda address: self._medium(draft, path, address))

    def _ordered(self, test: str, items: list[str], draft: Draft) -> list[str]:
        """The items in the order of a test, and those that it does not name; gives the title."""
        if test not in self._archive.names:
            return items
        root = self._xml(test)
        if root.get("title", "").strip():
            draft.document["title"] = root.get("title", "").strip()[:200]
        folder = test.rpartition("/")[0]
        named = [
            self._path(folder, node.get("href", "")) for node in root.iter("assessmentItemRef")
        ]
        listed = {*items, *self._archive.names}
        return list(dict.fromkeys([*(path for path in named if path in listed), *items]))

    def _medium(self, draft: Draft, item: str, address: str) -> str | None:
        """The name of a file of the package that an item shows."""
        path = self._path(item.rpartition("/")[0], address)
        if path not in self._archive.names:
            return None
        content = self._archive.read(path)
        name = media_name(f"q{len(draft.document['questions']) + 1}", content)
        if name is not None:
            draft.media[name] = content
        return name

    def _path(self, folder: str, href: str) -> str:
        """A reference from a folder of the archive; one that leaves it is found nowhere."""
        return normpath(join(folder, unquote(href.partition("#")[0]).replace("\\", "/")))

    def _xml(self, name: str) -> Element:
        try:
            return self._tree(name).root
        except Unreadable as exc:
            raise Unreadable(*_inside(name, exc)) from exc

    def _tree(self, name: str) -> Tree:
        """A file of the package; all of them together are bounded, too."""
        if self._archive.size(name) > MAX_ITEM:
            raise Unreadable(problem_at((1, 1), f"{name!r} has more than {MAX_ITEM} bytes"))
        self._bytes -= self._archive.size(name)
        if self._bytes < 0:
            raise Unreadable(
                problem_at((1, 1), f"the package has more than {MAX_XML} bytes of XML")
            )
        tree = read_xml(decode(self._archive.read(name)).text, self._elements)
        self._elements -= tree.elements
        return tree


def _file(path: str) -> str:
    return path.rpartition("/")[2]


def _inside(path: str, exc: Unreadable) -> list[Problem]:
    """The problems of a file of the package, with its path."""
    return [Problem(f"{path}: {each.message}", each.line, each.column) for each in exc.problems]
