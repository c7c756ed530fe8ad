"""Taking an answer: is it well formed, does it come in time, is it a repeat?

These are the checks of the answer path. They need the open question's window and the
instant at which the gateway received the request, never the key, so the function that
runs them can do without permission to read keys.
"""

from __future__ import annotations

from string import ascii_lowercase
from typing import Final
from unicodedata import category

from quizkit.core.errors import Rejected
from quizkit.core.kinds import SINGLE, is_number, number_text
from quizkit.core.quiz_model import MAX_ANSWER
from quizkit.core.session import DRAIN_MS, Session, State, Window

#: How long a write of an answer may take at most; it has to end within the drain.
WRITE_TIMEOUT_MS: Final = 1_000
#: How long a write may take that is begun with time to spare before the fold.
PATIENT_WRITE_MS: Final = 5_000


def normalise(window: Window, answer: object) -> tuple[str, ...]:
    """The answer as it is stored, see `core.kinds`: the same answer is stored alike.

    Args:
        window: the question that the answer is for.
        answer: as the client sent it: a list of option ids, in order for `order`; a number;
            or a text.

    Raises:
        Rejected: `invalid_answer`.
    """
    match window.kind:
        case "slide":
            raise Rejected("invalid_answer", "a slide only informs: there is nothing to answer")
        case "number":
            return (_number(answer),)
        case "text":
            return (_text(answer),)
    ids = _ids(window, answer)
    if window.kind in SINGLE and len(ids) != 1:
        raise Rejected("invalid_answer", "this question takes exactly one option")
    if window.kind != "order":
        return tuple(sorted(ids))
    if len(ids) != window.options:
        raise Rejected("invalid_answer", f"give all {window.options} options, in their order")
    return ids


def _ids(window: Window, answer: object) -> tuple[str, ...]:
    if not isinstance(answer, list) or not answer:
        raise Rejected("invalid_answer", "'answer' must be a list of option ids, such as [\"b\"]")
    known = ascii_lowercase[: window.options]
    for item in answer:
        if not isinstance(item, str) or len(item) != 1 or item not in known:
            raise Rejected("invalid_answer", f"options are {known[0]!r} to {known[-1]!r}")
    if len(set(answer)) != len(answer):
        raise Rejected("invalid_answer", "an option is named twice")
    return tuple(answer)


def _number(answer: object) -> str:
    if isinstance(answer, int | float) and is_number(answer):
        return number_text(answer)
    raise Rejected("invalid_answer", "'answer' must be a number, such as 1822 or 2.5")


def _text(answer: object) -> str:
    text = answer.strip() if isinstance(answer, str) else ""
    if not 0 < len(text) <= MAX_ANSWER or any(category(char) == "Cc" for char in text):
        raise Rejected(
            "invalid_answer", f"'answer' must be a text of 1 to {MAX_ANSWER} characters on one line"
        )
    return text


def window_for(session: Session, question_id: object, received_at: int) -> Window:
    """The open question's window, if this answer is for it and in time.

    Args:
        received_at: epoch milliseconds at which the gateway received the request.

    Raises:
        Rejected: `bad_request`, `wrong_question`, `question_not_open`, `question_closed`
            or `session_finished`.
    """
    if not isinstance(question_id, str):
        raise Rejected("bad_request", "'question_id' must be text")
    if session.state is State.FINISHED:
        raise Rejected("session_finished", "the session is over")
    window = session.window
    if window is None:
        raise Rejected("question_not_open", "no question is open yet")
    if window.question_id != question_id:
        raise Rejected("wrong_question", f"the current question is {window.question_id!r}")
    if received_at < window.opens_at:
        raise Rejected("question_not_open", "the question opens in a moment")
    if session.state is not State.OPEN or received_at > window.closes_at:
        raise Rejected("question_closed", "the question is closed")
    return window


def may_write(window: Window, now: int) -> bool:
    """Whether a write begun now ends, or has failed, before the question is folded."""
    return now + WRITE_TIMEOUT_MS <= window.closes_at + DRAIN_MS


def written_by(window: Window) -> int:
    """The instant, epoch milliseconds, at which every write of an answer has ended.

    A patient write may have been begun just before its question was cut short, and may end
    after that question was folded; the fold of the whole session waits for it.
    """
    whole = window.opens_at + window.time_limit * 1_000
    patience = PATIENT_WRITE_MS if window.closes_at < whole else DRAIN_MS
    return window.closes_at + patience
