"""Whether the key that a session was played with is the one it committed to."""

from __future__ import annotations

from typing import Any

from quizkit.core.commitment import Key, commitment
from quizkit.core.session import Session
from quizkit.lambdas.ports import Questions, Sessions


def seal_of(session: Session, sessions: Sessions, questions: Questions) -> dict[str, Any]:
    """The session's commitment, the salt once it is over, and what comes of checking them.

    Returns:
        `commitment`, `salt`, and `key_unchanged`: True or False, or None where it cannot be
        told, since the quiz was deleted before all of its questions were asked.
    """
    _, shown = sessions.ending(session.session_id)
    return {
        "commitment": session.commitment,
        "salt": shown,
        "key_unchanged": _unchanged(session, sessions, questions),
    }


def _unchanged(session: Session, sessions: Sessions, questions: Questions) -> bool | None:
    salt = questions.salt(session.session_id)
    if not session.commitment or salt is None:
        return None
    played = {
        question.question_id: Key(
            question.question_id, question.correct, question.kind, question.rules
        )
        for question, _ in sessions.questions(session.session_id)
    }
    keys = questions.whole_key(session.quiz_id, session.quiz_version)
    if not keys and len(played) < session.question_count:
        return None
    keys = keys or list(played.values())
    as_played = [played.get(key.question_id, key) for key in keys]
    return commitment(salt, keys) == commitment(salt, as_played) == session.commitment
