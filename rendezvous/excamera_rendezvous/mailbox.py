"""All mailboxes: what puts and gets mean. Pure: no I/O, no clock, no logging, no waiting.

A message is the longest run of bytes on which everybody who puts it agrees. Any number may put the
same message at once (attempts of the same chunk have the same bytes): each proves the bytes that
are there already, and whoever reaches the end adds to it. So a put that broke off is simply begun
again, by anyone, and readers never notice: they hold an index into the list of parts, and go on as
it grows. Who has other bytes is refused (`Conflict`). The first put to end completes the message.

Bytes that no finished put has vouched for do not stand in anybody's way: if their writers have all
left, and somebody comes with others, they are forgotten (`give_way`), and he begins again.

Memory: before `add` the caller asks `memory.fits`; if it does not, he writes what
`memory.to_spill` names to disk, says so with `memory.spilled`, and asks again.

`now` is in seconds, on any clock that does not go back.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from excamera_rendezvous.address import Address
from excamera_rendezvous.errors import Conflict, JobDropped, TakenBack
from excamera_rendezvous.ledger import Ledger
from excamera_rendezvous.memory import Memory
from excamera_rendezvous.message import Message, Part, Place, Reader, Writer
from excamera_rendezvous.piece import DIGEST_BYTES, Piece, digest_of

OVERHEAD: Final = 1024
"""Bytes that a mailbox counts beside its contents, so that empty ones are not free."""


@dataclass(frozen=True, slots=True)
class End:
    """The message is complete and has been read to its end."""

    digest: str


@dataclass(frozen=True, slots=True)
class Stored:
    """What a put came to. `already_there`: it brought nothing new."""

    size: int
    already_there: bool


@dataclass(frozen=True, slots=True)
class Removed:
    """What was forgotten: the messages, their bytes, and the places on disk to give back."""

    messages: tuple[Message, ...] = ()
    size: int = 0
    places: tuple[Place, ...] = ()


class Mailboxes:
    """Bytes: `memory_limit` over all parts in memory, `job_limit` over a job's messages.

    What nobody has touched for `expiry` seconds is forgotten by `expire`.
    """

    def __init__(self, *, memory_limit: int, job_limit: int, expiry: float) -> None:
        self.memory = Memory(memory_limit)
        self._ledger = Ledger(job_limit)
        self._expiry = expiry
        self._messages: dict[Address, Message] = {}

    @property
    def count(self) -> int:
        return len(self._messages)

    @property
    def jobs(self) -> int:
        return self._ledger.jobs

    def open_writer(self, address: Address, now: float) -> Writer:
        message = self._message(address, now)
        message.writers += 1
        return Writer(message, message.edition)

    def add(self, writer: Writer, piece: Piece, now: float) -> None:
        """The next bytes of a put. The caller has made sure that they fit in memory."""
        message = writer.message
        self._check_current(message, writer.edition)
        message.touched = now
        payload = piece.payload
        proved = 0
        while proved < len(payload) and writer.offset < message.size:
            proved += _prove(writer, payload[proved:])
        if proved == len(payload):
            return
        if message.complete:
            raise _conflict(message, f"it is complete with {message.size} bytes")
        self._append(writer, Piece.of(payload[proved:]) if proved else piece)

    def finish(self, writer: Writer, digest: str, now: float) -> Stored:
        """The put has ended; the caller has checked that its bytes have this digest."""
        message = writer.message
        self._check_current(message, writer.edition)
        if writer.offset < message.size:
            raise _conflict(message, f"it has {message.size} bytes, not {writer.offset}")
        message.touched = now
        if message.complete and message.digest != digest:
            raise _conflict(message, f"its digest is {message.digest}")
        message.digest = digest
        return Stored(message.size, not writer.added and message.size > 0)

    def take_back(self, writer: Writer) -> Removed:
        """The put was damaged: forget what it added, and tell those who have read it."""
        message = writer.message
        if message.gone or message.complete or not writer.added:
            return Removed()
        return self._begin_edition(message)

    def give_way(self, writer: Writer) -> Removed:
        """After a `Conflict`: forget the other bytes, if nobody stands by them any more."""
        message = writer.message
        if message.gone or message.complete or message.writers > 1:
            return Removed()
        return self._begin_edition(message)

    def close_writer(self, writer: Writer, now: float) -> None:
        """The put is over, whether or not it came to its end."""
        writer.message.writers -= 1
        self._let_go(writer.message, now)

    def open_reader(self, address: Address, now: float) -> Reader:
        message = self._message(address, now)
        message.readers += 1
        return Reader(message, message.edition)

    def next(self, reader: Reader) -> Part | End | None:
        """What comes next for this reader; None: nothing yet."""
        message = reader.message
        if reader.index == 0:
            reader.edition = message.edition
        self._check_current(message, reader.edition)
        if reader.index < len(message.parts):
            reader.index += 1
            return message.parts[reader.index - 1]
        return End(message.digest) if message.complete else None

    def close_reader(self, reader: Reader, now: float) -> None:
        reader.message.readers -= 1
        self._let_go(reader.message, now)

    def drop(self, job: str, now: float) -> Removed:
        """The job has ended: forget its messages, and refuse it from now on."""
        self._ledger.end(job, now)
        return self._remove(lambda message: message.address.job == job)

    def release(self, job: str, recipient: str) -> Removed:
        """The recipient has finished: forget its messages, which may be put again.

        What somebody still reads or writes stays, and goes when the job does.
        """
        return self._remove(
            lambda m: (m.address.job, m.address.recipient) == (job, recipient) and not m.held
        )

    def expire(self, now: float) -> Removed:
        """Forget what nobody holds and nobody has touched for long."""
        self._ledger.forget(now)
        return self._remove(lambda m: not m.held and now - m.touched >= self._expiry)

    def _message(self, address: Address, now: float) -> Message:
        self._ledger.check_alive(address.job)
        if address not in self._messages:
            self._ledger.charge(address.job, OVERHEAD)
            self._messages[address] = Message(address, now)
        return self._messages[address]

    def _append(self, writer: Writer, piece: Piece) -> None:
        message = writer.message
        self._ledger.charge(message.address.job, piece.size)
        part = Part(message, message.size, piece.size, piece)
        self.memory.take(part)
        message.parts.append(part)
        message.size += piece.size
        writer.offset = message.size
        writer.index = len(message.parts)
        writer.added = True

    def _begin_edition(self, message: Message) -> Removed:
        removed = Removed((message,), message.size, self._empty(message))
        message.edition += 1
        return removed

    def _empty(self, message: Message) -> tuple[Place, ...]:
        places = [self.memory.release(part) for part in message.parts]
        self._ledger.credit(message.address.job, message.size)
        message.parts.clear()
        message.size = 0
        return tuple(place for place in places if place is not None)

    def _let_go(self, message: Message, now: float) -> None:
        message.touched = now
        if not (message.gone or message.held or message.parts or message.complete):
            self._forget(message)  # somebody waited here, and nothing ever came

    def _forget(self, message: Message) -> tuple[Place, ...]:
        places = self._empty(message)
        self._ledger.credit(message.address.job, OVERHEAD)
        del self._messages[message.address]
        message.gone = True
        return places

    def _remove(self, condemned: Callable[[Message], bool]) -> Removed:
        messages = [message for message in self._messages.values() if condemned(message)]
        size = sum(message.size for message in messages)
        places = [place for message in messages for place in self._forget(message)]
        return Removed(tuple(messages), size, tuple(places))

    def _check_current(self, message: Message, edition: int) -> None:
        if message.gone:
            raise JobDropped(f"job {message.address.job} has ended, and its messages are gone")
        if edition != message.edition:
            raise TakenBack(f"the message {message.address} was given up half-way; begin again")


def _prove(writer: Writer, payload: memoryview) -> int:
    """Compare the beginning of `payload` with the part where the writer is; how much of it."""
    part = writer.message.parts[writer.index]
    done = writer.offset - part.offset
    step = payload[: part.size - done]
    if done == 0 and len(step) == part.size:
        same = part.piece.holds(step) if part.piece else digest_of(step) == part.digest
        finished = True
    else:  # a put whose parts lie otherwise than those that are there
        writer.partial.update(step)
        finished = done + len(step) == part.size
        same = not finished or writer.partial.digest() == _digest_of_part(part)
    if not same:
        raise _conflict(writer.message, f"it differs within bytes {part.offset} and following")
    writer.offset += len(step)
    if finished:
        writer.index += 1
        writer.partial = hashlib.blake2b(digest_size=DIGEST_BYTES)
    return len(step)


def _digest_of_part(part: Part) -> bytes:
    return digest_of(part.piece.payload) if part.piece else part.digest


def _conflict(message: Message, how: str) -> Conflict:
    return Conflict(
        f"another message is at {message.address}: {how}; "
        "attempts of one task must have the same bytes"
    )
