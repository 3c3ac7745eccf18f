"""Where a message comes from that is sent: a scratch file, or a pipe that a program writes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final, Protocol

from excamera_proto import channels
from excamera_proto.mu_pb2 import Failure
from excamera_worker.failures import CommandFailed
from excamera_worker.pipes import ReadingEnd
from excamera_worker.under_way import UnderWay

SIZE_LIMIT: Final = 512 * 1024 * 1024
"""Bytes of a message from a pipe, which is kept in memory until it is sent. A decoder state of the
largest picture that VP8 knows has fewer."""


class Source(Protocol):
    async def begun(self) -> None:
        """Until there is something to send. CommandFailed if there will not be."""

    def blocks(self) -> AsyncIterator[bytes]:
        """The message from its beginning, as far as it is there and as it comes; may be asked for
        again. CommandFailed if it does not become whole."""
        ...

    @property
    def growing(self) -> bool:
        """Whether it is not whole yet."""
        ...

    def close(self) -> None:
        """Always called, last."""


class FileSource:
    growing = False

    def __init__(self, path: Path) -> None:
        self._path = path

    async def begun(self) -> None:
        return

    async def blocks(self) -> AsyncIterator[bytes]:
        with await asyncio.to_thread(open, self._path, "rb") as file:
            while data := await asyncio.to_thread(file.read, channels.PART_BYTES):
                yield data

    def close(self) -> None:
        return


class PipeSource:
    """The pipe is there as soon as the object is. What comes out of it is kept, for the message may
    have to be sent again from its beginning."""

    def __init__(self, path: Path, under_way: UnderWay) -> None:
        self._name = path.name
        self._pipe = ReadingEnd(path)
        self._under_way = under_way
        self._begun, self._failures = under_way.begun, under_way.failures
        self._blocks: list[bytes] = []
        self._news = asyncio.Event()
        self._whole = asyncio.ensure_future(self._become_whole())
        self._whole.add_done_callback(lambda _: self._news.set())

    @property
    def growing(self) -> bool:
        return not self._whole.done()

    async def begun(self) -> None:
        while not (self._blocks or self._whole.done()):
            await self._change()
        if self._whole.done():
            self._whole.result()

    async def blocks(self) -> AsyncIterator[bytes]:
        number = 0
        while True:
            while number < len(self._blocks):
                yield self._blocks[number]
                number += 1
            if self._whole.done():
                self._whole.result()
                return
            await self._change()

    def close(self) -> None:
        self._whole.cancel()
        self._whole.add_done_callback(lambda whole: whole.cancelled() or whole.exception())
        self._pipe.close()

    async def _change(self) -> None:
        self._news.clear()
        await self._news.wait()

    async def _become_whole(self) -> None:
        reading = asyncio.ensure_future(self._read())
        ended = asyncio.ensure_future(self._under_way.ended(self._begun))
        try:
            await asyncio.wait({reading, ended}, return_when=asyncio.FIRST_COMPLETED)
            if not reading.done() and not self._pipe.was_written:
                raise CommandFailed.not_found(f"no program has written {self._name!r}")
            await reading
            await self._under_way.ended()
        finally:
            reading.cancel()
            ended.cancel()
        if self._under_way.failures > self._failures:
            raise CommandFailed(
                Failure.INTERNAL,
                f"{self._name!r} is not whole: not all that it was made by has ended well",
            )

    async def _read(self) -> None:
        size = 0
        while data := await self._pipe.read(channels.PART_BYTES):
            size += len(data)
            if size > SIZE_LIMIT:
                raise CommandFailed(
                    Failure.INVALID, f"{self._name!r} has more than {SIZE_LIMIT} bytes"
                )
            self._blocks.append(data)
            self._news.set()
