"""Messages that are too large or no messages: refused, and the next one is served."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import grpc
import pytest
from prometheus_client import CollectorRegistry, generate_latest

from excamera_proto import channels
from excamera_proto.credentials import Identity
from mu.metrics import Metrics
from tests.mu.fake_worker import FakeWorker, Scene
from tests.mu.runs import finish, job_run, quick, until
from tests.rendezvous.client import Client, mailbox
from tests.security.doors import JOB, OURS, WORKER, Door, meeting_place

FIRST_IN_LINE = {
    "coordinator": grpc.StatusCode.UNAVAILABLE,  # it runs no such job
    "rendezvous": grpc.StatusCode.PERMISSION_DENIED,  # a worker drops nothing
}


def raw(channel: grpc.aio.Channel, method: str) -> Any:
    """A stream on which bytes go as they are."""
    return channel.stream_stream(method, lambda data: data, lambda data: data)()


async def said(door: Door, *messages: bytes) -> grpc.StatusCode:
    """How the server ends a call with these messages."""
    async with door.dial_without_limits(WORKER) as channel:
        stream = raw(channel, door.method)
        try:
            for message in messages:
                await stream.write(message)
            await stream.done_writing()
        except (grpc.aio.AioRpcError, grpc.aio.UsageError):
            pass  # it has been ended already
        code: grpc.StatusCode = await stream.code()
        return code


async def still_serves(door: Door) -> bool:
    return await door.knock(door.dial(WORKER)) is FIRST_IN_LINE[str(door.role.role)]


async def test_a_message_above_the_limit_is_refused(door: Door) -> None:
    code = await said(door, bytes(channels.MESSAGE_LIMIT + 1))
    assert code is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert await still_serves(door)


GARBAGE = {
    "ones": b"\xff" * 100,
    "endless": b"\x0a\xff\xff\xff\xff\x0f",
    "nul": b"\0",
    "empty": b"",
}


@pytest.mark.parametrize("garbage", GARBAGE.values(), ids=GARBAGE)
async def test_bytes_that_are_no_message_are_refused(door: Door, garbage: bytes) -> None:
    assert await said(door, garbage) is grpc.StatusCode.INVALID_ARGUMENT
    assert await still_serves(door)


async def test_a_call_without_any_message_is_refused(door: Door) -> None:
    assert await said(door) is not grpc.StatusCode.OK
    assert await still_serves(door)


async def test_headers_without_end_are_refused(door: Door) -> None:
    async with door.dial(WORKER) as channel:
        call: Any = channel.stream_stream(door.method)(metadata=[("x-long", "x" * 64_000)])
        assert await call.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert await still_serves(door)


async def test_a_job_has_no_more_room_than_its_limit(tmp_path: Path) -> None:
    async with (
        meeting_place(tmp_path, job_limit=100_000) as door,
        door.dial(WORKER) as greedy,
        door.dial(OURS.issue(Identity.worker("job-2"))) as other,
    ):
        with pytest.raises(grpc.aio.AioRpcError, match=f"job {JOB} would exceed"):
            await Client(greedy).put(bytes(200_000))
        await Client(other).put(b"x", mailbox(job="job-2"))


async def test_what_a_worker_calls_its_backend_is_no_label_of_metrics(server) -> None:
    """Or it could make as many time series as it likes, in the process that all jobs share."""
    registry = CollectorRegistry()
    run, _ = job_run(Scene(), settings=quick(1), watcher=Metrics(registry).of_run())
    running = asyncio.ensure_future(finish(server, run))
    liar = FakeWorker(server.invitation("job", "fake"), Scene(), "liar", backend="x" * 100)
    await running
    await until(lambda: liar.quit is not None)
    assert b"xxx" not in generate_latest(registry)


async def test_a_job_does_not_remember_workers_without_end(server, monkeypatch) -> None:
    monkeypatch.setattr("mu.reception.MOST_WORKERS", 1)
    run, backend = job_run(Scene(), settings=quick(1))
    running = asyncio.ensure_future(finish(server, run))
    await until(lambda: bool(backend.workers and backend.workers[0].connections))
    second = FakeWorker(server.invitation("job", "fake"), Scene(), "second")
    await running
    await until(lambda: bool(second.rejections or second.quit))
    assert not run._reception.has_welcomed("second")
    second.kill()
