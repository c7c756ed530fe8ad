"""Media: which types are taken, and what a file's first bytes tell about it.

A name and a declared type are claims; the first bytes are what a browser would go by. So
the content decides: it must begin as one of the types below does and be the type that was
claimed. Markup (HTML, SVG) is no such type. Pictures say their dimensions in their header,
which is read here too: a few bytes can ask a browser for gigabytes of pixels.

Only the beginning is looked at. A picture with a script behind it (a polyglot) passes and is
harmless, because it is served under the type that was checked, with `nosniff`. Dimensions of
videos are not read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

MAX_BYTES: Final = 10 * 1024 * 1024
#: As much of a file as is looked at; pictures of cameras have their dimensions behind a preview.
HEAD_BYTES: Final = 256 * 1024
MAX_PIXELS: Final = 50_000_000
MAX_SIDE: Final = 20_000

#: Content type → extension. Types that a browser shows without running anything in them.
EXTENSIONS: Final[Mapping[str, str]] = {
    "image/png": ".png",
    "image/jpeg": ".jpg",
    "image/gif": ".gif",
    "image/webp": ".webp",
    "audio/mpeg": ".mp3",
    "audio/ogg": ".ogg",
    "video/mp4": ".mp4",
    "video/webm": ".webm",
}
#: Extension → content type, with other spellings.
TYPES: Final[Mapping[str, str]] = {
    **{extension: content_type for content_type, extension in EXTENSIONS.items()},
    ".jpeg": "image/jpeg",
}

_KEY: Final = re.compile(r"media/([a-z0-9]{16,64})(\.[a-z0-9]{3,4})")
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")
_MARKUP: Final = re.compile(rb"(\xef\xbb\xbf)?\s*<")
_JPEG_BARE: Final = frozenset({0x01, *range(0xD0, 0xD8)})
_JPEG_FRAMES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_JPEG_SCAN: Final = 0xDA
_OGG_AUDIO: Final = (b"\x01vorbis", b"OpusHead", b"\x7fFLAC", b"Speex   ")
_MP4_BRANDS: Final = frozenset(
    {b"isom", b"mp41", b"mp42", b"avc1", b"dash", b"M4V ", b"MSNV"}
    | {b"iso" + bytes([digit]) for digit in b"23456789"}
)
_WEBM: Final = re.compile(rb"\x1a\x45\xdf\xa3.{0,60}?\x42\x82.{1,8}?webm", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Found:
    """What a file begins as; `dimensions` (width, height) in pixels, of pictures only."""

    content_type: str
    dimensions: tuple[int, int] | None = None


def is_key(media: str) -> bool:
    """Whether a question's media is the key of an uploaded object."""
    match = _KEY.fullmatch(media)
    return match is not None and match[2] in TYPES


def is_digest(text: str) -> bool:
    """Whether a text is a SHA-256 as we write it: hexadecimal, in lower case."""
    return _DIGEST.fullmatch(text) is not None


def key_of(sha256: str, content_type: str) -> str:
    """The key of an object: its content's name, so that the same file is stored once.

    Args:
        sha256: of the whole content, `is_digest`.
        content_type: a key of EXTENSIONS.
    """
    return f"media/{sha256}{EXTENSIONS[content_type]}"


def digest_of(key: str) -> str | None:
    """The SHA-256 that an object's content must have.

    None for a key that is named for something else, as those of older stages were.
    """
    match = _KEY.fullmatch(key)
    return match[1] if match is not None and is_digest(match[1]) else None


def refusal(head: bytes, size: int, content_type: str) -> str | None:
    """Why a file cannot be a question's media, or None where it can.

    Args:
        head: its first bytes, HEAD_BYTES or all of them.
        size: of the whole file, in bytes.
        content_type: what it is said to be, a key of EXTENSIONS.
    """
    if not 0 < size <= MAX_BYTES:
        return f"it has {size} bytes; media has 1 to {MAX_BYTES}"
    found = inspect(head)
    if found is None:
        known = ", ".join(extension[1:] for extension in EXTENSIONS.values())
        kind = "markup, which can hold scripts" if _MARKUP.match(head) else "none of these"
        return f"its content is {kind}; media is one of: {known}"
    if found.content_type != content_type:
        return f"its content is {found.content_type}, not {content_type}"
    if found.dimensions is None:
        return None
    width, height = found.dimensions
    if not 0 < width <= MAX_SIDE or not 0 < height <= MAX_SIDE or width * height > MAX_PIXELS:
        return (
            f"it is {width} × {height} pixels; a picture has at most {MAX_SIDE} a side"
            f" and {MAX_PIXELS // 1_000_000} million in all"
        )
    return None


def inspect(head: bytes) -> Found | None:
    """What a file with these first bytes is; None for no type of ours, or a broken header."""
    for content_type, dimensions in _PICTURES.items():
        size = dimensions(head)
        if size is not None:
            return Found(content_type, size)
    for content_type, begins in _SOUNDS_AND_VIDEOS.items():
        if begins(head):
            return Found(content_type)
    return None


def _png(head: bytes) -> tuple[int, int] | None:
    if not head.startswith(b"\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR") or len(head) < 24:
        return None
    return int.from_bytes(head[16:20], "big"), int.from_bytes(head[20:24], "big")


def _gif(head: bytes) -> tuple[int, int] | None:
    if not head.startswith((b"GIF87a", b"GIF89a")) or len(head) < 10:
        return None
    return int.from_bytes(head[6:8], "little"), int.from_bytes(head[8:10], "little")


def _jpeg(head: bytes) -> tuple[int, int] | None:
    """Walk the segments up to the one that describes the frame."""
    if not head.startswith(b"\xff\xd8\xff"):
        return None
    at = 2
    while at + 9 <= len(head) and head[at] == 0xFF:
        marker = head[at + 1]
        if marker == 0xFF:  # padding
            at += 1
        elif marker in _JPEG_FRAMES:
            height = int.from_bytes(head[at + 5 : at + 7], "big")
            return int.from_bytes(head[at + 7 : at + 9], "big"), height
        elif marker == _JPEG_SCAN:
            return None
        elif marker in _JPEG_BARE:
            at += 2
        else:
            at += 2 + int.from_bytes(head[at + 2 : at + 4], "big")
    return None


def _webp(head: bytes) -> tuple[int, int] | None:
    if not (head.startswith(b"RIFF") and head[8:12] == b"WEBP") or len(head) < 30:
        return None
    chunk, data = head[12:16], head[20:30]
    if chunk == b"VP8X":
        width, height = (int.from_bytes(data[at : at + 3], "little") + 1 for at in (4, 7))
    elif chunk == b"VP8L" and data[0] == 0x2F:
        bits = int.from_bytes(data[1:5], "little")
        width, height = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    elif chunk == b"VP8 " and data[3:6] == b"\x9d\x01\x2a":
        width, height = (int.from_bytes(data[at : at + 2], "little") & 0x3FFF for at in (6, 8))
    else:
        return None
    return width, height


def _mp3(head: bytes) -> bool:
    """A tag, or the header of an MPEG audio frame of layer III."""
    if head.startswith((b"ID3\x02", b"ID3\x03", b"ID3\x04")):
        return True
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE6 != 0xE2:
        return False
    version, bitrate, rate = head[1] >> 3 & 3, head[2] >> 4, head[2] >> 2 & 3
    return version != 1 and bitrate not in (0, 15) and rate != 3


def _ogg(head: bytes) -> bool:
    """A page of Ogg that begins a codec for sound."""
    if not head.startswith(b"OggS\x00") or len(head) < 28:
        return False
    return head[27 + head[26] :].startswith(_OGG_AUDIO)


def _mp4(head: bytes) -> bool:
    return head[4:8] == b"ftyp" and head[8:12] in _MP4_BRANDS


def _webm(head: bytes) -> bool:
    return _WEBM.match(head) is not None


_PICTURES: Final[Mapping[str, Callable[[bytes], tuple[int, int] | None]]] = {
    "image/png": _png,
    "image/jpeg": _jpeg,
    "image/gif": _gif,
    "image/webp": _webp,
}
_SOUNDS_AND_VIDEOS: Final[Mapping[str, Callable[[bytes], bool]]] = {
    "audio/mpeg": _mp3,
    "audio/ogg": _ogg,
    "video/mp4": _mp4,
    "video/webm": _webm,
}
