"""A program on a terminal of its own: type to it, read its screen, press Ctrl-C.

A pseudo-terminal from the standard library, wide enough for every screen. Text is read
as it comes, colours and cursor movements taken out, so a test looks for words.
"""

from __future__ import annotations

import fcntl
import os
import re
import select
import signal
import struct
import subprocess
import termios
import time
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Final

import psutil  # type: ignore[import-untyped]

_ESCAPES: Final = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07]*\x07|[@-_])")
PATIENCE: Final = 60.0


def _log_in(terminal: int) -> None:
    """Take the terminal over, as a login does, whatever the tests themselves run under."""
    # A test run in the background of a script has Ctrl-C ignored, and hands that down.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    os.login_tty(terminal)


class Terminal:
    """A command running on a pseudo-terminal of 100 × 40; ended with the `with` block."""

    def __init__(self, command: Sequence[str], env: Mapping[str, str], cwd: str = ".") -> None:
        self._ours, theirs = os.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 100, 0, 0))
        self.settings = termios.tcgetattr(theirs)
        self._theirs = theirs
        self._raw = b""
        self.process = subprocess.Popen(
            command,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            env={**env, "TERM": "xterm-256color"},
            cwd=cwd,
            preexec_fn=lambda: _log_in(theirs),
        )

    def __enter__(self) -> Terminal:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.process.poll() is None:
            self.process.terminate()
        self.finish()
        os.close(self._ours)
        os.close(self._theirs)

    @property
    def raw(self) -> bytes:
        """All that was printed until now, as it came."""
        return self._raw

    @property
    def text(self) -> str:
        """All that was printed until now."""
        return _ESCAPES.sub("", self._raw.decode("utf-8", "replace"))

    def read(self, seconds: float) -> None:
        """Take in what is printed within `seconds`."""
        ready, _, _ = select.select([self._ours], [], [], seconds)
        if ready:
            self._raw += os.read(self._ours, 65_536)

    def wait_for(self, pattern: str) -> re.Match[str]:
        """Read until `pattern` was printed; fails with the screen if it never is."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            found = re.search(pattern, self.text)
            if found:
                return found
            if self.process.poll() is not None:
                self.read(0.2)
                found = re.search(pattern, self.text)
                if found:
                    return found
                break
            self.read(0.2)
        raise AssertionError(f"{pattern!r} was never printed:\n{self.text[-3_000:]}")

    def wait_for_prompt(self, pattern: str) -> None:
        """Read until `pattern` was printed and the program waits for an answer.

        Python looks for signals before it reads from a terminal and after, not in between: a
        Ctrl-C just then goes unnoticed until the next key, which nobody here would press.
        """
        self.wait_for(pattern)
        program = psutil.Process(self.process.pid)
        used, end = None, time.monotonic() + PATIENCE
        while (now := program.cpu_times()) != used or program.status() != psutil.STATUS_SLEEPING:
            assert time.monotonic() < end, "the program never came to rest"
            used = now
            time.sleep(0.3)

    def forget(self) -> None:
        """Look only at what is printed from now on."""
        self._raw = b""

    def type(self, keys: str) -> None:
        """Press keys; `\\x03` is Ctrl-C."""
        os.write(self._ours, keys.encode())

    def finish(self) -> int:
        """Wait for the program's end; returns its exit code."""
        end = time.monotonic() + PATIENCE
        while self.process.poll() is None and time.monotonic() < end:
            self.read(0.1)
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
            raise AssertionError(f"the program did not end:\n{self.text[-3_000:]}")
        self.read(0.05)
        return self.process.returncode

    def as_found(self) -> bool:
        """Whether the terminal's settings are what they were before the program."""
        return termios.tcgetattr(self._theirs) == self.settings
