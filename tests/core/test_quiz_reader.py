"""quizkit.core.quiz_reader: single values, and what is said of them."""

from __future__ import annotations

import pytest

from quizkit.core.quiz_reader import Reader, plain, shown


def said(reader: Reader) -> list[str]:
    """The messages of the problems kept."""
    return [problem.message for problem in reader.problems]


def test_numbers_are_texts_to_their_authors() -> None:
    """YAML reads an unquoted option as one; truth values and lists are none."""
    values: list[object] = ["x", 1969, 2.5, True, None, []]
    assert [plain(value) for value in values] == [
        "x",
        "1969",
        "2.5",
        None,
        None,
        None,
    ]
    assert shown("x" * 99) == "x" * 60
    assert shown(16**5_000) == "a huge number"


@pytest.mark.parametrize(("value", "text"), [(5, "5"), (5.0, "5"), (0.25, "0.25"), (-3, "-3")])
def test_a_number(value: object, text: str) -> None:
    """It comes back as it is stored."""
    reader = Reader()
    assert reader.number(value, "'n'", ()) == text
    assert not reader.problems


@pytest.mark.parametrize("value", ["5", None, True, float("nan"), 2**53])
def test_no_number(value: object) -> None:
    """What is wanted is said, with its lowest value, if it has one."""
    reader = Reader()
    assert reader.number(value, "'n'", ()) is None
    assert reader.number(-1, "'m'", (), 0) is None
    assert said(reader) == [
        "'n' must be a number, such as 1822 or 2.5",
        "'m' must be a number from 0 on, such as 1822 or 2.5",
    ]


def test_flags_may_be_absent() -> None:
    """Null is as good as absent; a word is not true."""
    reader = Reader()
    node = {"a": True, "b": False, "c": None, "d": "true"}
    assert [reader.flag(node, key) for key in "abcde"] == [True, False, False, False, False]
    assert said(reader) == ["'d' must be true or false"]


def test_lists_of_texts() -> None:
    """Too many are one problem; each that is wrong has its place."""
    reader = Reader()
    assert reader.texts(["x", 7], "'l'", (), (2, 3)) == ["x", "7"]
    assert reader.texts(["x"] * 3, "'l'", (), (2, 3)) == []
    assert reader.texts("x", "'l'", (), (2, 3)) == []
    reader.texts(["long"], "'l'", ("l",), (2, 3))
    assert said(reader) == [
        "'l' has 3 texts; at most 2",
        "'l' must be a list of texts",
        "text 1 of 'l' has 4 characters; at most 3",
    ]
    assert reader.problems[-1].path == ("l", 0)
