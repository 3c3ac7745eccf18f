"""Send and Receive through a rendezvous that breaks, over real connections."""

from __future__ import annotations

import asyncio
import random
from dataclasses import replace
from pathlib import Path

import grpc
import pytest

from excamera_proto import mu_pb2
from excamera_proto.credentials import Authority, Identity
from excamera_proto.mu_pb2 import Failure, Receive, Reply, Run, Send
from excamera_proto.shards import shard_of
from excamera_worker.mailboxes import Mailboxes
from excamera_worker.settings import Settings
from excamera_worker.sources import FileSource
from tests.worker.conftest import JOB, Start
from tests.worker.fake_coordinator import ATTEMPT, Connection, FakeCoordinator
from tests.worker.fake_rendezvous import FakeRendezvous, digest_of, meeting

KEY = (JOB, "chunk 4", "state")
MESSAGE = b"\1" + random.Random(21).randbytes(299_999) * 10  # of several parts
TO_RECEIVE = Receive(recipient="chunk 4", name="state", file="state")
TO_PIPE = Receive(recipient="chunk 4", name="state", file="state", pipe=True)
TO_SEND = Send(file="message", recipient="chunk 4", name="state")
READ = Run(
    argv=["py", "-c", "import hashlib; d = open('state', 'rb').read(); print(len(d), "
          "hashlib.blake2b(d, digest_size=32).hexdigest())"],
    timeout_seconds=60,
)  # fmt: skip


async def read_back(connection: Connection) -> str:
    return (await connection.ask(run=READ)).ran.stdout.strip()


async def with_file(connection: Connection, text: str) -> None:
    await connection.ask(run=Run(argv=["printf", text], timeout_seconds=60, stdout_file="message"))


async def two_replies(connection: Connection) -> dict[int, Reply]:
    return {reply.id: reply for reply in [await connection.reply(), await connection.reply()]}


def described(data: bytes) -> str:
    return f"{len(data)} {digest_of(data)}"


async def test_a_message_that_is_there_is_received(
    connection: Connection, rendezvous: FakeRendezvous
) -> None:
    await rendezvous.put(KEY, MESSAGE)
    reply = await connection.ask(receive=TO_RECEIVE)
    assert reply.transferred == mu_pb2.Transferred(bytes=len(MESSAGE), digest=digest_of(MESSAGE))
    assert await read_back(connection) == described(MESSAGE)


async def test_a_message_that_comes_later_is_waited_for(
    connection: Connection, rendezvous: FakeRendezvous
) -> None:
    await connection.call(receive=TO_RECEIVE)
    assert await rendezvous.asked.get() == "state"
    await rendezvous.put(KEY, b"")
    assert (await connection.reply()).transferred.digest == digest_of(b"")
    assert await read_back(connection) == described(b"")


async def test_a_scratch_file_is_sent(connection: Connection, rendezvous: FakeRendezvous) -> None:
    await with_file(connection, "hello")
    reply = await connection.ask(send=TO_SEND)
    assert reply.transferred == mu_pb2.Transferred(bytes=5, digest=digest_of(b"hello"))
    assert rendezvous.messages == {KEY: b"hello"}
    assert (await connection.ask(send=TO_SEND)).transferred.bytes == 5


async def test_what_is_sent_is_received_whatever_its_size(
    connection: Connection, rendezvous: FakeRendezvous
) -> None:
    await rendezvous.put((JOB, "r", "n"), MESSAGE)
    await connection.ask(receive=Receive(recipient="r", name="n", file="message"))
    await connection.ask(send=TO_SEND)
    assert rendezvous.messages[KEY] == MESSAGE


async def test_a_mailbox_with_other_bytes_is_a_conflict(
    connection: Connection, rendezvous: FakeRendezvous
) -> None:
    await rendezvous.put(KEY, b"other")
    await with_file(connection, "hello")
    assert (await connection.ask(send=TO_SEND)).failure.kind == Failure.CONFLICT


@pytest.mark.parametrize(
    "code",
    [grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED, grpc.StatusCode.INTERNAL],
)
async def test_a_send_that_breaks_off_begins_again(
    connection: Connection, rendezvous: FakeRendezvous, code: grpc.StatusCode
) -> None:
    await rendezvous.put((JOB, "r", "n"), MESSAGE)
    await connection.ask(receive=Receive(recipient="r", name="n", file="message"))
    rendezvous.breaks += [(0, code), (1_000_000, code), (2_000_000, code)]
    before = rendezvous.transfers
    assert (await connection.ask(send=TO_SEND)).transferred.bytes == len(MESSAGE)
    assert rendezvous.messages[KEY] == MESSAGE
    assert rendezvous.transfers - before == 4


@pytest.mark.parametrize(
    "code",
    [grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED, grpc.StatusCode.INTERNAL],
)
async def test_a_receive_that_breaks_off_goes_on_where_it_was(
    connection: Connection, rendezvous: FakeRendezvous, code: grpc.StatusCode
) -> None:
    await rendezvous.put(KEY, MESSAGE)
    rendezvous.breaks += [(0, code), (1_000_000, code), (500_000, code), (2_000_000, code)]
    await connection.call(receive=TO_PIPE)
    await connection.call(run=READ)
    replies = await two_replies(connection)
    assert replies[1].transferred.digest == digest_of(MESSAGE)
    assert replies[2].ran.stdout.strip() == described(MESSAGE)
    assert rendezvous.transfers == 5


async def test_a_message_that_changes_while_it_is_read_is_for_another_attempt(
    connection: Connection, rendezvous: FakeRendezvous
) -> None:
    await rendezvous.put(KEY, MESSAGE)
    rendezvous.breaks += [(1_000_000, grpc.StatusCode.UNAVAILABLE)]
    rendezvous.changed = bytes(1) + MESSAGE[1:]
    reply = await connection.ask(receive=TO_RECEIVE)
    assert reply.failure.kind == Failure.UNREACHABLE
    assert "changed while it was read" in reply.failure.message
    left = await connection.ask(run=Run(argv=["ls", "-A"], timeout_seconds=60))
    assert left.ran.stdout == ""


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (grpc.StatusCode.NOT_FOUND, Failure.NOT_FOUND),
        (grpc.StatusCode.PERMISSION_DENIED, Failure.DENIED),
        (grpc.StatusCode.INVALID_ARGUMENT, Failure.INVALID),
        (grpc.StatusCode.FAILED_PRECONDITION, Failure.INVALID),  # the job's limit
    ],
)
async def test_what_the_rendezvous_refuses_is_not_tried_again(
    connection: Connection,
    rendezvous: FakeRendezvous,
    code: grpc.StatusCode,
    kind: Failure.Kind.ValueType,
) -> None:
    await rendezvous.put(KEY, MESSAGE)
    rendezvous.breaks += [(0, code)]
    assert (await connection.ask(receive=TO_RECEIVE)).failure.kind == kind
    assert rendezvous.transfers == 1
    left = await connection.ask(run=Run(argv=["ls", "-A"], timeout_seconds=60))
    assert left.ran.stdout == ""


async def test_a_rendezvous_out_of_reach_is_given_up_after_a_while(
    start: Start, coordinator: FakeCoordinator, settings: Settings
) -> None:
    start(settings=replace(settings, transfer=0.05))
    connection = await coordinator.welcome("127.0.0.1:1")
    assert (await connection.ask(receive=TO_RECEIVE)).failure.kind == Failure.UNREACHABLE


async def test_a_rendezvous_that_breaks_off_now_and_then_is_waited_at_for_any_time(
    start: Start, coordinator: FakeCoordinator, rendezvous: FakeRendezvous, settings: Settings
) -> None:
    start(settings=replace(settings, transfer=0.1))
    connection = await coordinator.welcome(rendezvous.address)
    await connection.call(receive=TO_RECEIVE)
    for _ in range(4):
        await rendezvous.asked.get()
        await asyncio.sleep(0.15)  # longer than its patience
        await rendezvous.hang_up()
    await rendezvous.put(KEY, b"at last")
    assert (await connection.reply()).transferred.digest == digest_of(b"at last")


async def test_a_rendezvous_that_breaks_off_at_once_is_given_up_after_a_while(
    start: Start, coordinator: FakeCoordinator, rendezvous: FakeRendezvous, settings: Settings
) -> None:
    start(settings=replace(settings, transfer=0.1, backoff_cap=5.0))
    connection = await coordinator.welcome(rendezvous.address)
    rendezvous.breaks += [(0, grpc.StatusCode.UNAVAILABLE)] * 1000
    await rendezvous.put(KEY, MESSAGE)
    assert (await connection.ask(receive=TO_RECEIVE)).failure.kind == Failure.UNREACHABLE


async def test_without_a_rendezvous_nothing_is_sent(
    start: Start, coordinator: FakeCoordinator
) -> None:
    start()
    connection = await coordinator.welcome()
    await with_file(connection, "hello")
    assert (await connection.ask(send=TO_SEND)).failure.kind == Failure.UNREACHABLE


async def test_a_rendezvous_that_moves_is_followed(
    start: Start, coordinator: FakeCoordinator, rendezvous: FakeRendezvous, authority: Authority
) -> None:
    start()
    connection = await coordinator.welcome(rendezvous.address)
    await with_file(connection, "hello")
    async with meeting(authority) as other:
        connection.drop()
        connection = await coordinator.welcome(other.address)
        await connection.call(id=7, send=TO_SEND)
        assert (await connection.reply()).transferred.bytes == 5
        assert other.messages == {KEY: b"hello"}
    assert rendezvous.messages == {}


async def test_what_waits_at_a_shard_that_carries_it_no_more_goes_on_at_the_one_that_does(
    start: Start, coordinator: FakeCoordinator, rendezvous: FakeRendezvous, authority: Authority
) -> None:
    start()
    connection = await coordinator.welcome(rendezvous.address)
    await connection.call(receive=TO_RECEIVE)
    await rendezvous.asked.get()
    async with meeting(authority) as other:
        connection.drop()
        connection = await coordinator.welcome(other.address)
        await other.asked.get()
        await other.put(KEY, MESSAGE)
        assert (await connection.reply()).transferred.digest == digest_of(MESSAGE)


async def test_a_shard_that_is_no_more_keeps_no_connection(
    rendezvous: FakeRendezvous, authority: Authority, tmp_path: Path
) -> None:
    credential = authority.issue(Identity.worker(JOB))
    mailboxes = Mailboxes(JOB, credential, Settings(scratch=tmp_path))
    (tmp_path / "message").write_bytes(b"hello")
    async with meeting(authority) as other:
        for shards in ([rendezvous.address], [rendezvous.address, other.address], [other.address]):
            mailboxes.move(shards)
            for number in range(40):  # by any addresses each shard has some
                source = FileSource(tmp_path / "message")
                await mailboxes.send(source, f"chain-{number}", f"to {number}", "state")
            assert set(mailboxes._channels) == set(shards)
        used = list(mailboxes._channels.values())
        mailboxes.move([])
        mailboxes.move([])
        await mailboxes.close()
    assert {channel.get_state() for channel in used} == {grpc.ChannelConnectivity.SHUTDOWN}


async def test_each_partition_has_its_shard(
    start: Start, coordinator: FakeCoordinator, rendezvous: FakeRendezvous, authority: Authority
) -> None:
    partitions = [f"chain-{number}" for number in range(8)]
    async with meeting(authority) as other:
        start()
        shards = {one.address: one for one in (rendezvous, other)}
        connection = await coordinator.welcome(*shards)
        await with_file(connection, "hello")
        for one in partitions:
            send = Send(file="message", recipient=f"to {one}", name="state", partition=one)
            assert (await connection.ask(send=send)).transferred.bytes == 5
            receive = Receive(recipient=f"to {one}", name="state", file=one, partition=one)
            assert (await connection.ask(receive=receive)).transferred.bytes == 5
        for one in partitions:
            carried = [
                a for a, shard in shards.items() if (JOB, f"to {one}", "state") in shard.messages
            ]
            assert carried == [shard_of(JOB, one, shards)]
        assert all(shard.messages for shard in shards.values())


async def test_a_full_disk_is_told_as_such(
    connection: Connection, rendezvous: FakeRendezvous
) -> None:
    await rendezvous.put(KEY, MESSAGE)
    full = Run(argv=["ln", "-s", "/dev/full", "state.part"], timeout_seconds=60)
    await connection.ask(run=full)
    assert (await connection.ask(receive=TO_RECEIVE)).failure.kind == Failure.DISK_FULL
    left = await connection.ask(run=Run(argv=["ls", "-A"], timeout_seconds=60))
    assert left.ran.stdout == ""


async def test_a_pipe_is_there_before_the_next_call_begins(
    connection: Connection, rendezvous: FakeRendezvous
) -> None:
    await connection.call(receive=TO_PIPE)
    listing = await connection.ask(run=Run(argv=["ls"], timeout_seconds=60))
    assert listing.ran.stdout == "state\n"


@pytest.mark.parametrize("message", [b"", b"short", MESSAGE])
async def test_a_reader_that_comes_first_waits_for_the_message(
    connection: Connection, rendezvous: FakeRendezvous, message: bytes
) -> None:
    receive = await connection.call(receive=TO_PIPE)
    reader = await connection.call(run=READ)
    await rendezvous.asked.get()
    await rendezvous.put(KEY, message)
    replies = await two_replies(connection)
    assert replies[receive].transferred.bytes == len(message)
    assert replies[reader].ran.stdout.strip() == described(message)


async def test_a_message_that_comes_first_waits_for_the_reader(
    connection: Connection, rendezvous: FakeRendezvous
) -> None:
    await rendezvous.put(KEY, MESSAGE)
    receive = await connection.call(receive=TO_PIPE)
    await rendezvous.asked.get()
    await connection.ask(echo=mu_pb2.Echo())  # the event loop is not held up
    reader = await connection.call(run=READ)
    replies = await two_replies(connection)
    assert replies[receive].transferred.bytes == len(MESSAGE)
    assert replies[reader].ran.stdout.strip() == described(MESSAGE)


async def test_a_reader_that_dies_fails_the_receive(
    connection: Connection, rendezvous: FakeRendezvous
) -> None:
    await rendezvous.put(KEY, MESSAGE)
    receive = await connection.call(receive=TO_PIPE)
    reader = await connection.call(
        run=Run(argv=["head", "-c", "1", "state"], timeout_seconds=60, stdout_file="x")
    )
    replies = await two_replies(connection)
    assert replies[reader].ran.exit_status == 0
    assert replies[receive].failure.kind == Failure.INTERNAL
    assert "'state'" in replies[receive].failure.message


async def test_a_receive_is_cancelled_while_nobody_reads(
    connection: Connection, rendezvous: FakeRendezvous
) -> None:
    await rendezvous.put(KEY, MESSAGE)
    for number in (1, 2):
        await connection.call(id=number, receive=TO_PIPE)
        await rendezvous.asked.get()
        await connection.send(cancel=mu_pb2.Cancel(attempt=ATTEMPT, id=number))
        assert (await connection.reply()).failure.kind == Failure.CANCELLED
    left = await connection.ask(id=3, run=Run(argv=["ls", "-A"], timeout_seconds=60))
    assert left.ran.stdout == ""


async def test_no_thread_is_left_waiting_for_a_reader(
    connection: Connection, rendezvous: FakeRendezvous
) -> None:
    import threading

    await connection.call(receive=TO_PIPE)
    await rendezvous.asked.get()
    (waiting,) = [t for t in threading.enumerate() if t.name == "excamera open"]
    await connection.send(forget=mu_pb2.Forget(attempt=ATTEMPT))
    await asyncio.to_thread(waiting.join)
