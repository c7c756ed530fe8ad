"""Looking at media before anybody may see them.

A host uploads to a place that is never served. Whoever stores a quiz that names the upload
has it looked at here: its content must be what its name says (`core.media`). Then exactly the
bytes that were looked at are copied to where they are served from, under the type that was
found, and stay there: a later upload under the same key changes nothing.

Media elsewhere on the web (`https://…`) are somebody else's and are not looked at.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, Protocol

from quizkit.core import media
from quizkit.core.errors import InvalidQuiz, Problem


@dataclass(frozen=True, slots=True)
class Upload:
    """What was uploaded: its first bytes, its size in bytes, and what tells its version."""

    head: bytes
    size: int
    version: str


class MediaStore(Protocol):
    """Uploads that nobody sees, and media that players do; `key` is `media/…`."""

    def upload(self, key: str, content_type: str, size: int, seconds: int) -> dict[str, Any]:
        """A form, `url` and `fields`, for uploading one object of this type and size."""

    def look(self, key: str) -> Upload | None:
        """The upload for a key, or None where there is none."""

    def serve(self, key: str, upload: Upload, content_type: str) -> bool:
        """Serve this very upload from now on; False where it has changed since."""

    def served(self, key: str) -> bool: ...


def check_media(document: Mapping[str, Any], store: MediaStore) -> None:
    """Make the media of a valid quiz document ready to be served.

    Raises:
        InvalidQuiz: with a problem for each that cannot be used.
    """
    problems: list[Problem] = []
    reasons: dict[str, str | None] = {}
    for index, question in enumerate(document["questions"]):
        name = question.get("media")
        if not name:
            continue
        if name not in reasons:
            reasons[name] = _reason(name, store)
        reason = reasons[name]
        if reason is not None:
            problems.append(Problem(("questions", index, "media"), reason))
    if problems:
        raise InvalidQuiz(tuple(problems))


def _reason(name: str, store: MediaStore) -> str | None:
    """Why a medium cannot be used, or None once it can."""
    if name.startswith("https://"):
        return None
    if not media.is_key(name):
        return "media is a URL that begins with https://, or the key of an uploaded file"
    if store.served(name):
        return None
    upload = store.look(name)
    if upload is None:
        return "there is no such file: upload it first; an upload is kept for a day"
    content_type = media.TYPES[PurePosixPath(name).suffix]
    refused = media.refusal(upload.head, upload.size, content_type)
    if refused is not None:
        return f"this file cannot be used: {refused}"
    if not store.serve(name, upload, content_type):
        return "the file was uploaded again meanwhile: try once more"
    return None
