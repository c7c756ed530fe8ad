"""The media bucket in memory."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Any

from quizkit.core.media import HEAD_BYTES, MAX_BYTES
from quizkit.lambdas.services.media_check import Upload
from quizkit.lambdas.services.media_library import Hold, Item

PAGE = 25


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
        if data is None:
            return None
        sha256 = hashlib.sha256(data).hexdigest()
        known = sha256 if len(data) <= MAX_BYTES else ""
        return Upload(data[:HEAD_BYTES], len(data), sha256, known)

    def serve(self, key: str, upload: Upload, content_type: str) -> bool:
        if self.look(key) != upload:
            return False
        self.media[key] = (content_type, self.uploads[key])
        return True

    def served(self, key: str) -> bool:
        return key in self.media

    def remove(self, key: str) -> None:
        self.media.pop(key, None)


@dataclass
class FakeMediaRows:
    """`media_library.MediaRows`."""

    items: dict[str, Item] = field(default_factory=dict)
    held: dict[tuple[str, str], int] = field(default_factory=dict)
    locks: dict[str, tuple[str, int]] = field(default_factory=dict)

    def put(self, item: Item) -> None:
        self.items.setdefault(item.key, item)

    def get(self, key: str) -> Item | None:
        return self.items.get(key)

    def listing(self, cursor: str | None) -> tuple[list[Item], str | None]:
        keys = sorted(key for key in self.items if cursor is None or key > cursor)
        page = [self.items[key] for key in keys[:PAGE]]
        return page, page[-1].key if len(keys) > PAGE else None

    def delete(self, key: str) -> None:
        self.items.pop(key, None)

    def hold(self, keys: list[str], hold: Hold) -> None:
        self.held |= {(key, hold.quiz_id): hold.at for key in keys}

    def holds(self, key: str) -> list[Hold]:
        return [Hold(quiz_id, at) for (held, quiz_id), at in self.held.items() if held == key]

    def drop(self, key: str, hold: Hold) -> None:
        if self.held.get((key, hold.quiz_id)) == hold.at:
            del self.held[key, hold.quiz_id]

    def drop_quiz(self, quiz_id: str) -> None:
        self.held = {pair: at for pair, at in self.held.items() if pair[1] != quiz_id}

    def lock(self, key: str, token: str, now: int, stale: int) -> bool:
        if self.locked(key, stale):
            return False
        self.locks[key] = (token, now)
        return True

    def locked(self, key: str, stale: int) -> bool:
        return key in self.locks and self.locks[key][1] > stale

    def unlock(self, key: str, token: str) -> None:
        if self.locks.get(key, ("", 0))[0] == token:
            del self.locks[key]
