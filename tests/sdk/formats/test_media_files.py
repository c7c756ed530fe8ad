"""Files that come inside of quiz files."""

from __future__ import annotations

import pytest

from quizkit.sdk.formats.media_files import media_name, unpacked

PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR\x00\x00\x00\x01\x00\x00\x00\x01"


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (PNG, "q1.png"),
        (b"GIF89a\x01\x00\x01\x00", "q1.gif"),
        (b"ID3\x03", "q1.mp3"),
        (b"\x00\x00\x00\x20ftypisom", "q1.mp4"),
        (PNG[:16] + b"\x7f\xff\xff\xff" * 2, None),
        (PNG + b"\0" * 10 * 1024 * 1024, None),
        (b"<svg onload='x'>", None),
        (b"MZ", None),
        (b"", None),
    ],
)
def test_types_by_their_first_bytes(content: bytes, name: str | None) -> None:
    """What a file says it is called is not asked; what the platform refuses is none."""
    assert media_name("q1", content) == name


def test_a_folder_for_a_while() -> None:
    """Files lie in a folder of their own, whatever their names, and then no more."""
    with unpacked({"q1.png": b"1", "../../q2.png": b"2"}) as folder:
        assert sorted(path.name for path in folder.iterdir()) == ["q1.png", "q2.png"]
        assert (folder / "q2.png").read_bytes() == b"2"
    assert not folder.exists()
