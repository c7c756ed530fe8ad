"""The text that a quiz was read from, packed to be sent and stored beside the quiz.

Deflated and in base64, so that it passes through JSON. Whoever unpacks does not trust whoever
packed: no more is unpacked than a text may have. Whether two are the same text is told by its
digest, not by what it is packed to, which depends on the packer.
"""

from __future__ import annotations

import binascii
import zlib
from base64 import b64decode, b64encode
from collections.abc import Mapping
from hashlib import sha256
from typing import Final

#: Bytes of a text; as many as a quiz file may have.
MAX_TEXT_BYTES: Final = 2 * 1024 * 1024
#: Characters of a packed text; DynamoDB takes items of 400 KB, and a door of ours 1 MB.
MAX_PACKED: Final = 300_000


def pack(text: str) -> str | None:
    """A text packed; None where it is too long even so, or holds what is not text."""
    try:
        data = text.encode()
    except UnicodeEncodeError:
        return None
    if len(data) > MAX_TEXT_BYTES:
        return None
    packed = b64encode(zlib.compress(data, 9)).decode("ascii")
    return packed if len(packed) <= MAX_PACKED else None


def unpack(packed: str) -> str | None:
    """What was packed; None where it is nothing that `pack` gives."""
    if len(packed) > MAX_PACKED:
        return None
    inflater = zlib.decompressobj()
    try:
        data = inflater.decompress(b64decode(packed, validate=True), MAX_TEXT_BYTES + 1)
        whole = inflater.eof and not inflater.unused_data and len(data) <= MAX_TEXT_BYTES
        return data.decode() if whole else None
    except (binascii.Error, ValueError, zlib.error):
        return None


def source_digest(source: Mapping[str, str] | None) -> str | None:
    """The digest of a text that is kept, 64 hexadecimal digits; None where there is none.

    Args:
        source: `{"format", "packed"}`, `packed` as `pack` gives it.
    """
    text = None if source is None else unpack(source["packed"])
    if source is None or text is None:
        return None
    return sha256(f"{source['format']}\n{text}".encode()).hexdigest()
