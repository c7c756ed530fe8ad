"""Open Trivia DB: the response of its API, read as it comes.

`{"response_code": 0, "results": [{"type", "category", "question", "correct_answer",
"incorrect_answers"}, …]}`, texts with HTML entities. The right answer comes first in the
source, so options are put in the order of a digest of their text: it looks random, and the
same file always gives the same quiz. The licence asks for attribution, which therefore
becomes part of the quiz.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from html import unescape
from typing import Any, Final

from quizkit.sdk.errors import Problem
from quizkit.sdk.formats.source import Located, Path, Unreadable, problem_at

ATTRIBUTION: Final = "Open Trivia DB, CC BY-SA 4.0"

_RESPONSE_CODES: Final[dict[object, str]] = {
    1: "no results for the query",
    2: "an invalid parameter in the query",
    3: "an unknown session token",
    4: "a session token with no questions left",
    5: "too many requests",
}


def is_opentdb(value: object) -> bool:
    """Whether a document has the shape of an Open Trivia DB response."""
    return (
        isinstance(value, Mapping)
        and "questions" not in value
        and ("response_code" in value or "results" in value)
    )


def native_path(path: Path) -> Path:
    """The path in the response of a part of the document made from it."""
    if not path or path[0] != "questions":
        return ()
    names = {"text": "question", "options": "correct_answer"}
    renamed = tuple(names.get(part, part) if isinstance(part, str) else part for part in path[2:3])
    return ("results", *path[1:2], *renamed)


def from_opentdb(located: Located) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Turn a response into a native document.

    Returns:
        The document, and warnings about what was left out.

    Raises:
        Unreadable: an error response, no results, or results of another shape.
    """
    response = located.value
    assert isinstance(response, Mapping)
    code = response.get("response_code", 0)
    if code != 0:
        reason = _RESPONSE_CODES.get(code if isinstance(code, int) else None, "an unknown code")
        message = f"Open Trivia DB answered with response_code {code}: {reason}"
        raise Unreadable(problem_at(located.find(("response_code",)), message))
    results = response.get("results")
    if not isinstance(results, list) or not results:
        raise Unreadable(problem_at(located.find(("results",)), "'results' holds no questions"))
    problems: list[Problem] = []
    warnings: list[str] = []
    questions = []
    for index, result in enumerate(results):
        broken = _broken(result)
        if broken is not None:
            problems.append(problem_at(located.find(("results", index)), broken))
            continue
        questions.append(_question(result, index, warnings))
    if problems:
        raise Unreadable(*problems)
    document = {"title": _title(results), "attribution": ATTRIBUTION, "questions": questions}
    return document, tuple(warnings)


def _broken(result: object) -> str | None:
    """What is wrong with one result, or None."""
    if not isinstance(result, Mapping):
        return "a result is an object"
    for key in ("question", "correct_answer"):
        if not isinstance(result.get(key), str):
            return f"{key!r} must be text"
    wrong = result.get("incorrect_answers")
    if not isinstance(wrong, list) or not all(isinstance(answer, str) for answer in wrong):
        return "'incorrect_answers' must be a list of texts"
    return None


def _question(result: Mapping[str, Any], index: int, warnings: list[str]) -> dict[str, Any]:
    text = _clean(result["question"])
    right = _clean(result["correct_answer"])
    wrong: list[str] = []
    for answer in map(_clean, result["incorrect_answers"]):
        if answer == right or answer in wrong:
            warnings.append(f"question {index + 1}: the answer {answer!r} stands there twice")
        else:
            wrong.append(answer)
    answers = sorted([right, *wrong], key=lambda answer: _placement(text, answer))
    if result.get("type") == "boolean" or {right, *wrong} == {"True", "False"}:
        answers.sort(reverse=True)  # people expect "True" before "False"
    options = [
        {"text": answer, "correct": True} if answer == right else answer for answer in answers
    ]
    return {"text": text, "options": options}


def _placement(question: str, answer: str) -> bytes:
    return sha256(f"{question}\0{answer}".encode("utf-8", "surrogatepass")).digest()


def _title(results: list[Any]) -> str:
    categories = {_clean(str(result.get("category") or "")) for result in results}
    if len(categories) == 1 and (category := categories.pop()):
        return f"Open Trivia DB: {category}"
    return "Open Trivia DB: mixed"


def _clean(text: str) -> str:
    return unescape(text).strip()
