"""The marks by which an operator knows which shards still remember a job, and releases."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager

import grpc
import pytest

from excamera.mailboxes import Mailboxes
from excamera_proto import channels
from excamera_proto.credentials import OPERATOR, RENDEZVOUS, Authority, Identity
from excamera_proto.rendezvous_pb2 import DropRequest, DropResult
from excamera_proto.shards import shard_of
from excamera_rendezvous import Rendezvous, Settings
from excamera_rendezvous.service import NAME
from mu import Attempt
from mu.observer import TaskDone
from tests.rendezvous.client import Client, mailbox, until
from tests.rendezvous.conftest import Clock

AUTHORITY = Authority.create("test")


def rendezvous(
    folder, listen: str = "127.0.0.1:0", clock: Callable[[], float] = time.monotonic
) -> Rendezvous:
    credential = AUTHORITY.issue(RENDEZVOUS)
    return Rendezvous(Settings(listen, credential, spill_dir=folder, grace=0.0), clock=clock)


def address(server: Rendezvous) -> str:
    return f"127.0.0.1:{server.port}"


def mailboxes(*shards: str) -> Mailboxes:
    return Mailboxes("job-1", shards, AUTHORITY.issue(OPERATOR))


async def test_a_mark_is_remembered_by_an_operators_successor(tmp_path) -> None:
    async with rendezvous(tmp_path) as one, rendezvous(tmp_path) as two:
        shards = frozenset({address(one), address(two)})
        async with mailboxes(*shards) as first:
            assert await first.holding() == frozenset()
            assert await first.holding() == shards
            first.kept = True
        async with mailboxes(*shards) as second:
            assert await second.holding() == shards


async def test_shards_that_are_more_or_fewer_than_before_hold_nothing(tmp_path) -> None:
    """Messages are looked for elsewhere then, even where the shard itself has forgotten nothing."""
    async with rendezvous(tmp_path) as one, rendezvous(tmp_path) as two:
        async with mailboxes(address(one), address(two)) as before:
            await before.holding()
            before.kept = True
        async with mailboxes(address(one)) as after:
            assert await after.holding() == frozenset()


async def test_a_run_is_told_once_of_the_one_shard_that_began_anew(tmp_path) -> None:
    told: asyncio.Queue[str] = asyncio.Queue()
    async with rendezvous(tmp_path) as stays:
        async with rendezvous(tmp_path) as goes:
            gone = address(goes)
            watched = mailboxes(address(stays), gone)
            await watched.holding()
        async with watched.watched(told.put_nowait, 0.01), rendezvous(tmp_path, gone):
            assert await told.get() == gone
            assert await watched.holding() == {address(stays), gone}
            assert told.empty()


async def test_a_shard_that_does_not_answer_is_not_taken_for_holding_anything(tmp_path) -> None:
    async with rendezvous(tmp_path) as server:
        watched = mailboxes(address(server))
        await watched.holding()
    assert await watched.holding() == frozenset()


async def test_a_state_lies_unread_for_as_long_as_its_job_has_a_coordinator_and_no_longer(
    tmp_path,
) -> None:
    """A pass over all chains may take longer than any message is kept that nobody looks after."""
    told: list[str] = []
    clock = Clock()
    async with rendezvous(tmp_path, clock=clock) as server:
        expiry = server.settings.expiry
        async with mailboxes(address(server)) as coordinator:
            await coordinator.holding()
            await sent(server, "chunk-000001")
            async with coordinator.watched(told.append, 0.001):
                for _ in range(5):
                    clock.now += 0.9 * expiry
                    await touched(server, clock.now)
                    server.sweep()
                    assert server._boxes.count == 2
            coordinator.kept = True  # as if it had been killed
        await until(lambda: not any(message.held for message in server._boxes))
        clock.now += 0.9 * expiry
        server.sweep()
        assert server._boxes.count == 2
        clock.now += expiry
        server.sweep()
        assert (server._boxes.count, server._boxes.memory.used) == (0, 0)
    assert told == []


async def sent(server: Rendezvous, recipient: str) -> None:
    """As by a worker of the job."""
    credential = AUTHORITY.issue(Identity.worker("job-1"))
    async with channels.channel(credential, address(server), RENDEZVOUS) as channel:
        await Client(channel).put(b"state", mailbox(recipient))


async def touched(server: Rendezvous, now: float) -> None:
    """Until the job has been."""
    job = server._boxes._ledger.find("job-1")
    assert job is not None
    await until(lambda: job.touched >= now)


@asynccontextmanager
async def recording() -> AsyncIterator[tuple[str, asyncio.Queue[str]]]:
    """A shard's address, and what is dropped there."""
    dropped: asyncio.Queue[str] = asyncio.Queue()

    async def drop(request: DropRequest, context: object) -> DropResult:
        dropped.put_nowait(request.recipient)
        return DropResult()

    handler = grpc.unary_unary_rpc_method_handler(
        drop, DropRequest.FromString, DropResult.SerializeToString
    )
    server, port = channels.server(AUTHORITY.issue(RENDEZVOUS), "127.0.0.1:0")
    service = grpc.method_handlers_generic_handler(NAME, {"Drop": handler})
    server.add_generic_rpc_handlers((service,))
    await server.start()
    try:
        yield f"127.0.0.1:{port}", dropped
    finally:
        await server.stop(None)


async def test_a_finished_chunk_is_released_at_its_own_shard_and_a_job_at_all() -> None:
    async with AsyncExitStack() as stack:
        shards = dict([await stack.enter_async_context(recording()) for _ in range(3)])
        async with mailboxes(*shards) as released:
            for number in range(6):
                name, partition = f"chunk-{number}", f"chain-{number}"
                released.observe(TaskDone(name, Attempt(name, 1), "first", {}, {}, partition))
                assert await shards[shard_of("job-1", partition, shards)].get() == name
        assert [await dropped.get() for dropped in shards.values()] == ["", "", ""]
        assert all(dropped.empty() for dropped in shards.values())


@pytest.mark.parametrize("kept", [True, False])
async def test_a_job_that_another_coordinator_goes_on_with_is_not_dropped(kept: bool) -> None:
    async with recording() as (shard, dropped):
        async with mailboxes(shard) as left:
            left.kept = kept
        assert dropped.empty() is kept
