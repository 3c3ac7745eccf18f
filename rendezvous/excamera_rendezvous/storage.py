"""The mailboxes with what the pure core leaves out: waiting, threads and the disk."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, ParamSpec, TypeVar

from excamera_rendezvous.bell import Bells
from excamera_rendezvous.errors import Full, SpillFailed, Stopping, TakenBack
from excamera_rendezvous.mailbox import End, Mailboxes, Removed
from excamera_rendezvous.message import Part, Reader
from excamera_rendezvous.piece import DIGEST_BYTES
from excamera_rendezvous.spill import SpillFolder

P = ParamSpec("P")
T = TypeVar("T")

THREADS: Final = 4
SMALL: Final = 32 * 1024
"""Below it hashing costs less than handing it to a thread."""


class Storage:
    """Lives in one event loop. `on_spilled` is told of the bytes that went to disk.

    `patience`, in seconds, is how long a put waits for room while none is made.
    """

    def __init__(self, boxes: Mailboxes, folder: SpillFolder, patience: float) -> None:
        self.boxes = boxes
        self._patience = patience
        self.stopping = False
        self.on_spilled: Callable[[int], None] = lambda size: None
        self._folder = folder
        self._arrivals = Bells()
        self._room = Bells()
        self._threads = ThreadPoolExecutor(THREADS, "rendezvous")
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def waiting_readers(self) -> int:
        return self._arrivals.listeners

    @property
    def waiting_writers(self) -> int:
        return self._room.listeners

    async def make_room(self, size: int) -> None:
        """Until that many bytes fit in memory.

        Full if they do not, on disk neither, and nobody lets go of anything for too long; as long
        as others do, a put waits. SpillFailed if the disk takes less than it should.
        """
        memory = self.boxes.memory
        while not memory.fits(size):
            for part in memory.to_spill(size):
                task = asyncio.create_task(self._spill(part))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)
            try:
                async with asyncio.timeout(self._patience):
                    await self._room.wait(None)
            except TimeoutError:
                raise Full(
                    f"the messages of all jobs fill memory and disk ({memory.used} and "
                    f"{memory.on_disk} bytes), and nothing was let go of for {self._patience:g} s; "
                    "end or suspend a job, or raise --disk-limit"
                ) from None

    async def next(self, reader: Reader) -> bytes | End:
        """The next frame for this reader, as soon as there is one."""
        while True:
            found = self.boxes.next(reader)
            if isinstance(found, Part):
                return await self._frame(found)
            if found is not None:
                return found
            if self.stopping and reader.message.writers == 0:
                raise Stopping("this rendezvous is shutting down; ask again")
            await self._arrivals.wait(reader.message)

    def arrived(self, message: object) -> None:
        """Something has changed there: wake those who wait."""
        self._arrivals.ring(message)

    def discard(self, removed: Removed) -> None:
        """Give back the disk of what was forgotten, and wake whom it concerns."""
        if removed.places:
            self._threads.submit(self._folder.remove, removed.places)
        for message in removed.messages:
            self._arrivals.ring(message)
        if removed.messages:
            self._room.ring(None)

    def stop_waiting(self) -> None:
        """From now on nobody waits for a message that nobody is sending."""
        self.stopping = True
        self._arrivals.ring_all()

    async def in_thread(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, lambda: work(*args, **kwargs))

    async def close(self) -> None:
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._threads.shutdown()
        self._folder.close()

    async def _frame(self, part: Part) -> bytes:
        if part.piece is not None:
            return part.piece.frame
        try:
            return await self.in_thread(self._folder.read, part.place)
        except FileNotFoundError:
            raise TakenBack(f"{part.message.address} was taken away; ask again") from None

    async def _spill(self, part: Part) -> None:
        assert part.piece is not None
        try:
            place, digest = await self.in_thread(self._folder.write, part.piece)
        except SpillFailed as error:
            self.boxes.memory.spill_failed(part)
            self._room.ring(None, error)
            return
        if self.boxes.memory.spilled(part, place, digest):
            self.on_spilled(part.size)
        else:
            self._threads.submit(self._folder.remove, (place,))
        self._room.ring(None)


class RunningDigest:
    """The digest of a put while it arrives, worked out in threads beside the transfer."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._hash = hashlib.blake2b(digest_size=DIGEST_BYTES)
        self._pending: asyncio.Task[None] | None = None

    async def update(self, payload: memoryview) -> None:
        """Returns as soon as the bytes *before* these have been added."""
        await self._settle()
        if len(payload) < SMALL:
            self._hash.update(payload)
        else:
            work = self._storage.in_thread(self._hash.update, payload)
            self._pending = asyncio.create_task(work)

    async def value(self) -> str:
        await self._settle()
        return self._hash.hexdigest()

    async def _settle(self) -> None:
        pending, self._pending = self._pending, None
        if pending is not None:
            await pending
