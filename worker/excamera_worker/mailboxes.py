"""Send and Receive: a client of the rendezvous that outlives the rendezvous.

A Send that breaks off begins again from the start, which the rendezvous allows anyone who has the
same bytes; the digest goes last, and without it there is no message. A Receive that breaks off asks
again and skips what it has delivered already; the digest, over all bytes as they were delivered,
proves at the end that they fit together.

How long the rendezvous may be out of reach is bounded; how long a message may take to come is not,
nor how long it may take to become whole where it is sent.
A connection that was up for a while and then broke is therefore no part of the same outage.

The rendezvous has one or more shards, and each partition of the job's messages its own (shards.py
of excamera_proto). When a restarted coordinator names other shards, what is under way at one that
no longer carries it begins again where it belongs.
"""

from __future__ import annotations

import asyncio
import hashlib
import itertools
from collections.abc import (
    AsyncIterator,
    Awaitable,
    Callable,
    Collection,
    Iterator,
)
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, TypeVar

import grpc

from excamera_proto import channels, rendezvous_pb2
from excamera_proto.identity import RENDEZVOUS
from excamera_proto.mu_pb2 import Failure, Transferred
from excamera_proto.patience import within
from excamera_proto.rendezvous_pb2_grpc import RendezvousStub
from excamera_proto.shards import shard_of
from excamera_proto.tls import Credential
from excamera_worker.backoff import Backoff
from excamera_worker.failures import CommandFailed
from excamera_worker.rpc import failing
from excamera_worker.settings import Settings
from excamera_worker.sinks import Sink
from excamera_worker.sources import Source

if TYPE_CHECKING:
    from excamera_proto.rendezvous_pb2_grpc import RendezvousAsyncStub

    Parts = grpc.aio.UnaryStreamCall[rendezvous_pb2.GetRequest, rendezvous_pb2.GetPart]

T = TypeVar("T")

DIGEST_BYTES: Final = 32

_WORTH_ANOTHER_TRY: Final = frozenset(
    {
        grpc.StatusCode.UNAVAILABLE,
        grpc.StatusCode.CANCELLED,
        grpc.StatusCode.UNKNOWN,
        grpc.StatusCode.INTERNAL,
        grpc.StatusCode.ABORTED,
        grpc.StatusCode.DATA_LOSS,
        grpc.StatusCode.DEADLINE_EXCEEDED,
        grpc.StatusCode.RESOURCE_EXHAUSTED,
    }
)


class Mailboxes:
    """The mailboxes of one job."""

    def __init__(self, job: str, credential: Credential, settings: Settings) -> None:
        self._job = job
        self._credential = credential
        self._settings = settings
        self._shards: tuple[str, ...] = ()
        self._channels: dict[str, grpc.aio.Channel] = {}
        self._under_way: dict[grpc.aio.Call, tuple[str, str]] = {}
        self._closing: set[asyncio.Task[None]] = set()

    def move(self, shards: Collection[str]) -> None:
        """From now on these are the rendezvous's shards, each `host:port`."""
        self._shards = tuple(shards)
        for call, (partition, address) in list(self._under_way.items()):
            if self._address(partition) != address:
                call.cancel()
        for address in self._channels.keys() - self._shards:
            closing = asyncio.ensure_future(self._channels.pop(address).close())
            self._closing.add(closing)
            closing.add_done_callback(self._closing.discard)

    async def send(self, source: Source, partition: str, recipient: str, name: str) -> Transferred:
        mailbox = rendezvous_pb2.Mailbox(job=self._job, recipient=recipient, name=name)
        digest = hashlib.blake2b(digest_size=DIGEST_BYTES)
        tries = itertools.count()

        async def put() -> rendezvous_pb2.PutResult:
            nonlocal digest
            digest = hashlib.blake2b(digest_size=DIGEST_BYTES)
            await source.begun()  # a put that stands still would be broken off
            parts = _parts(source.blocks(), mailbox, digest)
            call = self._stub(partition).Put(parts)
            with self._movable(call, partition):
                return await within(None, call)

        def progress() -> object:
            return next(tries) if source.growing else None

        result = await self._persistently(put, progress)
        return Transferred(bytes=result.bytes, digest=digest.hexdigest())

    async def receive(self, partition: str, recipient: str, name: str, sink: Sink) -> Transferred:
        mailbox = rendezvous_pb2.Mailbox(job=self._job, recipient=recipient, name=name)
        message = _Message(sink)

        async def get() -> str:
            parts = self._stub(partition).Get(rendezvous_pb2.GetRequest(mailbox=mailbox))
            with self._movable(parts, partition):
                await within(None, parts.wait_for_connection())
                with self._noting_how_long_it_held(message):
                    return await message.take(parts)

        digest = await self._persistently(get, lambda: (message.delivered, message.long_tries))
        if digest != message.digest:
            raise CommandFailed(
                Failure.UNREACHABLE,
                f"the message {recipient}/{name} changed while it was read; receive it anew",
            )
        await sink.finish()
        return Transferred(bytes=message.delivered, digest=digest)

    async def close(self) -> None:
        for channel in self._channels.values():
            await channel.close()
        await asyncio.gather(*self._closing)

    async def _persistently(
        self, transfer: Callable[[], Awaitable[T]], progress: Callable[[], object]
    ) -> T:
        """Its result, after as many tries as it takes; patience begins anew with any progress."""
        backoff = Backoff(self._settings.backoff_first, self._settings.backoff_cap)
        loop = asyncio.get_running_loop()
        before, give_up = progress(), None
        while True:
            try:
                return await failing(transfer())
            except grpc.aio.AioRpcError as error:
                if error.code() not in _WORTH_ANOTHER_TRY:
                    raise
                if give_up is None or progress() != before:
                    before, give_up = progress(), loop.time() + self._settings.transfer
                    backoff.reset()
                wait = backoff.next()
                if loop.time() + wait > give_up:
                    raise
                await asyncio.sleep(wait)

    @contextmanager
    def _noting_how_long_it_held(self, message: _Message) -> Iterator[None]:
        """It has answered. One that fails right after that, every time, is still given up."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        try:
            yield
        finally:
            message.long_tries += loop.time() - began > self._settings.backoff_cap

    @contextmanager
    def _movable(self, call: grpc.aio.Call, partition: str) -> Iterator[None]:
        """While it lasts, `move` may break the call off. It is not left running afterwards."""
        self._under_way[call] = partition, self._address(partition)
        try:
            yield
        finally:
            del self._under_way[call]
            call.cancel()

    def _address(self, partition: str) -> str:
        return shard_of(self._job, partition, self._shards)

    def _stub(self, partition: str) -> RendezvousAsyncStub:
        address = self._address(partition)
        if not address:
            raise CommandFailed(Failure.UNREACHABLE, "the coordinator has named no rendezvous")
        if address not in self._channels:
            self._channels[address] = channels.channel(self._credential, address, RENDEZVOUS)
        return RendezvousStub(self._channels[address])


class _Message:
    """A message as far as it has been delivered to its sink, over any number of tries."""

    def __init__(self, sink: Sink) -> None:
        self.delivered = 0
        self.long_tries = 0
        self._sink = sink
        self._digest = hashlib.blake2b(digest_size=DIGEST_BYTES)

    @property
    def digest(self) -> str:
        return self._digest.hexdigest()

    async def take(self, parts: Parts) -> str:
        """Deliver what is new of `parts`, from the message's beginning on; the digest it claims."""
        skip = self.delivered
        claimed = ""
        while isinstance(part := await within(None, parts.read()), rendezvous_pb2.GetPart):
            claimed = part.digest
            fresh = part.data[skip:]
            skip = max(0, skip - len(part.data))
            if fresh:
                await self._sink.write(fresh)
                self._digest.update(fresh)
                self.delivered += len(fresh)
        return claimed


async def _parts(
    blocks: AsyncIterator[bytes], mailbox: rendezvous_pb2.Mailbox, digest: hashlib.blake2b
) -> AsyncIterator[rendezvous_pb2.PutPart]:
    """A message as the parts of a Put, adding its bytes to `digest` on the way."""
    address: rendezvous_pb2.Mailbox | None = mailbox
    async for data in blocks:
        digest.update(data)
        yield rendezvous_pb2.PutPart(mailbox=address, data=data)
        address = None
    yield rendezvous_pb2.PutPart(mailbox=address, digest=digest.hexdigest())
