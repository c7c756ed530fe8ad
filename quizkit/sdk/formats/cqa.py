"""ClassQuiz's archive: gzipped JSON, then pictures.

`gzip(JSON)`, `c7c7c700`, and for each picture `c6c6c600`, the index of its question in digits,
`c5c500`, the file; −1 is the cover. The gzip part ends where it says itself, so that marks
that happen to stand inside of it do no harm. Places are those in the JSON, which is one line.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

from quizkit.sdk.formats.draft import Draft, Notes, option
from quizkit.sdk.formats.encoding import CONTROLS
from quizkit.sdk.formats.grid import whole
from quizkit.sdk.formats.html_text import looks_like_html, noted
from quizkit.sdk.formats.json_reader import read_json
from quizkit.sdk.formats.media_files import media_name
from quizkit.sdk.formats.source import (
    MAX_BYTES,
    MAX_CONTAINER,
    Located,
    Mark,
    Path,
    Source,
    Unreadable,
    problem_at,
)

_END_OF_QUIZ: Final = b"\xc7\xc7\xc7\x00"
_PICTURE: Final = re.compile(rb"\xc6\xc6\xc6\x00(-?\d{1,4})\xc5\xc5\x00")
#: What the quiz and its questions say that has no place here, if they say it.
_UNHELD: Final = {
    "background_color": "colours are left out",
    "background_image": "the background picture is left out",
    "cover_image": "the cover picture is left out",
    "hide_results": "that results of a question are hidden is left out",
    "color": "colours are left out",
    "image": "a picture of an answer is left out",
}
_ANY: Final = "several answers are right: there any one of them is enough, here it takes them all"
_Node: TypeAlias = Mapping[str, Any]


def read(source: Source) -> Draft:
    """A draft of an archive, its pictures included.

    Raises:
        Unreadable: it is no archive of ClassQuiz, or a damaged or oversized one.
    """
    if len(source.content) > MAX_CONTAINER:
        raise Unreadable(problem_at((1, 1), f"the archive has more than {MAX_CONTAINER} bytes"))
    text, rest = _unzipped(source.content)
    located = read_json(text)
    quiz = located.value
    if not isinstance(quiz, Mapping) or not isinstance(quiz.get("questions"), list):
        raise Unreadable(problem_at((1, 1), "this archive holds no quiz of ClassQuiz"))
    draft = Draft.titled(_plain(quiz.get("title"), Notes(), (1, 1)) or source.title)
    draft.marks[("title",)] = located.find(("title",))
    description = _plain(quiz.get("description"), draft.notes, located.find(("description",)))
    if description:
        draft.document["description"] = description
    _unheld(quiz, ("background_color", "background_image", "cover_image"), draft.notes, (1, 1))
    pictures = _pictures(rest)
    for index, node in enumerate(quiz["questions"]):
        place = located.find(("questions", index))
        if isinstance(node, Mapping):
            _add(draft, located, index, node, pictures)
        else:
            draft.notes.problem("a question is an object", place)
    named = {str(each.get("image")) for each in quiz["questions"] if isinstance(each, Mapping)}
    for number in pictures:
        # That of the cover is told where the quiz names it.
        if str(number) not in named and (number >= 0 or not quiz.get("cover_image")):
            draft.notes.add("a picture that no question names is left out", (1, 1))
    return draft


def _unzipped(content: bytes) -> tuple[str, bytes]:
    """The JSON text, and what follows the gzip part."""
    unzip = zlib.decompressobj(wbits=31)
    try:
        data = unzip.decompress(content, MAX_BYTES + 1)
    except zlib.error as exc:
        raise Unreadable(problem_at((1, 1), f"this archive is damaged: {exc}")) from exc
    if len(data) > MAX_BYTES:
        message = f"the archive's quiz has more than {MAX_BYTES} bytes"
        raise Unreadable(problem_at((1, 1), message))
    if not unzip.eof:
        raise Unreadable(problem_at((1, 1), "this archive is cut short"))
    rest = unzip.unused_data
    if rest and not rest.startswith(_END_OF_QUIZ):
        raise Unreadable(problem_at((1, 1), "this is a gzip file, but no archive of ClassQuiz"))
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as exc:
        raise Unreadable(problem_at((1, 1), "the archive's quiz is not UTF-8 text")) from exc
    if CONTROLS.search(text):
        raise Unreadable(problem_at((1, 1), "the archive's quiz holds control characters"))
    return text, rest[len(_END_OF_QUIZ) :]


def _pictures(rest: bytes) -> dict[int, bytes]:
    """The files behind the quiz, by the index of their question."""
    found = list(_PICTURE.finditer(rest))
    ends = [*(each.start() for each in found[1:]), len(rest)]
    return {
        int(each.group(1)): rest[each.end() : end] for each, end in zip(found, ends, strict=False)
    }


def _add(
    draft: Draft, located: Located, index: int, node: _Node, pictures: Mapping[int, bytes]
) -> None:
    mark = located.find(("questions", index))
    kind = str(node.get("type") or "ABCD")
    make = _KINDS.get(kind)
    if make is None:
        draft.notes.add(f"a question of the type {kind[:40]!r} is left out", mark)
        return
    fields = make(node, draft.notes, mark)
    if fields is None:
        draft.notes.problem(f"the answers of a {kind} question have another shape", mark)
        return
    _unheld(node, ("hide_results",), draft.notes, mark)
    marks: dict[Path, Mark] = {
        ("text",): located.find(("questions", index, "question")),
        ("time_limit",): located.find(("questions", index, "time")),
        ("media",): located.find(("questions", index, "image")),
    }
    for place in range(len(fields.get("options", ()))):
        marks[("options", place)] = located.find(("questions", index, "answers", place))
    for name in ("options", "accept", "correct"):
        marks[(name,)] = located.find(("questions", index, "answers"))
    question = {
        "kind": fields.pop("kind", None),
        "text": _plain(node.get("question"), draft.notes, mark),
        **fields,
        "time_limit": whole(str(node.get("time") or "")),
        "media": _medium(draft, node.get("image"), pictures, mark),
    }
    draft.add(question, mark, marks)


def _medium(draft: Draft, image: object, pictures: Mapping[int, bytes], mark: Mark) -> str | None:
    """The name of a question's picture, which becomes one of the draft's files."""
    if image is None:
        return None
    numbered = re.fullmatch(r"\d{1,4}", str(image))
    content = pictures.get(int(numbered.group())) if numbered else None
    name = media_name(f"q{len(draft.document['questions']) + 1}", content) if content else None
    if name is None or content is None:
        draft.notes.add("a picture is left out: it is not in the archive, or is none", mark)
        return None
    draft.media[name] = content
    return name


def _plain(value: object, notes: Notes, mark: Mark) -> str:
    """A text of ClassQuiz, which may have a little HTML in it."""
    if not isinstance(value, str):
        return ""
    if not looks_like_html(value):
        return value.strip()
    return noted(value, notes, mark).text


def _unheld(node: _Node, names: tuple[str, ...], notes: Notes, mark: Mark) -> None:
    for name in names:
        if node.get(name):
            notes.add(_UNHELD[name], mark)


def _listed(node: _Node, notes: Notes, mark: Mark) -> list[tuple[str, _Node]] | None:
    """The answers of a question as texts, each with all that is said of it."""
    answers = node.get("answers")
    if not isinstance(answers, list) or not all(isinstance(each, Mapping) for each in answers):
        return None
    for each in answers:
        _unheld(each, ("color", "image"), notes, mark)
    return [(_plain(each.get("answer"), notes, mark), each) for each in answers]


def _marked(node: _Node, notes: Notes, mark: Mark) -> dict[str, Any] | None:
    answers = _listed(node, notes, mark)
    if answers is None:
        return None
    right = [each.get("right") is True for _, each in answers]
    if sum(right) > 1 and node.get("type") != "CHECK":
        notes.add(_ANY, mark)
    # Unused fields of the four stay empty.
    several = node.get("type") == "CHECK" and sum(right) == 1
    return {
        "kind": "multiple" if several else None,
        "options": [option(text, each.get("right") is True) for text, each in answers if text],
    }


def _voting(node: _Node, notes: Notes, mark: Mark) -> dict[str, Any] | None:
    answers = _listed(node, notes, mark)
    if answers is None:
        return None
    return {"kind": "poll", "options": [text for text, _ in answers if text]}


def _order(node: _Node, notes: Notes, mark: Mark) -> dict[str, Any] | None:
    answers = _listed(node, notes, mark)
    if answers is None:
        return None
    return {"kind": "order", "options": [text for text, _ in answers if text]}


def _text(node: _Node, notes: Notes, mark: Mark) -> dict[str, Any] | None:
    answers = _listed(node, notes, mark)
    if answers is None:
        return None
    if any(each.get("case_sensitive") for _, each in answers):
        notes.add("capital letters do not count here", mark)
    return {"kind": "text", "accept": [text for text, _ in answers if text]}


def _range(node: _Node, notes: Notes, mark: Mark) -> dict[str, Any] | None:
    answers = node.get("answers")
    if not isinstance(answers, Mapping):
        return None
    bounds = [answers.get(name) for name in ("min_correct", "max_correct")]
    low, high = (each if isinstance(each, int) and abs(each) < 1e15 else None for each in bounds)
    if low is None or high is None:
        return None
    notes.add("the ends of a scale are left out", mark)
    middle, half = (low + high) / 2, abs(high - low) / 2
    whole_middle, whole_half = (int(each) if each.is_integer() else each for each in (middle, half))
    found: dict[str, Any] = {"kind": "number", "correct": whole_middle}
    return found | ({"tolerance": whole_half} if half else {})


def _slide(node: _Node, notes: Notes, mark: Mark) -> dict[str, Any] | None:
    if node.get("answers"):
        notes.add("what is drawn on a slide is left out", mark)
    return {"kind": "slide"}


_KINDS: Final[Mapping[str, Callable[[_Node, Notes, Mark], dict[str, Any] | None]]] = {
    "ABCD": _marked,
    "CHECK": _marked,
    "VOTING": _voting,
    "ORDER": _order,
    "TEXT": _text,
    "RANGE": _range,
    "SLIDE": _slide,
}
