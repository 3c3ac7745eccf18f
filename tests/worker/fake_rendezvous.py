"""A rendezvous in memory, which breaks when a test says so."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import grpc

from excamera_proto import channels, rendezvous_pb2, rendezvous_pb2_grpc
from excamera_proto.credentials import RENDEZVOUS, Authority

PART = 64 * 1024


def digest_of(data: bytes) -> str:
    return hashlib.blake2b(data, digest_size=32).hexdigest()


class FakeRendezvous(rendezvous_pb2_grpc.RendezvousServicer):
    """`breaks` holds the numbers of bytes after which the next transfers end, and with what."""

    def __init__(self) -> None:
        self.address = ""
        self.messages: dict[tuple[str, str, str], bytes] = {}
        self.breaks: list[tuple[int, grpc.StatusCode]] = []
        self.asked = asyncio.Queue[str]()
        self.transfers = 0
        self.changed: bytes | None = None  # what a message becomes when its reading breaks
        self._news = asyncio.Condition()
        self._hung_up = 0

    async def hang_up(self) -> None:
        """On everybody who is waiting."""
        async with self._news:
            self._hung_up += 1
            self._news.notify_all()

    async def put(self, key: tuple[str, str, str], data: bytes) -> None:
        async with self._news:
            self.messages[key] = data
            self._news.notify_all()

    async def Put(self, request_iterator, context):
        self.transfers += 1
        left, code = self.breaks.pop(0) if self.breaks else (None, grpc.StatusCode.OK)
        data, digest, key = b"", "", None
        async for part in request_iterator:
            key = key or (part.mailbox.job, part.mailbox.recipient, part.mailbox.name)
            data, digest = data + part.data, part.digest
            if left is not None and len(data) >= left:
                await context.abort(code, "broken off")
        assert key
        assert digest == digest_of(data)
        if self.messages.get(key, data) != data:
            await context.abort(grpc.StatusCode.ALREADY_EXISTS, "other bytes are there")
        already_there = key in self.messages
        await self.put(key, data)
        return rendezvous_pb2.PutResult(bytes=len(data), already_there=already_there)

    async def Get(self, request, context):
        self.transfers += 1
        left, code = self.breaks.pop(0) if self.breaks else (None, grpc.StatusCode.OK)
        key = (request.mailbox.job, request.mailbox.recipient, request.mailbox.name)
        await context.send_initial_metadata(())
        self.asked.put_nowait(request.mailbox.name)
        before = self._hung_up
        async with self._news:
            await self._news.wait_for(lambda: key in self.messages or self._hung_up > before)
        if key not in self.messages:
            await context.abort(grpc.StatusCode.UNAVAILABLE, "hung up")
        data = self.messages[key]
        for start in range(0, len(data), PART):
            if left is not None and start >= left:
                self.messages[key] = self.changed or data
                await context.abort(code, "broken off")
            yield rendezvous_pb2.GetPart(data=data[start : start + PART])
        yield rendezvous_pb2.GetPart(digest=digest_of(data))

    async def Drop(self, request, context):
        return rendezvous_pb2.DropResult()


@asynccontextmanager
async def meeting(
    authority: Authority, address: str = "127.0.0.1:0"
) -> AsyncIterator[FakeRendezvous]:
    rendezvous = FakeRendezvous()
    server, port = channels.server(authority.issue(RENDEZVOUS), address)
    rendezvous_pb2_grpc.add_RendezvousServicer_to_server(rendezvous, server)
    await server.start()
    rendezvous.address = f"127.0.0.1:{port}"
    try:
        yield rendezvous
    finally:
        await server.stop(None)
