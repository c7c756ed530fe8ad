"""Looking at media before anybody may see them.

A host uploads to a place that is never served. Whoever stores a quiz that names the upload
has it looked at here: its content must be what its name says (`core.media`). Then exactly the
bytes that were looked at are copied to where they are served from, under the type that was
found, and stay there: a later upload under the same key changes nothing. A key that is named
for a content (`core.media.key_of`) stands for that content alone.

Media elsewhere on the web (`https://…`) are somebody else's and are not looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, Final, Protocol

from quizkit.core import media
from quizkit.core.errors import InvalidQuiz, Problem

_NO_MEDIUM: Final = "media is a URL that begins with https://, or the key of an uploaded file"


@dataclass(frozen=True, slots=True)
class Upload:
    """What was uploaded.

    Attributes:
        head: its first bytes, `core.media.HEAD_BYTES` or all of them.
        size: of the whole file, in bytes.
        version: what tells it from a later upload under the same key.
        sha256: of the whole content, hexadecimal; empty where it is larger than media may be.
    """

    head: bytes
    size: int
    version: str
    sha256: str = ""


class MediaStore(Protocol):
    """Uploads that nobody sees, and media that players do; `key` is `media/…`."""

    def upload(self, key: str, content_type: str, size: int, seconds: int) -> dict[str, Any]:
        """A form, `url` and `fields`, for uploading one object of this type and size."""

    def look(self, key: str) -> Upload | None:
        """The upload for a key, or None where there is none."""

    def serve(self, key: str, upload: Upload, content_type: str) -> bool:
        """Serve this very upload from now on; False where it has changed since."""

    def served(self, key: str) -> bool: ...

    def remove(self, key: str) -> None:
        """Serve this no longer; nothing happens where it is not served."""


Ready = Callable[[str], str | None]


def check_media(document: Mapping[str, Any], ready: Ready) -> None:
    """Make the media of a valid quiz document ready to be served.

    Args:
        ready: says of a key why it cannot be used, or None once it can.

    Raises:
        InvalidQuiz: with a problem for each that cannot be used.
    """
    problems: list[Problem] = []
    reasons: dict[str, str | None] = {}
    for index, question in enumerate(document["questions"]):
        name = question.get("media")
        if not name or name.startswith("https://"):
            continue
        if name not in reasons:
            known = media.is_key(name)
            reasons[name] = ready(name) if known else _NO_MEDIUM
        reason = reasons[name]
        if reason is not None:
            problems.append(Problem(("questions", index, "media"), reason))
    if problems:
        raise InvalidQuiz(tuple(problems))


def keys_of(document: Mapping[str, Any]) -> list[str]:
    """The keys of all objects that a valid quiz document names, each once."""
    named = (question.get("media") for question in document["questions"])
    return list(dict.fromkeys(name for name in named if name and media.is_key(name)))


def serve(key: str, store: MediaStore) -> Upload | str:
    """Look at the upload for a key, and serve it from now on; or why that cannot be."""
    upload = store.look(key)
    if upload is None:
        return "there is no such file: upload it first; an upload is kept for a day"
    content_type = media.TYPES[PurePosixPath(key).suffix]
    refused = media.refusal(upload.head, upload.size, content_type)
    if refused is not None:
        return f"this file cannot be used: {refused}"
    if media.digest_of(key) not in (None, upload.sha256):
        return "this file cannot be used: its content is not the one that its key is named for"
    if not store.serve(key, upload, content_type):
        return "the file was uploaded again meanwhile: try once more"
    return upload
