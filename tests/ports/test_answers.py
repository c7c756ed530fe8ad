"""`ports.Answers`: one suite over the fake and DynamoDB."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from quizkit.core.scoring import AnswerRow
from quizkit.core.session import Session
from quizkit.lambdas.ports import Answers

NOW = 1_800_000_000_000
SESSION = Session("s1", "quiz", "T", "123456", 3, created_at=NOW, shards=3)
ROW = AnswerRow("00ada", "q1", ("a", "c"), NOW)


@pytest.mark.parametrize("patient", [False, True])
def test_the_first_answer_stands(answers: Answers, patient: bool) -> None:
    """Stored if absent; every later one gets the first back and changes nothing."""
    assert answers.put("s1", ROW, patient=patient) is None
    assert answers.put("s1", ROW, patient=patient) == ROW
    other = AnswerRow("00ada", "q1", ("b",), NOW + 1)
    assert answers.put("s1", other, patient=not patient) == ROW
    assert answers.get("s1", "00ada", "q1") == ROW
    assert answers.of_session(SESSION) == [ROW]


def test_of_fifty_at_once_one_is_stored(answers: Answers) -> None:
    """One finds nothing there, the others all find that one."""
    barrier = Barrier(50)

    def put(number: int) -> AnswerRow | None:
        row = AnswerRow("00ada", "q1", ("ab"[number % 2],), NOW + number)
        barrier.wait()
        return answers.put("s1", row, patient=False)

    with ThreadPoolExecutor(50) as pool:
        found = list(pool.map(put, range(50)))
    (stored,) = answers.of_session(SESSION)
    assert found.count(None) == 1
    assert found.index(None) == stored.received_at - NOW
    assert {row for row in found if row is not None} == {stored}


def test_each_question_participant_and_session_is_apart(answers: Answers) -> None:
    """Four rows, none in another's way; folds read a question or a session."""
    rows = [
        ROW,
        AnswerRow("00ada", "q2", ("a",), NOW),
        AnswerRow("02bob", "q1", ("b",), NOW),
        AnswerRow("00ada", "q10", ("b",), NOW),
    ]
    for row in rows:
        assert answers.put("s1", row, patient=True) is None
    assert answers.put("s2", ROW, patient=True) is None
    assert set(answers.of_session(SESSION)) == set(rows)
    assert set(answers.of_question(SESSION, "q1")) == {rows[0], rows[2]}
    assert answers.of_question(SESSION, "q3") == []
    assert set(answers.of_shard("s1", 0)) == {rows[0], rows[1], rows[3]}
    assert answers.of_shard("s1", 1) == []
    assert answers.get("s1", "02bob", "q2") is None
    assert answers.get("none", "00ada", "q1") is None


def test_a_large_session(answers: Answers) -> None:
    """Six hundred answers are all read back."""
    rows = {AnswerRow(f"{n % 3:02x}{n:016x}", f"q{n % 4}", ("a",), NOW + n) for n in range(600)}
    with ThreadPoolExecutor(16) as pool:
        assert not any(pool.map(lambda row: answers.put("s1", row, patient=True), rows))
    assert set(answers.of_session(SESSION)) == rows
    assert len(answers.of_question(SESSION, "q3")) == 150


@pytest.mark.parametrize(
    "answer", [("c", "a", "b"), ("-2.5",), ("1e-07",), ("Zürich 🙂 ",), ("x" * 200,)]
)
def test_answers_of_kinds(answers: Answers, answer: tuple[str, ...]) -> None:
    """Orders, numbers and texts come back as they were stored."""
    row = AnswerRow(f"00{'1' * 16}", "q1", answer, 5)
    assert answers.put("s1", row, patient=False) is None
    assert answers.get("s1", row.participant_id, "q1") == row
    assert answers.put("s1", row, patient=True) == row
