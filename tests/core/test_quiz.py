"""quizkit.core.quiz: documents become quizzes, or lists of problems."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quizkit.core.errors import InvalidQuiz
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
    parse,
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
    (with_key(HUGE), ("a int",), "unknown field 'a int'"),
    ({**document(), "title": ""}, ("title",), "'title' is empty"),
    ({**document(), "title": "x" * (MAX_TITLE + 1)}, ("title",), "201 characters; at most 200"),
    ({**document(), "title": None}, ("title",), "'title' must be text"),
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
    (document(correct=["b", True]), ("questions", 0, "correct"), "'correct' names 'a bool'"),
    (document(correct=HUGE), ("questions", 0, "correct"), "'correct' names 'a int'"),
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
        ("questions", 0, "options"),
        ("questions", 0, "options", 1),
        ("questions", 0, "points"),
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
    ["title", "scoring", "questions", "text", "options", "correct", "points", "media", "other"]
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


@given(st.lists(st.fixed_dictionaries({}, optional={"text": VALUES, "options": VALUES})))
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


@st.composite
def quizzes(draw: st.DrawFn) -> Quiz:
    """Valid quizzes."""
    questions = []
    for index in range(draw(st.integers(1, 4))):
        texts = draw(st.lists(WORDS, min_size=2, max_size=MAX_OPTIONS, unique=True))
        marks = draw(st.lists(st.booleans(), min_size=len(texts), max_size=len(texts)).filter(any))
        options = tuple(
            Option(chr(ord("a") + place), text, mark)
            for place, (text, mark) in enumerate(zip(texts, marks, strict=True))
        )
        questions.append(
            Question(
                id=f"q{index + 1}",
                text=draw(WORDS),
                options=options,
                points=draw(st.integers(0, MAX_POINTS)),
                time_limit=draw(st.integers(1, MAX_TIME_LIMIT)),
                explanation=draw(st.none() | WORDS),
                media=draw(st.none() | WORDS),
                source=draw(st.none() | WORDS),
            )
        )
    return Quiz(
        title=draw(WORDS),
        questions=tuple(questions),
        scoring=draw(st.sampled_from(["speed", "flat"])),
        feedback=draw(st.sampled_from(["on_close", "immediate"])),
        description=draw(st.none() | WORDS),
        attribution=draw(st.none() | WORDS),
    )


@given(quizzes())
def test_documents_and_quizzes_are_the_same_thing(quiz: Quiz) -> None:
    """Reading the document of a quiz gives the quiz."""
    assert parse(to_document(quiz)) == quiz
