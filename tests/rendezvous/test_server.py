"""Its life: health, metrics, probes, and a graceful end."""

import asyncio
import random
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from prometheus_client.parser import text_string_to_metric_families

from excamera_rendezvous import Rendezvous, Settings, SettingsError, costs
from excamera_rendezvous.address import Address
from excamera_rendezvous.piece import MOST_HEADER
from excamera_rendezvous.server import BEAT_LATE
from tests.rendezvous.client import Client, hexdigest, mailbox, until

Start = Callable[..., Any]
DATA = random.Random(5).randbytes(100_000)


async def fetch(rendezvous: Rendezvous, path: str) -> tuple[int, str]:
    def ask() -> tuple[int, str]:
        url = f"http://127.0.0.1:{rendezvous.metrics_port}{path}"
        try:
            with urllib.request.urlopen(url, timeout=20) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    return await asyncio.to_thread(ask)


async def test_transfers_under_way_are_finished_when_it_stops(start: Start) -> None:
    rendezvous, client = await start()
    getting, putting = client.begin_get(), client.begin_put()
    await putting.send(DATA[:1000])
    assert (await getting.next()).data == DATA[:1000]
    idle = asyncio.create_task(client.get(mailbox("8")))
    await until(lambda: rendezvous._storage.waiting_readers == 2)

    stopping = asyncio.create_task(rendezvous.stop())
    with pytest.raises(grpc.aio.AioRpcError, match="ask again") as caught:
        await idle  # at once: nobody is sending what it waits for
    assert caught.value.code() is grpc.StatusCode.UNAVAILABLE
    assert not stopping.done()
    await putting.send(DATA[1000:])
    assert (await putting.end(hexdigest(DATA))).bytes == len(DATA)
    assert await getting.rest() == DATA[1000:]
    await stopping


async def test_it_takes_nothing_new_while_it_stops(start: Start) -> None:
    rendezvous, client = await start(grace=0.0)
    await client.put(DATA)
    await rendezvous.stop()
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await client.put(DATA)
    assert caught.value.code() is grpc.StatusCode.UNAVAILABLE


async def test_a_transfer_that_goes_on_for_ever_is_cut_after_the_grace(start: Start) -> None:
    rendezvous, client = await start(grace=0.01)
    putting = client.begin_put()
    await putting.send(b"and then nothing")
    await client.begin_get().next()
    await rendezvous.stop()
    with pytest.raises((grpc.aio.AioRpcError, asyncio.CancelledError)):
        await putting.call


async def test_its_health_is_told_by_grpc_and_ends_with_it(start: Start) -> None:
    rendezvous, client = await start()
    health: Any = health_pb2_grpc.HealthStub(client.channel)
    for name in ("", "excamera.rendezvous.v1.Rendezvous"):
        answer = await health.Check(health_pb2.HealthCheckRequest(service=name))
        assert answer.status == health_pb2.HealthCheckResponse.SERVING
    watching = health.Watch(health_pb2.HealthCheckRequest())
    assert (await watching.read()).status == health_pb2.HealthCheckResponse.SERVING
    stopping = asyncio.create_task(rendezvous.stop())
    assert (await watching.read()).status == health_pb2.HealthCheckResponse.NOT_SERVING
    await stopping


async def test_the_probes_tell_the_truth(start: Start, clock: Any) -> None:
    rendezvous, _ = await start(metrics_port=0)
    assert await fetch(rendezvous, "/healthz") == (200, "ok\n")
    assert await fetch(rendezvous, "/readyz") == (200, "ok\n")
    assert (await fetch(rendezvous, "/"))[0] == 404
    rendezvous._storage.stop_waiting()
    assert await fetch(rendezvous, "/readyz") == (503, "shutting down\n")
    rendezvous._heart.cancel()
    clock.now += BEAT_LATE + 1
    status, text = await fetch(rendezvous, "/healthz")
    assert (status, "stands still" in text) == (503, True)


async def test_the_metrics_say_what_happened_without_a_label_per_job(start: Start) -> None:
    rendezvous, client = await start(metrics_port=0)
    waiting = asyncio.create_task(client.get(mailbox("8")))
    await until(lambda: rendezvous._storage.waiting_readers == 1)
    await client.put(DATA)
    await client.put(DATA)
    await client.get()
    with pytest.raises(grpc.aio.AioRpcError):
        await client.put(b"other")
    _, text = await fetch(rendezvous, "/metrics")
    families = list(text_string_to_metric_families(text))
    value = {(s.name, *sorted(s.labels.items())): s.value for f in families for s in f.samples}

    def metric(name: str, **labels: str) -> float:
        return value["excamera_rendezvous_" + name, *sorted(labels.items())]

    assert metric("jobs") == 1
    assert metric("mailboxes") == 2
    assert metric("waiting_readers") == 1
    beside = 100 * costs.PART + costs.mailbox(Address("job-1", "7", "state"))
    assert 0 < metric("memory_bytes") - len(DATA) - beside < 100 * MOST_HEADER
    assert metric("memory_limit_bytes") == 10_000_000
    assert metric("waiting_writers") == 0
    assert metric("spill_limit_bytes") == rendezvous.settings.spill_limit
    assert metric("spill_bytes") == metric("expired_mailboxes_total") == 0
    assert 2 * len(DATA) < metric("received_bytes_total") < 2 * len(DATA) + 2000
    assert len(DATA) < metric("sent_bytes_total") < len(DATA) + 1000
    assert metric("puts_total", result="stored") == 1
    assert metric("puts_total", result="already_there") == 1
    assert metric("puts_total", result="conflict") == 1
    assert metric("gets_total", result="delivered") == 1
    assert all(f.name.startswith("excamera_rendezvous_") for f in families)
    labels = {name for f in families for s in f.samples for name in s.labels}
    assert labels == {"result", "version"}
    waiting.cancel()


async def test_two_can_live_in_one_process(start: Start) -> None:
    (one, first), (two, second) = await start(), await start()
    assert one.port != two.port
    await asyncio.gather(first.put(b"1"), second.put(b"2"))
    assert (await first.get(), await second.get()) == (b"1", b"2")


async def test_an_address_that_is_taken_is_an_error_and_leaves_nothing(
    start: Start, tmp_path: Path
) -> None:
    rendezvous, _ = await start(metrics_port=0)
    folder = tmp_path / "other"
    for changes in (
        {"listen": f"127.0.0.1:{rendezvous.port}"},
        {"metrics_port": rendezvous.metrics_port},
    ):
        with pytest.raises(OSError, match=r"in use|listen"):
            await Rendezvous(Settings(spill_dir=folder, **changes)).__aenter__()
        assert list(folder.iterdir()) == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"listen": "7070"},
        {"listen": "host:port"},
        {"listen": ":70"},
        {"listen": "host:70000"},
        {"memory_limit": 1},
        {"part_limit": 0},
        {"job_limit": 0},
        {"expiry": 0},
        {"stall": -1},
        {"disk_limit": -1},
        {"patience": 0},
        {"grace": -1},
    ],
)
def test_settings_that_make_no_sense_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(SettingsError):
        Settings(**wrong)


async def test_a_client_of_the_ordinary_stub_is_served(client: Client) -> None:
    """Nothing in the tests' own client is needed: iterators do as well as explicit writes."""
    from excamera_proto import rendezvous_pb2 as pb

    parts = [pb.PutPart(mailbox=mailbox(), data=DATA), pb.PutPart(digest=hexdigest(DATA))]
    assert (await client.stub.Put(iter(parts))).bytes == len(DATA)
    got = [part async for part in client.stub.Get(pb.GetRequest(mailbox=mailbox()))]
    assert [part.digest for part in got] == ["", hexdigest(DATA)]
    assert got[0].data == DATA
