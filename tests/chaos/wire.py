"""A TCP connection in the middle that can be cut, held up, slowed and broken off.

TLS passes through it untouched. Each direction is a Flow; `up` goes from who dials to who serves.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from contextlib import suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

BLOCK = 16 * 1024
_ABORT = struct.pack("ii", 1, 0)


@dataclass
class Flow:
    """One direction. open: cleared, nothing passes and nobody is told. delay: seconds added.
    rate: bytes a second over all connections, 0 for any. passed: bytes so far."""

    open: asyncio.Event = field(default_factory=asyncio.Event)
    delay: float = 0.0
    rate: float = 0.0
    passed: int = 0
    _free_at: float = 0.0

    def __post_init__(self) -> None:
        self.open.set()

    async def admit(self, count: int) -> None:
        await self.open.wait()
        self.passed += count
        if self.rate:
            loop = asyncio.get_running_loop()
            self._free_at = max(self._free_at, loop.time()) + count / self.rate
            await asyncio.sleep(self._free_at - loop.time())


class Wire:
    """Listens on a port of its own and leads to `target`, which may change. refusing: new
    connections are broken off at once."""

    def __init__(self, target: str) -> None:
        self.target = target
        self.port = 0
        self.up = Flow()
        self.down = Flow()
        self.refusing = False
        self._writers: set[asyncio.StreamWriter] = set()
        self._pumps: set[asyncio.Task[None]] = set()

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.close()
        self.reset()
        for pump in self._pumps:
            pump.cancel()
        await asyncio.gather(*self._pumps, return_exceptions=True)

    def cut(self) -> None:
        """Both directions fall silent. What was sent arrives when they are mended."""
        self.up.open.clear()
        self.down.open.clear()

    def mend(self) -> None:
        self.up.open.set()
        self.down.open.set()

    def reset(self) -> None:
        """Breaks off all connections, with a TCP reset at both ends."""
        for writer in self._writers:
            _reset(writer)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._pumps.add(task)
        task.add_done_callback(self._pumps.discard)
        if self.refusing:
            _reset(writer)
            return
        host, _, port = self.target.rpartition(":")
        try:
            far_reader, far_writer = await asyncio.open_connection(host, int(port))
        except OSError:
            _reset(writer)
            return
        ends = (writer, far_writer)
        self._writers.update(ends)
        try:
            await asyncio.gather(
                _pump(reader, far_writer, self.up), _pump(far_reader, writer, self.down)
            )
        finally:
            self._writers.difference_update(ends)
            for end in ends:
                end.close()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, flow: Flow) -> None:
    loop = asyncio.get_running_loop()
    with suppress(OSError):
        while data := await reader.read(BLOCK):
            await flow.admit(len(data))
            if flow.delay:
                loop.call_later(flow.delay, writer.write, data)
            else:
                writer.write(data)
                await writer.drain()
        await asyncio.sleep(flow.delay)
        writer.write_eof()


def _reset(writer: asyncio.StreamWriter) -> None:
    connection = writer.get_extra_info("socket")
    if connection is not None:
        with suppress(OSError):
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _ABORT)
    writer.transport.abort()
