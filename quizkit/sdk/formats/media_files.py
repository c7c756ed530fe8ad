"""Files that come inside quiz files: what they are, by their first bytes.

The names that archives give are not used: not for paths, and not for types.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from quizkit.core.media import EXTENSIONS, HEAD_BYTES, inspect, refusal


def media_name(stem: str, content: bytes) -> str | None:
    """A name for a picture, sound or film; None for content that the platform does not take."""
    head = content[:HEAD_BYTES]
    found = inspect(head)
    if found is None or refusal(head, len(content), found.content_type) is not None:
        return None
    return stem + EXTENSIONS[found.content_type]


@contextmanager
def unpacked(media: Mapping[str, bytes]) -> Iterator[Path]:
    """A folder with these files, for as long as the `with` block lasts.

    Args:
        media: by names without folders, as `media_name` gives them.
    """
    with TemporaryDirectory(prefix="quizkit-media-") as folder:
        for name, content in media.items():
            (Path(folder) / Path(name).name).write_bytes(content)
        yield Path(folder)
