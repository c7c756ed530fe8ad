"""The native formats."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from quizkit.sdk.formats.draft import Notes
from quizkit.sdk.formats.json_reader import read_json
from quizkit.sdk.formats.native import from_json, from_yaml, json_text, to_json, to_yaml, yaml_text
from quizkit.sdk.formats.source import Source
from quizkit.sdk.formats.yaml_reader import read_yaml

TEXT = st.text(st.characters(codec="utf-8"), max_size=20)
DATA = st.recursive(
    TEXT | st.booleans() | st.none() | st.integers(-(10**16), 10**16),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(TEXT, DATA, max_size=3))
def test_what_is_written_is_read(value: dict[str, object]) -> None:
    """Any data, whatever characters are in it, in both formats, and JSON as YAML."""
    assert read_yaml(yaml_text(value)).value == value
    assert read_json(json_text(value)).value == value


def test_readable() -> None:
    """Block style, keys in their order, letters of all languages as they are."""
    document = {"title": "Über: #1", "questions": [{"text": "yes", "options": ["007", "x"]}]}
    assert to_yaml(document, Notes()) == (
        "title: 'Über: #1'\nquestions:\n- text: yes\n  options:\n  - '007'\n  - x\n"
    )
    assert json.loads(to_json(document, Notes())) == document
    assert "Über" in to_json(document, Notes())


def test_nothing_invisible_is_written() -> None:
    """Characters that nobody sees, or that are line ends to some, are escapes."""
    document = {"a": "x\x85y\u2028\ufeff\x7f"}
    for text in (to_yaml(document, Notes()), to_json(document, Notes())):
        assert text.isascii()


def test_the_text_of_yaml_is_kept() -> None:
    """For its comments; JSON has none."""
    source = Source(b"# comment\r\ntitle: T")
    assert from_yaml(source).text == "# comment\r\ntitle: T"
    assert from_yaml(source).marks[("title",)] == (2, 8)
    assert from_json(Source(b'{"title": "T"}')).text is None
