"""JSON with positions."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from quizkit.sdk.formats.json_reader import looks_like_json, read_json

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=12,
)


@given(VALUES, st.sampled_from([None, 1, "\t"]))
def test_it_reads_what_json_reads(value: Any, indent: int | str | None) -> None:
    """Values are those of the standard library, and every part has a mark at its text."""
    text = json.dumps(value, indent=indent)
    located = read_json(text)
    assert located.value == value
    lines = text.split("\n")
    for path, (line, column) in located.marks.items():
        part = value
        for key in path:
            part = part[key]
        decoded, _ = json.JSONDecoder().raw_decode("\n".join(lines[line - 1 :])[column - 1 :])
        assert decoded == part


def test_what_looks_like_json() -> None:
    """Objects with quoted keys and lists are JSON; flow YAML is not."""
    assert looks_like_json('\n {"a": 1}')
    assert looks_like_json("[1]")
    assert looks_like_json("{}")
    assert not looks_like_json("{a: 1}")
    assert not looks_like_json("a: [1]")
