"""XML from strangers."""

from __future__ import annotations

import pytest

from quizkit.sdk.formats.source import Unreadable
from quizkit.sdk.formats.xml_tree import MAX_XML_DEPTH, children, read_xml, words


def test_elements_know_their_place() -> None:
    """Columns count characters, namespaces are off, and a declared encoding is ignored."""
    tree = read_xml(
        '<?xml version="1.0" encoding="latin-1"?>\n<a xmlns="urn:u"><ü>x</ü>\n'
        '  <b x:y="1" xmlns:x="urn:q">t<c>u</c></b></a>'
    )
    (first, second) = list(tree.root)
    assert [tree.root.tag, first.tag, second.tag] == ["a", "ü", "b"]
    assert second.attrib == {"y": "1"}
    assert [tree.mark(each) for each in (tree.root, first, second)] == [(2, 1), (2, 18), (3, 3)]
    assert words(second) == "tu"
    assert words(None) == ""
    assert list(children(tree.root, "b")) == [second]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>', "entities"),
        ('<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>', "entities"),
        ('<!DOCTYPE a [<!ENTITY % x SYSTEM "http://127.0.0.1/"> %x;]><a/>', "entities"),
        ('<!DOCTYPE a [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]><a>&b;</a>', "entities"),
        ("<a>" * 500 + "</a>" * 500, f"nested more than {MAX_XML_DEPTH}"),
        ("<a>&nbsp;</a>", "well-formed"),
        ("<a>", "well-formed"),
        ("<a/><b/>", "well-formed"),
        ("<a>\ud800</a>", "well-formed"),
        ("", "well-formed"),
    ],
)
def test_what_is_refused(text: str, reason: str) -> None:
    """Entities of every kind, endless depth and broken XML are refused with a place."""
    with pytest.raises(Unreadable, match=reason) as caught:
        read_xml(text)
    assert caught.value.problems[0].line == 1


def test_an_external_definition_is_not_fetched() -> None:
    """A document type is allowed as long as nothing comes from it."""
    tree = read_xml('<!DOCTYPE quiz SYSTEM "http://127.0.0.1:1/x.dtd"><quiz/>')
    assert tree.root.tag == "quiz"


def test_too_many_elements() -> None:
    """A flood of elements ends early."""
    with pytest.raises(Unreadable, match="more than 100000 XML elements"):
        read_xml("<a>" + "<b/>" * 100_000 + "</a>")
