"""Folders as content: make a stage's quizzes those of a folder of quiz files.

    files = read_folder(Path("quizzes"))              every file checked, none sent
    steps = plan(files, admin.list_quizzes(), owner)  pure
    for step in carry_out(admin, steps, prune=False): …

A quiz belongs to its file by its name: the file's path from the folder, with slashes. Whether
it changed is told by digests. A key of a medium is its content's, so the digest of what would
be stored is known here, and nothing is sent to find out. Comments alone make no version: the
text that is kept with the newest one is exchanged.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Final

from quizkit.core.digest import digest
from quizkit.core.media import TYPES
from quizkit.core.owners import ADMINS
from quizkit.core.packing import source_digest
from quizkit.sdk.documents import QuizSummary
from quizkit.sdk.errors import (
    CredentialsError,
    InvalidInput,
    NotFound,
    Problem,
    QuizkitError,
    Unreachable,
)
from quizkit.sdk.formats.catalogue import FORMATS
from quizkit.sdk.formats.load import LoadedQuiz, load
from quizkit.sdk.formats.media_files import unpacked
from quizkit.sdk.media import find_media, with_keys
from quizkit.sdk.sources import kept_source

if TYPE_CHECKING:
    from quizkit.sdk.admin import Admin

CREATE: Final = "create"
UPDATE: Final = "update"
COMMENTS: Final = "comments"
UNCHANGED: Final = "unchanged"
ORPHANED: Final = "orphaned"

#: Files that may be quizzes; which format they have says their content.
ENDINGS: Final = frozenset(
    {each.ending for each in FORMATS.values()} | {".yml", ".markdown", ".tsv", ".txt", ".xml"}
)
#: What lies in folders beside quizzes, in the formats of quizzes.
_BESIDE: Final = frozenset({"readme", "license", "licence", "changelog", "contributing"})
_SCHEMA: Final = ".schema.json"
#: As the platform takes names.
_MAX_NAME: Final = 200


@dataclass(frozen=True, slots=True)
class QuizFile:
    """A valid quiz file.

    Attributes:
        name: its path from the folder, with slashes.
        digest: of the document as it would be stored.
        source_digest: of the text that would be kept with it; None where none would be.
    """

    name: str
    path: Path
    loaded: LoadedQuiz
    digest: str
    source_digest: str | None


@dataclass(frozen=True, slots=True)
class Step:
    """What is to be done about a quiz, and what came of it.

    Attributes:
        action: `create`, `update`, `comments` (the quiz is the same, its file's text is not),
            `unchanged` or `orphaned`: stored, and in no file any more.
        file: None of an orphaned quiz.
        quiz_id: None until it is created.
        version: stored; the new one once it is. Comments make none.
        done: whether it was carried out; an orphaned quiz is then deleted.
        error: why it could not be.
    """

    action: str
    name: str
    title: str
    file: QuizFile | None = None
    quiz_id: str | None = None
    version: int | None = None
    done: bool = False
    error: QuizkitError | None = None


def read_folder(folder: Path) -> list[QuizFile]:
    """Read and check all quiz files of a folder and below, with their media, by name.

    Raises:
        NotFound: there is no such folder, or no quiz file in it.
        InvalidInput: with every problem of every file, each with its file.
    """
    if not folder.is_dir():
        raise NotFound(f"There is no folder {folder}.")
    paths = quiz_paths(folder)
    if not paths:
        known = ", ".join(sorted(ENDINGS))
        raise NotFound(f"There are no quiz files in {folder}.", hint=f"they end in {known}")
    files: list[QuizFile] = []
    problems: list[Problem] = []
    bad = 0
    for path in paths:
        try:
            files.append(_read(path, folder))
        except (InvalidInput, NotFound) as exc:
            found = exc.problems if isinstance(exc, InvalidInput) else ()
            problems += [
                replace(each, file=str(path)) for each in found or [Problem(exc.message, 1, 1)]
            ]
            bad += 1
    if problems:
        count = "1 file is" if bad == 1 else f"{bad} files are"
        message = f"{count} not valid ({len(problems)} problems), so nothing was changed."
        raise InvalidInput(message, problems=problems, code="invalid_quiz")
    return files


def quiz_paths(folder: Path) -> list[Path]:
    """The quiz files of a folder, in order; hidden ones, media and the like left out."""
    return sorted(path for path in folder.rglob("*") if _is_quiz(path, folder))


def _is_quiz(path: Path, folder: Path) -> bool:
    if any(part.startswith((".", "~$")) for part in path.relative_to(folder).parts):
        return False
    name = path.name.lower()
    if path.suffix.lower() not in ENDINGS or path.suffix.lower() in TYPES:
        return False
    if name.endswith(_SCHEMA) or name.partition(".")[0] in _BESIDE:
        return False
    return path.is_file() and path.resolve().is_relative_to(folder.resolve())


def _read(path: Path, folder: Path) -> QuizFile:
    """One file, checked with its media."""
    name = unicodedata.normalize("NFC", PurePosixPath(path.relative_to(folder)).as_posix())
    if len(name) > _MAX_NAME or not name.isprintable() or name != name.strip():
        message = f"its path is its quiz's name, which has 1 to {_MAX_NAME} printable characters"
        raise InvalidInput(message, problems=[Problem(message, 1, 1)])
    loaded = load(path)
    with _media_of(path, loaded) as beside:
        document = with_keys(loaded.document, find_media(loaded, beside))
    source, _ = kept_source(loaded, document)
    return QuizFile(name, path, loaded, digest(document), source_digest(source))


def _media_of(path: Path, loaded: LoadedQuiz) -> AbstractContextManager[Path]:
    """Where a quiz's media are: they came inside its file or lie beside it."""
    return unpacked(loaded.media) if loaded.media else nullcontext(path.absolute().parent)


def plan(files: Sequence[QuizFile], stored: Iterable[QuizSummary], *, host: bool) -> list[Step]:
    """What makes the stage match the files, by name.

    Args:
        stored: all quizzes that the caller may see. Those without a name, which no folder
            gave them, and those of others are left alone.
        host: whether the caller is a host, whose quizzes are not the admins'.
    """
    mine: Mapping[str, QuizSummary] = {
        quiz["name"]: quiz
        for quiz in stored
        if quiz["name"] is not None and (quiz["owner"] != ADMINS) == host
    }
    steps = [_step(file, mine.get(file.name)) for file in files]
    known = {file.name for file in files}
    steps += [
        Step(ORPHANED, name, quiz["title"], None, quiz["quiz_id"], quiz["version"])
        for name, quiz in mine.items()
        if name not in known
    ]
    return sorted(steps, key=lambda step: step.name)


def _step(file: QuizFile, quiz: QuizSummary | None) -> Step:
    title = file.loaded.quiz.title
    if quiz is None:
        return Step(CREATE, file.name, title, file)
    return Step(_change(file, quiz), file.name, title, file, quiz["quiz_id"], quiz["version"])


def _change(file: QuizFile, quiz: QuizSummary) -> str:
    """How a file differs from its quiz."""
    if quiz["digest"] != file.digest:
        return UPDATE
    # A stage that tells no digest of texts would be sent the same text again and again.
    told = "source_digest" in quiz and file.source_digest is not None
    return COMMENTS if told and quiz["source_digest"] != file.source_digest else UNCHANGED


def carry_out(admin: Admin, steps: Iterable[Step], *, prune: bool) -> Iterator[Step]:
    """Carry the steps out one by one; gives each as it came out, the unchanged ones too.

    A quiz that the platform refuses does not stop the others; its step has the error.

    Args:
        prune: delete what is orphaned.

    Raises:
        Unreachable, CredentialsError: the others would fare no better. What was done stays
            done; the next run goes on from there.
    """
    for step in steps:
        if step.action == UNCHANGED or (step.action == ORPHANED and not prune):
            yield step
            continue
        try:
            yield _carried_out(admin, step)
        except (Unreachable, CredentialsError):
            raise
        except QuizkitError as exc:
            yield replace(step, error=exc)


def _carried_out(admin: Admin, step: Step) -> Step:
    if step.file is None:
        assert step.quiz_id is not None
        admin.delete_quiz(step.quiz_id)
        return replace(step, done=True)
    loaded = step.file.loaded
    with _media_of(step.file.path, loaded) as beside:
        if step.quiz_id is None:
            made = admin.create_quiz(loaded, beside, step.name)
        else:
            made = admin.update_quiz(step.quiz_id, loaded, beside, step.version)
    return replace(step, done=True, quiz_id=made["quiz_id"], version=made["version"])
