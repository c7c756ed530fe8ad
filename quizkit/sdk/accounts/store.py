"""Where sign-ins are kept: the system's keyring, else private files.

The keyring is used where the package `keyring` is installed and has a real backend, and
only where QUIZKIT_HOME is unset: whoever sets that wants everything below it. One entry a
target, stage and user pool, so that a token never leaves for another pool's stage.

Files are made with mode 0600 in a directory of mode 0700, whole or not at all. One that
others can read is closed again, with a warning; one that belongs to somebody else is
refused.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol
from uuid import uuid4

from quizkit.sdk import home
from quizkit.sdk.errors import CredentialsError

if TYPE_CHECKING:
    from quizkit.sdk.accounts.stages import Stage

Warn = Callable[[str], None]

_SERVICE: Final = "quizkit"
_PRIVATE_FILE: Final = 0o600
_PRIVATE_FOLDER: Final = 0o700
#: What keyring's own chooser takes for a backend that keeps secrets.
_REAL: Final = 1
_NO_KEYRING: Final = "PYTHON_KEYRING_BACKEND=keyring.backends.null.Keyring keeps them in files"


class Store(Protocol):
    """Keeps secret texts by key; all methods raise CredentialsError where it cannot work."""

    def load(self, key: str) -> str | None:
        """The text, or None."""

    def save(self, key: str, text: str) -> None:
        """Keep it in place of what was there."""

    def forget(self, key: str) -> None:
        """Have nothing there."""


def key_of(stage: Stage) -> str:
    """Under which a sign-in to this stage is kept."""
    return f"{stage.target}-{stage.name}-{stage.pool_id}"


def open_store(warn: Warn) -> Store:
    """The places of this machine, the safest first."""
    stores: list[Store] = [FileStore(private_folder(), warn)]
    keyring = find_keyring()
    if keyring is not None:
        stores.insert(0, KeyringStore(keyring))
    return Stores(stores)


def private_folder() -> Path:
    """Where the private files are."""
    return home.state_dir() / "accounts"


def find_keyring() -> Any | None:
    """The backend of the system's keyring; None where sign-ins go to files."""
    return None if os.environ.get("QUIZKIT_HOME") else _keyring()


class Stores:
    """Several places: what is kept goes to the first and is forgotten by the others."""

    def __init__(self, stores: Sequence[Store]) -> None:
        self._stores = stores

    def load(self, key: str) -> str | None:
        """From the first that has it."""
        found = (store.load(key) for store in self._stores)
        return next((text for text in found if text is not None), None)

    def save(self, key: str, text: str) -> None:
        """In the first."""
        first, *others = self._stores
        first.save(key, text)
        for store in others:
            store.forget(key)

    def forget(self, key: str) -> None:
        """Everywhere."""
        for store in self._stores:
            store.forget(key)


class FileStore:
    """One private file a key."""

    def __init__(self, folder: Path, warn: Warn) -> None:
        self._folder = folder
        self._warn = warn

    def load(self, key: str) -> str | None:
        """The text, or None; closes a file that others could read."""
        try:
            number = os.open(self._file(key), os.O_RDONLY | os.O_NOFOLLOW)
        except FileNotFoundError:
            return None
        except OSError as exc:
            raise self._refused(key, str(exc)) from exc
        with os.fdopen(number, encoding="utf-8", errors="replace") as file:
            about = os.fstat(file.fileno())
            if not stat.S_ISREG(about.st_mode) or about.st_uid != os.geteuid():
                raise self._refused(key, "it belongs to somebody else")
            if about.st_mode & 0o077:
                os.fchmod(file.fileno(), _PRIVATE_FILE)
                self._warn(
                    f"{self._file(key)} could be read by others; it is closed now. If that "
                    "was not you, run: quizkit logout --everywhere"
                )
            return file.read()

    def save(self, key: str, text: str) -> None:
        """Write the whole file beside the old one, then put it in its place."""
        file = self._file(key)
        try:
            self._close_folder()
            new = file.with_name(f"{file.name}.{uuid4().hex}")
            number = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _PRIVATE_FILE)
            try:
                with os.fdopen(number, "w", encoding="utf-8") as out:
                    out.write(text)
                new.replace(file)
            except BaseException:
                new.unlink(missing_ok=True)
                raise
        except OSError as exc:
            raise self._refused(key, str(exc)) from exc

    def forget(self, key: str) -> None:
        """Remove the file."""
        try:
            self._file(key).unlink(missing_ok=True)
        except OSError as exc:
            raise self._refused(key, str(exc)) from exc

    def _close_folder(self) -> None:
        self._folder.mkdir(parents=True, exist_ok=True, mode=_PRIVATE_FOLDER)
        if stat.S_IMODE(self._folder.stat().st_mode) & 0o077:
            self._folder.chmod(_PRIVATE_FOLDER)
            self._warn(f"{self._folder} was open to others; it is closed now")

    def _file(self, key: str) -> Path:
        return self._folder / f"{re.sub(r'[^A-Za-z0-9_-]', '_', key)}.json"

    def _refused(self, key: str, why: str) -> CredentialsError:
        return CredentialsError(
            f"The sign-in cannot be kept in {self._file(key)}: {why}.",
            hint="mend or remove the file, then sign in again",
        )


class KeyringStore:
    """The system's keyring."""

    def __init__(self, keyring: Any) -> None:
        self._keyring = keyring

    def load(self, key: str) -> str | None:
        """The text, or None."""
        found: str | None = self._asked(self._keyring.get_password, key)
        return found

    def save(self, key: str, text: str) -> None:
        """Replace what is there."""
        self._asked(self._keyring.set_password, key, text)

    def forget(self, key: str) -> None:
        """Remove it; nothing happens where there is none."""
        from keyring.errors import PasswordDeleteError

        with suppress(PasswordDeleteError):
            self._asked(self._keyring.delete_password, key)

    def _asked(self, call: Callable[..., Any], *arguments: str) -> Any:
        from keyring.errors import KeyringError, PasswordDeleteError

        try:
            return call(_SERVICE, *arguments)
        except PasswordDeleteError:
            raise
        except KeyringError as exc:
            # The chain is cut: a backend's error may hold what it was given.
            raise CredentialsError(
                f"The system's keyring refuses: {type(exc).__name__}.",
                hint=f"unlock it and try again; {_NO_KEYRING}",
            ) from None


def _keyring() -> Any | None:
    """The backend that the system offers; None where there is no real one."""
    try:
        import keyring
    except ImportError:
        return None
    backend = keyring.get_keyring()
    return backend if getattr(backend, "priority", 0) >= _REAL else None
