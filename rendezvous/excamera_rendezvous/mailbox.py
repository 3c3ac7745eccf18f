"""All mailboxes: what puts and gets mean. Pure: no I/O, no clock, no logging, no waiting.

A message is the longest run of bytes on which everybody who puts it agrees. Any number may put the
same message at once (attempts of the same chunk have the same bytes): each proves the bytes that
are there already, and whoever reaches the end adds to it. So a put that broke off is simply begun
again, by anyone, and readers never notice: they hold an index into the list of parts, and go on as
it grows. Who has other bytes is refused (`Conflict`). The first put to end completes the message.

Bytes that no finished put has vouched for do not stand in anybody's way: if their writers have all
left, and somebody comes with others, they are forgotten (`give_way`), and he begins again.

Memory: before `add` and `finish` the caller asks whether what they `need` fits (`memory.fits`); if
it does not, he writes what `memory.to_spill` names to disk, says so with `memory.spilled`, and asks
again.

Messages expire with their job, never by themselves: a state may wait for a whole pass over all
chains, and its reader would wait for it for ever. Whoever reads or writes any message of a job
keeps all of them, so its coordinator need only touch one now and then.

`now` is in seconds, on any clock that does not go back.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from excamera_rendezvous import costs
from excamera_rendezvous.address import Address
from excamera_rendezvous.errors import JobDropped, Malformed, TakenBack
from excamera_rendezvous.job import Job
from excamera_rendezvous.ledger import Ledger
from excamera_rendezvous.memory import Memory
from excamera_rendezvous.message import Message, Part, Place, Reader, Writer
from excamera_rendezvous.piece import Piece
from excamera_rendezvous.proof import conflict, prove

MOST_PARTS: Final = 65_536
"""Of one message. The largest decoder state is half a GiB; workers send up to 1 MiB at once."""

JOBS_SHARE: Final = 4
"""A job may have that part of the memory for what cannot go to disk, and leave the rest to others:
how its messages are cut up, and that there are mailboxes."""


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
    """Bytes: `memory_limit` over all that is in memory, `disk_limit` over all that is on disk,
    `job_limit` over a job's messages. Of the memory that cannot go to disk a job may have a part.

    A job that nobody has touched for `expiry` seconds is forgotten by `expire`.
    """

    def __init__(
        self, *, memory_limit: int, disk_limit: int, job_limit: int, expiry: float
    ) -> None:
        self.memory = Memory(memory_limit, disk_limit)
        self._ledger = Ledger(job_limit, memory_limit // JOBS_SHARE)
        self._expiry = expiry

    def __iter__(self) -> Iterator[Message]:
        for job in self._ledger:
            yield from job.messages()

    @property
    def count(self) -> int:
        return self._ledger.mailboxes

    @property
    def jobs(self) -> int:
        return len(self._ledger)

    def open_writer(self, address: Address, now: float) -> Writer:
        message = self._message(address, now)
        message.writers += 1
        message.job.holders += 1
        return Writer(message, message.edition)

    def need(self, writer: Writer, piece: Piece | None = None) -> int:
        """Bytes of memory for the next piece, or for the end; none for what is there already."""
        message = writer.message
        if piece is not None and writer.offset + piece.size <= message.size:
            return 0
        mailbox = 0 if message.stored else costs.mailbox(message.address)
        return mailbox + (piece.footprint + costs.PART if piece is not None else 0)

    def add(self, writer: Writer, piece: Piece, now: float) -> None:
        """The next bytes of a put. The caller has made sure that they fit in memory."""
        message = writer.message
        self._check_current(message, writer.edition)
        message.job.touched = now
        payload = piece.payload
        proved = 0
        while proved < len(payload) and writer.offset < message.size:
            proved += prove(writer, payload[proved:])
        if proved == len(payload):
            return
        if message.complete:
            raise conflict(message, f"it is complete with {message.size} bytes")
        self._append(writer, Piece.of(payload[proved:]) if proved else piece)

    def finish(self, writer: Writer, digest: str, now: float) -> Stored:
        """The put has ended; the caller has checked that its bytes have this digest."""
        message = writer.message
        self._check_current(message, writer.edition)
        if writer.offset < message.size:
            raise conflict(message, f"it has {message.size} bytes, not {writer.offset}")
        message.job.touched = now
        if message.complete and message.digest != digest:
            raise conflict(message, f"its digest is {message.digest}")
        self._keep(message)
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
        message.job.holders += 1
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
        found = self._ledger.find(job)
        return self._remove(found.messages() if found else ())

    def release(self, job: str, recipient: str, now: float) -> Removed:
        """The recipient has finished: forget its messages, which may be put again.

        What somebody still reads or writes stays, and goes when the job does.
        """
        found = self._ledger.find(job)
        if found is None:
            return Removed()
        found.touched = now
        return self._remove(m for m in found.messages_for(recipient) if not m.held)

    def expire(self, now: float) -> Removed:
        """Forget the jobs that nobody holds and nobody has touched for long."""
        self._ledger.forget(now)
        idle = self._ledger.idle(now - self._expiry)
        return self._remove(message for job in idle for message in job.messages())

    def _message(self, address: Address, now: float) -> Message:
        self._ledger.check_alive(address.job)
        job = self._ledger.find(address.job) or Job(address.job, now)
        job.touched = now
        message = job.find(address)
        if message is None:
            message = Message(address, job)
            self._ledger.add(message)
        return message

    def _keep(self, message: Message) -> None:
        """There is going to be something in the mailbox, and so it outlasts those who hold it."""
        if not message.stored:
            self.memory.keep(costs.mailbox(message.address))

    def _append(self, writer: Writer, piece: Piece) -> None:
        message = writer.message
        if len(message.parts) >= MOST_PARTS:
            raise Malformed(
                f"{message.address} comes in more than {MOST_PARTS} parts; send larger ones"
            )
        self._ledger.charge_part(message.job, piece.size)
        self._keep(message)
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
        if message.stored:
            self.memory.keep(-costs.mailbox(message.address))
        places = [self.memory.release(part) for part in message.parts]
        self._ledger.credit_parts(message.job, len(message.parts), message.size)
        message.parts.clear()
        message.size = 0
        return tuple(place for place in places if place is not None)

    def _let_go(self, message: Message, now: float) -> None:
        message.job.holders -= 1
        message.job.touched = now
        if not (message.gone or message.held or message.stored):
            self._forget(message)  # somebody waited here, and nothing ever came

    def _forget(self, message: Message) -> tuple[Place, ...]:
        places = self._empty(message)
        self._ledger.remove(message)
        message.gone = True
        return places

    def _remove(self, condemned: Iterable[Message]) -> Removed:
        messages = tuple(condemned)
        size = sum(message.size for message in messages)
        places = [place for message in messages for place in self._forget(message)]
        return Removed(messages, size, tuple(places))

    def _check_current(self, message: Message, edition: int) -> None:
        if message.gone:
            raise JobDropped(f"job {message.address.job} has ended, and its messages are gone")
        if edition != message.edition:
            raise TakenBack(f"the message {message.address} was given up half-way; begin again")
