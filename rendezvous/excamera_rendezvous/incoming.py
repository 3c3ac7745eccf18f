"""One put while it arrives."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from excamera_rendezvous.address import Address
from excamera_rendezvous.errors import Conflict, Damaged, Malformed, TakenBack
from excamera_rendezvous.mailbox import Stored
from excamera_rendezvous.message import Writer
from excamera_rendezvous.storage import RunningDigest, Storage
from excamera_rendezvous.wire import Put


class Incoming:
    """`admit` raises if the sender may not put a message there. Always `close` it."""

    def __init__(
        self, storage: Storage, clock: Callable[[], float], admit: Callable[[Address], None]
    ) -> None:
        self._storage = storage
        self._boxes = storage.boxes
        self._clock = clock
        self._admit = admit
        self._writer: Writer | None = None
        self._running = RunningDigest(storage)
        self._claimed = ""

    async def take(self, part: Put) -> None:
        if self._claimed:
            raise Malformed("a part follows the one with the digest, which is the last")
        writer = self._begin(part.address)
        if part.piece is not None:
            await self._storage.make_room(self._boxes.need(writer, part.piece))
            with self._making_others_give_way(writer):
                self._boxes.add(writer, part.piece, self._clock())
            self._storage.arrived(writer.message)
            await self._running.update(part.piece.payload)
        self._claimed = part.digest

    async def finish(self) -> Stored:
        if self._writer is None or not self._claimed:
            raise Malformed("the put ended before the part with the digest; begin it again")
        actual = await self._running.value()
        if actual != self._claimed:
            self._storage.discard(self._boxes.take_back(self._writer))
            raise Damaged(
                f"the message for {self._writer.message.address} has the digest {actual} "
                f"(BLAKE2b-256), not {self._claimed[:80]!a}; begin it again"
            )
        await self._storage.make_room(self._boxes.need(self._writer))
        with self._making_others_give_way(self._writer):
            stored = self._boxes.finish(self._writer, actual, self._clock())
        self._storage.arrived(self._writer.message)
        return stored

    def close(self) -> None:
        if self._writer is not None:
            self._boxes.close_writer(self._writer, self._clock())
            # Its readers may have to hear that nobody is sending any more (Storage.stop_waiting).
            self._storage.arrived(self._writer.message)

    @contextmanager
    def _making_others_give_way(self, writer: Writer) -> Iterator[None]:
        """A conflict with what nobody stands by is a reason to begin again, not to give up."""
        try:
            yield
        except Conflict:
            removed = self._boxes.give_way(writer)
            if not removed.messages:
                raise
            self._storage.discard(removed)
            raise TakenBack(
                f"other bytes had begun to arrive at {writer.message.address}, from a put that "
                "broke off; they are forgotten now: begin the put again"
            ) from None

    def _begin(self, address: Address | None) -> Writer:
        if self._writer is None:
            if address is None:
                raise Malformed("the first part of a put must name its mailbox")
            self._admit(address)
            self._writer = self._boxes.open_writer(address, self._clock())
        elif address not in (None, self._writer.message.address):
            raise Malformed("a put goes to one mailbox, and a later part names another")
        return self._writer
