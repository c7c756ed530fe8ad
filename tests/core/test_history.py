"""quizkit.core.history: a clean game passes, and each broken promise is named."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quizkit.core.history import Attempt, Ending, Fate, Truth, check, standings
from quizkit.core.kinds import Rules
from quizkit.core.scoring import AnswerRow, ClosedQuestion, Member, fold
from tests.core import games

OPENS = 1_000_000
Q1 = ClosedQuestion("q1", 0, OPENS, OPENS + 20_000, 20, 1_000, ("b",), 3)
Q2 = ClosedQuestion("q2", 1, OPENS + 60_000, OPENS + 70_000, 10, 500, ("a", "c"), 3)
MEMBERS = tuple(Member(who, who.title(), 100 + n) for n, who in enumerate(("ada", "bob", "eve")))


def ok(who: str, question: ClosedQuestion, after: int, *answer: str) -> Attempt:
    """An acknowledged answer, received so long after the opening."""
    at = question.opens_at + after
    return Attempt(who, question.question_id, answer, Fate.OK, received_at=at)


def stored(attempt: Attempt) -> AnswerRow:
    """The row that an acknowledgement promises."""
    assert attempt.received_at is not None
    return AnswerRow(
        attempt.participant_id, attempt.question_id, attempt.answer, attempt.received_at
    )


#: Ada 1000 + 450, Bob 950, Eve 0.
SENT = (
    ok("ada", Q1, 400, "b"),
    ok("bob", Q1, 2_000, "b"),
    ok("eve", Q1, 100, "a"),
    ok("ada", Q2, 2_000, "a", "c"),
    ok("eve", Q2, 2_000, "a"),
)
PLACES = ((1, "ada", 1_450), (2, "bob", 950), (3, "eve", 0))
TRUTH = Truth("speed", (Q1, Q2), MEMBERS, tuple(map(stored, SENT)), PLACES, PLACES, 1)
ENDINGS = (*(Ending(who, score, rank, PLACES) for rank, who, score in PLACES),)
HOST = Ending("host1", None, None, PLACES)


def rules(
    attempts: Sequence[Attempt] = SENT,
    endings: Sequence[Ending] = ENDINGS,
    truth: Truth = TRUTH,
) -> list[str]:
    """The codes of what is wrong."""
    return [violation.rule for violation in check(attempts, endings, truth)]


def with_rows(*rows: AnswerRow) -> Truth:
    """What is stored and served where these rows are; served is what follows from them."""
    truth = replace(TRUTH, rows=rows)
    places = standings(truth)
    return replace(truth, results=places, board=places)


def test_a_clean_game_passes() -> None:
    """Nothing is wrong with a game that kept every promise, hosts included."""
    assert check(SENT, [*ENDINGS, HOST], TRUTH) == []


def test_points_by_hand() -> None:
    """The expected standings are the contract's formula, half rounded up."""
    assert standings(TRUTH) == PLACES
    slow = AnswerRow("bob", "q1", ("b",), OPENS + 20_000)
    odd = AnswerRow("eve", "q2", ("c", "a"), Q2.opens_at + 9_990)
    places = standings(replace(TRUTH, rows=(slow, odd)))
    assert places == ((1, "bob", 500), (2, "eve", 250), (3, "ada", 0))
    half = replace(Q2, points=5, opens_at=OPENS, time_limit=10, correct=("a",))
    row = AnswerRow("ada", "q2", ("a",), OPENS + 6_000)  # 5 × 0.7 = 3.5
    assert standings(replace(TRUTH, questions=(half,), rows=(row,)))[0] == (1, "ada", 4)


def test_flat_points() -> None:
    """Without speed every right answer has all points, and time decides only ties."""
    places = standings(replace(TRUTH, scoring="flat"))
    assert places == ((1, "ada", 1_500), (2, "bob", 1_000), (3, "eve", 0))


def test_ties() -> None:
    """Equal scores go by less time of right answers, then earlier join, then the id."""
    fast, slow = (AnswerRow(who, "q1", ("b",), OPENS + t) for who, t in (("eve", 9), ("ada", 10)))
    places = standings(replace(TRUTH, scoring="flat", rows=(slow, fast)))
    assert [who for _, who, _ in places] == ["eve", "ada", "bob"]
    same = replace(slow, participant_id="bob")
    places = standings(replace(TRUTH, scoring="flat", rows=(slow, same)))
    assert [who for _, who, _ in places] == ["ada", "bob", "eve"]
    members = (Member("zoe", "Zoe", 5), Member("amy", "Amy", 5), Member("old", "Old", 4))
    places = standings(replace(TRUTH, rows=(), members=members))
    assert [who for _, who, _ in places] == ["old", "amy", "zoe"]


def test_an_acknowledged_answer_that_is_not_stored() -> None:
    """Acknowledged is stored."""
    assert rules([*SENT, ok("bob", Q2, 500, "a")]) == ["acknowledged_lost"]


@pytest.mark.parametrize("change", [{"answer": ("c",)}, {"received_at": OPENS + 399}])
def test_an_acknowledged_answer_that_is_stored_otherwise(change: dict[str, object]) -> None:
    """It is stored with the acknowledged content and time."""
    told = replace(SENT[0], **change)  # type: ignore[arg-type]
    assert rules([*SENT, told]) == ["acknowledged_changed"]


def test_a_row_that_nobody_sent() -> None:
    """What a known client never sent is not stored; of strangers nothing is known."""
    row = AnswerRow("bob", "q2", ("b",), Q2.opens_at)
    truth = with_rows(*TRUTH.rows, row)
    assert rules(truth=truth) == ["stored_unsent"]
    strangers = [a for a in SENT if a.participant_id != "bob"]
    assert rules(strangers, truth=truth) == ["stored_unsent"] * 2
    endings = [e for e in ENDINGS if e.participant_id != "bob"]
    assert rules(strangers, endings, truth) == []


def test_two_rows_for_one_question() -> None:
    """A participant has one row a question at most."""
    truth = with_rows(*TRUTH.rows, replace(TRUTH.rows[2], answer=("c",)))
    sent = [*SENT, Attempt("eve", "q1", ("c",), Fate.UNKNOWN)]
    assert rules(sent, truth=truth) == ["stored_twice"]


def test_a_refused_answer_that_is_stored() -> None:
    """Refused for good is not stored, unless another try of the same answer may be."""
    row = AnswerRow("bob", "q2", ("b",), Q2.opens_at)
    truth = with_rows(*TRUTH.rows, row)
    refused = Attempt("bob", "q2", ("b",), Fate.FAIL, code="question_closed")
    assert rules([*SENT, refused], truth=truth) == ["refused_stored"]
    unknown = replace(refused, fate=Fate.UNKNOWN, code=None)
    assert rules([*SENT, refused, unknown], truth=truth) == []
    assert rules([*SENT, replace(refused, code="unavailable")], truth=truth) == []
    assert rules([*SENT, refused]) == []


@pytest.mark.parametrize("after", [-1, 20_001])
def test_a_row_outside_its_window(after: int) -> None:
    """No stored answer was received before its question opened or after it closed."""
    sent = [a for a in SENT if a is not SENT[2]] + [ok("eve", Q1, after, "a")]
    assert rules(sent, truth=with_rows(*map(stored, sent))) == ["outside_window"]
    inside = [a for a in SENT if a is not SENT[2]] + [ok("eve", Q1, min(after + 1, 20_000), "a")]
    assert rules(inside, truth=with_rows(*map(stored, inside))) == []


def test_a_row_of_a_question_that_was_never_asked() -> None:
    """A row belongs to a settled question."""
    sent = [*SENT, Attempt("bob", "q9", ("a",), Fate.UNKNOWN)]
    truth = with_rows(*TRUTH.rows, AnswerRow("bob", "q9", ("a",), OPENS))
    assert rules(sent, truth=truth) == ["outside_window"]


@pytest.mark.parametrize(
    "wrong",
    [
        PLACES[:2],
        (PLACES[1], PLACES[0], PLACES[2]),
        ((1, "ada", 1_451), *PLACES[1:]),
        (*PLACES, (4, "eve", 0)),
        ((1, "ada", 1_450), (1, "bob", 950), (3, "eve", 0)),
    ],
    ids=["missing", "order", "score", "twice", "rank"],
)
def test_wrong_standings(wrong: tuple[tuple[int, str, int], ...]) -> None:
    """Results and board are the expected standings, line by line."""
    assert rules(truth=replace(TRUTH, results=wrong)) == ["wrong_results"]
    assert rules(truth=replace(TRUTH, board=wrong)) == ["wrong_board"]


def test_a_board_lists_five_thousand() -> None:
    """In a larger session the first 5,000 lines are asked of a board, and no fewer."""
    members = tuple(Member(f"p{n:04d}", str(n), n) for n in range(5_200))
    places = tuple((n + 1, member.participant_id, 0) for n, member in enumerate(members))
    truth = Truth("flat", (Q1,), members, (), places, places[:5_000], 1)
    assert rules((), (), truth) == []
    assert rules((), (), replace(truth, board=places)) == []
    assert rules((), (), replace(truth, board=places[:4_999])) == ["wrong_board"]


@pytest.mark.parametrize(
    ("ending", "rule"),
    [
        (Ending("ada", 1_450, 1, PLACES, finished=False), "never_finished"),
        (Ending("ada", 1_450, 1, PLACES[1:]), "wrong_podium"),
        (Ending("ada", 1_000, 1, PLACES), "wrong_score"),
        (Ending("ada", None, 1, PLACES), "wrong_score"),
        (Ending("ada", 1_450, 2, PLACES), "wrong_rank"),
        (Ending("ada", 1_450, None, PLACES), "wrong_rank"),
        (Ending("zoe", 0, 4, PLACES), "unknown_participant"),
    ],
)
def test_wrong_endings(ending: Ending, rule: str) -> None:
    """Every client sees the end, the same podium, and its own right score and rank."""
    assert rules(endings=[ending]) == [rule]


def test_an_ending_where_nothing_was_asked() -> None:
    """Ended in the lobby: the podium is there, the rank may be missing but not be wrong."""
    places = ((1, "ada", 0), (2, "bob", 0), (3, "eve", 0))
    truth = Truth("speed", (), MEMBERS, (), places, places, 1)
    assert rules((), [Ending("bob", 0, None, places)], truth) == []
    assert rules((), [Ending("bob", 0, 1, places)], truth) == ["wrong_rank"]


@pytest.mark.parametrize(
    ("published", "expected"),
    [(None, []), (1, []), (0, ["winners_missing"]), (2, ["winners_twice"])],
)
def test_winners(published: int | None, expected: list[str]) -> None:
    """Announced exactly once, where it is known how often."""
    assert rules(truth=replace(TRUTH, published=published)) == expected


rows = st.lists(
    st.tuples(
        st.sampled_from([who.participant_id for who in MEMBERS]),
        st.sampled_from([Q1, Q2]),
        st.sampled_from([("a",), ("b",), ("a", "c")]),
        st.integers(0, 10_000),
    ),
    unique_by=lambda row: (row[0], row[1].question_id),
)


@given(rows, st.sampled_from(["speed", "flat"]))
def test_two_ways_to_the_same_standings(
    drawn: list[tuple[str, ClosedQuestion, tuple[str, ...], int]], scoring: str
) -> None:
    """The checker's own arithmetic and the platform's fold agree on any rows."""
    stored_rows = [AnswerRow(who, q.question_id, a, q.opens_at + t) for who, q, a, t in drawn]
    mine = standings(replace(TRUTH, scoring=scoring, rows=tuple(stored_rows)))
    theirs = fold(MEMBERS, [Q1, Q2], stored_rows, scoring)
    assert mine == tuple((line.rank, line.participant_id, line.score) for line in theirs)


@given(st.data(), st.sampled_from(["speed", "flat"]), st.sampled_from([0, 40]))
def test_the_checker_and_the_fold_agree_on_every_kind(
    data: st.DataObject, scoring: str, streak_bonus: int
) -> None:
    """Two ways of working points out: parts, penalties and streaks come to the same places."""
    asked = data.draw(games.questions())
    rows = data.draw(games.rows(asked))
    members = tuple(games.PLAYERS)
    truth = Truth(scoring, tuple(asked), members, tuple(rows), (), (), None, streak_bonus)
    table = fold(members, asked, rows, scoring, streak_bonus=streak_bonus)
    places = tuple((line.rank, line.participant_id, line.score) for line in table)
    assert standings(truth) == places


def test_kinds_by_hand() -> None:
    """Points of one game: 1000, 600 + 50 (a half is no streak), 300 + 0, and a penalty of 70."""
    five = ClosedQuestion("q1", 0, OPENS, OPENS + 10_000, 10, 1_000, ("5",), 0, "number")
    half = Rules(grading="balanced")
    two = ClosedQuestion("q3", 2, OPENS, OPENS + 10_000, 10, 600, ("a", "b"), 3, "multiple", half)
    typed = ClosedQuestion("q2", 1, OPENS, OPENS + 10_000, 10, 600, ("Bern",), 0, "text")
    harsh = ClosedQuestion(
        "q4", 3, OPENS, OPENS + 10_000, 10, 9, ("a", "b"), 2, "order", Rules(penalty=70)
    )
    given_rows = [("q1", "5"), ("q2", " BERN"), ("q3", "a"), ("q4", "ba")]
    rows = tuple(
        AnswerRow("ada", question, (text,) if question in ("q1", "q2") else tuple(text), OPENS)
        for question, text in given_rows
    )
    asked = (harsh, two, typed, five)
    truth = replace(TRUTH, scoring="flat", questions=asked, rows=rows, streak_bonus=50)
    assert standings(truth)[0] == (1, "ada", 1_000 + 650 + 300 - 70)
