"""How a job comes to its plan: what was found lies in the store, and decides it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from excamera.access import StoreAccess
from excamera.errors import StorageFailed
from excamera.job import Encoding, Job
from excamera.places import Places
from excamera.planning import Planning
from excamera.progress import Looking, Progress
from excamera.stretches import Stretch, stretches
from excamera_media.index import Index
from excamera_media.scenes import Scenes
from mu import Run, Upload, compiled
from mu.table import CallState
from tests.excamera.sources import source

INDEX = replace(source(2000), keys=tuple(range(0, 2000, 50)))
STRETCHES = stretches(INDEX)
CUTS = (40, 700, 1500)


def planning(
    folder: Path, *, index: Index = INDEX, encoding: Encoding | None = None
) -> tuple[Planning, Progress]:
    job = Job("in.mp4", "out.webm", encoding or Encoding())
    progress = Progress(0.0)
    made = Planning(job, Places(str(folder)), index, StoreAccess(), progress, lambda: 0.0)
    return made, progress


def find(folder: Path, stretch: Stretch) -> None:
    """What a worker does."""
    begins = tuple(cut for cut in CUTS if 0 <= cut - stretch.first_frame < stretch.frames)
    scenes = Scenes(stretch.first_frame, stretch.frames, begins)
    (folder / f"{stretch.name}.scenes.json").write_text(scenes.to_json())


def heads(made: Planning) -> set[int]:
    return {chunk.first_frame for chunk in made.plan.chunks if chunk.begins_chain}


async def test_cuts_are_looked_for_in_every_stretch_and_begin_chains(tmp_path: Path) -> None:
    made, progress = planning(tmp_path)
    batch = await made.next()
    assert batch is not None
    assert ([task.name for task in batch.tasks], batch.done) == (
        [stretch.name for stretch in STRETCHES],
        frozenset(),
    )
    assert not batch.last
    assert progress.snapshot(0.0).looking == Looking(len(STRETCHES), 0)
    for stretch in STRETCHES:
        find(tmp_path, stretch)
    assert await made.next() is None
    assert heads(made) >= set(CUTS)
    assert made.layout.chains_at_cuts == len(CUTS)
    assert made.warnings == ()
    assert set(made.parts) >= {*STRETCHES, *made.plan.chunks}


async def test_who_takes_a_job_up_looks_where_nobody_has_looked_and_makes_the_same_plan(
    tmp_path: Path,
) -> None:
    for stretch in STRETCHES[:2]:
        find(tmp_path, stretch)
    made, progress = planning(tmp_path)
    batch = await made.next()
    assert batch is not None
    assert batch.done == {stretch.name for stretch in STRETCHES[:2]}
    assert progress.snapshot(0.0).looking == Looking(len(STRETCHES), 2)
    for stretch in STRETCHES:
        find(tmp_path, stretch)
    again, untold = planning(tmp_path)
    assert await again.next() is None
    assert await made.next() is None
    assert again.plan == made.plan
    assert untold.snapshot(0.0).looking is None


async def test_what_is_damaged_is_looked_for_again_and_once(tmp_path: Path) -> None:
    for stretch in STRETCHES:
        find(tmp_path, stretch)
    (tmp_path / "stretch-000001.scenes.json").write_text("{" * 100_000)
    made, _ = planning(tmp_path)
    batch = await made.next()
    assert batch is not None
    assert {task.name for task in batch.tasks} - batch.done == {"stretch-000001"}
    with pytest.raises(StorageFailed, match=r"stretch-000001\.scenes\.json is missing or damaged"):
        await made.next()


@pytest.mark.parametrize(
    "encoding",
    [Encoding(chain_length=1), Encoding(chain_length=5000), Encoding(keyframe_seconds=3600)],
)
async def test_where_nothing_would_come_of_it_nobody_looks(
    tmp_path: Path, encoding: Encoding
) -> None:
    made, progress = planning(tmp_path, encoding=encoding)
    assert await made.next() is None
    assert progress.snapshot(0.0).looking is None
    assert len(heads(made)) in (1, len(made.plan.chunks))


async def test_what_cannot_be_as_asked_is_known_before_anybody_looks(tmp_path: Path) -> None:
    made, _ = planning(tmp_path, encoding=Encoding(keyframe_seconds=0.1))
    (warning,) = made.warnings
    assert warning.startswith("key frames are planned every 0.25 s, not every 0.1 s")
    assert made.layout.chains_at_cuts is None


async def test_a_source_of_a_few_seconds_is_not_searched(tmp_path: Path) -> None:
    made, _ = planning(tmp_path, index=source(90))
    assert await made.next() is None


@pytest.mark.parametrize("keep_going", [False, True])
async def test_a_worker_decodes_its_stretch_with_leave_to_read_and_publishes_one_object(
    tmp_path: Path, keep_going: bool
) -> None:
    made, _ = planning(tmp_path, encoding=Encoding(keep_going=keep_going))
    batch = await made.next()
    assert batch is not None
    task, stretch = batch.tasks[1], STRETCHES[1]
    calls = [state.command for state in compiled(task.machine) if isinstance(state, CallState)]
    look, publish = calls
    assert isinstance(look, Run)
    assert isinstance(publish, Upload)
    assert look.argv[:3] == ("excamera-media", "scenes", "in.mp4")
    assert ("--first", str(stretch.first_frame), "--count", str(stretch.frames)) == look.argv[5:9]
    assert ("--conceal" in look.argv) == keep_going
    assert look.reads == ("in.mp4", f"{tmp_path}/index.json")
    assert publish.url == f"{tmp_path}/stretch-000001.scenes.json"
