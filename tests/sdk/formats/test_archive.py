"""Archives from strangers."""

from __future__ import annotations

import random
import zlib
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

import pytest

from quizkit.sdk.formats import archive as limits
from quizkit.sdk.formats.archive import Archive
from quizkit.sdk.formats.source import Unreadable
from tests.sdk.formats.workbooks import zipped


def test_entries_are_read_by_name() -> None:
    """Names, sizes and contents; a path that leads out is a name like any other."""
    made = Archive(zipped({"a.xml": "<a/>", "../../etc/passwd": "x"}))
    assert made.names == {"a.xml", "../../etc/passwd"}
    assert made.read("a.xml") == b"<a/>"
    assert made.size("a.xml") == 4


def test_a_bomb_is_refused_unopened() -> None:
    """A file that would grow a thousandfold is refused by what it says of itself."""
    with pytest.raises(Unreadable, match="grows more than 200 times"):
        Archive(zipped({"bomb.xml": b"0" * 10_000_000}))


def test_many_small_bombs() -> None:
    """Files that are harmless one by one are refused for what they come to."""
    noise = random.Random(1).randbytes(40_000)
    content = zipped({f"{n}.bin": noise + b"0" * 3_000_000 for n in range(24)})
    assert len(content) < 2_000_000
    with pytest.raises(Unreadable, match="would unpack to 72960000 bytes"):
        Archive(content)


def test_too_many_files() -> None:
    """An archive of thousands of empty files is refused."""
    with pytest.raises(Unreadable, match=f"at most {limits.MAX_ENTRIES}"):
        Archive(zipped({f"{n}": "" for n in range(limits.MAX_ENTRIES + 1)}))


def test_an_archive_that_lies_about_its_size() -> None:
    """More data than declared is never given: the entry is damaged."""
    content = bytearray(zipped({"a.xml": b"0" * 100_000}))
    declared = (100_000).to_bytes(4, "little")
    for start in (content.index(declared), content.rindex(declared)):
        content[start : start + 4] = (10).to_bytes(4, "little")
    with pytest.raises(Unreadable, match="cannot be unpacked"):
        Archive(bytes(content)).read("a.xml")


def test_an_encrypted_archive() -> None:
    """A password-protected file is refused, with the fix."""
    content = bytearray(zipped({"a.xml": "<a/>"}))
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(signature) + offset] |= 1
    with pytest.raises(Unreadable, match="without password"):
        Archive(bytes(content))


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"no zip at all"])
def test_what_is_no_archive(content: bytes) -> None:
    """Anything else is refused."""
    with pytest.raises(Unreadable, match="not a whole zip archive"):
        Archive(content)


def test_damaged_data() -> None:
    """A damaged entry is told by its name."""
    stream = BytesIO()
    with ZipFile(stream, "w", ZIP_DEFLATED) as made:
        made.writestr("a.xml", random.Random(2).randbytes(2_000))
    content = bytearray(stream.getvalue())
    content[100] ^= 0xFF
    with pytest.raises(Unreadable, match=r"'a\.xml' in the archive"):
        Archive(bytes(content)).read("a.xml")
    assert issubclass(zlib.error, Exception)
