"""What is typed, as an answer."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quizkit.cli.screens.answering import NotAnAnswer, how_to_answer, read_answer, said, span
from quizkit.cli.views.letters import ids_of
from quizkit.sdk.live_events import Answer, Choice, Question
from tests.cli import samples


def asked(kind: str, **more: Any) -> Question:
    """A question of this kind, with options a, b and c where the kind has options."""
    bare = kind in ("text", "number", "slide")
    return samples.question(kind=kind, **({"options": ()} if bare else {}), **more)


@pytest.mark.parametrize(
    ("kind", "text", "answer"),
    [
        ("choice", "b", ["b"]),
        ("choice", " B ", ["b"]),
        ("boolean", "a", ["a"]),
        ("poll", "c", ["c"]),
        ("multiple", "ca", ["a", "c"]),
        ("multiple", "A, c;b", ["a", "b", "c"]),
        ("multiple", "bb", ["b"]),
        ("order", "bca", ["b", "c", "a"]),
        ("order", "C, A B", ["c", "a", "b"]),
        ("number", "1822", 1_822),
        ("number", " -7 ", -7),
        ("number", "\u22127.5", -7.5),
        ("number", "1 000 000", 1_000_000),
        ("number", "+.5", 0.5),
        ("number", "42,5", 42.5),
        ("number", "0,125", 0.125),
        ("number", "3.", 3.0),
        ("number", "9007199254740991", 2**53 - 1),
        ("text", "  the Moon ", "the Moon"),
        ("text", "b", "b"),
        ("text", "x" * 200, "x" * 200),
    ],
)
def test_answers(kind: str, text: str, answer: Answer) -> None:
    """Each kind of question reads what is typed in its own way."""
    found = read_answer(asked(kind), text)
    assert found == answer
    assert type(found) is type(answer)


@pytest.mark.parametrize(
    ("kind", "text", "why"),
    [
        ("choice", "ab", "one letter: a or b or c"),
        ("choice", "Canberra", "one letter"),
        ("choice", "", "one letter"),
        ("poll", "d", "one letter"),
        ("multiple", "ad", "letters: a, b, c; several may be right"),
        ("multiple", " ,", "letters"),
        ("order", "ab", "c is missing; give every letter once, in order: a, b, c"),
        ("order", "", "a, b, c are missing"),
        ("order", "abca", "every letter once"),
        ("order", "abd", "every letter once"),
        ("number", "", "a number"),
        ("number", "many", "a number, such as 42"),
        ("number", "1,500", "without a comma"),
        ("number", "1,500,000", "without a comma"),
        ("number", "1e9", "a number"),
        ("number", "1.2.3", "a number"),
        ("number", "inf", "a number"),
        ("number", ".", "a number"),
        ("number", "9007199254740992", "too large"),
        ("number", "9" * 31, "a number"),
        ("text", " ", "type an answer first"),
        ("text", "x" * 201, "at most 200 characters, not 201"),
        ("text", "a\tb", "plain text"),
        ("slide", "a", "nothing to answer"),
    ],
)
def test_what_is_no_answer(kind: str, text: str, why: str) -> None:
    """The words say what would be one."""
    with pytest.raises(NotAnAnswer, match=why):
        read_answer(asked(kind), text)


@given(
    kind=st.sampled_from(["choice", "multiple", "order", "number", "text", "slide", "poll"]),
    text=st.text(max_size=250),
)
def test_nothing_that_is_typed_breaks_it(kind: str, text: str) -> None:
    """Anything is an answer of the right form, or is told apart from one."""
    question = asked(kind)
    try:
        answer = read_answer(question, text)
    except NotAnAnswer:
        return
    if kind == "number":
        assert isinstance(answer, int | float)
        assert abs(answer) < 2**53
    elif kind == "text":
        assert isinstance(answer, str)
        assert 1 <= len(answer) <= 200
    else:
        assert isinstance(answer, list)
        assert set(answer) <= {"a", "b", "c"}


def test_words_for_people() -> None:
    """A range is named where there is one; answers are read back as they were typed."""
    assert span(asked("number", range=(0.5, 9))) == "from 0.5 to 9"
    assert span(asked("number")) == ""
    assert "from 1 to 9" in how_to_answer(asked("number", range=(1, 9)))
    assert said(["b", "c"], asked("multiple")) == "b, c"
    assert said(3.5, asked("number")) == "3.5"
    assert said("Canberra", asked("text")) == "Canberra"


#: A session that shows options in an order of its own: Perth, Sydney, Canberra.
SHUFFLED = (Choice("c", "Perth"), Choice("a", "Sydney"), Choice("b", "Canberra"))


@pytest.mark.parametrize(
    ("kind", "text", "answer", "back"),
    [
        ("choice", "a", ["c"], "a"),
        ("poll", "C", ["b"], "c"),
        ("multiple", "ba", ["a", "c"], "a, b"),
        ("order", "cab", ["b", "c", "a"], "c, a, b"),
    ],
)
def test_letters_are_those_of_the_places(
    kind: str, text: str, answer: list[str], back: str
) -> None:
    """Where options are shuffled, a letter is the place's, and is read back as it was typed."""
    question = asked(kind, options=SHUFFLED)
    assert read_answer(question, text) == answer
    assert said(answer, question) == back


@pytest.mark.parametrize("kind", ["choice", "multiple", "order"])
def test_programs_answer_with_ids(kind: str) -> None:
    """With the ids in the place of letters, what is typed is what is sent."""
    question = asked(kind, options=SHUFFLED)
    text = "b" if kind == "choice" else "bca"
    sent = list(text) if kind == "order" else sorted(text)
    assert read_answer(question, text, ids_of(question)) == sent
    assert said(sent, question, ids_of(question)) == ", ".join(sent)
