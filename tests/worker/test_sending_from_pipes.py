"""Send from a pipe: a message goes while it is written, and is whole when its making ended well."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import grpc
import pytest

from excamera_proto import mu_pb2
from excamera_proto.credentials import RENDEZVOUS, Authority
from excamera_proto.mu_pb2 import Attempt, Cancel, Failure, Receive, Reply, Run, Send
from excamera_rendezvous import Rendezvous, Settings
from excamera_worker.invitation import Invitation
from tests.worker.conftest import JOB, Start
from tests.worker.fake_coordinator import ATTEMPT, Connection, FakeCoordinator
from tests.worker.fake_rendezvous import FakeRendezvous, digest_of

KEY = (JOB, "chunk 4", "state")
MESSAGE = bytes(range(256)) * 12_000  # of several parts
FROM_PIPE = Send(file="out", recipient="chunk 4", name="state", pipe=True)
TO_PIPE = Receive(recipient="chunk 4", name="state", file="in", pipe=True)
OTHER = Attempt(task="chunk 4", number=1)

WRITE = "open('out', 'wb', 0).write(bytes(range(256)) * 12_000)\n"
UNTIL_TOLD = """
import os, time
while not os.path.exists('go'):
    time.sleep(0.01)
"""
READ_WHAT_IT_SAYS = """
import sys
data = open('in', 'rb').read(256 * 12_000)
print(data == bytes(range(256)) * 12_000)
"""


def program(text: str) -> Run:
    return Run(argv=["py", "-c", text], timeout_seconds=60)


async def replies(connection: Connection, count: int = 2) -> list[Reply]:
    """In the order in which they came."""
    return [await connection.reply() for _ in range(count)]


async def files(connection: Connection) -> str:
    left = await connection.ask(run=Run(argv=["ls", "-A"], timeout_seconds=60))
    return left.ran.stdout


async def test_what_a_program_writes_is_sent(
    connection: Connection, rendezvous: FakeRendezvous
) -> None:
    send = await connection.call(send=FROM_PIPE)
    run = await connection.call(run=program(WRITE))
    first, second = await replies(connection)
    assert (first.id, first.ran.exit_status) == (run, 0)
    assert (second.id, second.transferred.digest) == (send, digest_of(MESSAGE))
    assert rendezvous.messages == {KEY: MESSAGE}
    assert await files(connection) == ""


async def test_a_message_may_be_empty(connection: Connection, rendezvous: FakeRendezvous) -> None:
    await connection.call(send=FROM_PIPE)
    await connection.call(run=program("open('out', 'wb')"))
    assert (await replies(connection))[1].transferred.digest == digest_of(b"")
    assert rendezvous.messages == {KEY: b""}


@pytest.mark.parametrize("code", [grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.ABORTED])
async def test_a_send_that_breaks_off_begins_again_though_the_pipe_is_empty(
    connection: Connection, rendezvous: FakeRendezvous, code: grpc.StatusCode
) -> None:
    rendezvous.breaks += [(0, code), (1_000_000, code), (len(MESSAGE), code)]
    await connection.call(send=FROM_PIPE)
    await connection.call(run=program(WRITE))
    assert (await replies(connection))[1].transferred.digest == digest_of(MESSAGE)
    assert rendezvous.messages == {KEY: MESSAGE}


@pytest.mark.parametrize(
    "end",
    ["raise SystemExit(1)", "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"],
    ids=["fails", "is killed"],
)
async def test_a_program_that_fails_leaves_no_message_and_is_the_first_to_say_so(
    connection: Connection, rendezvous: FakeRendezvous, end: str
) -> None:
    send = await connection.call(send=FROM_PIPE)
    await connection.call(run=program(WRITE + end))
    first, second = await replies(connection)
    assert first.ran.exit_status != 0
    assert (second.id, second.failure.kind) == (send, Failure.INTERNAL)
    assert "'out' is not whole" in second.failure.message
    assert rendezvous.messages == {}
    assert await files(connection) == ""


async def test_a_program_that_does_not_write_is_found_out_when_it_has_ended(
    connection: Connection, rendezvous: FakeRendezvous
) -> None:
    await connection.call(send=FROM_PIPE)
    await connection.call(run=program(""))
    failure = (await replies(connection))[1].failure
    assert failure.kind == Failure.NOT_FOUND
    assert "no program has written 'out'" in failure.message


async def test_a_program_that_cannot_be_run_does_not_leave_the_send_waiting(
    connection: Connection, rendezvous: FakeRendezvous
) -> None:
    await connection.call(send=FROM_PIPE)
    await connection.call(run=Run(argv=["no-such-program"], timeout_seconds=60))
    assert [reply.failure.kind for reply in await replies(connection)] == [Failure.NOT_FOUND] * 2


async def test_a_send_is_cancelled_while_nobody_writes(
    connection: Connection, rendezvous: FakeRendezvous
) -> None:
    for number in (1, 2):
        await connection.call(id=number, send=FROM_PIPE)
        await connection.send(cancel=Cancel(attempt=ATTEMPT, id=number))
        assert (await connection.reply()).failure.kind == Failure.CANCELLED
    assert await files(connection) == ""
    assert rendezvous.transfers == 0


async def test_what_is_there_already_is_not_taken_for_a_pipe(
    connection: Connection, rendezvous: FakeRendezvous
) -> None:
    await connection.ask(run=Run(argv=["touch", "out"], timeout_seconds=60))
    assert (await connection.ask(send=FROM_PIPE)).failure.kind == Failure.INVALID
    assert await files(connection) == "out\n"


@pytest.fixture
async def address(authority: Authority, tmp_path: Path) -> AsyncIterator[str]:
    """A real rendezvous."""
    credential = authority.issue(RENDEZVOUS)
    async with Rendezvous(Settings(credential=credential, spill_dir=tmp_path)) as real:
        yield f"127.0.0.1:{real.port}"


@pytest.fixture
async def pair(
    start: Start, coordinator: FakeCoordinator, invitation: Invitation, address: str
) -> tuple[Connection, Connection]:
    """One worker that sends and one that receives."""
    start()
    sender = await coordinator.welcome(address)
    start(replace(invitation, worker="worker-2"))
    return sender, await coordinator.welcome(address)


async def test_the_recipient_reads_it_while_the_program_that_writes_it_goes_on(
    pair: tuple[Connection, Connection],
) -> None:
    sender, receiver = pair
    receive = await receiver.call(attempt=OTHER, receive=TO_PIPE)
    await receiver.call(attempt=OTHER, run=program(READ_WHAT_IT_SAYS))
    send = await sender.call(send=FROM_PIPE)
    run = await sender.call(run=program(WRITE + UNTIL_TOLD))
    assert (await receiver.reply()).ran.stdout == "True\n"
    told = await sender.call(run=Run(argv=["touch", "go"], timeout_seconds=60))
    assert [reply.id for reply in await replies(sender, 3)] == [told, run, send]
    received = await receiver.reply()
    assert (received.id, received.transferred.digest) == (receive, digest_of(MESSAGE))


async def test_a_message_is_not_whole_before_that_is_from_which_it_was_made(
    pair: tuple[Connection, Connection],
) -> None:
    """The one in the middle has read and written all, but what it read is not vouched for yet."""
    first, middle = pair
    await middle.call(attempt=OTHER, receive=TO_PIPE)
    onward = Send(file="out", recipient="chunk 5", name="state", pipe=True)
    await middle.call(attempt=OTHER, send=onward)
    await middle.call(attempt=OTHER, run=program(READ_WHAT_IT_SAYS + WRITE))
    await first.call(send=FROM_PIPE)
    await first.call(run=program(WRITE + UNTIL_TOLD))
    assert (await middle.reply()).ran.stdout == "True\n"
    await middle.call(attempt=OTHER, id=9, echo=mu_pb2.Echo())
    assert (await middle.reply()).id == 9, "the message was sent whole too early"
    await first.call(run=Run(argv=["touch", "go"], timeout_seconds=60))
    assert [reply.id for reply in await replies(middle)] == [1, 2]


async def test_what_a_failed_program_had_written_another_attempt_completes(
    pair: tuple[Connection, Connection],
) -> None:
    sender, receiver = pair
    await receiver.call(attempt=OTHER, receive=TO_PIPE)
    await receiver.call(attempt=OTHER, run=program(READ_WHAT_IT_SAYS))
    half = WRITE.replace("12_000", "6_000")
    await sender.call(send=FROM_PIPE)
    await sender.call(run=program(f"{half}raise SystemExit(1)"))
    assert (await replies(sender))[1].failure.kind == Failure.INTERNAL
    again = Attempt(task=ATTEMPT.task, number=2)
    await sender.call(attempt=again, send=FROM_PIPE)
    await sender.call(attempt=again, run=program(WRITE))
    assert (await replies(sender))[1].transferred.digest == digest_of(MESSAGE)
    received = {reply.id: reply for reply in await replies(receiver)}
    assert received[1].transferred.digest == digest_of(MESSAGE)
    assert received[2].ran.stdout == "True\n"


async def test_forgetting_the_attempt_ends_the_send_and_its_program(
    connection: Connection, rendezvous: FakeRendezvous, scratch: Path
) -> None:
    await connection.call(send=FROM_PIPE)
    await connection.call(run=program(WRITE + UNTIL_TOLD))
    while not rendezvous.transfers:  # noqa: ASYNC110 - a rendezvous tells nobody
        await asyncio.sleep(0.01)
    await connection.send(forget=mu_pb2.Forget(attempt=ATTEMPT))
    (own,) = scratch.iterdir()
    while list(own.iterdir()):  # noqa: ASYNC110 - nor does a file system
        await asyncio.sleep(0.01)
    assert rendezvous.messages == {}
