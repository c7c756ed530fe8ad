"""quizkit.core.answers: which answers are taken, and until when."""

from __future__ import annotations

from dataclasses import replace

import pytest

from quizkit.core.answers import (
    PATIENT_WRITE_MS,
    WRITE_TIMEOUT_MS,
    may_write,
    normalise,
    window_for,
    written_by,
)
from quizkit.core.errors import Rejected
from quizkit.core.kinds import KINDS, MAX_NUMBER
from quizkit.core.session import DRAIN_MS, Session, State, Window

WINDOW = Window("q1", "choice", 3, 1_000, 20, opens_at=10_000, closes_at=30_000)
OPEN = Session("s", "quiz", "T", "123456", 2, 0, state=State.OPEN, index=0, window=WINDOW)


def refusal(session: Session, question_id: object, at: int) -> str:
    """The code with which an answer is refused."""
    with pytest.raises(Rejected) as caught:
        window_for(session, question_id, at)
    return caught.value.code


def test_window_is_inclusive_at_both_ends() -> None:
    """Accepted at opens_at and at closes_at, refused one millisecond outside."""
    assert refusal(OPEN, "q1", 9_999) == "question_not_open"
    assert window_for(OPEN, "q1", 10_000) is WINDOW
    assert window_for(OPEN, "q1", 30_000) is WINDOW
    assert refusal(OPEN, "q1", 30_001) == "question_closed"


def test_other_states_and_questions_are_refused() -> None:
    """No question yet, another one, a settled one, a finished session: each has its code."""
    lobby = replace(OPEN, state=State.LOBBY, window=None, index=-1)
    assert refusal(lobby, "q1", 10_000) == "question_not_open"
    assert refusal(OPEN, "q2", 10_000) == "wrong_question"
    assert refusal(replace(OPEN, state=State.REVEALED), "q1", 10_000) == "question_closed"
    assert refusal(replace(OPEN, state=State.FINISHED), "q1", 10_000) == "session_finished"


@pytest.mark.parametrize("question_id", [None, 1, ["q1"], {}])
def test_a_question_id_is_text(question_id: object) -> None:
    """A question id of another type is a bad request, whatever the state."""
    assert refusal(OPEN, question_id, 10_000) == "bad_request"


@pytest.mark.parametrize(
    ("kind", "answer", "stored"),
    [
        ("choice", ["b"], ("b",)),
        ("multiple", ["c", "a"], ("a", "c")),
        ("multiple", ["b"], ("b",)),
        ("multiple", ["a", "b", "c"], ("a", "b", "c")),
    ],
)
def test_answers_are_stored_in_order(kind: str, answer: list[str], stored: tuple[str, ...]) -> None:
    """The order in which options were ticked does not matter."""
    assert normalise(replace(WINDOW, kind=kind), answer) == stored


@pytest.mark.parametrize(
    ("kind", "answer"),
    [
        ("choice", None),
        ("choice", "b"),
        ("choice", []),
        ("choice", {}),
        ("choice", ["d"]),
        ("choice", ["B"]),
        ("choice", [""]),
        ("choice", ["ab"]),
        ("choice", [1]),
        ("choice", [["a"]]),
        ("choice", [None]),
        ("choice", ["a", "b"]),
        ("choice", ["\ud800"]),
        ("multiple", ["a", "a"]),
        ("multiple", ["a", "d"]),
    ],
)
def test_malformed_answers_are_refused(kind: str, answer: object) -> None:
    """Wrong types, unknown options, repeats, and two options where one is asked for."""
    with pytest.raises(Rejected) as caught:
        normalise(replace(WINDOW, kind=kind), answer)
    assert caught.value.code == "invalid_answer"


def test_a_write_ends_before_the_fold() -> None:
    """The last instant to begin a write leaves it its whole timeout before the drain ends."""
    last = WINDOW.closes_at + DRAIN_MS - WRITE_TIMEOUT_MS
    assert may_write(WINDOW, last)
    assert not may_write(WINDOW, last + 1)


def test_a_question_cut_short_has_patient_writes_on_their_way() -> None:
    """The last fold waits for writes that were begun before the early close."""
    whole = WINDOW
    cut = replace(whole, closes_at=whole.closes_at - 1)
    assert written_by(whole) == whole.closes_at + DRAIN_MS
    assert written_by(cut) == cut.closes_at + PATIENT_WRITE_MS


def window(kind: str) -> Window:
    """A question of this kind with three options."""
    return replace(WINDOW, kind=kind)


@pytest.mark.parametrize(
    ("kind", "answer", "stored"),
    [
        ("choice", ["b"], ("b",)),
        ("boolean", ["a"], ("a",)),
        ("poll", ["c"], ("c",)),
        ("multiple", ["c", "a"], ("a", "c")),
        ("order", ["c", "a", "b"], ("c", "a", "b")),
        ("number", 5, ("5",)),
        ("number", 5.0, ("5",)),
        ("number", -2.5, ("-2.5",)),
        ("text", " Bern ", ("Bern",)),
        ("text", "x" * 200, ("x" * 200,)),
        ("text", "🙂", ("🙂",)),
    ],
)
def test_answers_of_every_kind(kind: str, answer: object, stored: tuple[str, ...]) -> None:
    """As they are stored: sets sorted, orders kept, numbers in one form, text trimmed."""
    assert normalise(window(kind), answer) == stored


@pytest.mark.parametrize(
    ("kind", "answers"),
    [
        ("poll", (["a", "b"], [], "a", 1, None)),
        ("boolean", (["a", "b"], ["d"], True)),
        ("order", (["a", "b"], ["a", "b", "b"], ["a", "b", "d"], "abc")),
        ("number", ("5", True, None, [5], float("nan"), float("inf"), MAX_NUMBER + 1)),
        ("text", ("", "  ", "x" * 201, "a\tb", "a\nb", "\x00", 5, None, ["x"])),
        ("slide", (["a"], "x", 5, None, [])),
    ],
)
def test_answers_that_are_none(kind: str, answers: tuple[object, ...]) -> None:
    """What a question of the kind cannot take changes nothing, and is called by one name."""
    for answer in answers:
        with pytest.raises(Rejected) as caught:
            normalise(window(kind), answer)
        assert caught.value.code == "invalid_answer"


@pytest.mark.parametrize("kind", KINDS)
def test_any_json_is_taken_or_refused(kind: str) -> None:
    """No value that a client can send does anything else."""
    values: list[object] = [None, True, 0, -1.5, "", "a", [], ["a"], [["a"]], [{}], {}, [None]]
    for answer in values:
        try:
            stored = normalise(window(kind), answer)
        except Rejected:
            continue
        assert stored
        assert all(isinstance(part, str) for part in stored)
