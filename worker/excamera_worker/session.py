"""One connection to the coordinator, from Hello to its end.

worker       Hello   -- always first, with the journals of all attempts that are held
coordinator  Welcome -- or Quit at once, if there are workers enough
then both, in any order, until the coordinator says Quit or the stream breaks
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING, Final

import grpc

from excamera_proto import mu_pb2
from excamera_proto.patience import within
from excamera_worker.attempts import Attempts
from excamera_worker.journal import Attempt
from excamera_worker.outbox import Outbox
from excamera_worker.rpc import failing

if TYPE_CHECKING:
    from excamera_proto.mu_pb2_grpc import CoordinatorAsyncStub

    Stream = grpc.aio.StreamStreamCall[mu_pb2.FromWorker, mu_pb2.ToWorker]

_log = logging.getLogger(__name__)

HEARTBEAT_SECONDS: Final = 5.0
"""Where the coordinator names no other."""

_REFUSALS: Final = frozenset(
    {
        grpc.StatusCode.UNAUTHENTICATED,
        grpc.StatusCode.PERMISSION_DENIED,
        grpc.StatusCode.FAILED_PRECONDITION,
        grpc.StatusCode.INVALID_ARGUMENT,
        grpc.StatusCode.UNIMPLEMENTED,
    }
)
_BAD_CERTIFICATE: Final = ("CERTIFICATE_VERIFY_FAILED", "Hostname Verification Check failed")
"""What grpc says, with UNAVAILABLE, where the other end is not the coordinator it should be."""


class End(Enum):
    QUIT = auto()  # the coordinator has no more work for this worker
    REFUSED = auto()  # it does not want it, and will not when it asks again
    LOST = auto()  # the connection broke, or never came about


@dataclass(frozen=True, slots=True)
class Ending:
    end: End
    reason: str


class Session:
    """`welcomed` tells of the Welcome; `seconds_left` is asked at each heartbeat."""

    def __init__(
        self,
        attempts: Attempts,
        outbox: Outbox,
        seconds_left: Callable[[], float | None],
        welcomed: Callable[[mu_pb2.Welcome], None],
    ) -> None:
        self._attempts = attempts
        self._outbox = outbox
        self._seconds_left = seconds_left
        self._welcomed = welcomed

    async def hold(
        self, stub: CoordinatorAsyncStub, hello: mu_pb2.Hello, patience: float
    ) -> Ending:
        """Until the connection ends; `patience` (seconds) is for the coordinator's first word."""
        stream = stub.Work()
        try:
            return await failing(self._hold(stream, hello, patience))
        except grpc.aio.AioRpcError as error:
            return _ending(error)
        except TimeoutError:
            return Ending(End.LOST, f"no word from the coordinator within {patience:g} s")
        finally:
            stream.cancel()

    async def _hold(self, stream: Stream, hello: mu_pb2.Hello, patience: float) -> Ending:
        await within(patience, stream.write(mu_pb2.FromWorker(hello=hello)))
        writer = asyncio.ensure_future(self._write(stream))
        pulse: asyncio.Future[None] | None = None
        try:
            message = await within(patience, stream.read())
            while isinstance(message, mu_pb2.ToWorker):
                if message.HasField("quit"):
                    return Ending(End.QUIT, message.quit.reason)
                if message.HasField("welcome") and pulse is None:
                    self._welcomed(message.welcome)
                    pulse = asyncio.ensure_future(self._beat(message.welcome.heartbeat_seconds))
                self._obey(message)
                message = await within(None, stream.read())
            return Ending(End.LOST, "the coordinator ended the connection")
        finally:
            writer.cancel()
            if pulse:
                pulse.cancel()

    def _obey(self, message: mu_pb2.ToWorker) -> None:
        match message.WhichOneof("body"):
            case "call":
                self._attempts.call(message.call)
            case "cancel":
                self._attempts.cancel(message.cancel)
            case "forget":
                self._attempts.forget(Attempt.of(message.forget.attempt))

    async def _write(self, stream: Stream) -> None:
        try:
            while message := await self._outbox.next():
                await within(None, stream.write(message))
            await within(None, stream.done_writing())
        except (grpc.aio.AioRpcError, asyncio.InvalidStateError) as error:
            _log.debug("cannot write, and reading will tell why: %s", error)

    async def _beat(self, seconds: float) -> None:
        while True:
            await asyncio.sleep(seconds if seconds > 0 else HEARTBEAT_SECONDS)
            heartbeat = mu_pb2.Heartbeat(seconds_left=self._seconds_left())
            self._outbox.put(mu_pb2.FromWorker(heartbeat=heartbeat))


def _ending(error: grpc.aio.AioRpcError) -> Ending:
    details = error.details() or "no details"
    impostor = any(sign in details for sign in _BAD_CERTIFICATE)
    refused = impostor or error.code() in _REFUSALS
    reason = f"{error.code().name}: {details}"
    return Ending(End.REFUSED if refused else End.LOST, reason)
