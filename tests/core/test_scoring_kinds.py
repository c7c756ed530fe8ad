"""quizkit.core.scoring: examples of every kind worked by hand, penalties, parts, streaks."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quizkit.core.kinds import Rules
from quizkit.core.scoring import (
    AnswerRow,
    ClosedQuestion,
    Member,
    Verdict,
    bonus,
    fold,
    judge,
    marked,
    option_counts,
    right_count,
)
from tests.core.games import OPENS, PLAYERS, questions, rows

CHOICE = ClosedQuestion("q1", 0, OPENS, OPENS + 20_000, 20, 1_000, ("b",), 3)
BALANCED = Rules(grading="balanced", penalty=300)


def of(kind: str, correct: tuple[str, ...], rules: Rules, points: int = 1_000) -> ClosedQuestion:
    """A question of 20 seconds."""
    return replace(CHOICE, kind=kind, correct=correct, rules=rules, points=points)


PRIMES = of("multiple", ("a", "c", "d"), BALANCED)
PLANETS = of("order", ("c", "a", "d", "b"), BALANCED)
BIRTH = of("number", ("1822",), Rules(tolerance="1", nearest=True, range=("1800", "1900")))
CITY = of("text", ("Zürich", "Zurich"), Rules(penalty=50), points=2_000)


@pytest.mark.parametrize(
    ("question", "scoring", "answer", "elapsed", "correct", "points"),
    [
        # Speed: 1000 × (1 − 10/20/2) = 750; a part of it is a part of 750 …
        (PRIMES, "speed", ("a", "c", "d"), 10_000, True, 750),
        (PRIMES, "speed", ("a", "c"), 10_000, False, 500),  # 2 of 3
        (PRIMES, "speed", ("a",), 10_000, False, 250),
        (PRIMES, "speed", ("a", "b", "c"), 10_000, False, 250),  # 2 right − 1 wrong
        (PRIMES, "speed", ("a", "b"), 10_000, False, -300),  # nothing: the penalty
        (PRIMES, "speed", ("a", "c"), 499, False, 667),  # 666.67, full under half a second
        (PRIMES, "speed", ("a", "c"), 500, False, 658),  # … rounded once: 658.33
        (PRIMES, "flat", ("a",), 19_999, False, 333),
        (replace(PRIMES, points=1), "flat", ("a",), 0, False, 0),  # 0.33; no penalty
        (replace(PRIMES, points=3), "speed", ("a",), 20_000, False, 1),  # 0.5, half up
        (PLANETS, "flat", ("c", "a", "d", "b"), 0, True, 1_000),
        (PLANETS, "flat", ("c", "a", "b", "d"), 0, False, 500),
        (PLANETS, "flat", ("a", "c", "b", "d"), 0, False, -300),
        (replace(PLANETS, rules=Rules()), "flat", ("c", "a", "b", "d"), 0, False, 0),
        (BIRTH, "flat", ("1823",), 0, True, 1_000),
        (BIRTH, "flat", ("1847",), 0, False, 750),  # 25 of 100 years off
        (BIRTH, "speed", ("1847",), 20_000, False, 375),
        (BIRTH, "flat", ("1922",), 0, False, 0),
        (BIRTH, "flat", ("1821.5",), 0, True, 1_000),
        (CITY, "speed", ("zurich",), 20_000, True, 1_000),
        (CITY, "speed", ("Genf",), 0, False, -50),
        (of("boolean", ("a",), Rules(penalty=10)), "flat", ("b",), 0, False, -10),
        (of("poll", (), Rules()), "speed", ("b",), 0, False, 0),
        (of("slide", (), Rules(penalty=9)), "speed", (), 0, False, 0),
    ],
)
def test_points_by_hand(
    question: ClosedQuestion,
    scoring: str,
    answer: tuple[str, ...],
    elapsed: int,
    correct: bool,
    points: int,
) -> None:
    """One answer of each kind and outcome, as worked out on paper."""
    expected = Verdict(correct, points, elapsed)
    assert judge(question, scoring, answer, OPENS + elapsed) == expected


def test_bonus_by_hand() -> None:
    """The k-th right answer in a row gets the bonus k − 1 times, at most five times."""
    assert [bonus(100, streak) for streak in range(9)] == [0, 0, 100, 200, 300, 400, 500, 500, 500]
    assert bonus(0, 9) == 0


ADA, BOB = Member("ada", "Ada", 1), Member("bob", "Bob", 2)
GAME = [
    CHOICE,
    replace(CHOICE, question_id="q2", index=1),
    replace(CHOICE, question_id="q3", index=2, kind="slide", correct=()),
    replace(CHOICE, question_id="q4", index=3, kind="poll", correct=()),
    replace(CHOICE, question_id="q5", index=4),
    replace(PRIMES, question_id="q6", index=5),
    replace(CHOICE, question_id="q7", index=6),
    replace(CHOICE, question_id="q8", index=7, points=0),
]


def gave(who: str, **answers: str) -> list[AnswerRow]:
    """Rows of one player; the letters of the options, all received after a second."""
    return [AnswerRow(who, name, tuple(ids), OPENS + 1_000) for name, ids in answers.items()]


def test_a_streak_by_hand() -> None:
    """Slides and polls pass it by; a part of the points, a wrong answer and none end it."""
    ada = gave("ada", q1="b", q2="b", q4="a", q5="b", q6="ac", q7="b", q8="b")
    bob = gave("bob", q1="b", q5="b", q6="acd", q7="a", q8="b")
    verdicts, streaks = marked(GAME, [*ada, *bob], "flat", 10)
    points = {
        who: [verdict.points for row, verdict in verdicts if row.participant_id == who]
        for who in ("ada", "bob")
    }
    # Ada's poll between two right answers changes nothing; q6 is two thirds.
    assert points["ada"] == [1_000, 1_010, 0, 1_020, 667, 1_000, 10]
    # Bob left out q2, so q5 is his first again; q6 his second; q7 is wrong, without penalty.
    assert points["bob"] == [1_000, 1_000, 1_010, 0, 0]
    assert streaks == {"ada": 2, "bob": 1}
    table = fold([ADA, BOB], GAME, [*ada, *bob], "flat", streak_bonus=10)
    assert [(line.participant_id, line.score, line.time, line.answered) for line in table] == [
        ("ada", 4_707, 5_000, 7),
        ("bob", 3_010, 4_000, 5),
    ]
    assert [line.streak for line in table] == [2, 1]


def test_a_score_below_nothing() -> None:
    """Penalties are taken from nothing, too, and rank behind it."""
    harsh = replace(CHOICE, rules=Rules(penalty=250))
    table = fold([ADA, BOB], [harsh], gave("ada", q1="a"), "speed")
    assert [(line.participant_id, line.score, line.time) for line in table] == [
        ("bob", 0, 0),
        ("ada", -250, 0),
    ]


@given(st.data(), st.sampled_from(["speed", "flat"]), st.sampled_from([0, 1, 100]))
def test_settling_one_by_one_equals_a_whole_fold(
    data: st.DataObject, scoring: str, streak_bonus: int
) -> None:
    """P2: with streaks, penalties and parts; every cut of the game adds up to the same."""
    asked = data.draw(questions())
    given_rows = data.draw(rows(asked))
    whole = fold(PLAYERS, asked, given_rows, scoring, streak_bonus=streak_bonus)
    line_of = {line.participant_id: line for line in fold(PLAYERS, [], [], scoring)}
    for question in asked:
        lines = fold(PLAYERS, [question], given_rows, scoring, line_of, streak_bonus)
        line_of = {line.participant_id: line for line in lines}
    assert sorted(line_of.values(), key=lambda line: line.rank) == whole
    cut = data.draw(st.integers(0, len(asked)))
    early = fold(PLAYERS, asked[:cut], given_rows, scoring, streak_bonus=streak_bonus)
    base = {line.participant_id: line for line in early}
    assert fold(PLAYERS, asked[cut:], given_rows, scoring, base, streak_bonus) == whole


@given(st.data())
def test_the_order_of_rows_does_not_matter(data: st.DataObject) -> None:
    """Storage gives rows and questions in any order; streaks go by the questions' index."""
    asked = data.draw(questions())
    given_rows = data.draw(rows(asked))
    expected = fold(PLAYERS, asked, given_rows, "speed", streak_bonus=50)
    mixed = data.draw(st.permutations(given_rows))
    turned = data.draw(st.permutations(asked))
    assert fold(PLAYERS, turned, mixed, "speed", streak_bonus=50) == expected


@given(st.data())
def test_points_of_single_answers_add_up_to_the_score(data: st.DataObject) -> None:
    """What results list for each answer, bonus included, is the score."""
    asked = data.draw(questions())
    given_rows = data.draw(rows(asked))
    verdicts, streaks = marked(asked, given_rows, "speed", 30)
    for line in fold(PLAYERS, asked, given_rows, "speed", streak_bonus=30):
        own = [verdict for row, verdict in verdicts if row.participant_id == line.participant_id]
        assert line.score == sum(verdict.points for verdict in own)
        assert line.answered == len(own)
        assert line.time == sum(verdict.elapsed for verdict in own if verdict.correct)
        assert line.streak == streaks.get(line.participant_id, 0)


def test_counts_of_kinds() -> None:
    """Options are counted where they are chosen; right answers of all kinds, late ones never."""
    poll = of("poll", (), Rules())
    chosen = [*gave("ada", q1="a"), *gave("bob", q1="c")]
    assert option_counts(poll, chosen) == {"a": 1, "b": 0, "c": 1}
    assert right_count(poll, chosen) == 0
    typed = [AnswerRow(who, "q1", (text,), OPENS) for who, text in (("a", "ZÜRICH"), ("b", "x"))]
    assert (option_counts(CITY, typed), right_count(CITY, typed)) == ({}, 1)
    late = [replace(row, received_at=OPENS + 20_001) for row in typed]
    assert right_count(CITY, late) == 0
    assert option_counts(PLANETS, gave("ada", q1="cadb")) == {}
    assert right_count(PLANETS, gave("ada", q1="cadb")) == 1
