"""Small media files made by hand: real headers, bodies where a reader would need one."""

from __future__ import annotations

import struct
import zlib


def png(width: int = 1, height: int = 1, body: bytes | None = None) -> bytes:
    """A PNG that says these dimensions; it holds one grey pixel unless given a body."""
    ihdr = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    data = zlib.compress(b"\x00\x80") if body is None else body
    chunks = ((b"IHDR", ihdr), (b"IDAT", data), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, content) for kind, content in chunks)


def _chunk(kind: bytes, content: bytes) -> bytes:
    check = struct.pack(">I", zlib.crc32(kind + content))
    return struct.pack(">I", len(content)) + kind + content + check


def gif(width: int = 1, height: int = 1) -> bytes:
    """A GIF of one transparent pixel that says these dimensions."""
    return (
        b"GIF89a"
        + struct.pack("<HH", width, height)
        + bytes.fromhex("800000ffffff0000002c00000000010001000002024401003b")
    )


def jpeg(width: int = 1, height: int = 1, *, before: bytes = b"", marker: int = 0xC0) -> bytes:
    """The segments of a JPEG up to its frame, with others before it."""
    jfif = b"\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00"
    frame = bytes([0xFF, marker]) + struct.pack(">HBHHB", 11, 8, height, width, 1) + b"\x01\x11\x00"
    return b"\xff\xd8" + jfif + before + frame + b"\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00\xff\xd9"


def webp(chunk: bytes, data: bytes) -> bytes:
    """A WebP whose first chunk is this one."""
    body = b"WEBP" + chunk + struct.pack("<I", len(data)) + data
    return b"RIFF" + struct.pack("<I", len(body)) + body


def webp_lossy(width: int = 1, height: int = 1) -> bytes:
    """A lossy WebP's header."""
    return webp(b"VP8 ", b"\x00\x00\x00\x9d\x01\x2a" + struct.pack("<HH", width, height) + b"\x00")


def webp_lossless(width: int = 1, height: int = 1) -> bytes:
    """A lossless WebP's header."""
    bits = (width - 1) | (height - 1) << 14
    return webp(b"VP8L", b"\x2f" + struct.pack("<I", bits) + b"\x00" * 8)


def webp_extended(width: int = 1, height: int = 1) -> bytes:
    """An extended WebP's header."""
    sides = b"".join((side - 1).to_bytes(3, "little") for side in (width, height))
    return webp(b"VP8X", b"\x00" * 4 + sides)


def ogg(codec: bytes = b"OpusHead") -> bytes:
    """The first page of an Ogg stream of a codec."""
    return b"OggS\x00\x02" + b"\x00" * 20 + b"\x01\x13" + codec + b"\x00" * 11


def mp4(brand: bytes = b"isom") -> bytes:
    """The first box of an MP4."""
    return struct.pack(">I", 24) + b"ftyp" + brand + b"\x00\x00\x02\x00" + brand + b"mp41"


def webm(document: bytes = b"webm") -> bytes:
    """The EBML header of a WebM, or of another document type of four letters."""
    return bytes.fromhex("1a45dfa39f4286810142f7810142f2810442f381084282") + b"\x84" + document


MP3_TAGGED = b"ID3\x04\x00\x00\x00\x00\x00\x00\xff\xfb\x90\x64"
MP3_BARE = b"\xff\xfb\x90\x64" + b"\x00" * 32

#: One good file of each type.
GOOD = {
    "image/png": png(),
    "image/jpeg": jpeg(),
    "image/gif": gif(),
    "image/webp": webp_lossy(),
    "audio/mpeg": MP3_TAGGED,
    "audio/ogg": ogg(),
    "video/mp4": mp4(),
    "video/webm": webm(),
}

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
HTML = b"<!doctype html><script>alert(1)</script>"
#: A picture to whoever shows pictures, a script to whoever is told that it is one.
POLYGLOT = b"GIF89a" + b"\x2f\x2a\x01\x00" + b"*/=1;alert(document.domain)//" + SVG
