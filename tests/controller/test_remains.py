"""What an operator that was killed has left of a job, and the next one finds and ends."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from excamera.mailboxes import Mailboxes
from excamera_controller.api import Object, Unreachable
from excamera_controller.metrics import Metrics
from excamera_controller.observed import Stored
from excamera_controller.place_of_work import PlaceOfWork
from excamera_controller.remains import Remains
from excamera_controller.settings import Settings
from excamera_proto.credentials import OPERATOR, RENDEZVOUS, Authority
from excamera_rendezvous import Rendezvous
from excamera_rendezvous import Settings as RendezvousSettings
from mu.server import Server

NOW = datetime(2026, 1, 2, tzinfo=UTC)
JOB = Stored("clip", "videos", "u-1", 1, NOW, {}, {"startTime": NOW.isoformat()})
AUTHORITY = Authority.create("operator")


class Pods:
    """An API server that has pods, which take a while to go."""

    def __init__(self, *names: str) -> None:
        self.pods: list[Object] = [
            {"metadata": {"name": name}, "status": {"phase": "Running"}} for name in names
        ]
        self.told: set[str] = set()
        self.away = False

    async def list(self, path: str, **query: str) -> list[Object]:
        if self.away:
            raise Unreachable("away")
        return list(self.pods) if path.endswith("/pods") else []

    async def delete(self, path: str, **query: str) -> None:
        self.told.add(path.rpartition("/")[2])


def place_of(api: Any, *shards: str) -> PlaceOfWork:
    certificates: Any = SimpleNamespace(authority=AUTHORITY)
    settings = Settings(rendezvous=shards or ("127.0.0.1:9",))
    return PlaceOfWork(settings, api, Server(AUTHORITY), certificates, Metrics(), lambda _: 1)


@asynccontextmanager
async def shard() -> AsyncIterator[str]:
    settings = RendezvousSettings(
        listen="127.0.0.1:0", credential=AUTHORITY.issue(RENDEZVOUS), grace=0.0
    )
    async with Rendezvous(settings) as server:
        yield f"127.0.0.1:{server.port}"


async def test_a_job_that_was_never_heard_of_may_have_left_something_until_it_was_looked_at() -> (
    None
):
    remains = Remains(place_of(Pods()))
    assert remains.seconds(JOB.uid) == 0
    await remains.end(JOB)
    assert remains.seconds(JOB.uid) is None


async def test_workers_are_told_to_end_and_waited_for() -> None:
    api = Pods("clip-a-0", "clip-a-1")
    remains = Remains(place_of(api))
    await remains.end(JOB)
    assert api.told == {"clip-a-0", "clip-a-1"}
    assert remains.seconds(JOB.uid) is not None
    api.pods.clear()
    await remains.end(JOB)
    assert remains.seconds(JOB.uid) is None


async def test_while_the_api_server_is_away_nothing_counts_as_gone() -> None:
    api = Pods()
    api.away = True
    remains = Remains(place_of(api))
    await remains.end(JOB)
    assert remains.seconds(JOB.uid) is not None


async def test_the_mailboxes_of_a_run_that_another_operator_had_are_dropped() -> None:
    async with shard() as address:
        credential = AUTHORITY.issue(OPERATOR)
        async with Mailboxes(JOB.run_name, (address,), credential) as before:
            await before.holding()
            assert await before.holding() == {address}
            before.kept = True
        await Remains(place_of(Pods(), address)).end(JOB)
        async with Mailboxes(JOB.run_name, (address,), credential) as after:
            assert await after.holding() == frozenset()


async def test_workers_of_a_job_that_goes_on_later_are_ended_and_its_mailboxes_stay() -> None:
    async with shard() as address:
        credential = AUTHORITY.issue(OPERATOR)
        async with Mailboxes(JOB.run_name, (address,), credential) as before:
            await before.holding()
            before.kept = True
        api = Pods("clip-a-0")
        await Remains(place_of(api, address)).dismiss(JOB)
        assert api.told == {"clip-a-0"}
        async with Mailboxes(JOB.run_name, (address,), credential) as after:
            assert await after.holding() == {address}


async def test_a_job_whose_workers_were_dismissed_loses_its_mailboxes_when_stopped() -> None:
    async with shard() as address:
        credential = AUTHORITY.issue(OPERATOR)
        async with Mailboxes(JOB.run_name, (address,), credential) as before:
            await before.holding()
            before.kept = True
        remains = Remains(place_of(Pods(), address))
        await remains.dismiss(JOB)
        await remains.end(JOB)
        async with Mailboxes(JOB.run_name, (address,), credential) as after:
            assert await after.holding() == frozenset()
