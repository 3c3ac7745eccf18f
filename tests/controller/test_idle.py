"""How long a run has finished nothing, which is what tells that a job is stuck."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import pytest

from excamera.plan import Chunk, Plan
from excamera.progress import Progress
from excamera_controller import run as runs
from excamera_controller.conditions import Reason
from excamera_controller.observed import Failure
from excamera_controller.run import Run
from tests.controller.test_remains import JOB, place_of

CHUNKS = tuple(Chunk(number, 0, number, 6 * number, 6, number == 1) for number in range(2))
NO_NODE = Failure(Reason.UNSCHEDULABLE, "no node takes worker pods")


@dataclass
class Stuck:
    """A run that goes on for ever, with progress, clock and backend in the hands of a test."""

    progress: Progress
    backend: Any
    seconds: float = 1000.0

    def monotonic(self) -> float:
        return self.seconds


@pytest.fixture
async def stuck(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[tuple[Stuck, Run]]:
    made = Stuck(Progress(0.0), SimpleNamespace(trouble=None))

    async def work(self: Any) -> None:
        self._encode = SimpleNamespace(progress=made.progress, source=None)
        self.backend = made.backend
        await asyncio.Event().wait()

    monkeypatch.setattr(Run, "_do", work)
    monkeypatch.setattr(runs, "time", SimpleNamespace(monotonic=made.monotonic))
    api: Any = None
    run = Run(JOB, place_of(api), lambda: None, tuple, goes_on=False)
    await asyncio.sleep(0)  # the run has begun
    yield made, run
    await run.stop()


def encoding(stuck: Stuck) -> None:
    stuck.progress.planned(Plan(12, 6, CHUNKS), 1.0, (), stuck.seconds)


async def test_it_counts_from_the_last_chunk_that_was_finished(stuck: tuple[Stuck, Run]) -> None:
    world, run = stuck
    encoding(world)
    world.seconds += 400
    assert run.idle_seconds == 400
    world.progress.done(CHUNKS[0].name)
    run.look_after()
    assert run.idle_seconds == 0
    world.seconds += 7
    run.look_after()
    assert run.idle_seconds == 7


async def test_a_run_that_is_not_encoding_is_not_idle(stuck: tuple[Stuck, Run]) -> None:
    world, run = stuck
    world.seconds += 400
    assert run.idle_seconds == 0
    encoding(world)
    world.progress.joining()
    assert run.idle_seconds == 0


async def test_what_is_known_to_be_in_the_way_is_told_by_other_means(
    stuck: tuple[Stuck, Run],
) -> None:
    world, run = stuck
    encoding(world)
    world.seconds += 400
    world.backend.trouble = NO_NODE
    assert run.idle_seconds == 0


async def test_one_pod_that_finds_no_room_is_no_excuse_for_those_that_are_at_work(
    stuck: tuple[Stuck, Run],
) -> None:
    world, run = stuck
    encoding(world)
    world.progress.workers = 3
    world.backend.trouble = NO_NODE
    world.seconds += 400
    assert run.idle_seconds == 400
