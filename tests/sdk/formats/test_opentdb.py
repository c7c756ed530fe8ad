"""Open Trivia DB responses, as they come."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Callable
from html import unescape
from typing import Any
from urllib.parse import quote, quote_plus

import pytest

from quizkit.sdk.errors import InvalidInput
from quizkit.sdk.formats import LoadedQuiz, load

MULTIPLE = {
    "type": "multiple",
    "difficulty": "easy",
    "category": "Science: Computers",
    "question": "What does &quot;CPU&quot; stand for?",
    "correct_answer": "Central Processing Unit",
    "incorrect_answers": [
        "Central Process Unit",
        "Computer Personal Unit",
        "Central Processor&#039;s Unit",
    ],
}
BOOLEAN = {
    "type": "boolean",
    "difficulty": "easy",
    "category": "Science: Computers",
    "question": "Linux was first released in 1991.",
    "correct_answer": "True",
    "incorrect_answers": ["False"],
}


def read(*results: Any, code: int = 0) -> LoadedQuiz:
    """Load a response with these results."""
    return load(json.dumps({"response_code": code, "results": results}).encode())


def test_a_response_as_it_comes() -> None:
    """Entities become characters, the category the title, and the attribution stays."""
    loaded = read(MULTIPLE, BOOLEAN)
    first, second = loaded.quiz.questions
    assert loaded.format == "opentdb"
    assert loaded.quiz.title == "Open Trivia DB: Science: Computers"
    assert loaded.quiz.attribution == "Open Trivia DB, CC BY-SA 4.0"
    assert loaded.document["attribution"] == loaded.quiz.attribution
    assert first.text == 'What does "CPU" stand for?'
    texts = {option.text for option in first.options}
    assert {"Central Processor's Unit", "Central Processing Unit"} <= texts
    assert [option.text for option in first.options if option.correct] == [
        "Central Processing Unit"
    ]
    assert [(option.text, option.correct) for option in second.options] == [
        ("True", True),
        ("False", False),
    ]
    assert [str(note) for note in loaded.warnings] == [
        "1:34: the question's difficulty is left out (2 times)"
    ]


def test_the_right_answer_is_anywhere_and_stays_there() -> None:
    """Right answers are spread over the places, the same way every time."""
    many = [{**MULTIPLE, "question": f"Question {number}?"} for number in range(40)]
    places = [question.correct for question in read(*many).quiz.questions]
    assert set(places) == {("a",), ("b",), ("c",), ("d",)}
    assert places == [question.correct for question in read(*many).quiz.questions]


def test_mixed_categories() -> None:
    """Several categories make a mixed quiz."""
    loaded = read(MULTIPLE, {**BOOLEAN, "category": "History"})
    assert loaded.quiz.title == "Open Trivia DB: mixed"
    assert "the questions' categories are left out" in [n.message for n in loaded.warnings]


def test_answers_that_stand_twice() -> None:
    """A wrong answer that equals another one is left out, with a warning."""
    twice = {**MULTIPLE, "incorrect_answers": ["Other", "Other", "Central Processing Unit"]}
    loaded = read(twice)
    assert len(loaded.quiz.questions[0].options) == 2
    said = [note.message for note in loaded.warnings if "stands there twice" in note.message]
    assert len(said) == 2


@pytest.mark.parametrize(
    ("response", "line"),
    [
        ({"response_code": 1, "results": []}, 2),
        ({"response_code": 5, "results": []}, 2),
        ({"response_code": "?"}, 2),
        ({"response_code": 0, "results": []}, 3),
        ({"response_code": 0}, 1),
        ({"results": [3]}, 3),
        ({"results": [{"question": "?", "correct_answer": 3}]}, 3),
        ({"results": [{"question": "?", "correct_answer": "x", "incorrect_answers": "y"}]}, 3),
        ({"results": [{"question": "", "correct_answer": "x", "incorrect_answers": ["y"]}]}, 4),
        ({"results": [{"question": "?", "correct_answer": "x", "incorrect_answers": []}]}, 5),
    ],
)
def test_bad_responses(response: dict[str, Any], line: int) -> None:
    """Errors of the service and broken results are refused, with their place in the response."""
    with pytest.raises(InvalidInput) as caught:
        load(json.dumps(response, indent=1).encode())
    assert caught.value.problems[0].line == line


@pytest.mark.parametrize(
    "encode",
    [
        lambda text: b64encode(text.encode()).decode(),
        lambda text: quote(text, safe=""),
        quote_plus,
    ],
    ids=["base64", "url3986", "urlLegacy"],
)
def test_encoded_responses(encode: Callable[[str], str]) -> None:
    """What the API encodes on request is the same quiz as the plain response."""

    def encoded(value: Any) -> Any:
        if isinstance(value, list):
            return [encoded(part) for part in value]
        return encode(unescape(value))

    results = [
        {name: encoded(value) for name, value in result.items()} for result in (MULTIPLE, BOOLEAN)
    ]
    assert read(*results).document == read(MULTIPLE, BOOLEAN).document


def test_what_only_looks_encoded() -> None:
    """One text with a space says that nothing is encoded; a broken one stays as it is."""
    plain = MULTIPLE | {"question": "What is %20?", "category": "Codes"}
    assert read(plain).document["questions"][0]["text"] == "What is %20?"
    broken = BOOLEAN | {"type": "Ym9vbGVhbg==", "question": "is it?"}
    assert read(broken).document["questions"][0]["text"] == "is it?"
