"""Zip archives from strangers: looked at before anything in them is unpacked.

A zip says how large its files will be. Python's reader never gives more than an entry
declares, so limits on the declared sizes hold whatever the compressed data would grow to.
Nothing is ever written to disk, and names are only compared, so a `../` leads nowhere.
"""

from __future__ import annotations

import zlib
from io import BytesIO
from typing import Final
from zipfile import BadZipFile, ZipFile, ZipInfo

from quizkit.sdk.formats.source import MAX_CONTAINER, Unreadable, problem_at

MAX_ENTRIES: Final = 5_000
MAX_TOTAL: Final = 2 * MAX_CONTAINER
#: Deflate gives 1,032 at most; spreadsheets with thousands of equal rows come to 60.
MAX_RATIO: Final = 200
#: Ratios of small files say nothing.
_SMALL: Final = 100_000

#: What the standard library raises for archives that are not what they say.
_DAMAGED: Final = (BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError)


class Archive:
    """An archive within limits.

    Raises:
        Unreadable: no zip, damaged, encrypted, too many files, or files that would grow
            beyond all measure.
    """

    def __init__(self, content: bytes) -> None:
        if len(content) > MAX_CONTAINER:
            raise _refused(f"the archive has more than {MAX_CONTAINER} bytes")
        try:
            self._zip = ZipFile(BytesIO(content))
        except (*_DAMAGED, IndexError) as exc:
            raise _refused(f"this is not a whole zip archive: {exc}") from exc
        entries = self._zip.infolist()
        if len(entries) > MAX_ENTRIES:
            raise _refused(f"the archive holds {len(entries)} files; at most {MAX_ENTRIES}")
        total = sum(entry.file_size for entry in entries)
        if total > MAX_TOTAL:
            raise _refused(f"the archive would unpack to {total} bytes; at most {MAX_TOTAL}")
        for entry in entries:
            _check(entry)
        self._entries = {entry.filename: entry for entry in entries}

    @property
    def names(self) -> frozenset[str]:
        """The names of all entries."""
        return frozenset(self._entries)

    def size(self, name: str) -> int:
        """The unpacked size of an entry, in bytes."""
        return self._entries[name].file_size

    def read(self, name: str) -> bytes:
        """The content of an entry.

        Raises:
            Unreadable: it is damaged or encrypted.
        """
        try:
            return self._zip.read(self._entries[name])
        except (*_DAMAGED, zlib.error) as exc:
            raise _refused(f"{name!r} in the archive cannot be unpacked: {exc}") from exc


def _check(entry: ZipInfo) -> None:
    if entry.flag_bits & 1:
        raise _refused(f"{entry.filename!r} in the archive is encrypted; save it without password")
    if entry.file_size > _SMALL and entry.file_size > MAX_RATIO * max(entry.compress_size, 1):
        raise _refused(
            f"{entry.filename!r} in the archive grows more than {MAX_RATIO} times on unpacking"
        )


def _refused(message: str) -> Unreadable:
    return Unreadable(problem_at((1, 1), message))
