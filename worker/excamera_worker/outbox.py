"""What is on its way to the coordinator over one connection.

Each connection has an outbox of its own. What was in the last one's when it broke is not sent
again: replies are in the journal, which the next Hello hands over, and progress is of the moment.
"""

from __future__ import annotations

import asyncio
from typing import Final

from excamera_proto import mu_pb2

PROGRESS_LIMIT: Final = 200
"""Messages. Above it, lines are dropped rather than kept for a coordinator that does not read."""


class Outbox:
    def __init__(self) -> None:
        self._queue: asyncio.Queue[mu_pb2.FromWorker | None] = asyncio.Queue()

    def put(self, message: mu_pb2.FromWorker) -> None:
        if message.HasField("progress") and self._queue.qsize() >= PROGRESS_LIMIT:
            return
        self._queue.put_nowait(message)

    def end(self, message: mu_pb2.FromWorker) -> None:
        """`message` is the last one."""
        self._queue.put_nowait(message)
        self._queue.put_nowait(None)

    async def next(self) -> mu_pb2.FromWorker | None:
        """The next message; None after the last."""
        return await self._queue.get()
