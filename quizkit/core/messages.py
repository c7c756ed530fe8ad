"""Wire protocol, version 1: reading what clients send, building what they receive.

Frames are JSON objects in UTF-8 text. Reading is strict about form and lenient about
extra fields: a message is I-JSON (RFC 7493), which every reader understands alike, so no
field is given twice, no number is beyond what a double holds exactly, and all text is
Unicode. Building returns dicts; `encode` makes the one compact text of them, so that a
frame for a thousand sockets is serialised once.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NoReturn

from quizkit.core.errors import QuizError, Rejected
from quizkit.core.kinds import number_of, rules_to_row, rules_view, shuffled, wire_key
from quizkit.core.scoring import ClosedQuestion, Standing
from quizkit.core.session import Session, Window

#: A message longer than this (in UTF-8 bytes) is refused unread; a real one has under 300.
MAX_MESSAGE_BYTES: Final = 8 * 1024
MAX_REF: Final = 64
#: Whole numbers beyond this are not the same to every reader of JSON.
MAX_NUMBER: Final = 2**53 - 1
#: JSON nested deeper than this is refused; a real message has two levels.
MAX_DEPTH: Final = 16
#: How many lines a `leaderboard` event shows, and how many places a podium has.
BOARD_LINES: Final = 10
PODIUM_PLACES: Final = 3
# Matches to the end where the string does not end, so that it never tries anew from within.
_STRING: Final = re.compile(r'"(?:[^"\\]|\\.)*"?', re.DOTALL)
# The escape of half a surrogate pair; whether the other half follows is seen once it is read.
_HALF: Final = re.compile(r"\\u[dD][89a-fA-F]")


def encode(message: Mapping[str, Any]) -> str:
    """The compact JSON text of a message; it can always be encoded as UTF-8."""
    text = json.dumps(message, ensure_ascii=False, separators=(",", ":"))
    try:
        text.encode()
    except UnicodeEncodeError:
        # No message holds a lone surrogate, but what programs store or name may.
        return json.dumps(message, separators=(",", ":"))
    return text


def decode(text: object, limit: int = MAX_MESSAGE_BYTES) -> dict[str, Any]:
    """The JSON object in a client's text.

    Args:
        limit: bytes; a longer text is refused unread.

    Raises:
        Rejected: `message_too_large`, or `bad_request` where the text is no object of I-JSON.
    """
    if not isinstance(text, str):
        raise Rejected("bad_request", "send a JSON object as text")
    if len(text) > limit or _bytes_of(text) > limit:
        raise Rejected("message_too_large", f"a message has at most {limit} bytes")
    # Counting is quick, and a real message has fewer brackets than may be nested.
    if text.count("[") + text.count("{") > MAX_DEPTH and _depth(text) > MAX_DEPTH:
        raise Rejected("bad_request", "the JSON is nested too deeply")
    try:
        value = _READER.decode(text)
    except ValueError:
        raise Rejected("bad_request", "the text is not JSON") from None
    if not isinstance(value, dict):
        raise Rejected("bad_request", "the message must be a JSON object with an 'action'")
    if _HALF.search(text):
        _bytes_of(json.dumps(value, ensure_ascii=False))
    return value


def _depth(text: str) -> int:
    """The deepest nesting, at least up to the first error of the JSON, without parsing."""
    depth = deepest = 0
    for char in _STRING.sub("", text):
        if char in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif char in "]}":
            depth -= 1
    return deepest


def _bytes_of(text: str) -> int:
    """How many bytes a text has in UTF-8, in which a lone surrogate cannot be written."""
    try:
        return len(text.encode())
    except UnicodeEncodeError:
        raise Rejected("bad_request", "a text holds a lone surrogate, which is no text") from None


def _fields(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise Rejected("bad_request", "the JSON gives a field twice")
    return fields


def _whole(digits: str) -> int:
    # Longer ones are not even read: thousands of digits take their time.
    if len(digits) > len(f"-{MAX_NUMBER}") or abs(number := int(digits)) > MAX_NUMBER:
        raise Rejected("bad_request", "the JSON holds a number beyond 2^53")
    return number


def _real(digits: str) -> float:
    number = float(digits)
    if abs(number) > MAX_NUMBER:
        raise Rejected("bad_request", "the JSON holds a number beyond 2^53")
    return number


def _no_constant(name: str) -> NoReturn:
    raise Rejected("bad_request", f"{name} is not JSON")


_READER: Final = json.JSONDecoder(
    object_pairs_hook=_fields, parse_int=_whole, parse_float=_real, parse_constant=_no_constant
)


def reference(message: Mapping[str, Any]) -> str | int | None:
    """The client's `ref`, echoed in the answer to it; None where absent or unusable."""
    ref = message.get("ref")
    if isinstance(ref, str) and len(ref) <= MAX_REF:
        return ref
    if isinstance(ref, int) and not isinstance(ref, bool) and abs(ref) <= MAX_NUMBER:
        return ref
    return None


# --- answers on the same socket ------------------------------------------------------


def error(problem: QuizError, ref: str | int | None = None) -> dict[str, Any]:
    """An `error` frame."""
    return {"action": "error", "code": problem.code, "message": problem.message, "ref": ref}


def accepted(
    question_id: str, ref: str | int | None, received_at: int, verdict: Mapping[str, Any]
) -> dict[str, Any]:
    """An `answer_accepted` frame; `verdict` is empty unless feedback is immediate."""
    return {
        "action": "answer_accepted",
        "question_id": question_id,
        "ref": ref,
        "received_at": received_at,
        **verdict,
    }


# --- events --------------------------------------------------------------------------


def event(action: str, session_id: str, seq: int, **fields: Any) -> dict[str, Any]:
    """A numbered event of a session."""
    return {"action": action, "session_id": session_id, "seq": seq, **fields}


def question_view(
    public: Mapping[str, Any], session: Session, media_url: str | None
) -> dict[str, Any]:
    """The `question` of `new_question`: what players may see of it, and nothing else.

    Args:
        public: the stored public part, see `core.quiz`.
    """
    question_id, kind = public["question_id"], public["kind"]
    texts = {chr(ord("a") + index): text for index, text in enumerate(public["options"])}
    ids = list(texts)
    if session.shuffle_seed and kind != "boolean":
        ids = shuffled(ids, session.shuffle_seed, question_id)
    view: dict[str, Any] = {
        "id": question_id,
        "index": session.index,
        "count": session.question_count,
        "kind": kind,
        "text": public["text"],
        "options": [{"id": each, "text": texts[each]} for each in ids],
        "time_limit": public["time_limit"],
        "media_url": media_url,
    }
    # What most questions do not have is left out. Rows from before there were kinds lack it all.
    for name in ("alt", "penalty"):
        if public.get(name):
            view[name] = public[name]
    if public.get("grading", "all") != "all":
        view["grading"] = public["grading"]
    if public.get("range"):
        view["range"] = [number_of(each) for each in public["range"]]
    return view


def key_view(question: ClosedQuestion) -> dict[str, Any]:
    """What everybody may know of a key once its question is closed.

    `rules` are there where others than the usual ones hold.
    """
    rules = {"rules": rules_view(question.rules)} if rules_to_row(question.rules) else {}
    correct = wire_key(question.kind, question.correct)
    return {"question_id": question.question_id, "correct": correct, **rules}


def new_question(session: Session, window: Window, question: Mapping[str, Any]) -> dict[str, Any]:
    """The `new_question` event of an open session; the first one carries the commitment."""
    fields = {"commitment": session.commitment} if session.index == 0 else {}
    return event(
        "new_question",
        session.session_id,
        session.first_seq,
        question=question,
        opens_at=window.opens_at,
        closes_at=window.closes_at,
        **fields,
    )


def board_entries(standings: Iterable[Standing]) -> list[dict[str, Any]]:
    """Lines of a board, in the order given."""
    return [
        {
            "rank": standing.rank,
            "participant_id": standing.participant_id,
            "nickname": standing.nickname,
            "score": standing.score,
        }
        for standing in standings
    ]


def podium(standings: Sequence[Standing]) -> list[dict[str, Any]]:
    """The first places of a finished session."""
    return board_entries(standings[:PODIUM_PLACES])
