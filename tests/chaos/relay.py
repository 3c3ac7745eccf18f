"""Stands between workers and their coordinator and handles single messages of mu's protocol.

It serves under the coordinator's identity, and dials the coordinator under a worker's. What arrives
on a worker's stream is handed on by `pass_on`, which a fault overrides: once, twice, later, or
behind what came after it. What goes to a worker keeps its order, for gRPC promises it and calls
rely on it: a pipe is made before the program that reads it.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

import grpc

from excamera_proto import channels, mu_pb2_grpc
from excamera_proto.credentials import COORDINATOR, Authority, Identity
from tests.chaos.coordinator import NAME

Write = Callable[[Any], Awaitable[None]]
GREETINGS = ("hello", "welcome", "quit", "goodbye")


class Relay(mu_pb2_grpc.CoordinatorServicer):
    """address: what workers dial. handled: how many messages were not simply handed on."""

    def __init__(self) -> None:
        self.address = ""
        self.handled = 0
        self.on_fault: Callable[[], None] = lambda: None

    @asynccontextmanager
    async def between(self, authority: Authority, coordinator: str) -> AsyncIterator[None]:
        self._credential = authority.issue(Identity.worker(NAME))
        self._coordinator = coordinator
        server, port = channels.server(authority.issue(COORDINATOR), "127.0.0.1:0")
        mu_pb2_grpc.add_CoordinatorServicer_to_server(self, server)
        await server.start()
        self.address = f"127.0.0.1:{port}"
        try:
            yield
        finally:
            await server.stop(0)

    async def pass_on(self, message: Any, write: Write) -> None:
        await write(message)

    async def Work(  # type: ignore[override]
        self, request_iterator: object, context: grpc.aio.ServicerContext[Any, Any]
    ) -> None:
        credential = self._credential
        async with channels.channel(credential, self._coordinator, COORDINATOR) as channel:
            stream = mu_pb2_grpc.CoordinatorStub(channel).Work()
            ways = [
                asyncio.ensure_future(self._way(context.read, stream.write)),
                asyncio.ensure_future(self._way(stream.read, context.write, ordered=True)),
            ]
            try:
                await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for way in ways:
                    way.cancel()
                await asyncio.gather(*ways, return_exceptions=True)
                stream.cancel()

    async def _way(
        self, read: Callable[[], Awaitable[Any]], write: Write, *, ordered: bool = False
    ) -> None:
        lock = asyncio.Lock()

        async def alone(message: Any) -> None:
            with suppress(grpc.aio.BaseError, asyncio.InvalidStateError):
                async with lock:
                    await write(message)

        tasks: set[asyncio.Task[None]] = set()
        try:
            while (message := await read()) is not grpc.aio.EOF:
                if message.WhichOneof("body") in GREETINGS:
                    await alone(message)
                    continue
                if ordered:
                    await self.pass_on(message, alone)
                    continue
                passing = asyncio.ensure_future(self.pass_on(message, alone))
                tasks.add(passing)
                passing.add_done_callback(tasks.discard)
        except grpc.aio.BaseError:
            pass
        finally:
            for task in tasks:
                task.cancel()

    def note(self) -> None:
        self.handled += 1
        self.on_fault()


class Twice(Relay):
    """Every message arrives twice, the second time a little later."""

    async def pass_on(self, message: Any, write: Write) -> None:
        self.note()
        await write(message)
        await asyncio.sleep(0.05)
        await write(message)


class Shuffled(Relay):
    """Every message takes its own time, so that replies overtake each other."""

    def __init__(self) -> None:
        super().__init__()
        self._random = random.Random(5)

    async def pass_on(self, message: Any, write: Write) -> None:
        self.note()
        await asyncio.sleep(self._random.random() * 0.3)
        await write(message)


class LateAndTwice(Shuffled):
    """Both at once."""

    async def pass_on(self, message: Any, write: Write) -> None:
        await asyncio.gather(super().pass_on(message, write), super().pass_on(message, write))
