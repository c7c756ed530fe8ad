"""The text of a quiz file, kept beside the stored quiz so that comments and order survive.

It travels and is stored packed (`core.packing`). What is too long for that is left out with a
warning: the quiz is stored, and exported without its comments.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from quizkit.core.packing import pack, unpack
from quizkit.sdk.documents import QuizSource
from quizkit.sdk.formats.load import LoadedQuiz

#: Bytes of a whole request; the platform takes 1 MiB of a host.
MAX_REQUEST: Final = 1_000_000
TOO_LONG: Final = "the file is too long to be kept with its comments: they will not be exported"


def kept_source(
    loaded: LoadedQuiz, document: Mapping[str, Any]
) -> tuple[dict[str, str] | None, list[str]]:
    """What is sent beside a document so that its comments survive, and warnings.

    Args:
        document: as it is sent.

    Returns:
        `{"format", "packed"}`, or None where the quiz has no text of its own or too much.
    """
    source = loaded.source
    if source is None:
        return None, []
    packed = pack(source["text"])
    if packed is None or len(packed) + len(json.dumps(document)) > MAX_REQUEST:
        return None, [TOO_LONG]
    return {"format": source["format"], "packed": packed}, []


def unpacked_source(stored: Mapping[str, Any] | None) -> QuizSource | None:
    """The text that the platform kept; None where there is none, or none that can be read."""
    packed, form = (stored or {}).get("packed"), (stored or {}).get("format")
    text = unpack(packed) if isinstance(packed, str) else None
    return None if text is None else {"format": str(form), "text": text}
