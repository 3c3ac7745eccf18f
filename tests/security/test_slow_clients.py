"""Peers that begin something and never end it: each is let go of, and holds nothing meanwhile."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import grpc
import pytest

from excamera_proto import PROTOCOL_VERSION, channels
from excamera_proto import mu_pb2 as mu
from excamera_proto.mu_pb2_grpc import CoordinatorStub
from excamera_rendezvous import Rendezvous, Settings, status_page
from mu import Task, Upload, exchange
from mu import server as mu_server
from mu.invitation import Invitation
from tests.mu.fake_worker import FakeWorker, Scene
from tests.mu.runs import finish, job_run, quick
from tests.rendezvous.client import Client, until
from tests.security.doors import WORKER, coordinator, meeting_place, tls

SOON = 0.3
"""Seconds, in place of a bound that production has in tens of them."""


HTTP_2 = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\0\0\0\4\0\0\0\0\0"
"""The client's preface and empty settings."""


async def hung_up(reader: asyncio.StreamReader) -> bool:
    """Waits until the other end has closed; the test's time-out is the bound."""
    try:
        while await reader.read(65536):
            pass
    except ConnectionError:
        pass
    return True


async def raw_connection(address: str, context=None):
    host, _, port = address.rpartition(":")
    return await asyncio.open_connection(host, int(port), ssl=context)


@pytest.mark.parametrize("words", [b"", b"\x16\x03\x01\x02\x00\x01"], ids=["mute", "half a hello"])
async def test_a_handshake_that_is_never_finished_is_given_up(monkeypatch, words: bytes) -> None:
    monkeypatch.setattr(channels, "HANDSHAKE_SECONDS", SOON)
    async with coordinator() as door:
        reader, writer = await raw_connection(door.address)
        writer.write(words)
        assert await hung_up(reader)
        writer.close()


async def test_a_connection_without_calls_is_closed(monkeypatch, tmp_path: Path) -> None:
    monkeypatch.setattr(channels, "IDLE_SECONDS", SOON)
    async with coordinator() as door:
        reader, writer = await raw_connection(door.address, tls(WORKER, tmp_path))
        writer.write(HTTP_2)
        assert await hung_up(reader)
        writer.close()


async def test_calls_beyond_the_limit_of_a_connection_wait(monkeypatch, tmp_path: Path) -> None:
    """Two readers are waiting; the third call is not begun until one of them leaves."""
    monkeypatch.setattr(channels, "CALLS_AT_ONCE", 2)
    async with meeting_place(tmp_path) as door, door.dial(WORKER) as channel:
        client = Client(channel)
        waiting = [client.begin_get() for _ in range(2)]
        for one in waiting:
            await one.call.initial_metadata()
        put = asyncio.ensure_future(client.put(b"x"))
        waiting[0].call.cancel()
        assert (await put).bytes == 1


async def test_a_stream_without_a_hello_is_ended(monkeypatch) -> None:
    monkeypatch.setattr(mu_server, "HELLO_SECONDS", SOON)
    async with coordinator() as door, door.dial(WORKER) as channel:
        call: Any = channel.stream_stream(door.method)()
        assert await call.code() is grpc.StatusCode.DEADLINE_EXCEEDED


async def test_a_worker_that_takes_nothing_and_says_nothing_costs_its_attempt_only() -> None:
    """Its call is larger than what the transport takes on its own, so that a write is pending when
    its stream is given up."""
    task = Task("t", exchange("a", Upload("x" * (channels.MESSAGE_LIMIT - 1000), "s3://b/k")))
    settings = quick(1, silence_seconds=SOON, schedule={"grace_seconds": SOON})
    async with coordinator() as door:
        run, backend = job_run(Scene(), tasks=[task], settings=settings)
        backend.start = _nobody
        running = asyncio.ensure_future(finish(door.server, run))
        invitation = door.server.invitation("job", "fake")
        async with door.dial(invitation.credential) as channel:
            stream: Any = CoordinatorStub(channel).Work()
            hello = mu.Hello(protocol=PROTOCOL_VERSION, job="job", worker="deaf", backend="fake")
            await stream.write(mu.FromWorker(hello=hello))
            seen = run._reception
            await until(lambda: seen.has_welcomed("deaf") and not seen.is_present("deaf"))
            good = FakeWorker(invitation, Scene(), "good")
            assert list(await running) == ["t"]
            good.kill()


async def _nobody(count: int, invitation: Invitation) -> None:
    """Starts no workers."""


async def test_a_put_without_its_next_part_is_ended_and_leaves_nothing(tmp_path: Path) -> None:
    async with meeting_place(tmp_path, stall=SOON) as door, door.dial(WORKER) as channel:
        sending = Client(channel).begin_put()
        await sending.send(b"beginning")
        assert await sending.call.code() is grpc.StatusCode.DEADLINE_EXCEEDED
        await until(lambda: door.server._boxes.expire(float("inf")).size == len(b"beginning"))


async def test_a_request_that_never_comes_is_not_waited_for(tmp_path: Path) -> None:
    async with meeting_place(tmp_path, stall=SOON) as door, door.dial(WORKER) as channel:
        call: Any = channel.stream_stream(door.method)()
        assert await call.code() is grpc.StatusCode.DEADLINE_EXCEEDED


async def test_a_reader_that_does_not_read_is_ended(tmp_path: Path) -> None:
    size = 48_000_000  # more than the transport takes on its own, however it grows its windows
    async with (
        meeting_place(tmp_path, stall=SOON) as door,
        door.dial(WORKER) as writer,
        door.dial(WORKER) as idler,
    ):
        await Client(writer).put(bytes(size), part=1_000_000)
        receiving = Client(idler).begin_get()
        await receiving.call.initial_metadata()
        # It is let go of before it takes any notice, and told when it does.
        await until(lambda: not any(message.held for message in door.server._boxes))
        assert await Client(writer).get() == bytes(size)
        with pytest.raises(grpc.aio.AioRpcError, match="nothing was read"):
            await receiving.rest()


async def test_a_reader_may_wait_for_what_is_yet_to_come(tmp_path: Path) -> None:
    async with meeting_place(tmp_path, stall=SOON) as door, door.dial(WORKER) as channel:
        receiving = Client(channel).begin_get()
        await receiving.call.initial_metadata()
        await asyncio.sleep(2 * SOON)
        await Client(channel).put(b"late")
        assert await receiving.rest() == b"late"


@pytest.fixture
async def page(tmp_path: Path, monkeypatch):
    monkeypatch.setattr(status_page, "CLIENT_SECONDS", SOON)
    monkeypatch.setattr(status_page, "CLIENTS_AT_ONCE", 2)
    async with Rendezvous(Settings(spill_dir=tmp_path, metrics_port=0)) as rendezvous:
        yield f"127.0.0.1:{rendezvous.metrics_port}"


async def test_who_asks_for_the_status_in_drips_is_cut_off(page: str) -> None:
    reader, writer = await raw_connection(page)

    async def drip() -> None:
        while True:
            writer.write(b"G")
            await asyncio.sleep(SOON / 10)

    dripping = asyncio.ensure_future(drip())
    assert await hung_up(reader)
    dripping.cancel()
    writer.close()


async def test_those_who_say_nothing_do_not_pile_up_at_the_status_page(page: str) -> None:
    held = [await raw_connection(page) for _ in range(6)]
    for reader, writer in held:
        assert await hung_up(reader)
        writer.close()
    reader, writer = await raw_connection(page)
    writer.write(b"GET /healthz HTTP/1.0\r\n\r\n")
    assert (await reader.read()).endswith(b"ok\n")
    writer.close()
