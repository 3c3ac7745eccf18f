"""Passes over jobs, against stand-ins for the API server and for the runs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from excamera.progress import Progress
from excamera_controller import controller as passes
from excamera_controller.api import Conflict, NotFound, Object, Unreachable
from excamera_controller.controller import Controller
from excamera_controller.metrics import Metrics
from excamera_controller.observed import FINALIZER, RunPhase, RunView, Stored
from excamera_controller.settings import Settings

SETTINGS = Settings(rendezvous=("127.0.0.1:9",))


class World:
    """An API server that has one EncodeJob, and its run, which has lost a worker."""

    def __init__(self) -> None:
        self.stored: Object | None = seen(7)
        self.errors: list[Exception] = []
        self.versions: list[str] = []
        self.events: list[str] = []
        self.losses = {"OOMKilled": 1}
        self.stopped = 0
        self.changed = asyncio.Event()

    # The API server

    async def get(self, path: str) -> Object:
        self.changed.set()
        if self.stored is None:
            raise NotFound(404, "NotFound", "")
        return self.stored

    async def list(self, path: str, **query: str) -> list[Object]:
        return [] if self.stored is None else [self.stored]

    async def patch(self, path: str, body: Object) -> Object:
        self.changed.set()
        self.versions.append(body["metadata"]["resourceVersion"])
        if self.errors:
            raise self.errors.pop(0)
        assert self.stored is not None
        if self.versions[-1] != self.stored["metadata"]["resourceVersion"]:
            raise Conflict(409, "Conflict", "it has changed")
        version = str(int(self.versions[-1]) + 1)
        metadata = {**self.stored["metadata"], "resourceVersion": version}
        status = {**self.stored.get("status", {}), **body.get("status", {})}
        self.stored = {**self.stored, "metadata": metadata, "status": status}
        return self.stored

    async def create(self, path: str, body: Object) -> Object:
        self.events.append(body["reason"])
        return body

    # The runs

    def __iter__(self) -> Iterator[Any]:
        return iter(())

    def view(self, uid: str) -> RunView:
        return RunView(RunPhase.ENCODING, Progress(0.0).snapshot(1.0), losses=self.losses)

    def remains(self, uid: str) -> None:
        return None

    def unfinished(self, uid: str) -> bool:
        return True

    def take(self, stored: Stored) -> None:
        assert stored.uid == "u-1"

    def told(self, uid: str, view: RunView) -> None:
        assert view.losses == {"OOMKilled": 1}
        self.losses = {}
        self.changed.set()

    async def stop(self, job: object) -> None:
        self.stopped += 1
        self.changed.set()

    def forget(self, uid: str) -> None:
        self.changed.set()

    async def list_pods(self) -> None:
        return None

    async def until(self, condition: Callable[[], object]) -> None:
        while not condition():
            self.changed.clear()
            await self.changed.wait()


def seen(version: int, uid: str = "u-1") -> Object:
    return {
        "metadata": {
            "name": "clip",
            "namespace": "videos",
            "uid": uid,
            "resourceVersion": str(version),
            "creationTimestamp": "2026-01-01T00:00:00Z",
            "finalizers": [FINALIZER],
        },
        "spec": {"source": {"uri": "s3://v/in"}, "output": {"uri": "s3://v/out"}},
    }


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setattr(passes, "ERROR_SECONDS", (0.001,))
    monkeypatch.setattr(passes, "CHANGED_SECONDS", (0.001,))
    monkeypatch.setattr(
        passes, "codec", lambda: "xc 0.1.0"
    )  # a pass asks for no more than its name
    return World()


@asynccontextmanager
async def attending(world: Any, *jobs: Object) -> AsyncIterator[Controller]:
    controller = Controller(SETTINGS, world, Metrics())
    controller.runs = world
    for job in jobs:
        controller.note(job, False)
    yield controller
    await controller.stop()


async def test_after_a_backup_was_restored_the_older_object_counts(world: World) -> None:
    async with attending(world, seen(100)):
        await world.until(lambda: len(world.versions) == 2)
    assert world.versions == ["100", "7"]


async def test_losses_are_told_of_once_and_only_when_an_event_has_been_written(
    world: World,
) -> None:
    world.errors = [Conflict(409, "Conflict", "it has changed"), Unreachable("away")]
    async with attending(world, seen(7)):
        await world.until(lambda: not world.losses)
        versions = len(world.versions)
        assert versions == 3
    assert world.events.count("WorkersLost") == 1


async def test_a_job_that_the_listing_misses_is_let_go_if_it_is_gone_or_another(
    world: World,
) -> None:
    for stored in (None, seen(9, "u-2")):
        async with attending(world, seen(7)) as controller:
            await world.until(lambda: len(world.versions) >= 1)
            world.stored, world.stopped = stored, 0
            listing = asyncio.ensure_future(controller.resync())
            await world.until(lambda: world.stopped)
            listing.cancel()
        world.stored = seen(7)
        world.versions.clear()
