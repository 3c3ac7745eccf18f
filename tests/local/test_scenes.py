"""Whole jobs whose source has cuts: chains begin there, and what is known of them is not found out
again."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from excamera import stretches
from excamera.encode import Encode
from excamera.job import Encoding, Job
from excamera.local import LocalRunner
from mu import Observation, Observer, Observers
from mu.observer import StateEntered, TaskDone
from tests.local.clips import ffmpeg, key_frames
from tests.local.command import encoded

FRAMES = 64
CUTS = (23, 41)
SHAPE = ("--chunk-frames", "4", "--chain-length", "5", "--no-audio")
ENCODING = Encoding(chunk_frames=4, chain_length=5, audio=False)
HEADS = [0, 23, 41, 61]
"""The one that is due at 20 waits for the cut; the third counts from there."""


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three scenes, and a key frame every eight."""
    path = tmp_path_factory.mktemp("scenes") / "clip.mp4"
    scenes = (
        "testsrc2=s=176x144:r=25,trim=end_frame=23[a];mandelbrot=s=176x144:r=25,trim=end_frame=18"
        "[b];rgbtestsrc=s=176x144:r=25,noise=alls=8:all_seed=1:allf=t,trim=end_frame=23[c];"
        "[a][b][c]concat=n=3"
    )
    length = ("-frames:v", FRAMES, "-pix_fmt", "yuv420p", "-g", "8", "-sc_threshold", "0")
    ffmpeg("-f", "lavfi", "-i", scenes, *length, "-threads", "1", path)
    return path


@pytest.fixture(scope="module")
def undisturbed(clip: Path) -> dict[str, Any]:
    """The report of a job that is left alone; its output stays."""
    return encoded(clip, clip.with_name("undisturbed.webm"), *SHAPE)


def test_key_frames_are_at_the_cuts_and_where_they_are_due_after_them(
    clip: Path, undisturbed: dict[str, Any]
) -> None:
    assert key_frames(clip.with_name("undisturbed.webm")) == HEADS
    assert undisturbed["key_frames"] == len(HEADS)
    assert undisturbed["frames"] == FRAMES


@pytest.mark.parametrize("workers", [1, 3])
def test_the_bytes_do_not_depend_on_the_number_of_workers(
    clip: Path, undisturbed: dict[str, Any], tmp_path: Path, workers: int
) -> None:
    report = encoded(clip, tmp_path / "out.webm", *SHAPE, "--workers", workers)
    assert report["sha256"] == undisturbed["sha256"]
    assert not list(tmp_path.glob("*.excamera*")), "what was found of the cuts is cleared away"


class Interrupting:
    """Breaks the run off when so many tasks are done. `begun`: tasks by the states of interest."""

    def __init__(self, after: int | None) -> None:
        self.finished: set[str] = set()
        self.looked: set[str] = set()
        self.encoded: set[str] = set()
        self._after = after

    def observe(self, event: Observation) -> None:
        if isinstance(event, StateEntered):
            begun = {"looking": self.looked, "encoding": self.encoded}.get(event.state)
            if begun is not None:
                begun.add(event.attempt.task)
        if isinstance(event, TaskDone):
            self.finished.add(event.task)
            if len(self.finished) == self._after:
                asyncio.get_running_loop().call_soon(self.task.cancel)

    async def run(self, job, tasks, done, observer: Observer, sign, further=None) -> None:
        task = asyncio.current_task()
        assert task is not None
        self.task = task
        await LocalRunner(2, backoff_limit=6).run(
            job, tasks, done, Observers(observer, self), sign, further
        )


def run(clip: Path, output: Path, runner: Interrupting) -> None:
    job = Job(str(clip), str(output), ENCODING)
    encode = Encode(job, f"{output}.excamera", time.monotonic, log=print)
    asyncio.run(encode.run(runner))


@pytest.mark.parametrize("after", [2, 8, 12])
def test_a_job_that_was_broken_off_goes_on_and_looks_nowhere_twice(
    clip: Path,
    undisturbed: dict[str, Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    after: int,
) -> None:
    monkeypatch.setattr(stretches, "MEGAPIXELS", 0.2)  # some eight frames of this clip
    output = tmp_path / "out.webm"
    first, second = Interrupting(after), Interrupting(None)
    with suppress(asyncio.CancelledError):
        run(clip, output, first)
    assert not output.exists()
    run(clip, output, second)
    assert len(first.looked | second.looked) == 8
    assert not first.finished & (second.looked | second.encoded), "done again"
    assert second.encoded
    assert output.read_bytes() == clip.with_name("undisturbed.webm").read_bytes()
