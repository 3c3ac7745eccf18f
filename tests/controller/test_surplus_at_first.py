"""How many workers a run begins with, of those that its job may have."""

from __future__ import annotations

from typing import Any

import pytest

from excamera_controller.backends.aws_lambda import ClusterLambda
from excamera_controller.cluster_runner import ClusterRunner
from excamera_controller.metrics import Metrics
from excamera_controller.place_of_work import PlaceOfWork
from excamera_controller.settings import Settings
from mu import Observers
from mu.schedule import Schedule
from mu.schedule import decisions as d
from mu.schedule import events as e
from mu.task import Task
from tests.mu.simulation import MACHINE


def begins_with(backend: Any, *, share: int, stretches: int) -> int:
    """Workers that are started for stretches, of so many that the chunks to come are worth."""
    anything: Any = None
    place = PlaceOfWork(
        Settings(rendezvous=("r:1",)), anything, anything, anything, Metrics(), lambda uid: share
    )
    runner = ClusterRunner(
        place, "u-1", "u-1.0", backend, Observers(),
        backoff_limit=6, goes_on=False,
    )  # fmt: skip
    tasks = [Task(f"stretch-{number}", MACHINE) for number in range(stretches)]
    schedule = Schedule(tasks, runner._schedule(stretches), open_=True)
    started = schedule.handle(e.Tick(), 0.0)
    return sum(one.count for one in started if isinstance(one, d.StartWorkers))


def test_workers_for_the_chunks_come_while_cuts_are_looked_for() -> None:
    assert begins_with(object(), share=100, stretches=3) == 100
    assert begins_with(object(), share=2, stretches=3) == 2


@pytest.mark.parametrize(("share", "started"), [(1000, 32), (31, 31), (5, 5)])
def test_on_lambda_they_come_when_there_is_something_for_them_to_do(
    share: int, started: int
) -> None:
    function = object.__new__(ClusterLambda)
    assert begins_with(function, share=share, stretches=30) == started
