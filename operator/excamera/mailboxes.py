"""Releases a job's mailboxes at the rendezvous: each chunk's when it is done, all when the job is.

To release is to save memory, never to be right: a release that fails is logged and forgotten, and
the rendezvous's own expiry sees to the rest.
"""

from __future__ import annotations

import asyncio
import logging
from types import TracebackType
from typing import Self

import grpc

from excamera_proto import channels
from excamera_proto.credentials import RENDEZVOUS, Credential
from excamera_proto.rendezvous_pb2 import DropRequest
from excamera_proto.rendezvous_pb2_grpc import RendezvousStub
from mu.observer import Observation, TaskDone

CALL_SECONDS = 10.0

_log = logging.getLogger(__name__)


class Mailboxes:
    """The mailboxes of one job; an observer of its run. Leaving the context drops them all."""

    def __init__(self, job: str, address: str, credential: Credential) -> None:
        self._job = job
        self._channel = channels.channel(credential, address, RENDEZVOUS)
        self._stub = RendezvousStub(self._channel)
        self._calls: set[asyncio.Task[None]] = set()

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
        await self._drop("")
        await self._channel.close()

    async def _drop(self, recipient: str) -> None:
        request = DropRequest(job=self._job, recipient=recipient)
        try:
            await self._stub.Drop(request, timeout=CALL_SECONDS)
        except grpc.aio.AioRpcError as error:
            what = recipient or "all mailboxes"
            _log.warning("%s: %s not released: %s", self._job, what, error.details())
