"""quizkit.core.scoring: points, verdicts, and standings as a pure fold."""

from __future__ import annotations

import random
from dataclasses import replace
from fractions import Fraction
from math import floor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quizkit.core.scoring import (
    AnswerRow,
    ClosedQuestion,
    Member,
    Standing,
    Verdict,
    counts_for,
    fold,
    judge,
    option_counts,
    order,
    rates,
    speed_points,
    taken_until,
)

OPENS = 1_000_000
QUESTION = ClosedQuestion("q1", 0, OPENS, OPENS + 20_000, 20, 1_000, ("b",), 3)
BOTH = replace(QUESTION, question_id="q2", index=1, correct=("a", "c"))


def row(who: str, after: int, *answer: str, question: str = "q1") -> AnswerRow:
    """An answer received so many milliseconds after the opening."""
    return AnswerRow(who, question, answer, OPENS + after)


@pytest.mark.parametrize(
    ("points", "elapsed", "limit", "expected"),
    [
        (1_000, 0, 20, 1_000),
        (1_000, 499, 20, 1_000),
        (1_000, 500, 20, 988),  # 987.5
        (1_000, 501, 20, 987),  # 987.475
        (1_000, 10_000, 20, 750),
        (1_000, 20_000, 20, 500),
        (1, 1_000, 1, 1),  # 0.5, half rounded up
        (1, 501, 1, 1),  # 0.7495
        (3, 5_000, 5, 2),  # 1.5
        (5, 5_000, 5, 3),  # 2.5: up, not to even
        (100, 1_000, 3, 83),  # 83.33
        (0, 700, 20, 0),
        (1_000_000, 3_599_999, 3_600, 500_000),  # 500000.14
    ],
)
def test_speed_points_by_hand(points: int, elapsed: int, limit: int, expected: int) -> None:
    """round(points × (1 − elapsed / time_limit / 2)), full under half a second, half up."""
    assert speed_points(points, elapsed, limit) == expected


@given(
    st.integers(0, 1_000_000),
    st.integers(1, 3_600).flatmap(lambda s: st.tuples(st.just(s), st.integers(0, s * 1_000))),
)
def test_speed_points_are_exact(points: int, window: tuple[int, int]) -> None:
    """The integer formula equals the rational one, and lies between half and full points."""
    limit, elapsed = window
    exact = points * (1 - Fraction(elapsed, 1_000) / limit / 2)
    expected = points if elapsed < 500 else floor(exact + Fraction(1, 2))
    assert speed_points(points, elapsed, limit) == expected
    assert points / 2 <= expected <= points


def test_verdicts() -> None:
    """Wrong gets nothing, flat gets the points, speed gets fewer the later it comes."""
    at = OPENS + 10_000
    assert judge(QUESTION, "speed", ("a",), at) == Verdict(False, 0, 10_000)
    assert judge(QUESTION, "speed", ("b",), at) == Verdict(True, 750, 10_000)
    assert judge(QUESTION, "flat", ("b",), at) == Verdict(True, 1_000, 10_000)


@pytest.mark.parametrize(
    ("answer", "right"),
    [(("a", "c"), True), (("a",), False), (("a", "b", "c"), False), (("b",), False)],
)
def test_all_right_options_and_no_other(answer: tuple[str, ...], right: bool) -> None:
    """Where several options are right, half an answer is a wrong one."""
    assert judge(BOTH, "flat", answer, OPENS).correct is right


def test_rows_count_within_their_window() -> None:
    """Both ends are inclusive."""
    inside = [row("p", 0, "b"), row("p", 20_000, "b")]
    outside = [row("p", -1, "b"), row("p", 20_001, "b")]
    assert all(counts_for(QUESTION, one) for one in inside)
    assert not any(counts_for(QUESTION, one) for one in outside)


MEMBERS = [Member(who, who.upper(), joined) for joined, who in enumerate("wxyz", start=10)]


def test_a_small_game_by_hand() -> None:
    """Two questions, four players: scores, times, counts and ranks as worked out on paper."""
    rows = [
        row("w", 10_000, "b"),  # 750
        row("x", 400, "b"),  # 1000
        row("y", 100, "a"),  # wrong
        row("w", 0, "a", "c", question="q2"),  # 1000
        row("x", 500, "a", "c", question="q2"),  # 988
        row("x", 9, "a", question="q3"),  # no such question
        row("nobody", 0, "b"),  # never joined
        row("z", 20_001, "b"),  # late
    ]
    table = fold(MEMBERS, [QUESTION, BOTH], rows, "speed")
    assert table == [
        Standing(1, "x", "X", 1_988, 900, 11, 2, streak=2),
        Standing(2, "w", "W", 1_750, 10_000, 10, 2, streak=2),
        Standing(3, "y", "Y", 0, 0, 12, 1),
        Standing(4, "z", "Z", 0, 0, 13, 0),
    ]


def test_ties_go_by_time_then_joining_then_id() -> None:
    """Equal scores: less answering time of correct answers, then earlier join, then the id."""
    members = [Member("d", "D", 5), Member("c", "C", 5), Member("b", "B", 4), Member("a", "A", 9)]
    rows = [row("d", 300, "b"), row("c", 300, "b"), row("b", 300, "b"), row("a", 299, "b")]
    assert [line.participant_id for line in fold(members, [QUESTION], rows, "flat")] == list("abcd")
    assert order(5, 1, 1, "a") < order(4, 0, 0, "a")


def test_wrong_answers_cost_no_time() -> None:
    """The tie-break counts the time of correct answers only."""
    rows = [row("w", 19_000, "a"), row("w", 500, "a", "c", question="q2")]
    (line, *_) = fold(MEMBERS, [QUESTION, BOTH], rows, "flat")
    assert (line.participant_id, line.time, line.answered) == ("w", 500, 2)


PLAYERS = [Member(f"{n:02x}p", f"N{n}", n // 2) for n in range(6)]
QUESTIONS = [
    ClosedQuestion(
        f"q{n}", n, OPENS + n * 50_000, OPENS + n * 50_000 + 20_000, 20, 1_000, ("b",), 3
    )
    for n in range(4)
]


@st.composite
def games(draw: st.DrawFn) -> list[AnswerRow]:
    """At most one row for each participant and question, some late, some of strangers."""
    keys = draw(
        st.sets(
            st.tuples(
                st.sampled_from([*(member.participant_id for member in PLAYERS), "stranger"]),
                st.integers(0, 5),
            )
        )
    )
    return [
        AnswerRow(
            who,
            f"q{n}",
            (draw(st.sampled_from("abc")),),
            OPENS + n * 50_000 + draw(st.integers(-2, 20_002)),
        )
        for who, n in sorted(keys)
    ]


@given(games(), st.randoms(use_true_random=False), st.sampled_from(["speed", "flat"]))
def test_the_fold_does_not_depend_on_order(
    rows: list[AnswerRow], shuffler: random.Random, scoring: str
) -> None:
    """Any order of rows, members and questions gives the same standings; again gives them too."""
    expected = fold(PLAYERS, QUESTIONS, rows, scoring)
    members, questions, mixed = list(PLAYERS), list(QUESTIONS), list(rows)
    for items in (members, questions, mixed):
        shuffler.shuffle(items)
    assert fold(members, questions, mixed, scoring) == expected
    assert fold(PLAYERS, QUESTIONS, rows, scoring) == expected


@given(games(), st.integers(0, 4), st.sampled_from(["speed", "flat"]))
def test_folding_on_a_base_equals_folding_everything(
    rows: list[AnswerRow], cut: int, scoring: str
) -> None:
    """Standings of the first questions plus the rest are the standings of all."""
    early = fold(PLAYERS, QUESTIONS[:cut], rows, scoring)
    base = {line.participant_id: line for line in early}
    assert fold(PLAYERS, QUESTIONS[cut:], rows, scoring, base) == fold(
        PLAYERS, QUESTIONS, rows, scoring
    )


@given(games())
def test_ranks_are_dense_and_sorted(rows: list[AnswerRow]) -> None:
    """Every member has one line; ranks count from 1 in the order of the sort key."""
    table = fold(PLAYERS, QUESTIONS, rows, "speed")
    assert {line.participant_id for line in table} == {who.participant_id for who in PLAYERS}
    assert [line.rank for line in table] == list(range(1, len(PLAYERS) + 1))
    keys = [order(x.score, x.time, x.joined_at, x.participant_id) for x in table]
    assert keys == sorted(keys)


def test_option_counts() -> None:
    """Every option is there; late rows and other questions' rows are not counted."""
    rows = [
        row("w", 0, "b"),
        row("x", 0, "b"),
        row("y", 0, "a", "c"),
        row("z", 20_001, "a"),
        row("z", 0, "a", question="q2"),
    ]
    assert option_counts(QUESTION, rows) == {"a": 1, "b": 2, "c": 1}


def test_rates() -> None:
    """Participation counts the last question's answers, completion those who answered all."""
    table = [Standing(n, f"p{n}", "N", 0, 0, 0, answered=n) for n in range(1, 5)]
    assert rates(table, 3, 4) == {"ParticipationRate": 75.0, "CompletionRate": 25.0}
    nothing = {"ParticipationRate": 0.0, "CompletionRate": 0.0}
    assert rates([], 0, 4) == nothing
    assert rates(table, 0, 0) == nothing


def test_a_question_is_open_for_as_long_as_answers_were_taken() -> None:
    """Cut short, its end is that of the last answer, if later; not past limit or settling."""
    cut = replace(QUESTION, closes_at=OPENS + 5_000)
    never = OPENS + 90_000
    assert taken_until(cut, [], never) == cut
    early = [row("x", 4_000, "b"), row("y", 9_000, "b", question="q2")]
    assert taken_until(cut, early, never) == cut
    late = [row("x", 5_001, "b"), row("y", 20_001, "b")]
    assert taken_until(cut, late, never).closes_at == OPENS + 5_001
    assert taken_until(cut, late, OPENS + 5_001).closes_at == OPENS + 5_001
    assert taken_until(cut, late, OPENS + 5_000) == cut
    assert taken_until(cut, [row("x", 20_000, "b")], never) == QUESTION
    assert taken_until(QUESTION, late, never) == QUESTION
