"""A job's mailboxes at the shards of the rendezvous, as the coordinator sees them.

It releases each chunk's when that is done, and all when the job is. To release is to save memory,
never to be right: a release that fails is logged and forgotten, and the rendezvous's own expiry
sees to the rest.

It also leaves a mark at each shard, and leaves it again every few seconds. By it the shard knows
that somebody looks after the job, whose messages it would forget otherwise; and by it we learn that
a shard has begun anew and lost what was sent through it. The mark tells for which set of shards it
was made: when an operator comes back with more or fewer of them, messages lie elsewhere, and none
is taken for held.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import asynccontextmanager
from types import TracebackType
from typing import Final, Self

import grpc

from excamera_proto import channels
from excamera_proto.credentials import COORDINATOR, RENDEZVOUS, Credential
from excamera_proto.rendezvous_pb2 import DropRequest, Mailbox, PutPart, PutResult
from excamera_proto.rendezvous_pb2_grpc import RendezvousStub
from excamera_proto.shards import shard_of
from mu.observer import Observation, TaskDone

CALL_SECONDS: Final = 10.0
MARK: Final = b"excamera"
MARK_SECONDS: Final = 5.0
"""How often it is left: far below a rendezvous's expiry."""

_log = logging.getLogger(__name__)


class Mailboxes:
    """The mailboxes of one job; an observer of its run. Leaving the context drops them all, unless
    they are to be `kept` for another coordinator that goes on with the job."""

    def __init__(self, job: str, shards: Collection[str], credential: Credential) -> None:
        """shards: `host:port` of each."""
        self.job = job
        mark = f"mark {_digest(' '.join(sorted(shards)).encode())[:16]}"
        self._shards = {one: _Shard(job, one, mark, credential) for one in shards}
        self._calls: set[asyncio.Task[None]] = set()
        self.kept = False

    def observe(self, event: Observation) -> None:
        """A finished chunk reads its messages no more."""
        if isinstance(event, TaskDone):
            shard = self._shards[shard_of(self.job, event.partition, self._shards)]
            call = asyncio.ensure_future(shard.drop(event.task))
            self._calls.add(call)
            call.add_done_callback(self._calls.discard)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for call in self._calls:
            call.cancel()
        if not self.kept:
            await asyncio.gather(*(shard.drop("") for shard in self._shards.values()))
        await asyncio.gather(*(shard.close() for shard in self._shards.values()))

    async def holding(self) -> frozenset[str]:
        """The shards that still have what was sent through them. Leaves marks at all others."""
        return frozenset([one for one, marked in await self._marked() if marked])

    @asynccontextmanager
    async def watched(self, lost: Callable[[str], None], seconds: float) -> AsyncIterator[None]:
        """While it lasts, marks are left again and again. See `watch`."""
        watching = asyncio.ensure_future(self.watch(lost, seconds))
        try:
            yield
        finally:
            watching.cancel()

    async def watch(self, lost: Callable[[str], None], seconds: float) -> None:
        """Asks every so many seconds, for ever, and tells `lost` of each shard that began anew."""
        while True:
            await asyncio.sleep(seconds)
            for address, marked in await self._marked():
                if marked is False:
                    _log.warning("%s has begun anew, and what it held is lost", address)
                    lost(address)

    async def _marked(self) -> list[tuple[str, bool | None]]:
        marked = await asyncio.gather(*(shard.marked() for shard in self._shards.values()))
        return list(zip(self._shards, marked, strict=True))


class _Shard:
    """One shard, and a connection to it."""

    def __init__(self, job: str, address: str, mark: str, credential: Credential) -> None:
        self._job = job
        self._address = address
        self._mark = mark
        self._channel = channels.channel(credential, address, RENDEZVOUS)
        self._stub = RendezvousStub(self._channel)

    async def marked(self) -> bool | None:
        """Whether it remembers an earlier mark; leaves one if not. None if it does not answer."""
        try:
            put = self._stub.Put(_mark(self._job, self._mark), timeout=CALL_SECONDS)
            result: PutResult = await put
        except grpc.aio.AioRpcError as error:
            _log.warning("%s does not answer: %s", self._address, error.details())
            return None
        return result.already_there

    async def drop(self, recipient: str) -> None:
        """Releases the recipient's mailboxes; all of the job's if it is empty."""
        request = DropRequest(job=self._job, recipient=recipient)
        try:
            await self._stub.Drop(request, timeout=CALL_SECONDS)
        except grpc.aio.AioRpcError as error:
            what = recipient or "all mailboxes"
            text = error.details()
            _log.warning("%s: %s not released at %s: %s", self._job, what, self._address, text)

    async def close(self) -> None:
        await self._channel.close()


async def _mark(job: str, name: str) -> AsyncIterator[PutPart]:
    """A message that nobody reads. It is there for as long as the rendezvous remembers the job."""
    yield PutPart(mailbox=Mailbox(job=job, recipient=COORDINATOR.role, name=name), data=MARK)
    yield PutPart(digest=_digest(MARK))


def _digest(data: bytes) -> str:
    return hashlib.blake2b(data, digest_size=32).hexdigest()
