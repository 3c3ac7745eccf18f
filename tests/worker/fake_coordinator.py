"""A coordinator whose every word is written by a test."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Any

import grpc

from excamera_proto import channels, mu_pb2, mu_pb2_grpc
from excamera_proto.credentials import COORDINATOR, Authority, Credential, peer_identity

ATTEMPT = mu_pb2.Attempt(task="chunk 3", number=1)


class Connection:
    """One worker's stream, after its Hello."""

    def __init__(self, hello: mu_pb2.Hello, context: Any) -> None:
        self.hello = hello
        self.identity = peer_identity(context)
        self.progress: list[str] = []
        self.goodbye: asyncio.Queue[mu_pb2.Goodbye] = asyncio.Queue()
        self.heartbeats: asyncio.Queue[mu_pb2.Heartbeat] = asyncio.Queue()
        self.ended = asyncio.Event()
        self.abort_with: grpc.StatusCode | None = None
        self._context = context
        self._replies: asyncio.Queue[mu_pb2.Reply] = asyncio.Queue()
        self._lines: asyncio.Queue[str] = asyncio.Queue()
        self._next_id = 1

    async def welcome(self, *rendezvous: str, heartbeat: float = 60.0) -> Connection:
        await self.send(
            welcome=mu_pb2.Welcome(number=1, heartbeat_seconds=heartbeat, rendezvous=rendezvous)
        )
        return self

    async def send(self, **body: Any) -> None:
        await self._context.write(mu_pb2.ToWorker(**body))

    async def call(
        self,
        *,
        attempt: mu_pb2.Attempt = ATTEMPT,
        id: int | None = None,
        grants: Iterable[mu_pb2.Grant] = (),
        **command: Any,
    ) -> int:
        """Send a call (`echo=mu_pb2.Echo(…)`); its id."""
        number = id if id is not None else self._next_id
        self._next_id = max(self._next_id, number + 1)
        await self.send(
            call=mu_pb2.Call(
                attempt=attempt, id=number, command=mu_pb2.Command(**command), grants=grants
            )
        )
        return number

    async def reply(self) -> mu_pb2.Reply:
        return await self._replies.get()

    async def ask(self, **command: Any) -> mu_pb2.Reply:
        """The reply to a call, where no other call is running."""
        number = await self.call(**command)
        reply = await self.reply()
        assert reply.id == number
        return reply

    async def line(self, wanted: str = "") -> str:
        """The next line of progress that holds `wanted`."""
        while wanted not in (line := await self._lines.get()):
            pass
        return line

    def drop(self, code: grpc.StatusCode | None = None) -> None:
        """End the stream, well or with a status."""
        self.abort_with = code
        self.ended.set()

    async def pump(self) -> None:
        while isinstance(message := await self._context.read(), mu_pb2.FromWorker):
            match message.WhichOneof("body"):
                case "reply":
                    self._replies.put_nowait(message.reply)
                case "progress":
                    self.progress.append(message.progress.line)
                    self._lines.put_nowait(message.progress.line)
                case "heartbeat":
                    self.heartbeats.put_nowait(message.heartbeat)
                case "goodbye":
                    self.goodbye.put_nowait(message.goodbye)
        self.ended.set()


class FakeCoordinator(mu_pb2_grpc.CoordinatorServicer):
    def __init__(self) -> None:
        self.address = ""
        self.dialled: asyncio.Queue[Connection] = asyncio.Queue()
        self.refuse_with: grpc.StatusCode | None = None

    async def Work(self, request_iterator, context):  # type: ignore[override]
        if self.refuse_with:
            await context.abort(self.refuse_with, "not you")
        first = await context.read()
        connection = Connection(first.hello, context)
        pumping = asyncio.ensure_future(connection.pump())
        self.dialled.put_nowait(connection)
        try:
            await connection.ended.wait()
            if connection.abort_with:
                await context.abort(connection.abort_with, "as the test says")
        finally:
            pumping.cancel()

    async def accept(self) -> Connection:
        """The next worker that dials, before it is welcomed."""
        return await self.dialled.get()

    async def welcome(self, *rendezvous: str) -> Connection:
        return await (await self.accept()).welcome(*rendezvous)


@asynccontextmanager
async def coordinating(
    authority: Authority, credential: Credential | None = None, address: str = "127.0.0.1:0"
) -> AsyncIterator[FakeCoordinator]:
    coordinator = FakeCoordinator()
    server, port = channels.server(credential or authority.issue(COORDINATOR), address)
    mu_pb2_grpc.add_CoordinatorServicer_to_server(coordinator, server)
    await server.start()
    coordinator.address = f"127.0.0.1:{port}"
    try:
        yield coordinator
    finally:
        await server.stop(None)
