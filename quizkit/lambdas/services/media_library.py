"""The media that a stage keeps: taken in once, listed, and removed when nothing names them.

An object's key is named for its content, so the same file is stored once, whoever uploads it.

A removal must never take what a quiz names, whatever is killed in between. So a quiz puts down
its *holds* on what it names before it is stored, and then looks for a removal's *lock*; a
removal puts down its lock, and then looks for holds. Whichever comes second sees the first.
Holds may outlive what they were made for: each is checked against the stored quiz, and what
stands for nothing is dropped once no function can be working on it any more. Nothing is ever
counted, and nothing scanned.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any, Final, Protocol

from quizkit.core.errors import Rejected
from quizkit.core.media import EXTENSIONS, MAX_BYTES, TYPES, digest_of, is_digest, key_of
from quizkit.lambdas.ids import random_id
from quizkit.lambdas.ports import Clock, Questions
from quizkit.lambdas.services.media_check import MediaStore, check_media, keys_of, serve

UPLOAD_SECONDS: Final = 300
#: A removal is over or dead by then: twice as long as the function may run.
LOCK_MS: Final = 120_000
#: Whoever wanted to store the quiz of a hold is dead by then.
HOLD_MS: Final = 600_000
_NAME: Final = 120
_SHOWN: Final = 5
_FROM_BEFORE: Final = "it was uploaded before files were named for their content, and stays"


@dataclass(frozen=True, slots=True)
class Item:
    """A file that is served.

    Attributes:
        size: in bytes.
        uploaded_at: epoch milliseconds.
        owner: who uploaded it first.
        name: what it was called there; may be empty.
    """

    key: str
    content_type: str
    size: int
    uploaded_at: int
    owner: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Hold:
    """That a version of a quiz names a file, or was last about to at `at` (epoch milliseconds)."""

    quiz_id: str
    at: int


class MediaRows(Protocol):
    """What is known about the files that are served."""

    def put(self, item: Item) -> None:
        """Note a file, unless it is known already."""

    def get(self, key: str) -> Item | None: ...

    def listing(self, cursor: str | None) -> tuple[list[Item], str | None]:
        """A page of all files, and where the next one begins."""

    def delete(self, key: str) -> None: ...

    def hold(self, keys: list[str], hold: Hold) -> None: ...

    def holds(self, key: str) -> list[Hold]: ...

    def drop(self, key: str, hold: Hold) -> None:
        """Drop a hold, unless it was made again since."""

    def drop_quiz(self, quiz_id: str) -> None:
        """Drop all holds of a quiz."""

    def lock(self, key: str, token: str, now: int, stale: int) -> bool:
        """Lock a file; False where somebody did so since `stale`."""

    def locked(self, key: str, stale: int) -> bool:
        """Whether somebody locked it since `stale`."""

    def unlock(self, key: str, token: str) -> None:
        """Take one's own lock away."""


#: Whether what somebody owns may be shown or used.
Admits = Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class Library:
    """The stage's files."""

    store: MediaStore
    rows: MediaRows
    questions: Questions
    clock: Clock

    # --- coming in -----------------------------------------------------------------------

    def offer(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """A form for uploading one object of this content, type and size, unless it is here.

        Raises:
            Rejected: `bad_request`.
        """
        content_type, size = arguments.get("content_type"), arguments.get("size")
        sha256 = arguments.get("sha256")
        if not isinstance(content_type, str) or content_type not in EXTENSIONS:
            raise Rejected("bad_request", f"media must be one of: {', '.join(EXTENSIONS)}")
        if isinstance(size, bool) or not isinstance(size, int) or not 0 < size <= MAX_BYTES:
            raise Rejected("bad_request", f"media has 1 to {MAX_BYTES} bytes")
        if not isinstance(sha256, str) or not is_digest(sha256):
            raise Rejected("bad_request", "'sha256' is the content's SHA-256 in 64 hex digits")
        key = key_of(sha256, content_type)
        if self._is_here(key):
            return {"key": key, "stored": True}
        form = self.store.upload(key, content_type, size, UPLOAD_SECONDS)
        return {"key": key, "stored": False, "url": form["url"], "fields": form["fields"]}

    def keep(self, arguments: Mapping[str, Any], owner: str) -> dict[str, Any]:
        """Look at what was uploaded, and serve it from now on; safe to repeat.

        Raises:
            Rejected: `invalid_media` where it cannot be used, `conflict` while it is removed.
        """
        key = arguments.get("key")
        if not isinstance(key, str) or digest_of(key) is None or not _typed(key):
            raise Rejected("bad_request", "'key' is what media.upload gave")
        given = str(arguments.get("name") or "")
        name = "".join(letter for letter in given if letter.isprintable())[:_NAME]
        if self.rows.locked(key, self._stale()):
            raise Rejected("conflict", "this file is being removed: try again in two minutes")
        if not self._is_here(key):
            refused = self._take(key, owner, name)
            if refused is not None:
                raise Rejected("invalid_media", refused)
        return {"key": key, "stored": True}

    def hold(self, document: Mapping[str, Any], quiz_id: str, owner: str) -> None:
        """Keep what a quiz names; to be called before a version of it is stored.

        Raises:
            InvalidQuiz: with a problem for each medium that cannot be used.
        """
        self.rows.hold(keys_of(document), Hold(quiz_id, self.clock()))
        check_media(document, lambda key: self._ready(key, owner))

    def forget(self, quiz_id: str) -> None:
        """A quiz has been deleted: it holds nothing any more."""
        self.rows.drop_quiz(quiz_id)

    def _ready(self, key: str, owner: str) -> str | None:
        """Why a key cannot be used, or None once it can."""
        if self.rows.locked(key, self._stale()):
            return "this file is being removed: try again in two minutes"
        served = self.store.served(key)
        if served and (digest_of(key) is None or self.rows.get(key) is not None):
            return None
        refused = self._take(key, owner, "")
        return None if served else refused

    def _take(self, key: str, owner: str, name: str) -> str | None:
        """Serve an upload and note it; or why that cannot be."""
        upload = serve(key, self.store)
        if isinstance(upload, str):
            return upload
        if digest_of(key) is not None:
            self.rows.put(Item(key, _type_of(key), upload.size, self.clock(), owner, name))
        return None

    def _is_here(self, key: str) -> bool:
        return (
            not self.rows.locked(key, self._stale())
            and self.rows.get(key) is not None
            and self.store.served(key)
        )

    def _stale(self) -> int:
        return self.clock() - LOCK_MS

    # --- there ---------------------------------------------------------------------------

    def page(self, cursor: str | None, mine: Admits, quizzes: Admits) -> dict[str, Any]:
        """A page of the files that the caller may see, with the quizzes that name each.

        Args:
            mine: whether files of an owner are the caller's to see.
            quizzes: whether a quiz, by its id, is; others are counted in `used_by_others`.
        """
        items, after = self.rows.listing(cursor)
        usage = _Usage(self)
        shown = [self._described(item, usage, quizzes) for item in items if mine(item.owner)]
        return {"media": shown, "cursor": after}

    def _described(self, item: Item, usage: _Usage, quizzes: Admits) -> dict[str, Any]:
        users = usage.of(item.key)
        visible = [quiz_id for quiz_id in users if quizzes(quiz_id)]
        return {
            "key": item.key,
            "name": item.name,
            "content_type": item.content_type,
            "size": item.size,
            "uploaded_at": item.uploaded_at,
            "owner": item.owner,
            "used_by": visible,
            "used_by_others": len(users) - len(visible),
        }

    # --- going ---------------------------------------------------------------------------

    def find(self, key: str) -> Item:
        """What is known about a file.

        Raises:
            Rejected: `media_not_found`.
        """
        item = self.rows.get(key)
        if item is None:
            old = f": {_FROM_BEFORE}" if _typed(key) and digest_of(key) is None else ""
            raise Rejected("media_not_found", f"there is no file {key!r} to remove{old}")
        return item

    def remove(self, item: Item, quizzes: Admits) -> dict[str, Any]:
        """Serve a file no longer.

        Args:
            quizzes: whether the caller may know of a quiz, by its id.

        Raises:
            Rejected: `media_in_use` where a quiz names it; `conflict` while another does this.
        """
        key, token = item.key, random_id(20)
        if not self.rows.lock(key, token, self.clock(), self._stale()):
            raise Rejected("conflict", "this file is being removed already: look in two minutes")
        usage = _Usage(self)
        try:
            users = usage.of(key)
            if users or usage.pending:
                raise Rejected("media_in_use", _users(key, users, quizzes))
        except Rejected:
            self.rows.unlock(key, token)
            raise
        for hold in usage.dead:
            self.rows.drop(key, hold)
        # Should this be cut short, the lock stays until nobody can be at it any more.
        self.store.remove(key)
        self.rows.delete(key)
        self.rows.unlock(key, token)
        return {"key": key, "removed": True}


@dataclass(slots=True)
class _Usage:
    """Which quizzes name a file: what holds say, checked against what is stored.

    Attributes:
        pending: of the last file, holds of what may be about to be stored.
        dead: of the last file, holds that stand for nothing.
    """

    library: Library
    pending: list[Hold] = field(default_factory=list)
    dead: list[Hold] = field(default_factory=list)
    _known: dict[tuple[str, int], frozenset[str]] = field(default_factory=dict)
    _versions: dict[str, list[int]] = field(default_factory=dict)

    def of(self, key: str) -> list[str]:
        """Ids of the quizzes of which a version names the file."""
        self.pending, self.dead = [], []
        users = []
        for hold in self.library.rows.holds(key):
            # The newest version first: mostly that one tells.
            if any(key in self._named(hold.quiz_id, n) for n in self._of_quiz(hold.quiz_id)):
                users.append(hold.quiz_id)
            elif hold.at > self.library.clock() - HOLD_MS:
                self.pending.append(hold)
            else:
                self.dead.append(hold)
        return sorted(users)

    def _of_quiz(self, quiz_id: str) -> list[int]:
        if quiz_id not in self._versions:
            stored = self.library.questions.versions(quiz_id)
            self._versions[quiz_id] = sorted((each["version"] for each in stored), reverse=True)
        return self._versions[quiz_id]

    def _named(self, quiz_id: str, version: int) -> frozenset[str]:
        known = self._known.get((quiz_id, version))
        if known is None:
            document = self.library.questions.document(quiz_id, version)
            known = frozenset(keys_of(document) if document else ())
            self._known[quiz_id, version] = known
        return known


def _typed(key: str) -> bool:
    return PurePosixPath(key).suffix in TYPES


def _type_of(key: str) -> str:
    return TYPES[PurePosixPath(key).suffix]


def _users(key: str, users: list[str], quizzes: Admits) -> str:
    """Why a file cannot be removed."""
    if not users:
        return f"a quiz that names {key} is being stored: try again in ten minutes"
    visible = [quiz_id for quiz_id in users if quizzes(quiz_id)]
    named = [f"quiz {quiz_id}" for quiz_id in visible[:_SHOWN]]
    if others := len(users) - len(named):
        named.append(f"{others} {'quiz' if others == 1 else 'quizzes'} more")
    return f"{key} is used by {', '.join(named)}: a stored version names it"
