"""A client that can be stopped between any two parts."""

import asyncio
import hashlib
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import grpc

from excamera_proto import rendezvous_pb2 as pb
from excamera_proto.rendezvous_pb2_grpc import RendezvousStub


def hexdigest(data: bytes) -> str:
    return hashlib.blake2b(data, digest_size=32).hexdigest()


def mailbox(recipient: str = "7", name: str = "state", job: str = "job-1") -> pb.Mailbox:
    return pb.Mailbox(job=job, recipient=recipient, name=name)


async def until(condition: Callable[[], bool]) -> None:
    """Let the event loop go on until it is so; the time-out of the test is the bound."""
    while not condition():  # noqa: ASYNC110 - what is asked about has no event to wait for
        await asyncio.sleep(0)


class Client:
    def __init__(self, channel: grpc.aio.Channel) -> None:
        self.channel: Any = channel
        self.stub: Any = RendezvousStub(channel)

    async def put(
        self, data: bytes, box: pb.Mailbox | None = None, *, part: int = 1000
    ) -> pb.PutResult:
        sending = self.begin_put(box)
        for start in range(0, len(data), part):
            await sending.send(data[start : start + part])
        return await sending.end(hexdigest(data))

    def begin_put(self, box: pb.Mailbox | None = None) -> "Sending":
        return Sending(self.stub, box or mailbox())

    def begin_get(self, box: pb.Mailbox | None = None) -> "Receiving":
        return Receiving(self.stub, box or mailbox())

    async def get(self, box: pb.Mailbox | None = None) -> bytes:
        """The whole message, whose digest is right."""
        data, digest = await self.begin_get(box).rest_and_digest()
        assert digest == hexdigest(data)
        return data

    async def drop(self, job: str = "job-1", recipient: str = "") -> pb.DropResult:
        request = pb.DropRequest(job=job, recipient=recipient)
        result: pb.DropResult = await self.stub.Drop(request)
        return result


class Sending:
    """A put under way."""

    def __init__(self, stub: Any, box: pb.Mailbox) -> None:
        self.call = stub.Put()
        self._box: pb.Mailbox | None = box

    async def send(self, data: bytes) -> None:
        await self._write(pb.PutPart(mailbox=self._box, data=data))

    async def end(self, digest: str) -> pb.PutResult:
        await self._write(pb.PutPart(mailbox=self._box, digest=digest))
        return await self.result()

    async def result(self) -> pb.PutResult:
        with suppress(grpc.aio.UsageError, grpc.aio.AioRpcError, asyncio.InvalidStateError):
            await self.call.done_writing()
        result: pb.PutResult = await self.call
        return result

    def break_off(self) -> None:
        self.call.cancel()

    async def _write(self, part: pb.PutPart) -> None:
        self._box = None
        # If the put has been refused already, `result` will say why.
        with suppress(grpc.aio.UsageError, grpc.aio.AioRpcError, asyncio.InvalidStateError):
            await self.call.write(part)


class Receiving:
    """A get under way. It is asked for at once, and answers when it is awaited."""

    def __init__(self, stub: Any, box: pb.Mailbox) -> None:
        self.call = stub.Get(pb.GetRequest(mailbox=box))

    async def next(self) -> pb.GetPart:
        """EOFError after the last."""
        part = await self.call.read()
        if not isinstance(part, pb.GetPart):
            raise EOFError
        return part

    async def rest(self) -> bytes:
        """All data that is still to come."""
        return (await self.rest_and_digest())[0]

    async def rest_and_digest(self) -> tuple[bytes, str]:
        pieces: list[bytes] = []
        digest = ""
        while True:
            try:
                part = await self.next()
            except EOFError:
                return b"".join(pieces), digest
            assert not digest, "nothing follows the digest"
            pieces.append(part.data)
            digest = part.digest
