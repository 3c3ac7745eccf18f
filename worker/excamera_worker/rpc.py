"""A trap of grpc.aio, in one place.

An RPC that the *server* ends with the status CANCELLED raises asyncio.CancelledError at the
client, as if somebody had cancelled the task that waits for it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

import grpc

T = TypeVar("T")


async def failing(rpc: Awaitable[T]) -> T:
    """The same, but the server's CANCELLED is an AioRpcError like every other status."""
    try:
        return await rpc
    except asyncio.CancelledError:
        task = asyncio.current_task()
        if task is None or task.cancelling():
            raise
        raise grpc.aio.AioRpcError(
            grpc.StatusCode.CANCELLED,
            grpc.aio.Metadata(),
            grpc.aio.Metadata(),
            details="the server cancelled the call",
        ) from None
