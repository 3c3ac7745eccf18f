"""Waiting for grpc with an end to it.

An operation of grpc.aio that is under way must not be cancelled: core goes on with it, and writes
its result to where it has been told to, which is memory that Python gives back when the coroutine
ends. So whoever loses patience leaves the operation to itself; it ends with its call.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

T = TypeVar("T")


async def within(seconds: float | None, operation: Awaitable[T]) -> T:
    """What a read or write of a call comes to; TimeoutError if that takes longer. With None it may
    take for ever, and may still be given up: whoever is cancelled here stops waiting only."""
    working = asyncio.ensure_future(operation)
    working.add_done_callback(_look_at)
    done, _ = await asyncio.wait({working}, timeout=seconds)
    if not done:
        raise TimeoutError
    return working.result()


def _look_at(ended: asyncio.Future[T]) -> None:
    """Nobody may be waiting for it any more; an error is no surprise then."""
    if not ended.cancelled():
        ended.exception()
