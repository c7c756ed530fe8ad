"""Media that a quiz file names: finding it beside the file, checking it, uploading it.

A file is checked here as the platform will check it (`core.media`), so that what it would
refuse is not sent at all.

A question's `media` is an https URL, the key of an object uploaded before, or a path relative to
the quiz file. Paths out of the file's folder are refused: a quiz from somebody else must not
pick what it uploads from this machine.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

from quizkit.core.media import HEAD_BYTES, TYPES, is_key, refusal
from quizkit.sdk.documents import UploadForm
from quizkit.sdk.errors import InvalidInput, Problem, Refused, Unreachable
from quizkit.sdk.formats.load import LoadedQuiz, invalid
from quizkit.sdk.formats.source import problem_at

_URL: Final = re.compile(r"https?://", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class MediaFile:
    """A file to upload; `size` in bytes."""

    path: Path
    content_type: str
    size: int


def check_file(path: Path) -> MediaFile:
    """Look at one file.

    Raises:
        InvalidInput: it is missing, empty or too big, of a type that is not taken, something
            else than its name says, or a picture of absurd dimensions.
    """
    content_type = TYPES.get(path.suffix.lower())
    if content_type is None:
        known = ", ".join(TYPES)
        raise InvalidInput(f"{path.name}: media must be one of {known}.", code="invalid_media")
    if not path.is_file():
        raise InvalidInput(f"there is no media file {path}.", code="invalid_media")
    try:
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
        size = path.stat().st_size
    except OSError as exc:
        message = f"{path.name} cannot be read: {exc.strerror}."
        raise InvalidInput(message, code="invalid_media") from exc
    if reason := refusal(head, size, content_type):
        raise InvalidInput(f"{path.name} cannot be used: {reason}.", code="invalid_media")
    return MediaFile(path, content_type, size)


def find_media(loaded: LoadedQuiz, folder: Path | None) -> dict[int, MediaFile]:
    """The files that a quiz names, by the index of the question.

    Args:
        folder: of the quiz file; None where it has none, so that no path can be meant.

    Raises:
        InvalidInput: with a problem for each file that cannot be taken.
    """
    found: dict[int, MediaFile] = {}
    problems: list[Problem] = []
    for index, question in enumerate(loaded.quiz.questions):
        media = question.media
        if media is None or media.startswith("https://") or is_key(media):
            continue
        try:
            if _URL.match(media):
                raise InvalidInput("a URL of media begins with https://, in lower case")
            found[index] = check_file(_inside(folder, media))
        except InvalidInput as exc:
            mark = loaded.locate(("questions", index, "media"))
            problems.append(problem_at(mark, exc.message.rstrip(".")))
    if problems:
        raise invalid(loaded.name, problems)
    return found


def _inside(folder: Path | None, media: str) -> Path:
    """The path of a file in the folder or below it."""
    if folder is None:
        raise InvalidInput("a path to media needs a quiz file beside it")
    relative = PurePosixPath(media.replace("\\", "/"))
    path = (folder / relative).resolve()
    if relative.is_absolute() or not path.is_relative_to(folder.resolve()):
        raise InvalidInput(f"the media {media!r} lies outside of the quiz file's folder")
    return path


def upload(form: UploadForm, file: MediaFile) -> None:
    """Send a file with its presigned form.

    Raises:
        Unreachable: the bucket does not answer.
        Refused: the bucket does not take the file.
    """
    from urllib3 import PoolManager, Timeout
    from urllib3.exceptions import HTTPError

    part = (file.path.name, file.path.read_bytes(), file.content_type)
    fields: dict[str, str | bytes | tuple[str, str | bytes] | tuple[str, str | bytes, str]] = {
        **form["fields"],
        "file": part,  # S3 ignores whatever comes after the file
    }
    try:
        with PoolManager() as pool:
            response = pool.request(
                "POST",
                form["url"],
                fields=fields,
                retries=2,
                redirect=False,
                timeout=Timeout(connect=5, read=60),
            )
    except HTTPError as exc:
        raise Unreachable(f"The media bucket does not answer: {exc}.") from exc
    if response.status not in (200, 201, 204):
        reason = re.search(r"<Message>(.*?)</Message>", response.data.decode("utf-8", "replace"))
        said = reason.group(1) if reason else f"HTTP status {response.status}"
        raise Refused(f"The media bucket refused {file.path.name}: {said}.")
