"""What is said of a job that names a quality: while its level is searched for, and at the end."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from excamera.plan import Chunk, Plan
from excamera.progress import Progress
from excamera_controller.conditions import Phase, Reason, Truth
from excamera_controller.observed import Observed, RunPhase, RunView
from excamera_controller.reconcile import reconcile
from excamera_controller.run import Run
from tests.controller.test_idle import Stuck, stuck  # noqa: F401 - a fixture
from tests.controller.test_reconcile import NOW, REPORT, next_observed, stored, summary

CHUNKS = tuple(Chunk(number, 0, number, 6 * number, 6, number == 1) for number in range(2))
TASKS = {f"{chunk.name}.survey-30": chunk.frames for chunk in CHUNKS}


def choosing(progress: Progress) -> None:
    progress.planned(Plan(12, 6, CHUNKS), 1.0, (), 0.0)
    progress.choosing(30, TASKS, ())


def status(observed: Observed) -> dict[str, Any]:
    return dict(next_observed(observed, reconcile(observed)).job.status)


def searching() -> Observed:
    progress = Progress(0.0)
    choosing(progress)
    progress.staffed(2, 0.0)
    progress.done(next(iter(TASKS)))
    return Observed(stored(), NOW, RunView(RunPhase.CHOOSING, progress.snapshot(1.0)))


def test_a_job_that_chooses_its_quality_runs_and_says_so() -> None:
    observed = searching()
    assert summary(observed) == (Phase.RUNNING, Truth.UNKNOWN, Reason.CHOOSING_QUALITY)
    told = next_observed(observed, reconcile(observed)).job.condition("Succeeded")["message"]
    assert told == "choosing quality: cq-level 30, 1 of 2 chunks, 2 workers"
    assert status(observed)["progress"]["choosing"] == {"cqLevel": 30, "chunks": "1/2"}


def test_when_the_level_is_found_the_round_is_gone_from_the_status() -> None:
    before = searching()
    kept = next_observed(before, reconcile(before))
    progress = Progress(0.0)
    progress.planned(Plan(12, 6, CHUNKS), 1.0, [CHUNKS[0].name], 0.0)
    after = replace(kept, run=RunView(RunPhase.ENCODING, progress.snapshot(1.0)))
    assert "choosing" not in status(after)["progress"]
    assert status(after)["progress"]["chunks"] == "1/2"


async def test_a_chunk_of_a_search_is_progress(stuck: tuple[Stuck, Run]) -> None:  # noqa: F811
    world, run = stuck
    choosing(world.progress)
    world.seconds += 400
    assert run.idle_seconds == 400
    world.progress.done(next(iter(TASKS)))
    run.look_after()
    assert run.idle_seconds == 0


def test_the_level_that_was_chosen_is_in_the_status() -> None:
    report = replace(REPORT, cq_level=31, ssim_db_asked=17.0, rounds=3)
    done = Observed(stored(), NOW, RunView(RunPhase.ENDED, searching_snapshot(), report=report))
    assert status(done)["output"]["cqLevel"] == 31


def searching_snapshot() -> Any:
    run = searching().run
    assert run is not None
    return run.snapshot


def test_a_quality_that_could_not_be_had_is_told_with_the_success() -> None:
    report = replace(REPORT, cq_level=0, ssim_db_asked=40.0, rounds=3)
    observed = Observed(stored(), NOW, RunView(RunPhase.ENDED, report=report))
    (event,) = reconcile(observed).events
    said = "SSIM 40 dB was asked for and is out of reach: cq-level 0, the best, gives 16.99 dB"
    assert said in event.message
    had = Observed(
        stored(), NOW, RunView(RunPhase.ENDED, report=replace(report, ssim_db_asked=17.0))
    )
    (event,) = reconcile(had).events
    assert "asked" not in event.message
