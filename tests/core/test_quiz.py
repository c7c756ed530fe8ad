"""quizkit.core.quiz: documents become quizzes, or lists of problems."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quizkit.core.errors import InvalidQuiz
from quizkit.core.kinds import FOLDS, KINDS, MAX_NUMBER
from quizkit.core.quiz import (
    MAX_EXPLANATION,
    MAX_OPTIONS,
    MAX_POINTS,
    MAX_QUESTIONS,
    MAX_TEXT,
    MAX_TIME_LIMIT,
    MAX_TITLE,
    Option,
    Question,
    Quiz,
    disguised,
    joined,
    parse,
    public_part,
    stored_parts,
    to_document,
)

Path = tuple[str | int, ...]
OPTIONS = ["Sydney", {"text": "Canberra", "correct": True}, "Perth"]


def document(**question: Any) -> dict[str, Any]:
    """A valid quiz of one question, changed in some fields; None takes a field away."""
    fields = {"text": "Which?", "options": OPTIONS, **question}
    return {
        "title": "Capitals",
        "questions": [{key: value for key, value in fields.items() if value is not None}],
    }


def problems(value: object) -> list[tuple[Path, str]]:
    """Everything that is wrong with a document, as (path, message)."""
    with pytest.raises(InvalidQuiz) as caught:
        parse(value)
    return [(problem.path, problem.message) for problem in caught.value.problems]


def test_a_whole_document() -> None:
    """Every field is read; ids come from the order of the file."""
    quiz = parse(
        {
            "title": " Capitals ",
            "description": "Of the world",
            "attribution": "CC0",
            "scoring": "flat",
            "feedback": "immediate",
            "questions": [
                {
                    "text": "Australia?",
                    "options": OPTIONS,
                    "points": 0,
                    "time_limit": 3_600,
                    "explanation": "Chosen in 1908.",
                    "media": "images/canberra.jpg",
                    "source": "an atlas",
                },
                {"text": "Which are prime?", "options": [2, 4, 5], "correct": [2, "5"]},
            ],
        }
    )
    assert quiz == Quiz(
        title="Capitals",
        description="Of the world",
        attribution="CC0",
        scoring="flat",
        feedback="immediate",
        questions=(
            Question(
                id="q1",
                text="Australia?",
                options=(
                    Option("a", "Sydney"),
                    Option("b", "Canberra", correct=True),
                    Option("c", "Perth"),
                ),
                points=0,
                time_limit=3_600,
                explanation="Chosen in 1908.",
                media="images/canberra.jpg",
                source="an atlas",
            ),
            Question(
                id="q2",
                text="Which are prime?",
                options=(Option("a", "2", True), Option("b", "4"), Option("c", "5", True)),
            ),
        ),
    )
    assert [question.kind for question in quiz.questions] == ["choice", "multiple"]
    assert [question.correct for question in quiz.questions] == [("b",), ("a", "c")]


def test_defaults() -> None:
    """A short document gets the contract's defaults."""
    quiz = parse(document())
    (question,) = quiz.questions
    assert (quiz.scoring, quiz.feedback) == ("speed", "on_close")
    assert (question.points, question.time_limit) == (1_000, 20)
    assert (question.explanation, question.media, question.source) == (None, None, None)
    assert (quiz.description, quiz.attribution) == (None, None)


@pytest.mark.parametrize("correct", ["b", "Canberra", ["b"], ["Canberra"]])
def test_the_right_option_by_id_or_text(correct: object) -> None:
    """`correct` of a question names options by id or text, one or a list."""
    quiz = parse(document(options=["Sydney", "Canberra"], correct=correct))
    assert quiz.questions[0].correct == ("b",)


@pytest.mark.parametrize("value", [None, 7, "quiz", [], True, math.nan])
def test_a_quiz_is_a_mapping(value: object) -> None:
    """Anything else is one problem at the document's root."""
    assert problems(value) == [((), "a quiz is a mapping with 'title' and 'questions'")]


def test_an_empty_document_lacks_both() -> None:
    """Title and questions are missed at once."""
    assert problems({}) == [((), "'title' is missing"), ((), "'questions' is missing")]


HUGE = 16**5_000


def with_key(key: object) -> dict[object, Any]:
    """A valid document with one key more, as YAML may give it."""
    items: list[tuple[object, Any]] = [*document().items(), (key, "x")]
    return dict(items)


WRONG: list[tuple[object, Path, str]] = [
    ({**document(), "titel": "x"}, ("titel",), "unknown field 'titel'"),
    (with_key(7), ("7",), "unknown field '7'"),
    (with_key(HUGE), ("a huge number",), "unknown field 'a huge number'"),
    ({**document(), "title": ""}, ("title",), "'title' is empty"),
    ({**document(), "title": "x" * (MAX_TITLE + 1)}, ("title",), "201 characters; at most 200"),
    ({**document(), "title": None}, ("title",), "'title' is empty"),
    ({**document(), "title": HUGE}, ("title",), "'title' must be text"),
    ({**document(), "title": "\ud800"}, ("title",), "lone surrogate"),
    ({**document(), "description": []}, ("description",), "'description' must be text"),
    ({**document(), "attribution": True}, ("attribution",), "'attribution' must be text"),
    ({**document(), "scoring": "fast"}, ("scoring",), "one of: speed, flat"),
    ({**document(), "scoring": []}, ("scoring",), "one of: speed, flat"),
    ({**document(), "feedback": "never"}, ("feedback",), "one of: on_close, immediate"),
    ({**document(), "questions": []}, ("questions",), "at least one question"),
    ({**document(), "questions": {}}, ("questions",), "'questions' must be a list"),
    (
        {**document(), "questions": [None] * (MAX_QUESTIONS + 1)},
        ("questions",),
        "501 questions; at most 500",
    ),
    ({**document(), "questions": ["Which?"]}, ("questions", 0), "a question is a mapping"),
    (document(text=None), ("questions", 0), "'text' is missing"),
    (document(text=" "), ("questions", 0, "text"), "'text' is empty"),
    (document(text=True), ("questions", 0, "text"), "'text' must be text"),
    (document(answer="b"), ("questions", 0, "answer"), "unknown field 'answer'"),
    (document(options=None), ("questions", 0), "'options' is missing"),
    (document(options="ab"), ("questions", 0, "options"), "'options' must be a list"),
    (document(options=["one"]), ("questions", 0, "options"), "2 to 26 options, not 1"),
    (
        document(options=[str(n) for n in range(MAX_OPTIONS + 1)]),
        ("questions", 0, "options"),
        "2 to 26 options, not 27",
    ),
    (document(options=["x", "y"]), ("questions", 0, "options"), "no option is marked right"),
    (document(options=["x", "y"], correct=[]), ("questions", 0, "options"), "no option is marked"),
    (
        document(options=[*OPTIONS, "Perth"]),
        ("questions", 0, "options", 3),
        "the same text as option 'c'",
    ),
    (document(options=[*OPTIONS, ""]), ("questions", 0, "options", 3), "option 'd' is empty"),
    (document(options=[*OPTIONS, []]), ("questions", 0, "options", 3), "option 'd' must be text"),
    (document(options=[*OPTIONS, False]), ("questions", 0, "options", 3), "option 'd' must be"),
    (
        document(options=[*OPTIONS, {"correct": False}]),
        ("questions", 0, "options", 3),
        "'text' is missing",
    ),
    (
        document(options=[*OPTIONS, {"text": "Bern", "right": True}]),
        ("questions", 0, "options", 3, "right"),
        "unknown field 'right'",
    ),
    (
        document(options=[*OPTIONS, {"text": "Bern", "correct": "yes"}]),
        ("questions", 0, "options", 3, "correct"),
        "must be true or false",
    ),
    (document(correct="z"), ("questions", 0, "correct"), "'correct' names 'z'"),
    (document(correct=["b", True]), ("questions", 0, "correct"), "'correct' names 'true'"),
    (document(correct=False), ("questions", 0, "correct"), "'correct' names 'false'"),
    (document(correct=[None]), ("questions", 0, "correct"), "'correct' names 'nothing'"),
    (document(correct=[["b"]]), ("questions", 0, "correct"), "'correct' names 'a list'"),
    (document(correct={"b": 1}), ("questions", 0, "correct"), "'correct' names 'a mapping'"),
    (document(correct=b"b"), ("questions", 0, "correct"), "names 'something that is no text'"),
    (document(correct=HUGE), ("questions", 0, "correct"), "'correct' names 'a huge number'"),
    (
        document(options=["x", "y"], correct="z"),
        ("questions", 0, "correct"),
        "'correct' names 'z', which is not among the options 'a' to 'b'",
    ),
    (
        document(kind="boolean", options=["x", "y"], correct="z"),
        ("questions", 0, "correct"),
        "'correct' names 'z'",
    ),
    (
        document(options=["b", "a", "c"], correct="a"),
        ("questions", 0, "correct"),
        "one option's id and another's text",
    ),
    (document(points=-1), ("questions", 0, "points"), "whole number from 0 to 1000000"),
    (document(points=MAX_POINTS + 1), ("questions", 0, "points"), "whole number"),
    (document(points=1.5), ("questions", 0, "points"), "whole number"),
    (document(points=True), ("questions", 0, "points"), "whole number"),
    (document(points="1000"), ("questions", 0, "points"), "whole number"),
    (document(time_limit=0), ("questions", 0, "time_limit"), "whole number from 1 to 3600"),
    (document(time_limit=MAX_TIME_LIMIT + 1), ("questions", 0, "time_limit"), "whole number"),
    (document(time_limit=math.nan), ("questions", 0, "time_limit"), "whole number"),
    (
        document(explanation="x" * (MAX_EXPLANATION + 1)),
        ("questions", 0, "explanation"),
        "4001 characters",
    ),
    (document(media={}), ("questions", 0, "media"), "'media' must be text"),
    (document(source="x" * (MAX_TEXT + 1)), ("questions", 0, "source"), "1001 characters"),
]


@pytest.mark.parametrize("kind", ["text", "order", "multiple"])
def test_null_is_as_good_as_nothing(kind: str) -> None:
    """For words that have a default, as for texts and flags."""
    question: dict[str, Any] = {"text": "Which?", "kind": kind, "grading": None, "fold": None}
    if kind == "text":
        question["accept"] = ["this"]
    else:
        question["options"] = ["x", "y"] if kind == "order" else OPTIONS
    given = {"title": "Null", "scoring": None, "feedback": None, "questions": [question]}
    plain = {"title": "Null", "questions": [{k: v for k, v in question.items() if v is not None}]}
    assert parse(given) == parse(plain)


@pytest.mark.parametrize(("value", "path", "message"), WRONG, ids=range(len(WRONG)))
def test_each_problem_has_its_path(value: object, path: Path, message: str) -> None:
    """One thing wrong is one problem, at its place, with words that help."""
    ((found, text),) = problems(value)
    assert found == path
    assert message in text


def test_all_problems_are_found_at_once() -> None:
    """A document with many mistakes is reported whole, each with its place."""
    found = problems(
        {
            "titel": "x",
            "scoring": "fast",
            "questions": [
                {"text": "", "options": ["a", "a"], "points": -1, "media": 5},
                "not a question",
                {"options": []},
            ],
        }
    )
    assert [path for path, _ in found] == [
        ("titel",),
        (),
        ("questions", 0, "text"),
        ("questions", 0, "points"),
        ("questions", 0, "options", 1),
        ("questions", 0, "options"),
        ("questions", 1),
        ("questions", 2),
        ("questions", 2, "options"),
        ("scoring",),
    ]


SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.builds(lambda: HUGE)
    | st.floats()
    | st.text(st.characters(), max_size=8)
)
KEYS = st.sampled_from(
    [
        *("title", "scoring", "questions", "text", "options", "correct", "points", "media"),
        *("kind", "accept", "tolerance", "range", "nearest", "fold", "tags", "other"),
    ]
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(KEYS | st.integers() | st.text(max_size=3), inner, max_size=5)
    ),
    max_leaves=20,
)


def outcome(value: object) -> Quiz | str:
    """The quiz in a document, or what is wrong with it."""
    try:
        return parse(value)
    except InvalidQuiz as error:
        return "; ".join(problem.message for problem in error.problems)


@given(VALUES)
def test_any_value_parses_or_has_problems(value: object) -> None:
    """Whatever YAML or JSON may give, nothing but InvalidQuiz is raised, and it can be shown."""
    assert isinstance(outcome(value), Quiz | str)


NODES = st.fixed_dictionaries(
    {"kind": st.sampled_from(KINDS) | VALUES},
    optional=dict.fromkeys(
        ("text", "options", "correct", "accept", "range", "tolerance", "points"), VALUES
    ),
)


@given(st.lists(NODES))
def test_any_questions_parse_or_have_problems(questions: list[object]) -> None:
    """The same for documents whose outer shape is right."""
    assert isinstance(outcome({"title": "T", "questions": questions}), Quiz | str)


def nested(depth: int) -> object:
    """Lists in lists, deeper than Python's own printing goes."""
    value: object = "x"
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize("where", ["text", "options", "correct", "points", "media"])
def test_deep_nesting_is_a_problem_like_any_other(where: str) -> None:
    """A document nested beyond the interpreter's limits is refused, not crashed over."""
    assert problems(document(**{where: nested(5_000)}))


WORDS = st.text(st.characters(codec="utf-8"), min_size=1, max_size=20).filter(
    lambda text: text.strip() == text
)


NUMBERS = st.integers(-MAX_NUMBER, MAX_NUMBER) | st.floats(-1e9, 1e9)


@st.composite
def kinds(draw: st.DrawFn) -> dict[str, Any]:
    """What makes a question of any kind, as a document has it."""
    texts = draw(st.lists(WORDS, min_size=2, max_size=6, unique=True))
    kind = draw(st.sampled_from(KINDS))
    grading = draw(st.sampled_from(["all", "balanced"]))
    match kind:
        case "choice" | "multiple":
            marks = draw(st.lists(st.booleans(), min_size=len(texts), max_size=len(texts)))
            marks[0] |= not any(marks)
            options = [
                {"text": text, "correct": mark} for text, mark in zip(texts, marks, strict=True)
            ]
            return {"options": options, "grading": grading}
        case "boolean":
            return {"kind": kind, "correct": draw(st.booleans())}
        case "text":
            return {"kind": kind, "accept": texts, "fold": draw(st.sampled_from(FOLDS))}
        case "number":
            low, high = sorted((draw(NUMBERS), draw(NUMBERS)))
            found = {"kind": kind, "correct": low, "tolerance": abs(draw(NUMBERS))}
            return found | ({"range": [low, high], "nearest": True} if low < high else {})
        case "order":
            right = draw(st.permutations("abcdef"[: len(texts)]))
            return {"kind": kind, "options": texts, "grading": grading} | (
                {"correct": right} if not set(texts) & set("abcdef") else {}
            )
        case "poll":
            return {"kind": kind, "options": texts}
    return {"kind": kind}


@st.composite
def quizzes(draw: st.DrawFn) -> Quiz:
    """Valid quizzes with questions of all kinds."""
    fields = {
        "text": WORDS,
        "time_limit": st.integers(1, MAX_TIME_LIMIT),
        "explanation": st.none() | WORDS,
        "media": st.none() | WORDS,
        "alt": st.none() | WORDS,
        "source": st.none() | WORDS,
    }
    scored = {"points": st.integers(0, MAX_POINTS), "penalty": st.integers(0, MAX_POINTS)}
    questions = []
    for _ in range(draw(st.integers(1, 4))):
        kind = draw(kinds())
        more = {} if kind.get("kind") in ("poll", "slide") else draw(st.fixed_dictionaries(scored))
        questions.append(draw(st.fixed_dictionaries(fields)) | more | kind)
    return parse(
        {
            "title": draw(WORDS),
            "questions": questions,
            "scoring": draw(st.sampled_from(["speed", "flat"])),
            "feedback": draw(st.sampled_from(["on_close", "immediate"])),
            "description": draw(st.none() | WORDS),
            "attribution": draw(st.none() | WORDS),
            "language": draw(st.none() | WORDS),
            "tags": draw(st.none() | st.lists(WORDS, max_size=3)),
            "streak_bonus": draw(st.integers(0, MAX_POINTS)),
            "shuffle": draw(st.booleans()),
        }
    )


@given(quizzes())
def test_documents_and_quizzes_are_the_same_thing(quiz: Quiz) -> None:
    """Reading the document of a quiz gives the quiz."""
    assert parse(to_document(quiz)) == quiz


@given(quizzes(), WORDS)
def test_what_is_stored_is_the_quiz(quiz: Quiz, seed: str) -> None:
    """Its two parts, disguised, put together again are the quiz, whatever the seed."""
    parts = stored_parts(quiz, seed)
    assert tuple(joined(public, key) for public, key in parts) == quiz.questions


@given(quizzes())
def test_the_public_part_is_the_same_for_every_key(quiz: Quiz) -> None:
    """P3: nothing in it depends on what is right, but for a file that shows its own order."""
    for question in quiz.questions:
        bare = replace(
            question,
            options=tuple(replace(option, correct=False) for option in question.options),
            right=(),
            form=question.kind,
            explanation=None,
            source=None,
            rules=replace(question.rules, tolerance="0", nearest=False, fold="case"),
        )
        assert public_part(bare) == public_part(question)


def test_rows_from_before_there_were_kinds() -> None:
    """A quiz that was stored then comes back as it was."""
    public = {
        "question_id": "q1",
        "kind": "multiple",
        "text": "Which?",
        "options": ["x", "y", "z"],
        "points": 500,
        "time_limit": 10,
        "media": None,
    }
    key = {"correct": ["a", "c"], "explanation": "So.", "source": None}
    options = (Option("a", "x", True), Option("b", "y"), Option("c", "z", True))
    expected = Question("q1", "Which?", options, 500, 10, "So.")
    assert joined(public, key) == expected


ORDER = {"text": "Sort", "kind": "order", "options": ["one", "two", "three", "four"]}


def test_a_disguise_tells_nothing() -> None:
    """Every order of the options comes up, by the seed alone, and the texts stay in order."""
    quiz = parse({"title": "T", "questions": [ORDER, {**ORDER, "correct": list("badc")}]})
    orders = set()
    for seed in range(300):
        first, second = disguised(quiz, str(seed)).questions
        texts = {option.id: option.text for option in first.options}
        assert list(texts) == list("abcd")
        assert [texts[each] for each in first.correct] == ORDER["options"]
        assert second == quiz.questions[1]  # it shows an order of its own already
        orders.add(first.correct)
    assert len(orders) == 24
    assert disguised(quiz, "x") == disguised(quiz, "x")


def test_the_fields_of_a_quiz() -> None:
    """What is wrong with those that came with the kinds."""
    wrong = {"language": [], "tags": "x", "streak_bonus": -1, "shuffle": "yes"}
    assert [path for path, _ in problems({**document(), **wrong})] == [
        ("language",),
        ("tags",),
        ("streak_bonus",),
        ("shuffle",),
    ]
    assert problems({**document(), "tags": ["x"] * 51})[0][1] == "'tags' has 51 texts; at most 50"
