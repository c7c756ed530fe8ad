"""What moves on a terminal: drawn again and again until it is left."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self

if TYPE_CHECKING:
    from rich.live import Live

_TICK: Final = 0.2


class Moving:
    """An asynchronous context manager; nothing moves where there is no place for it."""

    #: Where it moves, while it does.
    _live: Any = None
    _ticker: asyncio.Task[None] | None = None

    def _place(self) -> Live | None:
        """Where it is to move, or None."""
        raise NotImplementedError

    def refresh(self) -> None:
        """Draw it as it is now; called again and again."""
        raise NotImplementedError

    async def __aenter__(self) -> Self:
        """Start moving, where it may."""
        self._live = self._place()
        if self._live is not None:
            self._live.start()
            self._ticker = asyncio.create_task(self._tick())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        exc: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Leave the terminal as it was."""
        try:
            if self._ticker is not None:
                self._ticker.cancel()
                with suppress(asyncio.CancelledError):
                    await self._ticker
        finally:
            if self._live is not None:
                self._live.stop()

    async def _tick(self) -> None:
        while True:
            self.refresh()
            await asyncio.sleep(_TICK)
