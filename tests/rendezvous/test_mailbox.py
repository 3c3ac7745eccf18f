"""The pure mailboxes: the cases that deserve a name."""

import pytest

from excamera_rendezvous import costs
from excamera_rendezvous.address import Address
from excamera_rendezvous.errors import (
    Conflict,
    JobDropped,
    JobFull,
    Malformed,
    TakenBack,
)
from excamera_rendezvous.ledger import REMEMBERED_JOBS, REMEMBERED_SECONDS
from excamera_rendezvous.mailbox import JOBS_SHARE, MOST_PARTS, End, Mailboxes, Removed
from excamera_rendezvous.message import Part, Writer
from excamera_rendezvous.piece import Piece, digest_of
from tests.rendezvous.client import hexdigest
from tests.rendezvous.contents import CONTENTS, LATE, RIGHT

EXPIRY = 100.0
HERE = Address("job-a", "7", "state")


@pytest.fixture
def boxes() -> Mailboxes:
    return made()


def made(memory_limit: int = 1_000_000, job_limit: int = 1_000_000) -> Mailboxes:
    return Mailboxes(
        memory_limit=memory_limit, disk_limit=1_000_000, job_limit=job_limit, expiry=EXPIRY
    )


def put(boxes: Mailboxes, data: bytes, *, part: int = 10, address: Address = HERE) -> bool:
    """A whole put; whether it was there already."""
    writer = boxes.open_writer(address, 0)
    try:
        return send(boxes, writer, data, part)
    finally:
        boxes.close_writer(writer, 0)


def send(boxes: Mailboxes, writer: Writer, data: bytes, part: int) -> bool:
    for start in range(0, len(data), part):
        boxes.add(writer, Piece.of(data[start : start + part]), 0)
    return boxes.finish(writer, hexdigest(data), 0).already_there


def get(boxes: Mailboxes, address: Address = HERE) -> bytes:
    reader = boxes.open_reader(address, 0)
    data = b""
    while isinstance(part := boxes.next(reader), Part):
        assert part.piece is not None
        data += part.piece.payload
    assert part == End(hexdigest(data))
    boxes.close_reader(reader, 0)
    return data


def test_the_same_bytes_again_are_fine_however_they_are_cut(boxes: Mailboxes) -> None:
    assert put(boxes, RIGHT, part=10) is False
    for part in (1, 7, 10, 33, 100, 1000):
        assert put(boxes, RIGHT, part=part) is True
    assert get(boxes) == RIGHT


@pytest.mark.parametrize("wrong", CONTENTS[2:])
def test_other_bytes_are_a_conflict(boxes: Mailboxes, wrong: bytes) -> None:
    put(boxes, RIGHT)
    for part in (1, 10, 33, 1000):
        with pytest.raises(Conflict, match="job-a/7/state"):
            put(boxes, wrong, part=part)
    assert get(boxes) == RIGHT


@pytest.mark.parametrize("spilled", [False, True])
@pytest.mark.parametrize("size", [1, 7, 10, 33, 100])
def test_a_message_that_is_still_arriving_is_not_completed_by_other_bytes(
    boxes: Mailboxes, size: int, spilled: bool
) -> None:
    writer = boxes.open_writer(HERE, 0)
    for start in range(0, 100, 10):
        boxes.add(writer, Piece.of(RIGHT[start : start + 10]), 0)
    if spilled:
        for part in boxes.memory.to_spill(boxes.memory.limit):
            assert part.piece is not None
            boxes.memory.spilled(part, "place", digest_of(part.piece.payload))
        assert all(part.piece is None for part in writer.message.parts)
    with pytest.raises(Conflict):
        put(boxes, LATE, part=size)
    assert put(boxes, RIGHT, part=size) is True


def test_an_empty_message_is_a_message(boxes: Mailboxes) -> None:
    assert put(boxes, b"") is False
    assert get(boxes) == b""


def test_a_reader_that_was_being_served_goes_on_with_another_writer(boxes: Mailboxes) -> None:
    reader = boxes.open_reader(HERE, 0)
    assert boxes.next(reader) is None
    first = boxes.open_writer(HERE, 0)
    boxes.add(first, Piece.of(RIGHT[:30]), 0)
    assert isinstance(boxes.next(reader), Part)
    boxes.close_writer(first, 0)
    assert boxes.next(reader) is None

    put(boxes, RIGHT, part=40)
    rest = b""
    while isinstance(part := boxes.next(reader), Part):
        assert part.piece is not None
        rest += part.piece.payload
    assert rest == RIGHT[30:]


def test_two_writers_at_once_share_the_work(boxes: Mailboxes) -> None:
    one, two = boxes.open_writer(HERE, 0), boxes.open_writer(HERE, 0)
    for start in range(0, 100, 10):
        ahead, behind = (one, two) if start % 20 else (two, one)
        boxes.add(ahead, Piece.of(RIGHT[start : start + 10]), 0)
        boxes.add(behind, Piece.of(RIGHT[start : start + 10]), 0)
    assert boxes.finish(one, hexdigest(RIGHT), 0).already_there is False
    assert boxes.finish(two, hexdigest(RIGHT), 0).size == 100
    assert get(boxes) == RIGHT


def test_a_damaged_message_is_taken_back_and_can_be_put_again(boxes: Mailboxes) -> None:
    reading, waiting = boxes.open_reader(HERE, 0), boxes.open_reader(HERE, 0)
    writer = boxes.open_writer(HERE, 0)
    boxes.add(writer, Piece.of(b"damaged"), 0)
    assert isinstance(boxes.next(reading), Part)
    assert boxes.take_back(writer).size == 7
    boxes.close_writer(writer, 0)
    with pytest.raises(TakenBack):
        boxes.next(reading)
    assert boxes.next(waiting) is None
    put(boxes, RIGHT)
    assert isinstance(boxes.next(waiting), Part)


@pytest.mark.parametrize("size", [7, 10, 100])
@pytest.mark.parametrize("wrong", [LATE, RIGHT + b"!", b"x" * 30])
def test_a_prefix_that_nobody_vouched_for_gives_way_to_other_bytes(
    boxes: Mailboxes, wrong: bytes, size: int
) -> None:
    broken_off = boxes.open_writer(HERE, 0)
    for start in range(0, len(wrong), 10):
        boxes.add(broken_off, Piece.of(wrong[start : start + 10]), 0)
    served, waiting = boxes.open_reader(HERE, 0), boxes.open_reader(HERE, 0)
    assert isinstance(boxes.next(served), Part)
    writer = boxes.open_writer(HERE, 0)
    with pytest.raises(Conflict):
        send(boxes, writer, RIGHT, size)
    assert boxes.give_way(writer) == Removed()  # the other may still end
    boxes.close_writer(broken_off, 0)
    assert boxes.give_way(writer).size == len(wrong)
    boxes.close_writer(writer, 0)
    assert put(boxes, RIGHT, part=size) is False
    with pytest.raises(TakenBack):
        boxes.next(served)
    assert isinstance(boxes.next(waiting), Part)
    assert get(boxes) == RIGHT


def test_a_message_that_is_complete_gives_way_to_nobody(boxes: Mailboxes) -> None:
    put(boxes, RIGHT)
    writer = boxes.open_writer(HERE, 0)
    with pytest.raises(Conflict):
        send(boxes, writer, LATE, 100)
    assert boxes.give_way(writer) == Removed()
    assert get(boxes) == RIGHT


def test_a_dropped_job_is_gone_for_late_comers_too(boxes: Mailboxes) -> None:
    put(boxes, RIGHT)
    other = Address("job-b", "7", "state")
    put(boxes, RIGHT, address=other)
    reader = boxes.open_reader(HERE, 0)
    assert boxes.drop("job-a", 0).size == len(RIGHT)
    assert boxes.drop("job-a", 0).messages == ()
    for late in (
        lambda: boxes.next(reader),
        lambda: boxes.open_reader(HERE, 0),
        lambda: boxes.open_writer(HERE, 0),
    ):
        with pytest.raises(JobDropped, match="job-a"):
            late()
    assert get(boxes, other) == RIGHT


def test_dropped_jobs_are_remembered_for_a_bounded_time_and_number(boxes: Mailboxes) -> None:
    boxes.drop("job-a", now=0)
    boxes.expire(now=REMEMBERED_SECONDS)
    with pytest.raises(JobDropped):
        boxes.open_reader(HERE, 0)
    boxes.expire(now=REMEMBERED_SECONDS + 1)
    boxes.open_reader(HERE, 0)
    for number in range(REMEMBERED_JOBS + 10):
        boxes.drop(f"job-{number}", now=REMEMBERED_SECONDS + 1)
    assert len(boxes._ledger._ended) == REMEMBERED_JOBS


def test_a_job_expires_as_a_whole_and_only_when_nobody_holds_any_of_it(boxes: Mailboxes) -> None:
    other = Address("job-b", "7", "state")
    put(boxes, RIGHT)
    put(boxes, RIGHT, address=other)
    reader = boxes.open_reader(Address("job-a", "8", "state"), 50)
    assert [m.address for m in boxes.expire(1000).messages] == [other]
    boxes.close_reader(reader, 1000)
    assert boxes.expire(1000 + EXPIRY - 1).messages == ()
    assert [m.address for m in boxes.expire(1000 + EXPIRY).messages] == [HERE]
    assert (boxes.count, boxes.jobs) == (0, 0)


def test_a_message_waits_for_its_reader_as_long_as_anything_of_its_job_is_touched(
    boxes: Mailboxes,
) -> None:
    """A state lies unread for a whole pass over the chains; only the mark is put again."""
    mark = Address("job-a", "coordinator", "mark")
    put(boxes, RIGHT)
    for hour in range(1, 100):
        writer = boxes.open_writer(mark, hour * EXPIRY / 2)
        boxes.close_writer(writer, hour * EXPIRY / 2)
        assert boxes.expire(hour * EXPIRY / 2).messages == ()
    assert get(boxes) == RIGHT


def test_a_release_is_a_touch(boxes: Mailboxes) -> None:
    put(boxes, RIGHT)
    boxes.release("job-a", "another", EXPIRY)
    assert boxes.expire(2 * EXPIRY - 1).messages == ()
    assert len(boxes.expire(2 * EXPIRY).messages) == 1


def test_somebody_who_waited_in_vain_leaves_nothing(boxes: Mailboxes) -> None:
    reader = boxes.open_reader(HERE, 0)
    assert boxes.count == 1
    boxes.close_reader(reader, 0)
    assert (boxes.count, boxes.jobs) == (0, 0)


def test_a_job_has_a_limit_and_others_do_not_suffer() -> None:
    boxes = made(job_limit=costs.mailbox(HERE) + 10 * costs.PART + 150)
    put(boxes, RIGHT)
    with pytest.raises(JobFull, match="--job-limit"):
        put(boxes, RIGHT, address=Address("job-a", "8", "state"))
    put(boxes, RIGHT, address=Address("job-b", "7", "state"))
    assert put(boxes, RIGHT) is True  # what is there already takes no more


def test_small_parts_and_empty_mailboxes_are_charged_what_they_take_and_leave_room_for_others() -> (
    None
):
    """Else a million parts of a byte each would pass for a megabyte."""
    boxes = made(memory_limit=100_000)
    writer = boxes.open_writer(HERE, 0)
    with pytest.raises(JobFull, match="send larger parts"):
        send(boxes, writer, bytes(1000), 1)
    assert len(writer.message.parts) * costs.PART < 100_000 // JOBS_SHARE
    boxes.close_writer(writer, 0)
    assert boxes.memory.used > len(writer.message.parts) * costs.PART
    empty = [Address("job-b", str(number), "state") for number in range(1000)]
    with pytest.raises(JobFull):
        [put(boxes, b"", address=address) for address in empty]
    assert 10 * costs.MAILBOX < boxes.memory.used < 2 * 100_000 // JOBS_SHARE
    boxes.drop("job-a", 0)
    boxes.drop("job-b", 0)
    assert boxes.memory.used == 0


def test_a_message_has_so_many_parts_at_most() -> None:
    boxes = made(memory_limit=10**9, job_limit=10**9)
    writer = boxes.open_writer(HERE, 0)
    for _ in range(MOST_PARTS):
        boxes.add(writer, Piece.of(b"x"), 0)
    with pytest.raises(Malformed, match="larger"):
        boxes.add(writer, Piece.of(b"x"), 0)


def of_size(boxes: Mailboxes, *sizes: int) -> Writer:
    """A put of parts of these sizes."""
    writer = boxes.open_writer(HERE, 0)
    for size in sizes:
        boxes.add(writer, Piece.of(bytes(size)), 0)
    return writer


def test_the_oldest_parts_are_spilled_first(boxes: Mailboxes) -> None:
    of_size(boxes, 20_000, 20_000, 20_000)
    boxes.memory.limit = boxes.memory.used
    assert not boxes.memory.fits(1)
    chosen = boxes.memory.to_spill(1)
    assert [part.offset for part in chosen] == [0]
    assert boxes.memory.to_spill(1) == []  # it is under way
    boxes.memory.spill_failed(chosen[0])
    assert boxes.memory.to_spill(1) == chosen


def test_the_disk_has_a_limit_and_takes_parts_again_when_others_have_gone(
    boxes: Mailboxes,
) -> None:
    memory = boxes.memory
    memory.disk_limit = costs.file(20_000)
    writer = of_size(boxes, 20_000, 20_000)
    memory.limit = memory.used
    (first,) = memory.to_spill(40_000)  # both would be needed
    assert memory.to_spill(40_000) == []
    assert memory.spilled(first, "place", digest_of(bytes(20_000)))
    assert memory.on_disk == memory.disk_limit
    assert not memory.fits(40_000)
    assert boxes.take_back(writer).places == ("place",)
    assert memory.on_disk == 0
    assert memory.fits(40_000)


def test_a_part_that_is_forgotten_while_it_is_written_takes_disk_until_it_is_removed(
    boxes: Mailboxes,
) -> None:
    memory = boxes.memory
    for well in (True, False):
        of_size(boxes, 5_000)
        (part,) = memory.to_spill(memory.limit)
        boxes.drop("job-a", 0)
        boxes = made()
        boxes.memory = memory
        assert (memory.used, memory.on_disk) == (0, costs.file(5_000))
        if well:
            assert not memory.spilled(part, "place", b"")
        else:
            memory.spill_failed(part)
        assert (memory.used, memory.leaving, memory.on_disk) == (0, 0, 0)


def test_what_is_there_already_needs_no_room(boxes: Mailboxes) -> None:
    writer = boxes.open_writer(HERE, 0)
    piece = Piece.of(RIGHT)
    assert boxes.need(writer, piece) == piece.footprint + costs.PART + costs.mailbox(HERE)
    put(boxes, RIGHT)
    assert boxes.need(writer, piece) == 0
    assert boxes.need(writer) == 0


@pytest.mark.parametrize(
    ("job", "recipient", "name"),
    [
        ("", "7", "n"),
        ("../x", "7", "n"),
        ("j", "", "n"),
        ("j", "7", ""),
        ("j", "7\n", "n"),
        ("j", "7", "n" * 201),
        ("j", "\0", "n"),
        ("j", "\u202e", "n"),
    ],
)
def test_odd_addresses_are_refused(job: str, recipient: str, name: str) -> None:
    with pytest.raises(Malformed):
        Address.checked(job, recipient, name)
