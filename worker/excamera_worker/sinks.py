"""Where a received message goes: a scratch file that appears when it is whole, or a pipe."""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path
from typing import Protocol

from excamera_proto.mu_pb2 import Failure
from excamera_worker.failures import CommandFailed
from excamera_worker.pipes import WritingEnd


class Sink(Protocol):
    async def write(self, data: bytes) -> None: ...

    async def finish(self) -> None:
        """All bytes were written, and are the right ones."""

    def close(self) -> None:
        """Always called, last. What was not finished is removed."""


class FileSink:
    def __init__(self, path: Path) -> None:
        self._path = path
        self._part = path.with_name(path.name + ".part")
        self._file = open(self._part, "wb")  # noqa: SIM115  closed in close()

    async def write(self, data: bytes) -> None:
        await asyncio.to_thread(self._file.write, data)

    async def finish(self) -> None:
        self._file.close()
        self._part.replace(self._path)

    def close(self) -> None:
        with contextlib.suppress(OSError):  # flushing to a full disk
            self._file.close()
        self._part.unlink(missing_ok=True)


class PipeSink:
    """The reader is waited for while the message is on its way."""

    def __init__(self, path: Path) -> None:
        self._name = path.name
        self._pipe = WritingEnd(path)
        self._opened = asyncio.ensure_future(self._pipe.open())

    async def write(self, data: bytes) -> None:
        await self._opened
        try:
            await self._pipe.write(data)
        except BrokenPipeError:
            raise CommandFailed(
                Failure.INTERNAL,
                f"the program that read {self._name!r} ended before it had the whole message",
            ) from None

    async def finish(self) -> None:
        await self._opened  # the reader of an empty message, too, wants to see its end

    def close(self) -> None:
        self._opened.cancel()
        self._opened.add_done_callback(self._close_pipe)

    def _close_pipe(self, opened: asyncio.Future[None]) -> None:
        if not opened.cancelled():
            opened.exception()  # whoever wrote has seen it; with no bytes to write, nobody need
        self._pipe.close()
