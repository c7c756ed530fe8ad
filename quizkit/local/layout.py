"""The local platform's files: where they are, and the lock that serialises who changes them."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from quizkit.local.errors import LocalError
from quizkit.sdk import home

_LOCK_POLL_S = 0.1


@dataclass(frozen=True, slots=True)
class Layout:
    """Directories of one platform; `state` survives a reset, `data` does not."""

    state: Path
    data: Path

    @classmethod
    def current(cls) -> Layout:
        """The layout below the user's directories, or below QUIZKIT_HOME."""
        return cls(state=home.state_dir() / "local", data=home.data_dir() / "local-data")

    @property
    def record(self) -> Path:
        """The file that tells what runs (`quizkit.local.record`)."""
        return self.state / "platform.json"

    @property
    def logs(self) -> Path:
        """One log file a component, and the functions' own."""
        return self.state / "logs"

    @property
    def scratch(self) -> Path:
        """Temporary files of the components."""
        return self.state / "tmp"

    @property
    def mark(self) -> str:
        """What every process of this platform carries in its environment."""
        return str(self.state)

    def log(self, name: str) -> Path:
        """The log file of the component `name`."""
        return self.logs / f"{name}.log"

    def component_data(self, name: str) -> Path:
        """What the component `name` keeps over a stop."""
        return self.data / name

    def create(self) -> None:
        """Make the directories, private to the user: they hold players' names and answers."""
        for directory in (self.state, self.data, self.logs, self.scratch):
            directory.mkdir(parents=True, exist_ok=True, mode=0o700)


@contextmanager
def exclusive(layout: Layout, *, patience: float = 180.0) -> Iterator[None]:
    """Hold the platform's lock: one start, stop or reset at a time, over processes.

    The operating system lets go of it when the holder dies, however it dies.

    Args:
        patience: seconds to wait for another holder.

    Raises:
        LocalError: somebody else held it all that time.
    """
    import fcntl

    layout.create()
    descriptor = os.open(layout.state / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        deadline = time.monotonic() + patience
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise LocalError(
                        "Another quizkit process is starting or stopping the local platform"
                        f" and has not finished within {patience:.0f} s.",
                        hint="wait for it or end it, then try again",
                    ) from None
                time.sleep(_LOCK_POLL_S)
        yield
    finally:
        os.close(descriptor)


def size_of(directory: Path) -> int:
    """Bytes of all files below `directory`; files that vanish meanwhile count nothing."""
    total = 0
    for folder, _, names in os.walk(directory):
        for name in names:
            try:
                total += Path(folder, name).lstat().st_size
            except FileNotFoundError:
                continue
    return total
