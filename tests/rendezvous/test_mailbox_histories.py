"""The pure mailboxes: random histories against a model."""

from collections import Counter
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    invariant,
    multiple,
    rule,
)

from excamera_rendezvous import costs
from excamera_rendezvous.address import Address
from excamera_rendezvous.errors import (
    Conflict,
    JobDropped,
    JobFull,
    TakenBack,
)
from excamera_rendezvous.mailbox import JOBS_SHARE, End, Mailboxes, Removed
from excamera_rendezvous.message import Message, Part, Reader, Writer
from excamera_rendezvous.piece import Piece, digest_of
from tests.rendezvous.client import hexdigest
from tests.rendezvous.contents import CONTENTS

EXPIRY = 100.0
MEMORY = 40_000
DISK = 10 * costs.BLOCK
JOB = 40_000
LARGEST = 4_000
WIDE = [bytes(byte for byte in content for _ in range(100)) for content in CONTENTS]
"""Contents that are large beside what parts and mailboxes cost."""

MAILBOXES = [("a", "7"), ("a", "7"), ("a", "8"), ("b", "7")]


class Disk:
    """A disk in memory: place -> frame."""

    def __init__(self) -> None:
        self.files: dict[int, bytes] = {}
        self.next = 0

    def write(self, piece: Piece) -> int:
        self.next += 1
        self.files[self.next] = piece.frame
        return self.next

    def remove(self, removed: Removed) -> None:
        for place in removed.places:
            del self.files[place]


def payload_of(part: Part, disk: Disk) -> bytes:
    if part.piece is not None:
        return bytes(part.piece.payload)
    frame = disk.files[part.place]
    return frame[len(frame) - part.size :]


class Put:
    def __init__(self, writer: Writer, content: bytes) -> None:
        self.writer, self.content, self.sent = writer, content, 0


class Get:
    def __init__(self, reader: Reader) -> None:
        self.reader, self.read = reader, b""


class Histories(RuleBasedStateMachine):
    """Any number of writers, right and wrong, and readers, in any order, with losses of all kinds.

    A reader that comes to the end has exactly the bytes of one put that was completed, all readers
    of a message the same; the bound on memory, the accounts and the disk are right at every step.
    """

    puts = Bundle("puts")
    gets = Bundle("gets")

    def __init__(self) -> None:
        super().__init__()
        self.boxes = Mailboxes(memory_limit=MEMORY, disk_limit=DISK, job_limit=JOB, expiry=EXPIRY)
        self.disk = Disk()
        self.now = 0.0
        self.completed: dict[Message, bytes] = {}
        self.pending: list[Part] = []
        self.jobs = {"a": "job-a-0", "b": "job-b-0"}  # a dropped job gets a successor

    def address(self, mailbox: tuple[str, str]) -> Address:
        return Address(self.jobs[mailbox[0]], mailbox[1], "state")

    @rule(target=puts, mailbox=st.sampled_from(MAILBOXES), content=st.sampled_from(WIDE))
    def begin_put(self, mailbox: tuple[str, str], content: bytes) -> Any:
        try:
            return Put(self.boxes.open_writer(self.address(mailbox), self.now), content)
        except JobFull:
            return multiple()

    @rule(
        mailbox=st.sampled_from(MAILBOXES),
        content=st.sampled_from(WIDE),
        size=st.integers(300, LARGEST),
    )
    def put_everything(self, mailbox: tuple[str, str], content: bytes, size: int) -> None:
        put = self.begin_put(mailbox, content)
        if isinstance(put, Put):
            self.send(put, size, times=200, fast=True)
            self.end_put(put)

    @rule(put=puts, size=st.integers(300, LARGEST), times=st.integers(1, 20), fast=st.booleans())
    def send(self, put: Put, size: int, times: int, fast: bool) -> None:
        """Some parts; if memory is full, the disk is `fast` or the put waits for it."""
        for _ in range(times):
            data = put.content[put.sent : put.sent + size]
            if not data or put.writer is None:
                return
            piece = Piece.of(data)
            if not self.make_room(self.boxes.need(put.writer, piece), fast):
                return
            try:
                self.boxes.add(put.writer, piece, self.now)
                put.sent += len(data)
            except Conflict:
                self.give_way(put)
            except (JobDropped, JobFull, TakenBack):
                self.close(put)

    def make_room(self, size: int, fast: bool) -> bool:
        self.pending += self.boxes.memory.to_spill(size)
        while fast and self.pending:
            self.disk_answers(works=True)
        return self.boxes.memory.fits(size)

    def give_way(self, put: Put) -> None:
        message = put.writer.message
        removed = self.boxes.give_way(put.writer)
        self.disk.remove(removed)
        assert bool(removed.messages) == (not message.complete and message.writers == 1)
        self.close(put)

    @rule(put=consumes(puts))
    def end_put(self, put: Put) -> None:
        if put.writer is None:
            return
        message = put.writer.message
        if put.sent == len(put.content) and self.make_room(self.boxes.need(put.writer), True):
            try:
                stored = self.boxes.finish(put.writer, hexdigest(put.content), self.now)
                assert stored.size == len(put.content)
                assert self.completed.setdefault(message, put.content) == put.content
            except Conflict:
                self.give_way(put)
                return
            except (JobDropped, TakenBack):
                pass
        self.close(put)  # otherwise it broke off

    @rule(put=consumes(puts))
    def damage(self, put: Put) -> None:
        if put.writer is not None:
            self.disk.remove(self.boxes.take_back(put.writer))
            self.close(put)

    def close(self, put: Put) -> None:
        self.boxes.close_writer(put.writer, self.now)
        put.writer = None  # type: ignore[assignment]

    @rule(works=st.booleans())
    def disk_answers(self, works: bool) -> None:
        if not self.pending:
            return
        part = self.pending.pop(0)
        if not works:
            self.boxes.memory.spill_failed(part)
            return
        piece = part.piece or Piece.of(b"forgotten meanwhile")
        place = self.disk.write(piece)
        if not self.boxes.memory.spilled(part, place, digest_of(piece.payload)):
            del self.disk.files[place]

    @rule(target=gets, mailbox=st.sampled_from(MAILBOXES))
    def begin_get(self, mailbox: tuple[str, str]) -> Any:
        try:
            return Get(self.boxes.open_reader(self.address(mailbox), self.now))
        except JobFull:
            return multiple()

    @rule(mailbox=st.sampled_from(MAILBOXES))
    def get_everything(self, mailbox: tuple[str, str]) -> None:
        get = self.begin_get(mailbox)
        if isinstance(get, Get):
            self.read(get, times=200)
            self.leave(get)

    @rule(get=gets, times=st.integers(1, 100))
    def read(self, get: Get, times: int) -> None:
        for _ in range(times):
            if get.reader is None:
                return
            try:
                found = self.boxes.next(get.reader)
            except (JobDropped, TakenBack):
                self.stop(get)
                return
            if isinstance(found, Part):
                get.read += payload_of(found, self.disk)
            elif isinstance(found, End):
                assert get.read == self.completed[get.reader.message]
                assert found.digest == hexdigest(get.read)
                self.stop(get)

    @rule(get=consumes(gets))
    def leave(self, get: Get) -> None:
        if get.reader is not None:
            self.stop(get)

    def stop(self, get: Get) -> None:
        self.boxes.close_reader(get.reader, self.now)
        get.reader = None  # type: ignore[assignment]

    @rule(mailbox=st.sampled_from(MAILBOXES))
    def release(self, mailbox: tuple[str, str]) -> None:
        address = self.address(mailbox)
        removed = self.boxes.release(address.job, address.recipient, self.now)
        self.disk.remove(removed)
        assert all(not message.held for message in removed.messages)

    @rule(seconds=st.sampled_from([1.0, EXPIRY / 2, EXPIRY + 1]))
    def time_passes(self, seconds: float) -> None:
        self.now += seconds
        before = {message: message.job for message in self.boxes}
        removed = self.boxes.expire(self.now)
        self.disk.remove(removed)
        for job in {message.job for message in removed.messages}:
            assert not job, "a job expires as a whole"
            assert not job.holders
            assert job.touched <= self.now - EXPIRY
            assert {one for one in before if before[one] is job} <= set(removed.messages)

    @rule(which=st.sampled_from("ab"))
    def drop(self, which: str) -> None:
        job = self.jobs[which]
        self.jobs[which] = f"job-{which}-{int(job.rpartition('-')[2]) + 1}"
        removed = self.boxes.drop(job, self.now)
        self.disk.remove(removed)
        assert all(message.address.job == job for message in removed.messages)
        with pytest.raises(JobDropped):
            self.boxes.open_reader(Address(job, "7", "state"), self.now)

    @invariant()
    def the_books_are_right(self) -> None:
        messages = list(self.boxes)
        parts = [part for message in messages for part in message.parts]
        memory = self.boxes.memory
        in_memory = [part.piece.footprint for part in parts if part.piece]
        mailboxes = [costs.mailbox(one.address) for one in messages if one.stored]
        beside = costs.PART * len(parts) + sum(mailboxes)
        assert memory.used == sum(in_memory) + beside <= MEMORY
        assert memory.leaving == sum(
            part.piece.footprint for part in parts if part.piece and part.spilling
        )
        on_disk = [part for part in parts if not part.piece]
        files = [costs.file(part.size) for part in (*on_disk, *self.pending)]
        assert memory.on_disk == sum(files) <= DISK
        assert sorted(part.place for part in on_disk) == sorted(self.disk.files)

    @invariant()
    def each_job_is_charged_what_it_takes(self) -> None:
        taken, kept, holders = Counter[str](), Counter[str](), Counter[str]()
        for message in self.boxes:
            assert message.size == sum(part.size for part in message.parts)
            name = message.address.job
            beside = costs.mailbox(message.address) + costs.PART * len(message.parts)
            taken[name] += message.size + beside
            kept[name] += beside
            holders[name] += message.readers + message.writers
        for job in self.boxes._ledger:
            assert (job.taken, job.kept) == (taken[job.name], kept[job.name])
            assert job.taken <= JOB
            assert job.kept <= MEMORY // JOBS_SHARE
            assert job.holders == holders[job.name]
        assert self.boxes.jobs == len(taken)
        assert self.boxes.count == len(list(self.boxes))

    @invariant()
    def a_complete_message_is_what_somebody_put(self) -> None:
        for message in self.boxes:
            if message.complete:
                parts = [payload_of(part, self.disk) for part in message.parts]
                assert b"".join(parts) == self.completed[message]
                assert message.digest == hexdigest(self.completed[message])

    def teardown(self) -> None:
        """When all have left and time has passed, nothing is left."""
        self.boxes.expire(self.now)
        for message in self.boxes:
            message.writers = message.readers = message.job.holders = 0
        self.disk.remove(self.boxes.expire(self.now + 2 * EXPIRY))
        for part in self.pending:
            self.boxes.memory.spill_failed(part)
        memory = self.boxes.memory
        assert (memory.used, memory.leaving, memory.on_disk) == (0, 0, 0)
        assert (self.boxes.count, self.boxes.jobs, self.disk.files) == (0, 0, {})


TestHistories = Histories.TestCase
TestHistories.settings = settings(max_examples=100, stateful_step_count=60)
