"""Storing quizzes, changing and deleting them; whose they are was looked at before.

Deleting must not take the questions of a session, whatever runs at once. So a deletion first
marks the quiz, and then looks for sessions; a new session is stored first, and then looks for
the mark (`services.control`). Whichever comes second sees the first. A mark that is not followed
by a deletion goes by itself.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from quizkit.core.digest import digest
from quizkit.core.errors import Rejected
from quizkit.core.packing import source_digest, unpack
from quizkit.core.quiz import parse, to_document
from quizkit.core.session import State
from quizkit.lambdas.ids import random_id
from quizkit.lambdas.ports import Clock, Questions, Sessions, StaleVersion
from quizkit.lambdas.services.media_library import Library

Arguments = Mapping[str, Any]
#: What `Questions.head` gives.
Head = Mapping[str, Any]

#: A deletion is over or dead by then: twice as long as the function may run.
DELETING_MS: Final = 120_000
MAX_NAME: Final = 200
_SOURCES: Final = ("yaml", "markdown")
_HEAD: Final = ("quiz_id", "name", "created_at", "owner")
_OF_VERSION: Final = ("title", "questions", "scoring", "feedback", "version")


@dataclass(frozen=True, slots=True)
class Authoring:
    """What is done with a quiz by itself."""

    sessions: Sessions
    questions: Questions
    library: Library
    clock: Clock

    def create(self, arguments: Arguments, owner: str) -> dict[str, Any]:
        """Store a new quiz.

        Args:
            arguments: `document`; optional `name`, which no other quiz of the owner may have,
                and `source`, see `ports.Questions`.

        Raises:
            Rejected: `conflict` where the name is taken, `bad_request`.
            InvalidQuiz: with every problem of the document.
        """
        document = arguments.get("document")
        quiz = parse(document)
        assert isinstance(document, Mapping)
        name, source = _name(arguments), _source(arguments)
        quiz_id = f"{slug(quiz.title)}-{random_id(5)}"
        self.library.hold(document, quiz_id, owner)
        made = self.questions.create(
            quiz_id, self.clock(), document, owner, name=name, source=source
        )
        if not made:
            self.library.forget(quiz_id)
            raise Rejected("conflict", f"there is a quiz named {name!r} already: change that one")
        return {
            "quiz_id": quiz_id,
            "title": quiz.title,
            "questions": len(quiz.questions),
            "version": 1,
            "name": name,
            "digest": digest(to_document(quiz)),
        }

    def update(self, head: Head, arguments: Arguments, owner: str) -> dict[str, Any]:
        """Store a new version of a quiz, unless it says what the newest one says.

        Comments alone make no version: they are exchanged in the newest one.

        Args:
            arguments: `document`; optional `source`, and `expected_version`, which has to be the
                newest one still.

        Raises:
            Rejected: `conflict`, `quiz_not_found`, `bad_request`.
            InvalidQuiz: with every problem of the document.
        """
        document = arguments.get("document")
        quiz = parse(document)
        assert isinstance(document, Mapping)
        quiz_id, source = str(head["quiz_id"]), _source(arguments)
        expected = _version(arguments, "expected_version")
        if expected is not None and head["version"] != expected:
            raise _moved_on(head, expected)
        if being_deleted(head, self.clock()):
            raise Rejected("conflict", "this quiz is being deleted")
        made = {"quiz_id": quiz_id, "title": quiz.title, "questions": len(quiz.questions)}
        made |= {"name": head["name"], "digest": digest(to_document(quiz))}
        stored = self.questions.document(quiz_id, head["version"])
        if stored is not None and digest(stored) == made["digest"]:
            self._keep_comments(head, source)
            return made | {"version": head["version"], "changed": False}
        self.library.hold(document, quiz_id, owner)
        try:
            version = self.questions.edit(
                quiz_id, self.clock(), document, source=source, expected=expected
            )
        except StaleVersion:
            raise _moved_on(self.questions.head(quiz_id) or head, expected) from None
        if version is None:
            raise Rejected("quiz_not_found", "the quiz has been deleted meanwhile")
        return made | {"version": version, "changed": True}

    def _keep_comments(self, head: Head, source: dict[str, str] | None) -> None:
        if source is not None and source_digest(source) != head["source_digest"]:
            self.questions.keep_source(str(head["quiz_id"]), head["version"], source)

    def get(self, head: Head, arguments: Arguments) -> dict[str, Any]:
        """A quiz with its document and the list of its versions.

        Args:
            arguments: optional `version`, the newest where it is not given; with `source` true
                what the version was read from comes along, if it was kept.

        Raises:
            Rejected: `quiz_not_found` where there is no such version, `bad_request`.
        """
        quiz_id, version = str(head["quiz_id"]), _version(arguments, "version")
        versions = self.questions.versions(quiz_id)
        shown = head if version is None else self.questions.version(quiz_id, version)
        document = self.questions.document(quiz_id, shown["version"]) if shown else None
        if shown is None or document is None:
            known = ", ".join(str(each["version"]) for each in versions[-10:])
            raise Rejected("quiz_not_found", f"there is no version {version}; there are: {known}")
        answer = {name: head[name] for name in _HEAD} | {name: shown[name] for name in _OF_VERSION}
        answer |= {"digest": shown["digest"] or digest(document)}
        if arguments.get("source") is True:
            answer["source"] = self.questions.source(quiz_id, shown["version"])
        return answer | {"versions": versions, "document": document}

    def delete(self, head: Head) -> dict[str, Any]:
        """Delete a quiz with all versions.

        Raises:
            Rejected: `quiz_in_use` while a session of it is live, one that waits for its
                schedule among them; `conflict` where others delete or change it.
        """
        quiz_id, until = str(head["quiz_id"]), self.clock() + DELETING_MS
        if not self.questions.mark(quiz_id, until, head["deleting"]):
            raise Rejected("conflict", "somebody else is deleting this quiz")
        live = self._live(quiz_id)
        if live:
            self.questions.mark(quiz_id, None, until)
            which = ", ".join(f"{session['session_id']} ({session['state']})" for session in live)
            raise Rejected("quiz_in_use", f"sessions of this quiz are live: {which}")
        if not self.questions.delete(quiz_id, until):
            raise Rejected("conflict", "somebody else is deleting this quiz")
        self.library.forget(quiz_id)
        return {"quiz_id": quiz_id}

    def finish_deletion(self, quiz_id: str) -> bool:
        """Remove what a deletion that was cut short has left; whether there was anything."""
        if self.questions.head(quiz_id) is not None or not self.questions.delete(quiz_id):
            return False
        self.library.forget(quiz_id)
        return True

    def _live(self, quiz_id: str) -> list[dict[str, Any]]:
        """The sessions of a quiz that are not finished."""
        found: list[dict[str, Any]] = []
        cursor: str | None = None
        while True:
            page, cursor = self.sessions.listing(live=True, cursor=cursor)
            found += [each for each in page if each["quiz_id"] == quiz_id]
            if cursor is None:
                return [each for each in found if each["state"] != State.FINISHED]


def being_deleted(head: Head, now: int) -> bool:
    """Whether somebody is deleting a quiz just now."""
    return bool(head["deleting"] is not None and head["deleting"] > now)


def slug(title: str) -> str:
    """A title as the readable part of an id."""
    ascii_title = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", ascii_title.lower()).strip("-")[:40].strip("-") or "quiz"


def _moved_on(head: Head, expected: int | None) -> Rejected:
    return Rejected("conflict", f"meant for version {expected}, the newest is {head['version']}")


def _name(arguments: Arguments) -> str | None:
    name = arguments.get("name")
    if name is None:
        return None
    if (
        not isinstance(name, str)
        or not 0 < len(name) <= MAX_NAME
        or name != name.strip()
        or not name.isprintable()
    ):
        raise Rejected("bad_request", f"a name is 1 to {MAX_NAME} printable characters")
    return name


def _source(arguments: Arguments) -> dict[str, str] | None:
    source = arguments.get("source")
    if source is None:
        return None
    if isinstance(source, Mapping) and source.get("format") in _SOURCES:
        packed = source.get("packed")
        if isinstance(packed, str) and unpack(packed) is not None:
            return {"format": source["format"], "packed": packed}
    raise Rejected("bad_request", "'source' has a format, yaml or markdown, and a packed text")


def _version(arguments: Arguments, key: str) -> int | None:
    version = arguments.get(key)
    if version is None:
        return None
    if isinstance(version, bool) or not isinstance(version, int) or version < 1:
        raise Rejected("bad_request", f"{key!r} must be a whole number from 1")
    return version
