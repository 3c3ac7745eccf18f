"""The cap over all jobs with real schedules: at no moment are there more workers than it allows."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from excamera_controller.gather import available, granted_workers
from excamera_controller.observed import Stored
from mu import ScheduleSettings, Task
from mu.schedule import Schedule
from mu.schedule import decisions as d
from mu.schedule import events as e
from mu.task import Attempt
from tests.controller.test_shares_over_time import job
from tests.mu.simulation import MACHINE

CHUNKS = 6


class World:
    """Jobs that are submitted, and get on, in any order; time stands still between their steps."""

    def __init__(self, cap: int) -> None:
        self.cap = cap
        self.jobs: dict[str, Stored] = {}
        self.runs: dict[str, Schedule] = {}
        self.left: dict[str, int | None] = {}
        self.coming: dict[str, list[str]] = {}
        self.attempts: dict[str, list[Attempt]] = {}
        self.now = 0.0

    def submit(self, name: str) -> None:
        self.jobs.setdefault(name, job(name, len(self.jobs)))

    def look_after(self, name: str) -> None:
        """A pass: all runs get their share, then the job is started or has its tick."""
        self.now += 0.5
        for other, run in self.runs.items():
            if run.settings.workers != (share := self.share(other)):
                self.tell(other, e.Resized(share))
        if name in self.jobs and name not in self.runs and self.granted()[name]:
            tasks = [Task(f"{name}.{number}", MACHINE) for number in range(CHUNKS)]
            self.left[name], self.coming[name], self.attempts[name] = CHUNKS, [], []
            share = self.share(name)
            settings = ScheduleSettings(workers=share, surplus=max(0, share - CHUNKS))
            self.runs[name] = Schedule(tasks, settings)
        if name in self.runs:
            self.tell(name, e.Tick())

    def join(self, name: str) -> None:
        if self.coming.get(name):
            self.tell(name, e.WorkerJoined(self.coming[name].pop()))

    def finish(self, name: str) -> None:
        if self.attempts.get(name):
            self.tell(name, e.AttemptDone(self.attempts[name].pop(0)))

    def granted(self) -> dict[str, int]:
        return granted_workers(self.jobs.values(), self.left, self.cap)

    def share(self, name: str) -> int:
        engaged = {other: run.engaged for other, run in self.runs.items()}
        return available(name, self.granted(), engaged, self.cap)

    def tell(self, name: str, event: e.ScheduleEvent) -> None:
        for decision in self.runs[name].handle(event, self.now):
            match decision:
                case d.StartWorkers(count):
                    self.coming[name] += [f"{name}-{self.now}-{one}" for one in range(count)]
                case d.Assign(attempt=attempt):
                    self.attempts[name].append(attempt)
                case d.TaskDone():
                    self.left[name] = (self.left[name] or 0) - 1
                case d.JobDone():
                    del self.jobs[name]
        if name not in self.jobs:
            del self.runs[name], self.coming[name], self.attempts[name]


STEPS: st.SearchStrategy[Callable[[World, str], None]] = st.sampled_from(
    [World.submit, World.look_after, World.look_after, World.join, World.join, World.finish]
)


@given(st.integers(1, 8), st.lists(st.tuples(STEPS, st.sampled_from("abc")), max_size=80))
def test_there_are_never_more_workers_than_the_cap_over_all_jobs(
    cap: int, steps: list[tuple[Callable[[World, str], None], str]]
) -> None:
    world = World(cap)
    for step, name in steps:
        step(world, name)
        assert sum(run.engaged for run in world.runs.values()) <= cap


@given(st.integers(1, 8))
def test_jobs_that_share_the_cap_all_end(cap: int) -> None:
    world = World(cap)
    for name in "abc":
        world.submit(name)
    for _ in range(200):
        for name in "abc":
            for step in (World.look_after, World.join, World.finish):
                step(world, name)
    assert world.left == dict.fromkeys("abc", 0)


def test_a_run_may_have_no_worker_at_all_and_waits() -> None:
    run = Schedule([Task("a", MACHINE)], ScheduleSettings(workers=0))
    assert run.handle(e.Tick(), 0.0) == []
    started = [one for one in run.handle(e.Resized(1), 1.0) if isinstance(one, d.StartWorkers)]
    assert started == [d.StartWorkers(1)]


@pytest.mark.parametrize("workers", [0, 1])
def test_a_run_that_must_give_workers_up_has_no_less_hope_for_the_rest(workers: int) -> None:
    """What of ten workers was a run of bad luck must not fail the job because it has fewer."""
    run = Schedule([Task("a", MACHINE)], ScheduleSettings(workers=10))
    run.handle(e.Tick(), 0.0)
    run.handle(e.LaunchesFailed(30, "no luck"), 1.0)
    run.handle(e.Resized(workers), 2.0)
    run.handle(e.LaunchesFailed(10, "no luck"), 2.5)
    run.handle(e.Tick(), 3.0)
    assert not run.ended
