"""A named pipe in a scratch folder, written to without ever blocking the event loop.

Opening a pipe for writing blocks until a reader comes, so a thread does it. Once open, it is
written to as fast as the reader reads, and a reader that has died shows as BrokenPipeError.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import stat
from pathlib import Path
from typing import Final

from excamera_worker.failures import invalid
from excamera_worker.threads import in_thread

_CAPACITY: Final = 1024 * 1024
"""Bytes: the kernel's limit for unprivileged users. The default, 64 KiB, costs more wakeups."""


class Pipe:
    """The writing end. The pipe itself is there as soon as the object is."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None
        with contextlib.suppress(FileExistsError):
            os.mkfifo(path, 0o600)
        if not stat.S_ISFIFO(os.lstat(path).st_mode):
            raise invalid(f"{path.name!r} is there already and no pipe")

    async def open(self) -> None:
        """Wait for a reader."""
        opening = asyncio.ensure_future(in_thread(os.open, self._path, os.O_WRONLY))
        try:
            self._descriptor = await asyncio.shield(opening)
        except asyncio.CancelledError:
            self._release(opening)
            raise
        os.set_blocking(self._descriptor, False)
        with contextlib.suppress(OSError):
            fcntl.fcntl(self._descriptor, fcntl.F_SETPIPE_SZ, _CAPACITY)

    async def write(self, data: bytes) -> None:
        """BrokenPipeError if the reader is gone."""
        assert self._descriptor is not None, "open() comes first"
        rest = memoryview(data)
        while rest:
            try:
                rest = rest[os.write(self._descriptor, rest) :]
            except BlockingIOError:
                await _writable(self._descriptor)

    def close(self) -> None:
        """The reader sees the end; the pipe's name is gone."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
        self._path.unlink(missing_ok=True)

    def _release(self, opening: asyncio.Future[int]) -> None:
        """Let the thread go that still waits for a reader: be one until its open has returned."""
        with contextlib.suppress(OSError):
            reader = os.open(self._path, os.O_RDONLY | os.O_NONBLOCK)
            opening.add_done_callback(lambda opened: _close_both(reader, opened))


def _close_both(reader: int, opened: asyncio.Future[int]) -> None:
    os.close(reader)
    if not opened.cancelled() and opened.exception() is None:
        os.close(opened.result())


async def _writable(descriptor: int) -> None:
    loop = asyncio.get_running_loop()
    ready: asyncio.Future[None] = loop.create_future()

    def settle() -> None:
        if not ready.done():
            ready.set_result(None)

    loop.add_writer(descriptor, settle)
    try:
        await ready
    finally:
        loop.remove_writer(descriptor)
