"""Releases a job's mailboxes at the rendezvous: each chunk's when it is done, all when the job is.

To release is to save memory, never to be right: a release that fails is logged and forgotten, and
the rendezvous's own expiry sees to the rest.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import AsyncIterator, Callable
from types import TracebackType
from typing import Self

import grpc

from excamera_proto import channels
from excamera_proto.credentials import COORDINATOR, RENDEZVOUS, Credential
from excamera_proto.rendezvous_pb2 import DropRequest, Mailbox, PutPart, PutResult
from excamera_proto.rendezvous_pb2_grpc import RendezvousStub
from mu.observer import Observation, TaskDone

CALL_SECONDS = 10.0
MARK = b"excamera"

_log = logging.getLogger(__name__)


class Mailboxes:
    """The mailboxes of one job; an observer of its run. Leaving the context drops them all, unless
    they are to be `kept` for another coordinator that goes on with the job."""

    def __init__(self, job: str, address: str, credential: Credential) -> None:
        self._job = job
        self._channel = channels.channel(credential, address, RENDEZVOUS)
        self._stub = RendezvousStub(self._channel)
        self._calls: set[asyncio.Task[None]] = set()
        self.kept = False

    def observe(self, event: Observation) -> None:
        """A finished chunk reads its messages no more."""
        if isinstance(event, TaskDone):
            call = asyncio.ensure_future(self._drop(event.task))
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
            await self._drop("")
        await self._channel.close()

    async def remembered(self) -> bool | None:
        """Whether the rendezvous remembers this job, which it does from the first question on.

        False after True says that it has forgotten all of the job's messages. None: it does not
        answer.
        """
        try:
            result: PutResult = await self._stub.Put(_mark(self._job), timeout=CALL_SECONDS)
        except grpc.aio.AioRpcError as error:
            _log.warning("the rendezvous does not answer: %s", error.details())
            return None
        return result.already_there

    async def watch(self, forgotten: Callable[[], None], seconds: float) -> None:
        """Asks every so many seconds, for ever, and tells when what was there is forgotten."""
        while True:
            await asyncio.sleep(seconds)
            if await self.remembered() is False:
                _log.warning("the rendezvous has begun anew, and what it held is lost")
                forgotten()

    async def _drop(self, recipient: str) -> None:
        request = DropRequest(job=self._job, recipient=recipient)
        try:
            await self._stub.Drop(request, timeout=CALL_SECONDS)
        except grpc.aio.AioRpcError as error:
            what = recipient or "all mailboxes"
            _log.warning("%s: %s not released: %s", self._job, what, error.details())


async def _mark(job: str) -> AsyncIterator[PutPart]:
    """A message that nobody reads. It is there for as long as the rendezvous remembers the job."""
    digest = hashlib.blake2b(MARK, digest_size=32).hexdigest()
    yield PutPart(mailbox=Mailbox(job=job, recipient=COORDINATOR.role, name="mark"), data=MARK)
    yield PutPart(digest=digest)
