"""Media that a quiz file names: finding it beside the file, checking it, uploading it.

A file is checked here as the platform will check it (`core.media`), so that what it would
refuse is not sent at all.

A question's `media` is an https URL, the key of an object uploaded before, or a path relative to
the quiz file. Paths out of the file's folder are refused: a quiz from somebody else must not
pick what it uploads from this machine.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import Any

from quizkit.core.media import HEAD_BYTES, MAX_BYTES, TYPES, is_key, key_of, refusal
from quizkit.sdk.documents import UploadForm
from quizkit.sdk.errors import InvalidInput, NotFound, Problem, Refused, Unreachable
from quizkit.sdk.formats.load import LoadedQuiz, invalid
from quizkit.sdk.formats.media_names import refusal as media_refusal
from quizkit.sdk.formats.source import problem_at


@dataclass(frozen=True, slots=True)
class MediaFile:
    """A file to upload; `size` in bytes, `sha256` of its content, hexadecimal."""

    path: Path
    content_type: str
    size: int
    sha256: str

    @property
    def name(self) -> str:
        """What it is called, as text, whatever bytes that name has."""
        return self.path.name.encode("utf-8", "replace").decode()

    @property
    def key(self) -> str:
        """What it is stored as, known before it is: the content's own name."""
        return key_of(self.sha256, self.content_type)


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
            content = file.read(MAX_BYTES + 1)
            size = max(len(content), os.fstat(file.fileno()).st_size)
    except OSError as exc:
        message = f"{path.name} cannot be read: {exc.strerror}."
        raise InvalidInput(message, code="invalid_media") from exc
    if reason := refusal(content[:HEAD_BYTES], size, content_type):
        raise InvalidInput(f"{path.name} cannot be used: {reason}.", code="invalid_media")
    return MediaFile(path, content_type, size, hashlib.sha256(content).hexdigest())


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
        if media is None:
            continue
        try:
            file = check_named(media, folder)
        except InvalidInput as exc:
            mark = loaded.locate(("questions", index, "media"))
            problems.append(problem_at(mark, exc.message.rstrip(".")))
        else:
            if file is not None:
                found[index] = file
    if problems:
        raise invalid(loaded.name, problems)
    return found


def check_named(media: str, folder: Path | None) -> MediaFile | None:
    """The file that a question's `media` means; None for a URL, or the key of a stored object.

    Raises:
        InvalidInput: it lies outside of the folder or cannot be taken, or the URL is none that
            players' browsers may be sent to.
    """
    if is_key(media):
        return None
    if reason := media_refusal(media):
        raise InvalidInput(f"the media {media[:80]!r} {reason}.", code="invalid_media")
    if media.startswith("https://"):
        return None
    return check_file(_inside(folder, media))


def _inside(folder: Path | None, media: str) -> Path:
    """The path of a file in the folder or below it."""
    if folder is None:
        raise InvalidInput("a path to media needs a quiz file beside it")
    relative = PurePosixPath(media.replace("\\", "/"))
    path = (folder / relative).resolve()
    if relative.is_absolute() or not path.is_relative_to(folder.resolve()):
        raise InvalidInput(f"the media {media!r} lies outside of the quiz file's folder")
    return path


def with_keys(document: Mapping[str, Any], files: Mapping[int, MediaFile]) -> dict[str, Any]:
    """A native document with the keys of its files in the place of their paths.

    Args:
        files: by the index of the question, from `find_media`.
    """
    questions = [dict(question) for question in document["questions"]]
    for index, file in files.items():
        questions[index]["media"] = file.key
    return {**document, "questions": questions}


def collect(paths: Iterable[Path]) -> list[Path]:
    """Files to upload: those named, and all media below the folders that are named.

    Hidden files and folders are left out, as is what has no ending of a medium; links are
    not followed out of a folder. Each file comes once, in the order of the paths.

    Raises:
        NotFound: there is no such file or folder, or no media in one.
    """
    found: dict[Path, None] = {}
    for path in paths:
        if path.is_dir():
            inside = sorted(each for each in path.rglob("*") if _is_medium(each, path))
            if not inside:
                known = ", ".join(TYPES)
                raise NotFound(f"There are no media in {path}.", hint=f"media end in {known}")
            found |= dict.fromkeys(inside)
        elif path.exists():
            found[path] = None
        else:
            raise NotFound(f"There is no file {path}.")
    return list(found)


def _is_medium(path: Path, folder: Path) -> bool:
    shown = not any(part.startswith(".") for part in path.relative_to(folder).parts)
    typed = path.suffix.lower() in TYPES
    inside = path.resolve().is_relative_to(folder.resolve())
    return shown and typed and inside and path.is_file()


def check_files(paths: Iterable[Path]) -> list[MediaFile]:
    """Look at several files.

    Raises:
        InvalidInput: with a problem for each that cannot be taken.
    """
    files, problems = [], []
    for path in paths:
        try:
            files.append(check_file(path))
        except InvalidInput as exc:
            problems.append(Problem(exc.message))
    if problems:
        count = "1 file" if len(problems) == 1 else f"{len(problems)} files"
        words = "; ".join(problem.message.rstrip(".") for problem in problems)
        message = f"{count} cannot be used, so nothing was sent: {words}."
        raise InvalidInput(message, problems=problems, code="invalid_media")
    return files


#: Is told how many bytes more have been sent.
Sent = Callable[[int], None]


class _Body(BytesIO):
    """A request's body that says how much of it has been taken."""

    def __init__(self, content: bytes, sent: Sent | None) -> None:
        super().__init__(content)
        self._sent = sent

    def read(self, size: int | None = -1, /) -> bytes:
        part = super().read(size)
        if self._sent is not None:
            self._sent(len(part))
        return part


def upload(form: UploadForm, file: MediaFile, sent: Sent | None = None) -> None:
    """Send a file with its presigned form.

    Raises:
        Unreachable: the bucket does not answer.
        Refused: the bucket does not take the file.
    """
    from urllib3 import PoolManager, Timeout, encode_multipart_formdata
    from urllib3.exceptions import HTTPError

    part = (file.name, file.path.read_bytes(), file.content_type)
    fields: dict[str, str | bytes | tuple[str, str | bytes] | tuple[str, str | bytes, str]] = {
        **form["fields"],
        "file": part,  # S3 ignores whatever comes after the file
    }
    body, content_type = encode_multipart_formdata(fields)
    try:
        with PoolManager() as pool:
            response = pool.request(
                "POST",
                form["url"],
                body=_Body(body, sent),
                # S3 takes no form whose length it does not know.
                headers={"Content-Type": content_type, "Content-Length": str(len(body))},
                retries=2,
                redirect=False,
                timeout=Timeout(connect=5, read=60),
            )
    except HTTPError as exc:
        raise Unreachable(f"The media bucket does not answer: {exc}.") from exc
    if response.status not in (200, 201, 204):
        reason = re.search(r"<Message>(.*?)</Message>", response.data.decode("utf-8", "replace"))
        said = reason.group(1) if reason else f"HTTP status {response.status}"
        raise Refused(f"The media bucket refused {file.name}: {said}.")
