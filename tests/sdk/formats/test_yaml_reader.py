"""YAML with positions, and without constructors."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quizkit.sdk.formats.source import Unreadable
from quizkit.sdk.formats.yaml_reader import MAX_NODES, read_yaml


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a: 1", {"a": 1}),
        ("a: -2.5", {"a": -2.5}),
        ("a: '1'", {"a": "1"}),
        ("a: !!str 1", {"a": "1"}),
        ("a: true", {"a": True}),
        ("a: no", {"a": "no"}),
        ("a: ~", {"a": None}),
        ("a:", {"a": None}),
        ("a: .inf", {"a": ".inf"}),
        ("a: nan", {"a": "nan"}),
        ("a: 2001-01-01", {"a": "2001-01-01"}),
        ("a: 99999999999999999999", {"a": "99999999999999999999"}),
        ("a: |\n  x\n  y\n", {"a": "x\ny\n"}),
        ("- 1: x\n- []", [{"1": "x"}, []]),
        ("<<: {a: 1}", {"<<": {"a": 1}}),
        ("%YAML 1.1\n---\na: yes", {"a": "yes"}),
    ],
)
def test_values(text: str, value: object) -> None:
    """Scalars follow YAML 1.2's core schema, decimal numbers only."""
    assert read_yaml(text).value == value


def test_marks() -> None:
    """Scalars stand at their value, collections at the field that holds them."""
    marks = read_yaml("title: T\nquestions:\n  - text: q\n    options: [x]\n").marks
    assert marks["title",] == (1, 8)
    assert marks["questions",] == (2, 1)
    assert marks["questions", 0] == (3, 5)
    assert marks["questions", 0, "options"] == (4, 5)
    assert marks["questions", 0, "options", 0] == (4, 15)


def test_a_field_without_a_value() -> None:
    """It stands at its name: the parser finds the empty value where the next field begins."""
    found = read_yaml("title:\ndescription: ''\nquestions: []\n")
    assert found.value == {"title": None, "description": "", "questions": []}
    assert found.marks["title",] == (1, 1)
    assert found.marks["description",] == (2, 14)


def test_an_alias_of_itself() -> None:
    """A value that contains itself is refused: its anchor is not complete yet."""
    with pytest.raises(Unreadable, match="alias"):
        read_yaml("&a [*a]")


def test_too_many_values() -> None:
    """There is an end to the number of values, aliases included."""
    with pytest.raises(Unreadable, match="values"):
        read_yaml("a: &a [" + "x," * 2_000 + "]\nb: [" + "*a," * (MAX_NODES // 2_000) + "]")


def test_foreign_tags_make_no_objects() -> None:
    """Tags of other languages and of one's own are problems, all of them."""
    with pytest.raises(Unreadable) as caught:
        read_yaml("a: !!python/object/apply:os.system [ls]\nb: !mine 3\nc: !!set {x}\n")
    assert [problem.line for problem in caught.value.problems] == [1, 2, 3]


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers(-(10**16), 10**16) | st.from_regex(r"\A[a-z ]*\Z"),
        lambda inner: st.lists(inner) | st.dictionaries(st.from_regex(r"\A[a-z]+\Z"), inner),
        max_leaves=10,
    )
)
def test_json_is_yaml(value: Any) -> None:
    """What JSON writes, this reads as the same."""
    assert read_yaml(json.dumps(value)).value == value
