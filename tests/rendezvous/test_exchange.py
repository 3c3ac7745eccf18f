"""Puts and gets over real gRPC: order, cut-through, break-offs, conflicts, drop and expiry."""

import asyncio
import random
from collections.abc import Callable
from typing import Any

import grpc
import pytest

from excamera_proto import rendezvous_pb2 as pb
from tests.rendezvous.client import Client, hexdigest, mailbox, until

Start = Callable[..., Any]
DATA = random.Random(7).randbytes(250_000)


def status(caught: pytest.ExceptionInfo[grpc.aio.AioRpcError]) -> grpc.StatusCode:
    code: grpc.StatusCode = caught.value.code()
    return code


async def test_a_message_can_be_put_first_and_got_later(client: Client) -> None:
    result = await client.put(DATA)
    assert (result.bytes, result.already_there) == (len(DATA), False)
    assert await client.get() == DATA
    assert await client.get() == DATA


async def test_many_readers_may_come_before_their_writers(client: Client) -> None:
    boxes = [mailbox(str(n)) for n in range(40)]
    readers = [asyncio.create_task(client.get(box)) for box in boxes for _ in range(3)]
    puts = (client.put(DATA[n:], box, part=50_000) for n, box in enumerate(boxes))
    await asyncio.gather(*puts)
    received = await asyncio.gather(*readers)
    assert received == [DATA[n:] for n in range(40) for _ in range(3)]


async def test_parts_are_forwarded_before_the_put_has_ended(client: Client) -> None:
    getting = client.begin_get()
    putting = client.begin_put()
    for start in range(0, 5000, 1000):
        await putting.send(DATA[start : start + 1000])
        # This returns although the sender has not gone on, let alone ended.
        assert (await getting.next()).data == DATA[start : start + 1000]
    await putting.end(hexdigest(DATA[:5000]))
    assert (await getting.next()).digest == hexdigest(DATA[:5000])


async def test_an_empty_message_arrives(client: Client) -> None:
    await client.put(b"")
    assert await client.get() == b""


async def test_the_same_message_again_is_there_already(client: Client) -> None:
    await client.put(DATA)
    for part in (999, 1000, 100_000):
        result = await client.put(DATA, part=part)
        assert (result.bytes, result.already_there) == (len(DATA), True)


async def test_other_bytes_are_refused_and_the_first_ones_stay(client: Client) -> None:
    await client.put(DATA)
    for wrong in (DATA + b"x", DATA[:-1], DATA[:-1] + b"?", b"?", b""):
        with pytest.raises(grpc.aio.AioRpcError, match="job-1/7/state") as caught:
            await client.put(wrong)
        assert status(caught) is grpc.StatusCode.ALREADY_EXISTS
    assert await client.get() == DATA


async def test_a_put_that_broke_off_is_begun_again_and_its_readers_never_notice(
    client: Client,
) -> None:
    getting = client.begin_get()
    first = client.begin_put()
    await first.send(DATA[:1000])
    assert (await getting.next()).data == DATA[:1000]
    first.break_off()
    second = client.begin_put()
    await second.send(DATA[:700])
    await second.send(DATA[700:2000])
    assert (await getting.next()).data == DATA[1000:2000]
    second.break_off()
    assert not (await client.put(DATA)).already_there
    assert await getting.rest() == DATA[2000:]


async def test_two_attempts_may_put_the_same_message_at_once(client: Client) -> None:
    reader = asyncio.create_task(client.get())
    results = await asyncio.gather(*(client.put(DATA, part=size) for size in (1000, 777, 4096)))
    assert {result.bytes for result in results} == {len(DATA)}
    assert await reader == DATA


async def test_a_damaged_put_is_refused_taken_back_and_can_be_repeated(client: Client) -> None:
    getting, patient = client.begin_get(), asyncio.create_task(client.get())
    putting = client.begin_put()
    await putting.send(DATA[:1000])
    await getting.next()
    with pytest.raises(grpc.aio.AioRpcError, match="begin it again") as caught:
        await putting.end(hexdigest(DATA))
    assert status(caught) is grpc.StatusCode.DATA_LOSS
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await getting.next()
    assert status(caught) is grpc.StatusCode.ABORTED
    patient.cancel()
    await client.put(DATA)
    assert await client.get() == DATA


async def test_a_wrong_put_that_broke_off_does_not_stand_in_the_way(start: Start) -> None:
    rendezvous, client = await start()
    getting, patient = client.begin_get(), asyncio.create_task(client.get())
    wrong = client.begin_put()
    await wrong.send(b"?" + DATA[1:1000])
    await getting.next()
    wrong.break_off()
    await until(lambda: all(m.writers == 0 for m in rendezvous._boxes))
    with pytest.raises(grpc.aio.AioRpcError, match="begin the put again") as caught:
        await client.put(DATA)
    assert status(caught) is grpc.StatusCode.ABORTED  # which the worker's client tries again
    assert not (await client.put(DATA)).already_there
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await getting.next()
    assert status(caught) is grpc.StatusCode.ABORTED
    patient.cancel()
    assert await client.get() == DATA


async def test_who_waits_for_a_message_learns_that_he_was_heard(client: Client) -> None:
    getting = client.begin_get()
    await getting.call.wait_for_connection()
    getting.call.cancel()


async def test_drop_ends_the_waiting_and_refuses_the_late(client: Client) -> None:
    await client.put(DATA)
    await client.put(DATA, mailbox(job="job-2"))
    waiting = asyncio.create_task(client.get(mailbox("8")))
    putting, getting = client.begin_put(mailbox("9")), client.begin_get(mailbox("9"))
    await putting.send(b"half")
    await getting.next()
    await client.drop()
    late = [
        waiting,  # whether the drop came before the get or after
        getting.next(),
        putting.end(hexdigest(b"half")),
        client.get(mailbox("new")),
        client.put(DATA),
    ]
    for refused in await asyncio.gather(*late, return_exceptions=True):
        assert isinstance(refused, grpc.aio.AioRpcError)
        assert refused.code() is grpc.StatusCode.NOT_FOUND
        assert "job-1 has ended" in str(refused.details())
    assert await client.drop() == pb.DropResult()
    assert await client.get(mailbox(job="job-2")) == DATA


async def test_drop_says_what_it_forgot(client: Client) -> None:
    await client.put(DATA)
    await client.put(DATA[:10], mailbox("8"))
    assert await client.drop() == pb.DropResult(mailboxes=2, bytes=len(DATA) + 10)


async def test_a_recipient_that_has_finished_is_released_and_may_get_messages_again(
    start: Start,
) -> None:
    rendezvous, client = await start()
    for box in (mailbox("7"), mailbox("7", "other"), mailbox("8"), mailbox("7", job="job-2")):
        await client.put(DATA, box)
    waiting = asyncio.create_task(client.get(mailbox("7", "third")))
    await until(lambda: rendezvous._storage.waiting_readers == 1)
    assert (await client.drop(recipient="7")).mailboxes == 2
    assert (await client.drop(recipient="7")).mailboxes == 0
    assert await client.get(mailbox("8")) == DATA
    assert await client.get(mailbox("7", job="job-2")) == DATA
    await client.put(b"again")
    assert await client.get() == b"again"
    await client.put(b"third", mailbox("7", "third"))
    assert await waiting == b"third"


async def test_a_put_tells_in_which_life_of_the_rendezvous_it_is_kept(start: Start) -> None:
    (_, one), (_, two) = await start(), await start()
    first, again = await one.put(DATA), await one.put(DATA)
    assert first.instance == again.instance
    assert len(first.instance) == 16
    assert (await two.put(DATA)).instance != first.instance


async def test_a_job_that_nobody_touches_expires(start: Start, clock: Any) -> None:
    rendezvous, client = await start(expiry=100.0)
    await client.put(DATA)
    clock.now += 99
    rendezvous.sweep()
    assert await client.get() == DATA  # which counts as a touch
    clock.now += 99
    rendezvous.sweep()
    assert rendezvous._boxes.count == 1
    clock.now += 2
    rendezvous.sweep()
    assert rendezvous._boxes.count == 0
    assert rendezvous._metrics.expired._value.get() == 1
    assert not (await client.put(DATA)).already_there


async def test_a_reader_that_leaves_in_vain_leaves_nothing(start: Start) -> None:
    rendezvous, client = await start()
    getting = client.begin_get()
    await until(lambda: rendezvous._boxes.count == 1)
    getting.call.cancel()
    await until(lambda: rendezvous._boxes.count == 0)
    assert rendezvous._storage.waiting_readers == 0


async def test_a_slow_reader_does_not_hold_the_others_up_or_pile_up_memory(start: Start) -> None:
    rendezvous, client = await start(memory_limit=200_000_000)
    big = random.Random(1).randbytes(32_000_000)
    await client.put(big, part=100_000)
    slow = client.begin_get()
    first = (await slow.next()).data
    for _ in range(3):
        await client.put(DATA, mailbox("8"), part=100_000)
        assert await client.get(mailbox("8")) == DATA
    sent = rendezvous._metrics.sent._value.get() - 3 * len(DATA)
    assert sent < 8_000_000  # windows of gRPC and of the two sockets
    assert hexdigest(first + await slow.rest()) == hexdigest(big)
