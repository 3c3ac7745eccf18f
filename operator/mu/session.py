"""One worker's stream, from its Hello to its end.

Writing goes through an outbox and a task of its own, so that a worker that does not read holds up
nobody else; if too much piles up, its stream is given up and it may come back.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any, Protocol

import grpc
from google.protobuf.message import DecodeError

from excamera_proto import mu_pb2 as pb
from excamera_proto.patience import within
from mu.settings import OUTBOX_LIMIT

Handler = Callable[[pb.FromWorker], None]
EOF: Any = grpc.aio.EOF

_log = logging.getLogger(__name__)


class Refused(Exception):
    """A stream that is not let in, with the status that says whether to try again."""

    def __init__(self, code: grpc.StatusCode, message: str) -> None:
        super().__init__(message)
        self.code = code


class Stream(Protocol):
    """What a session needs of a servicer's context."""

    async def read(self) -> Any: ...

    async def write(self, message: pb.ToWorker) -> None: ...


class Session:
    """`closed` tells why the stream ended, once it has."""

    def __init__(self, hello: pb.Hello, stream: Stream) -> None:
        self.worker = hello.worker
        self.hello = hello
        self.closed: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._stream = stream
        self._outbox: asyncio.Queue[pb.ToWorker | None] = asyncio.Queue()

    def introduced(self) -> None:
        """Its Hello has been taken in and is not kept: it may be large, and the stream lasts."""
        self.hello = pb.Hello()

    def send(self, message: pb.ToWorker) -> None:
        """Puts the message into the outbox. Never waits."""
        if self._outbox.qsize() > OUTBOX_LIMIT:
            self.abandon("it does not read what it is sent")
        elif not self.closed.done():
            self._outbox.put_nowait(message)

    def close(self) -> None:
        """Ends the stream once all that was sent has been taken."""
        self._outbox.put_nowait(None)

    def abandon(self, reason: str) -> None:
        """Ends the stream now."""
        if not self.closed.done():
            self.closed.set_result(reason)

    async def hold(self, handle: Handler, silence_seconds: float) -> None:
        """Serves the stream until it ends; `closed` then tells why it did."""
        reading = asyncio.ensure_future(self._read(handle, silence_seconds))
        writing = asyncio.ensure_future(self._write())
        parts: set[asyncio.Future[str]] = {reading, writing, self.closed}
        try:
            await asyncio.wait(parts, return_when=asyncio.FIRST_COMPLETED)
        finally:
            ended = [task.result() for task in (reading, writing) if _returned(task)]
            self.abandon(ended[0] if ended else "it broke off")
            reading.cancel()
            writing.cancel()
            for end in await asyncio.gather(reading, writing, return_exceptions=True):
                if isinstance(end, Exception):
                    _log.error("%s: its stream cannot be served", self.worker, exc_info=end)

    async def _read(self, handle: Handler, silence_seconds: float) -> str:
        while True:
            try:
                message = await within(silence_seconds, self._stream.read())
            except DecodeError:
                return "it sends what is no message"
            except TimeoutError:
                return "its heartbeats are missing"
            except grpc.aio.BaseError as error:
                _log.debug("%s: reading broke off: %r", self.worker, error)
                return "it broke off"
            if message is EOF:
                return "the worker ended it"
            handle(message)

    async def _write(self) -> str:
        while (message := await self._outbox.get()) is not None:
            try:
                await within(None, self._stream.write(message))
            except (grpc.aio.BaseError, grpc.RpcError, asyncio.InvalidStateError) as error:
                _log.debug("%s: writing broke off: %r", self.worker, error)
                return "it broke off"
        return "the coordinator ended it"


def _returned(task: asyncio.Future[str]) -> bool:
    return task.done() and not task.cancelled() and task.exception() is None
