"""Waiting for something to happen at an address, and making it happen.

Between finding that there is nothing yet and waiting there must be no `await`; then no ring is
missed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Hashable


class Bells:
    def __init__(self) -> None:
        self._waiting: dict[Hashable, list[asyncio.Future[None]]] = {}
        self.listeners = 0

    async def wait(self, key: Hashable) -> None:
        """Until somebody rings; raises what the ringer says."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(key, []).append(future)
        self.listeners += 1
        try:
            await future
        finally:
            self.listeners -= 1
            self._forget(key, future)

    def ring(self, key: Hashable, error: Exception | None = None) -> None:
        for future in self._waiting.pop(key, ()):
            if future.done():
                continue  # cancelled, and about to forget itself
            if error is None:
                future.set_result(None)
            else:
                future.set_exception(error)

    def ring_all(self) -> None:
        for key in list(self._waiting):
            self.ring(key)

    def _forget(self, key: Hashable, future: asyncio.Future[None]) -> None:
        remaining = [other for other in self._waiting.get(key, ()) if other is not future]
        if remaining:
            self._waiting[key] = remaining
        else:
            self._waiting.pop(key, None)
