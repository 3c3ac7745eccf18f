"""What is said of a job while its source's cuts are looked for, before there is a plan."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from excamera.plan import Chunk, Plan
from excamera.progress import Progress
from excamera_controller.conditions import Phase, Reason, Truth
from excamera_controller.facts_of_run import phase_of
from excamera_controller.observed import Observed, RunPhase, RunView
from excamera_controller.reconcile import reconcile
from excamera_controller.run import Run
from tests.controller.test_idle import Stuck, stuck  # noqa: F401 - a fixture
from tests.controller.test_reconcile import NOW, next_observed, stored, summary

PARTS = [f"stretch-{number:06d}" for number in range(3)]
CHUNKS = tuple(Chunk(number, 0, number, 6 * number, 6, number == 1) for number in range(2))


def looking(workers: int) -> tuple[Observed, Progress]:
    """One of three parts is looked through, another is being looked through."""
    progress = Progress(0.0)
    progress.looking(PARTS, (), 22, 0.0)
    progress.staffed(workers, 0.0)
    progress.done(PARTS[0])
    progress.entered(PARTS[1], "looking")
    view = RunView(RunPhase.LOOKING, progress.snapshot(1.0), workers_wanted=3)
    return Observed(stored(), NOW, view), progress


def after_a_pass(observed: Observed) -> Any:
    return next_observed(observed, reconcile(observed)).job


def test_a_job_whose_cuts_are_looked_for_runs_and_says_how_far_it_is() -> None:
    observed, _ = looking(workers=2)
    assert summary(observed) == (Phase.RUNNING, Truth.UNKNOWN, Reason.FINDING_SCENES)
    job = after_a_pass(observed)
    told = job.condition("Succeeded")["message"]
    assert told == "finding scenes: 1 of 3 parts of the source looked through, 2 workers"
    assert job.condition("Planned")["status"] == Truth.FALSE
    assert job.condition("WorkersReady")["status"] == Truth.TRUE


def test_no_chunks_are_counted_before_it_is_known_how_many_there_are() -> None:
    observed, progress = looking(workers=2)
    status = after_a_pass(observed).status
    assert "progress" not in status
    counts = {name: status["workers"][name] for name in ("wanted", "connected", "encoding", "idle")}
    assert counts == {"wanted": 3, "connected": 2, "encoding": 1, "idle": 1}
    progress.planned(Plan(12, 6, CHUNKS), 1.0, (), 2.0)
    now = replace(observed, run=RunView(RunPhase.ENCODING, progress.snapshot(3.0)))
    job = after_a_pass(now)
    assert job.status["progress"]["chunks"] == "0/2"
    assert job.status["progress"]["percent"] == 0
    assert job.condition("Planned")["status"] == Truth.TRUE


def test_until_a_worker_has_come_the_job_is_pending() -> None:
    observed, _ = looking(workers=0)
    assert summary(observed) == (Phase.PENDING, Truth.UNKNOWN, Reason.WAITING_FOR_WORKERS)
    assert after_a_pass(observed).condition("Succeeded")["message"] == "workers are on their way"


def test_an_operator_that_takes_the_job_up_then_leaves_the_phase_as_it_was() -> None:
    for workers, phase in ((0, Phase.PENDING), (2, Phase.RUNNING)):
        job = after_a_pass(looking(workers)[0])
        reading = Observed(job, NOW, RunView(RunPhase.PLANNING))
        assert summary(reading)[0] == phase


def test_the_next_pass_comes_soon() -> None:
    observed, progress = looking(workers=2)
    soon = reconcile(observed).again_seconds
    progress.planned(Plan(12, 6, CHUNKS), 1.0, (), 2.0)
    later = replace(observed, run=RunView(RunPhase.ENCODING, progress.snapshot(3.0)))
    assert soon is not None
    assert soon < (reconcile(later).again_seconds or 0)


def test_the_phase_is_known_from_the_progress() -> None:
    _, progress = looking(workers=1)
    encode: Any = type("Encode", (), {"progress": progress})
    assert phase_of(encode) is RunPhase.LOOKING
    assert progress.tasks_left == 22, "workers for the chunks may come meanwhile"


async def test_a_part_that_is_looked_through_is_progress(
    stuck: tuple[Stuck, Run],  # noqa: F811
) -> None:
    world, run = stuck
    world.progress.looking(PARTS, (), 22, world.seconds)
    world.seconds += 400
    assert run.idle_seconds == 400
    world.progress.done(PARTS[0])
    run.look_after()
    assert run.idle_seconds == 0
