"""Seats kept on this machine, so that `play` typed again returns to the same place.

The platform lets nobody take a nickname twice, and knows who returns by the resume token
alone. One small private file a seat, named after stage, PIN and nickname; it goes when the
session is finished, and a day later in any case.
"""

from __future__ import annotations

import hashlib
import json
import time
from contextlib import suppress
from pathlib import Path
from typing import Final

from quizkit.sdk import home

_KEPT_SECONDS: Final = 86_400


def recall(http_url: str, pin: str, nickname: str) -> str | None:
    """The resume token of a seat taken here before, or None."""
    try:
        document = json.loads(_file(http_url, pin, nickname).read_text("utf-8"))
        token = document["resume_token"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return token if isinstance(token, str) else None


def keep(http_url: str, pin: str, nickname: str, resume_token: str) -> None:
    """Remember a seat; a disk that cannot be written costs returning, not playing."""
    file = _file(http_url, pin, nickname)
    with suppress(OSError):
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        _prune(file.parent)
        file.touch(mode=0o600)
        file.write_text(json.dumps({"resume_token": resume_token}), "utf-8")


def forget(http_url: str, pin: str, nickname: str) -> None:
    """The seat is of no more use."""
    with suppress(OSError):
        _file(http_url, pin, nickname).unlink(missing_ok=True)


def _file(http_url: str, pin: str, nickname: str) -> Path:
    name = "\0".join((http_url, "".join(pin.split()), " ".join(nickname.split()).casefold()))
    return home.state_dir() / "seats" / f"{hashlib.sha256(name.encode()).hexdigest()[:32]}.json"


def _prune(folder: Path) -> None:
    limit = time.time() - _KEPT_SECONDS
    for file in folder.glob("*.json"):
        if file.stat().st_mtime < limit:
            file.unlink(missing_ok=True)
