"""Games with questions of every kind, for property tests."""

from __future__ import annotations

from hypothesis import strategies as st

from quizkit.core.kinds import Rules
from quizkit.core.scoring import AnswerRow, ClosedQuestion, Member

OPENS = 1_000_000
PLAYERS = [Member(f"{n:02x}p", f"N{n}", n // 2) for n in range(5)]

_GRADED = st.builds(Rules, grading=st.sampled_from(["all", "balanced"]), penalty=st.integers(0, 50))
_PLAIN = st.builds(Rules, penalty=st.integers(0, 50))
_NUMBERS = st.builds(
    Rules,
    tolerance=st.sampled_from(["0", "1", "0.5"]),
    nearest=st.booleans(),
    range=st.just(("0", "8")),
    penalty=st.integers(0, 50),
)
_TEXTS = st.builds(Rules, fold=st.sampled_from(["case", "loose"]), penalty=st.integers(0, 50))
#: Kind, key and rules; small, so that answers are right often.
_KEYS = st.one_of(
    st.tuples(st.sampled_from(["choice", "boolean"]), st.just(("b",)), _PLAIN),
    st.tuples(st.just("multiple"), st.sampled_from([("a",), ("a", "c"), ("a", "b")]), _GRADED),
    st.tuples(st.just("order"), st.permutations("abc").map(tuple), _GRADED),
    st.tuples(st.just("number"), st.sampled_from([("4",), ("2.5",), ("0",)]), _NUMBERS),
    st.tuples(st.just("text"), st.just(("Zürich", "Turicum")), _TEXTS),
    st.tuples(st.sampled_from(["poll", "slide"]), st.just(()), _PLAIN),
)


@st.composite
def questions(draw: st.DrawFn, most: int = 6) -> list[ClosedQuestion]:
    """Closed questions, each for 20 seconds, 50 seconds apart."""
    found = []
    for index, (kind, correct, rules) in enumerate(draw(st.lists(_KEYS, max_size=most))):
        opens_at = OPENS + index * 50_000
        points = draw(st.sampled_from([0, 7, 1_000, 2_000]))
        found.append(
            ClosedQuestion(
                f"q{index}", index, opens_at, opens_at + 20_000, 20, points, correct, 3, kind, rules
            )
        )
    return found


def answers(question: ClosedQuestion) -> st.SearchStrategy[tuple[str, ...]]:
    """Stored answers that a question takes, often right ones."""
    match question.kind:
        case "order":
            return st.permutations("abc").map(tuple)
        case "multiple":
            chosen = st.sets(st.sampled_from("abc"), min_size=1)
            return chosen.map(lambda ids: tuple(sorted(ids)))
        case "number":
            return st.sampled_from(["4", "3.5", "3", "2.5", "0", "99"]).map(lambda n: (n,))
        case "text":
            typed = ["Zürich", "ZURICH", "zu\u0308rich", "turicum", " Bern"]
            return st.sampled_from(typed).map(lambda text: (text,))
    return st.sampled_from("abbb").map(lambda each: (each,))


@st.composite
def rows(draw: st.DrawFn, asked: list[ClosedQuestion]) -> list[AnswerRow]:
    """At most one row for each participant and question; some late, some of strangers."""
    found = []
    for question in asked:
        for who in [*(player.participant_id for player in PLAYERS), "stranger"]:
            if question.kind == "slide" or draw(st.integers(0, 4)) == 0:
                continue
            at = question.opens_at + draw(st.sampled_from([-1, 0, 499, 500, 7_777, 20_000, 20_001]))
            found.append(AnswerRow(who, question.question_id, draw(answers(question)), at))
    return found
