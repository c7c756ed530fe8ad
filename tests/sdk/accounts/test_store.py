"""quizkit.sdk.accounts.store: private files, and the system's keyring."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import traceback
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.backends import fail, null
from keyring.errors import KeyringLocked, PasswordDeleteError

from quizkit.sdk.accounts import Stage
from quizkit.sdk.accounts.store import (
    FileStore,
    KeyringStore,
    Store,
    Stores,
    find_keyring,
    key_of,
    open_store,
    private_folder,
)
from quizkit.sdk.errors import CredentialsError

#: In two parts, so that a traceback that shows this line does not show it.
SECRET = "s3cret"
STAGE = Stage("aws", "prod", "eu-central-1", "https://x.example", "eu-central-1_Ab1", "client")


class MemoryKeyring(KeyringBackend):
    """A system's keyring in memory; `locked` refuses everything."""

    priority = 5.0

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.kept: dict[tuple[str, str], str] = {}
        self.locked = False

    def _open(self) -> None:
        if self.locked:
            raise KeyringLocked(SECRET)

    def get_password(self, service: str, username: str) -> str | None:
        """What is kept."""
        self._open()
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        """Keep it."""
        self._open()
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        """Forget it."""
        self._open()
        if self.kept.pop((service, username), None) is None:
            raise PasswordDeleteError("not found")


@pytest.fixture
def warnings() -> list[str]:
    """What was warned of."""
    return []


@pytest.fixture
def files(tmp_path: Path, warnings: list[str]) -> FileStore:
    """Private files."""
    return FileStore(tmp_path / "state" / "accounts", warnings.append)


@pytest.fixture
def memory() -> Iterator[MemoryKeyring]:
    """The system's keyring, for this test."""
    before = keyring.get_keyring()
    backend = MemoryKeyring()
    keyring.set_keyring(backend)
    yield backend
    keyring.set_keyring(before)


@pytest.fixture(params=["files", "keyring", "both"])
def store(request: pytest.FixtureRequest, files: FileStore, memory: MemoryKeyring) -> Store:
    """Each of them."""
    made: dict[str, Store] = {"files": files, "keyring": KeyringStore(memory)}
    return made.get(request.param) or Stores([made["keyring"], made["files"]])


def test_what_is_kept_comes_back(store: Store) -> None:
    """By its key, replaced, forgotten; forgetting nothing is fine."""
    assert store.load("a") is None
    store.save("a", "one")
    store.save("b", "two")
    store.save("a", "three")
    assert (store.load("a"), store.load("b")) == ("three", "two")
    store.forget("a")
    store.forget("a")
    assert (store.load("a"), store.load("b")) == (None, "two")


def test_an_entry_is_of_one_pool() -> None:
    """The same stage of another account has another key."""
    other = Stage("aws", "prod", "eu-central-1", "https://x.example", "eu-central-1_Zz9", "client")
    local = Stage("local", "prod", "us-east-1", "http://127.0.0.1:1", "eu-central-1_Ab1", "client")
    assert len({key_of(STAGE), key_of(other), key_of(local)}) == 3


# --- files ---------------------------------------------------------------------------------


@pytest.fixture
def open_mask() -> Iterator[None]:
    """A umask that lets everybody do everything."""
    before = os.umask(0)
    yield
    os.umask(before)


def modes(folder: Path) -> dict[str, int]:
    """Names and modes below a folder."""
    return {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}


@pytest.mark.usefixtures("open_mask")
def test_files_are_private(files: FileStore, tmp_path: Path, warnings: list[str]) -> None:
    """0600 in 0700, whatever the umask; nothing else is left beside them."""
    files.save("aws-prod-eu_1", "secret")
    files.save("aws-prod-eu_1", "secret")
    folder = tmp_path / "state" / "accounts"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert modes(folder) == {"aws-prod-eu_1.json": 0o600}
    assert warnings == []


def test_an_open_file_is_closed(files: FileStore, tmp_path: Path, warnings: list[str]) -> None:
    """And somebody hears of it; once."""
    files.save("a", "secret")
    folder = tmp_path / "state" / "accounts"
    (folder / "a.json").chmod(0o644)
    assert files.load("a") == "secret"
    assert modes(folder) == {"a.json": 0o600}
    assert files.load("a") == "secret"
    [warning] = warnings
    assert "a.json" in warning
    assert "logout --everywhere" in warning
    assert "secret" not in warning


def test_an_open_folder_is_closed(files: FileStore, tmp_path: Path, warnings: list[str]) -> None:
    """Before anything is written into it."""
    folder = tmp_path / "state" / "accounts"
    folder.mkdir(parents=True)
    folder.chmod(0o755)
    files.save("a", "secret")
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert len(warnings) == 1


def test_a_link_is_not_followed(files: FileStore, tmp_path: Path) -> None:
    """Neither read through nor written through."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_text("theirs")
    folder = tmp_path / "state" / "accounts"
    folder.mkdir(parents=True, mode=0o700)
    (folder / "a.json").symlink_to(elsewhere)
    with pytest.raises(CredentialsError) as caught:
        files.load("a")
    assert caught.value.hint
    files.save("a", "ours")
    assert (elsewhere.read_text(), files.load("a")) == ("theirs", "ours")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make another's file")
def test_somebody_elses_file_is_refused(files: FileStore, tmp_path: Path) -> None:
    """Whoever owns it could have put anything there."""
    files.save("a", "theirs")
    os.chown(tmp_path / "state" / "accounts" / "a.json", 12_345, -1)
    with pytest.raises(CredentialsError, match="somebody else"):
        files.load("a")


def test_where_nothing_can_be_written(tmp_path: Path) -> None:
    """It is told with the place, and without the secret."""
    (tmp_path / "state").write_text("a file where a folder should be")
    with pytest.raises(CredentialsError, match="state") as caught:
        FileStore(tmp_path / "state" / "accounts", print).save("a", SECRET)
    assert SECRET not in "".join(traceback.format_exception(caught.value))


def test_a_key_names_no_other_place(files: FileStore, tmp_path: Path) -> None:
    """Slashes and dots are characters like others."""
    files.save("../../x", "secret")
    assert files.load("../../x") == "secret"
    assert [path.name for path in tmp_path.rglob("*.json")] == ["______x.json"]


# --- the keyring ---------------------------------------------------------------------------


def test_a_locked_keyring(memory: MemoryKeyring) -> None:
    """Is told with the way out; what it says itself is not repeated."""
    memory.locked = True
    store = KeyringStore(memory)
    for act in (
        partial(store.load, "a"),
        partial(store.save, "a", SECRET),
        partial(store.forget, "a"),
    ):
        with pytest.raises(CredentialsError, match="KeyringLocked") as caught:
            act()
        assert "null.Keyring" in (caught.value.hint or "")
        assert SECRET not in "".join(traceback.format_exception(caught.value))


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user's directories, where QUIZKIT_HOME is not set."""
    monkeypatch.delenv("QUIZKIT_HOME")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "xdg"))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    return tmp_path


def test_a_real_keyring_is_used(elsewhere: Path, memory: MemoryKeyring) -> None:
    """And no file is written; one from before it was there is found, then replaced."""
    files = FileStore(elsewhere / "xdg" / "quizkit" / "accounts", print)
    files.save("a", "before")
    store = open_store(print)
    assert store.load("a") == "before"
    store.save("a", "now")
    assert memory.kept == {("quizkit", "a"): "now"}
    assert store.load("a") == "now"
    assert not list(elsewhere.rglob("*.json"))
    store.forget("a")
    assert memory.kept == {}


@pytest.mark.usefixtures("memory")
@pytest.mark.parametrize("backend", [fail.Keyring, null.Keyring])
def test_no_real_keyring(elsewhere: Path, backend: type[KeyringBackend]) -> None:
    """Where the system has none, or the user wants none, it is a file."""
    keyring.set_keyring(backend())
    open_store(print).save("a", "secret")
    assert [path.name for path in elsewhere.rglob("*.json")] == ["a.json"]


def test_below_quizkit_home(quizkit_home: Path, memory: MemoryKeyring) -> None:
    """Whoever sets it wants everything there: two copies do not share a keyring."""
    open_store(print).save("a", "secret")
    assert memory.kept == {}
    assert (quizkit_home / "state" / "accounts" / "a.json").read_text() == "secret"


def test_without_the_package(quizkit_home: Path, elsewhere: Path) -> None:
    """keyring is optional: an interpreter that cannot import it keeps files."""
    program = (
        "import sys; sys.modules['keyring'] = None; "
        "from quizkit.sdk.accounts.store import open_store; "
        "open_store(print).save('a', 'secret')"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
    assert [path.name for path in elsewhere.rglob("*.json")] == ["a.json"]


def test_the_keyring_that_is_used_can_be_asked_for(
    elsewhere: Path, memory: MemoryKeyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is the one that sign-ins go to; none where they go to files."""
    assert find_keyring() is memory
    assert private_folder() == elsewhere / "xdg" / "quizkit" / "accounts"
    monkeypatch.setenv("QUIZKIT_HOME", str(elsewhere))
    assert find_keyring() is None
    assert private_folder() == elsewhere / "state" / "accounts"
