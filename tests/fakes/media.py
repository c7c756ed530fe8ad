"""The media bucket in memory."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from quizkit.core.media import HEAD_BYTES
from quizkit.lambdas.services.media_check import Upload


@dataclass
class FakeMedia:
    """`media_check.MediaStore`: bytes by key, and (type, bytes) of what is served."""

    uploads: dict[str, bytes] = field(default_factory=dict)
    media: dict[str, tuple[str, bytes]] = field(default_factory=dict)

    def upload(self, key: str, content_type: str, size: int, seconds: int) -> dict[str, Any]:
        fields = {"key": key, "Content-Type": content_type, "size": str(size)}
        return {"url": "https://bucket.example", "fields": fields}

    def look(self, key: str) -> Upload | None:
        data = self.uploads.get(key)
        return None if data is None else Upload(data[:HEAD_BYTES], len(data), repr(hash(data)))

    def serve(self, key: str, upload: Upload, content_type: str) -> bool:
        if self.look(key) != upload:
            return False
        self.media[key] = (content_type, self.uploads[key])
        return True

    def served(self, key: str) -> bool:
        return key in self.media
