"""The two ends of a named pipe in a scratch folder, neither of which ever blocks the event loop.

Opening a pipe for writing blocks until a reader comes, so a thread does it. Once open, it is
written to as fast as the reader reads, and a reader that has died shows as BrokenPipeError. Opening
it for reading does not block, and poll tells a pipe that nobody has opened for writing yet from one
that has been closed again.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import select
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Final

from excamera_worker.failures import invalid
from excamera_worker.threads import in_thread

_CAPACITY: Final = 1024 * 1024
"""Bytes: the kernel's limit for unprivileged users. The default, 64 KiB, costs more wakeups."""


class WritingEnd:
    """The pipe itself is there as soon as the object is."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None
        _make(path)

    async def open(self) -> None:
        """Wait for a reader."""
        opening = asyncio.ensure_future(in_thread(os.open, self._path, os.O_WRONLY))
        try:
            self._descriptor = await asyncio.shield(opening)
        except asyncio.CancelledError:
            self._release(opening)
            raise
        os.set_blocking(self._descriptor, False)
        _enlarge(self._descriptor)

    async def write(self, data: bytes) -> None:
        """BrokenPipeError if the reader is gone."""
        assert self._descriptor is not None, "open() comes first"
        rest = memoryview(data)
        while rest:
            try:
                rest = rest[os.write(self._descriptor, rest) :]
            except BlockingIOError:
                loop = asyncio.get_running_loop()
                await _ready(self._descriptor, loop.add_writer, loop.remove_writer)

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


class ReadingEnd:
    """The pipe itself is there as soon as the object is, and whoever opens it for writing does not
    have to wait."""

    def __init__(self, path: Path) -> None:
        self._path = path
        _make(path)
        self._descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        _enlarge(self._descriptor)

    async def read(self, limit: int) -> bytes:
        """What is there, as soon as there is something; empty: the writer has closed it."""
        loop = asyncio.get_running_loop()
        while True:
            await _ready(self._descriptor, loop.add_reader, loop.remove_reader)
            with contextlib.suppress(BlockingIOError):
                return os.read(self._descriptor, limit)

    @property
    def was_written(self) -> bool:
        """Whether there is something to be read, be it the end: somebody has opened it."""
        poll = select.poll()
        poll.register(self._descriptor, select.POLLIN)
        return bool(poll.poll(0))

    def close(self) -> None:
        """A program that still writes sees that nobody reads; the pipe's name is gone."""
        os.close(self._descriptor)
        self._path.unlink(missing_ok=True)


def _make(path: Path) -> None:
    with contextlib.suppress(FileExistsError):
        os.mkfifo(path, 0o600)
    if not stat.S_ISFIFO(os.lstat(path).st_mode):
        raise invalid(f"{path.name!r} is there already and no pipe")


def _enlarge(descriptor: int) -> None:
    with contextlib.suppress(OSError):
        fcntl.fcntl(descriptor, fcntl.F_SETPIPE_SZ, _CAPACITY)


def _close_both(reader: int, opened: asyncio.Future[int]) -> None:
    os.close(reader)
    if not opened.cancelled() and opened.exception() is None:
        os.close(opened.result())


async def _ready(
    descriptor: int,
    add: Callable[[int, Callable[[], None]], None],
    remove: Callable[[int], object],
) -> None:
    """Until the loop says that the descriptor can be read from or written to."""
    ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def settle() -> None:
        if not ready.done():
            ready.set_result(None)

    add(descriptor, settle)
    try:
        await ready
    finally:
        remove(descriptor)
