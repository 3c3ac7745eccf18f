"""Put, Get and Drop over gRPC.

Messages come and go as raw bytes: what is only passed on is never decoded (wire.py). A slow reader
holds one part, because a write waits until the transport has taken it; a fast writer is not read
from while memory and disk are full, and gRPC's flow control does the rest. Neither may stand still
for longer than `stall`: who waits for a message that is yet to come is no such reader, and who
waits for room no such writer.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable
from typing import Any, Final, TypeVar

import grpc
from prometheus_client import Counter

from excamera_proto.patience import within
from excamera_rendezvous import wire
from excamera_rendezvous.address import Address
from excamera_rendezvous.authorise import Action, Gate
from excamera_rendezvous.errors import Conflict, Malformed, RendezvousError, Stalled
from excamera_rendezvous.incoming import Incoming
from excamera_rendezvous.mailbox import End
from excamera_rendezvous.message import Reader
from excamera_rendezvous.metrics import Metrics
from excamera_rendezvous.status import code_of
from excamera_rendezvous.storage import Storage

log = logging.getLogger(__name__)

T = TypeVar("T")
Context = grpc.aio.ServicerContext[Any, Any]

NAME: Final = "excamera.rendezvous.v1.Rendezvous"


class RendezvousService:
    """The handlers. `stall` is in seconds, as is `clock`, which does not go back.

    `instance` names this life of the rendezvous, so that a sender's coordinator can tell whether a
    message may still be here.
    """

    def __init__(
        self,
        storage: Storage,
        metrics: Metrics,
        gate: Gate,
        stall: float,
        clock: Callable[[], float],
    ) -> None:
        self._storage = storage
        self._boxes = storage.boxes
        self._metrics = metrics
        self._gate = gate
        self._stall = stall
        self._clock = clock
        self.instance = secrets.token_hex(8)
        self._active = 0
        self._idle = asyncio.Event()
        self._idle.set()

    async def idle(self) -> None:
        """Until nothing is under way."""
        await self._idle.wait()

    def handler(self) -> grpc.GenericRpcHandler:
        return grpc.method_handlers_generic_handler(
            NAME,
            {
                # All are read as streams. grpc would wait for a single request for ever.
                "Put": grpc.stream_unary_rpc_method_handler(self.put),
                "Get": grpc.stream_stream_rpc_method_handler(self.get),
                "Drop": grpc.stream_unary_rpc_method_handler(self.drop),
            },
        )

    async def put(self, parts: object, context: Context) -> bytes:
        return await self._answer(context, self._metrics.puts, self._put(context))

    async def get(self, parts: object, context: Context) -> None:
        await self._answer(context, self._metrics.gets, self._get(context))

    async def drop(self, parts: object, context: Context) -> bytes:
        return await self._answer(context, self._metrics.drops, self._drop(context))

    async def _put(self, context: Context) -> tuple[str, bytes]:
        def admit(address: Address) -> None:
            self._gate.check(context, address.job, Action.EXCHANGE)

        incoming = Incoming(self._storage, self._clock, admit)
        try:
            while (raw := await self._next_part(context)) is not None:
                self._metrics.received.inc(len(raw))
                await incoming.take(wire.read_put(raw))
            stored = await incoming.finish()
        finally:
            incoming.close()
        result = "already_there" if stored.already_there else "stored"
        return result, wire.put_result(stored, self.instance)

    async def _get(self, context: Context) -> tuple[str, None]:
        address = wire.read_get(await self._request(context))
        self._gate.check(context, address.job, Action.EXCHANGE)
        reader = self._boxes.open_reader(address, self._clock())
        try:
            await context.send_initial_metadata(())  # so that it is known who waits, and who dials
            await self._deliver(reader, context)
        finally:
            self._boxes.close_reader(reader, self._clock())
        return "delivered", None

    async def _deliver(self, reader: Reader, context: Context) -> None:
        while not isinstance(found := await self._storage.next(reader), End):
            await self._pass_on(found, context)
            self._metrics.sent.inc(len(found))
        await self._pass_on(wire.get_end(found.digest), context)

    async def _pass_on(self, part: bytes, context: Context) -> None:
        """A reader that wakes up again hears why it was given up, after the rest of the part."""
        try:
            await within(self._stall, context.write(part))
        except TimeoutError:
            raise Stalled(f"nothing was read for {self._stall:g} s; get it again") from None

    async def _drop(self, context: Context) -> tuple[str, bytes]:
        job, recipient = wire.read_drop(await self._request(context))
        self._gate.check(context, job, Action.DROP)
        if recipient:
            removed = self._boxes.release(job, recipient, self._clock())
        else:
            removed = self._boxes.drop(job, self._clock())
        self._storage.discard(removed)
        count = len(removed.messages)
        self._metrics.dropped.inc(count)
        if not recipient:
            log.info("dropped job %s: %d mailboxes, %d bytes", job, count, removed.size)
        return "done", wire.drop_result(removed)

    async def _request(self, context: Context) -> bytes:
        """The one message of a call that has only one."""
        raw = await self._next_part(context)
        if raw is None:
            raise Malformed("the call ended before its request")
        return raw

    async def _next_part(self, context: Context) -> bytes | None:
        try:
            raw = await within(self._stall, context.read())
        except TimeoutError:
            raise Stalled(f"nothing came for {self._stall:g} s; begin again") from None
        return raw if isinstance(raw, bytes) else None

    async def _answer(
        self, context: Context, results: Counter, work: Awaitable[tuple[str, T]]
    ) -> T:
        result = "broken_off"
        self._enter()
        try:
            result, answer = await work
            return answer
        except RendezvousError as error:
            result = "conflict" if isinstance(error, Conflict) else "refused"
            log.info("refused %s: %s", context.peer(), error)
            await context.abort(code_of(error), str(error))
        except grpc.aio.InternalError as error:  # a write to somebody who has left
            raise asyncio.CancelledError from error
        finally:
            results.labels(result).inc()
            self._leave()

    def _enter(self) -> None:
        self._active += 1
        self._idle.clear()

    def _leave(self) -> None:
        self._active -= 1
        if self._active == 0:
            self._idle.set()
