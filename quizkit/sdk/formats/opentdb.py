"""Open Trivia DB: the response of its API, read as it comes.

`{"response_code": 0, "results": [{"type", "category", "question", "correct_answer",
"incorrect_answers"}, …]}`, texts with HTML entities. The right answer comes first in the
source, so options are mixed. The licence asks for attribution, which therefore becomes part
of the quiz.
"""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Callable, Mapping
from html import unescape
from typing import Any, Final
from urllib.parse import unquote_plus

from quizkit.sdk.errors import Problem
from quizkit.sdk.formats.draft import Draft, Notes, mixed
from quizkit.sdk.formats.source import Located, Mark, Source, Unreadable, problem_at

ATTRIBUTION: Final = "Open Trivia DB, CC BY-SA 4.0"

_BASE64_KINDS: Final = ("bXVsdGlwbGU=", "Ym9vbGVhbg==")
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


def read(source: Source) -> Draft:
    """A draft of a response.

    Raises:
        Unreadable: no JSON, an error response, no results, or results of another shape.
    """
    located = source.json
    results = _results(located)
    results = _decoded(results)
    draft = Draft({"title": _title(results), "attribution": ATTRIBUTION, "questions": []})
    draft.marks[()] = located.find(())
    problems: list[Problem] = []
    for index, result in enumerate(results):
        place = located.find(("results", index))
        broken = _broken(result)
        if broken is not None:
            problems.append(problem_at(place, broken))
            continue
        asked = located.find(("results", index, "question"))
        right = located.find(("results", index, "correct_answer"))
        draft.add(
            _question(result, draft.notes, place),
            place,
            {("text",): asked, ("options",): right},
        )
        if result.get("difficulty"):
            draft.notes.add("the question's difficulty is left out", place)
    if problems:
        raise Unreadable(*problems)
    if len(_categories(results)) > 1:
        draft.notes.add("the questions' categories are left out", located.find(("results",)))
    return draft


def _results(located: Located) -> list[Any]:
    response = located.value
    if not isinstance(response, Mapping):
        raise Unreadable(problem_at((1, 1), "this is no response of Open Trivia DB"))
    code = response.get("response_code", 0)
    if code != 0:
        reason = _RESPONSE_CODES.get(code if isinstance(code, int) else None, "an unknown code")
        message = f"Open Trivia DB answered with response_code {code}: {reason}"
        raise Unreadable(problem_at(located.find(("response_code",)), message))
    results = response.get("results")
    if not isinstance(results, list) or not results:
        raise Unreadable(problem_at(located.find(("results",)), "'results' holds no questions"))
    return results


def _decoded(results: list[Any]) -> list[Any]:
    """The results in plain words, where the API was asked to encode them.

    `encode=base64` encodes the type, too, which therefore tells; `encode=url3986` and
    `urlLegacy` leave no spaces in any text.
    """
    texts = [text for result in results for text in _texts(result)]
    kinds = [result.get("type") for result in results if isinstance(result, Mapping)]
    if kinds and all(kind in _BASE64_KINDS for kind in kinds):
        return [_mapped(result, _from_base64) for result in results]
    url = re.compile(r"[\w.~%+-]*", re.ASCII)
    if all(map(url.fullmatch, texts)) and any(re.search("%[0-9A-F]{2}", text) for text in texts):
        return [_mapped(result, unquote_plus) for result in results]
    return results


def _texts(value: object) -> list[str]:
    """All texts of a result."""
    if isinstance(value, Mapping):
        return [text for part in value.values() for text in _texts(part)]
    if isinstance(value, list):
        return [text for part in value for text in _texts(part)]
    return [value] if isinstance(value, str) else []


def _mapped(value: Any, change: Callable[[str], str]) -> Any:
    """A result with its texts changed."""
    if isinstance(value, Mapping):
        return {name: _mapped(part, change) for name, part in value.items()}
    if isinstance(value, list):
        return [_mapped(part, change) for part in value]
    return change(value) if isinstance(value, str) else value


def _from_base64(text: str) -> str:
    try:
        return b64decode(text, validate=True).decode()
    except ValueError:
        return text


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


def _question(result: Mapping[str, Any], notes: Notes, mark: Mark) -> dict[str, Any]:
    text = _clean(result["question"])
    right = _clean(result["correct_answer"])
    wrong: dict[str, None] = {}
    for answer in map(_clean, result["incorrect_answers"]):
        if answer == right or answer in wrong:
            notes.add(f"the answer {answer!r} stands there twice; one of them is left out", mark)
        else:
            wrong[answer] = None
    if {right, *wrong} == {"True", "False"}:
        return {"kind": "boolean", "text": text, "correct": right == "True"}
    return {"text": text, "options": mixed(text, right, wrong)}


def _categories(results: list[Any]) -> set[str]:
    found = (result.get("category") for result in results if isinstance(result, Mapping))
    return {_clean(str(category or "")) for category in found}


def _title(results: list[Any]) -> str:
    categories = _categories(results)
    if len(categories) == 1 and (category := categories.pop()):
        return f"Open Trivia DB: {category}"
    return "Open Trivia DB: mixed"


def _clean(text: str) -> str:
    return unescape(text).strip()
