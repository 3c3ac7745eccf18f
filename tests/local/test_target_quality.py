"""Whole jobs that name a quality: it is reached, the bytes are those of the level that was chosen,
and whoever takes up a job goes on with the same search."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any

import pytest
import yaml

from excamera import sample
from excamera.choosing import PROMISED
from excamera.encode import Encode
from excamera.job import Encoding, Job
from excamera.plan import chunk_of
from excamera.report import Report
from mu import Observation
from mu.observer import StateEntered, TaskDone
from tests.chaos import processes
from tests.local.clips import drawn, ffmpeg
from tests.local.command import EXCAMERA, encoded, excamera
from tests.local.watching import Recorder, Watched, marked

SHAPE = ("--chunk-frames", "4", "--chain-length", "5", "--no-audio")
LEVEL = 30


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return drawn(tmp_path_factory.mktemp("target") / "clip.mp4", frames=48)


@pytest.fixture(scope="module")
def target(clip: Path) -> float:
    """What some level gives."""
    report = encoded(clip, clip.with_name("given.webm"), *SHAPE, "--cq-level", LEVEL)
    return round(float(report["ssim_db"]), 1)


@pytest.fixture(scope="module")
def undisturbed(clip: Path, target: float) -> dict[str, Any]:
    """The report of a job that is left alone; its output stays."""
    return encoded(clip, clip.with_name("undisturbed.webm"), *SHAPE, "--ssim-db", target)


def encoding(target: float) -> Encoding:
    return Encoding(
        chunk_frames=4, chain_length=5, cq_level=None, ssim_decibels=target, audio=False
    )


def done(clip: Path, output: Path, wanted: Encoding, recorder: Recorder) -> Report:
    """Encodes in this process, watched."""
    job = Job(str(clip), str(output), wanted)
    encode = Encode(job, f"{output}.excamera", time.monotonic, log=print)
    return asyncio.run(encode.run(Watched(recorder)))


def test_a_job_reaches_the_quality_that_it_names_and_says_at_which_level(
    target: float, undisturbed: dict[str, Any]
) -> None:
    assert abs(undisturbed["ssim_db"] - target) <= PROMISED
    assert undisturbed["ssim_db_asked"] == target
    assert undisturbed["rounds"] >= 1
    assert undisturbed["shortfall"] == ""


def test_the_output_is_that_of_the_chosen_level_whatever_the_number_of_workers(
    clip: Path, undisturbed: dict[str, Any], target: float, tmp_path: Path
) -> None:
    level = undisturbed["cq_level"]
    plain = encoded(clip, tmp_path / "plain.webm", *SHAPE, "--cq-level", level)
    alone = encoded(clip, tmp_path / "alone.webm", *SHAPE, "--ssim-db", target, "--workers", 1)
    assert undisturbed["sha256"] == plain["sha256"] == alone["sha256"]
    assert undisturbed["ssim"] == plain["ssim"] == alone["ssim"]


@pytest.mark.parametrize(
    ("asked", "level", "said"), [(59, 0, "is out of reach"), (1, 63, "even cq-level 63")]
)
def test_a_quality_that_cannot_be_had_is_said_and_the_nearest_level_is_taken(
    clip: Path, tmp_path: Path, asked: int, level: int, said: str
) -> None:
    ran = excamera("encode", clip, "-o", tmp_path / "out.webm", *SHAPE, "--ssim-db", asked)
    assert ran.returncode == 0, ran.stderr
    assert f"cq-level {level}, chosen for SSIM {asked} dB" in ran.stdout
    assert f"note: SSIM {asked} dB was asked for" in ran.stdout
    assert said in ran.stdout


def test_a_manifest_may_name_a_quality(
    clip: Path, target: float, undisturbed: dict[str, Any], tmp_path: Path
) -> None:
    spec = {
        "source": {"uri": f"file://{clip}"},
        "output": {"uri": f"file://{tmp_path}/out.webm"},
        "encoding": {
            "chunkFrames": 4, "chainLength": 5, "audio": False,
            "cqLevel": "auto", "ssimDecibels": target,
        },
    }  # fmt: skip
    (tmp_path / "job.yaml").write_text(
        yaml.safe_dump(
            {
                "apiVersion": "excamera.dev/v1alpha1",
                "kind": "EncodeJob",
                "metadata": {"name": "clip"},
                "spec": spec,
            }
        )
    )
    ran = excamera("run", "-f", tmp_path / "job.yaml", "--json")
    assert ran.returncode == 0, ran.stderr
    assert undisturbed["sha256"] in ran.stdout


def test_a_command_that_is_killed_while_it_searches_goes_on_with_the_same_search(
    clip: Path, target: float, undisturbed: dict[str, Any], tmp_path: Path
) -> None:
    output = tmp_path / "out.webm"
    argv = [str(EXCAMERA), "encode", str(clip), "-o", str(output), *SHAPE]
    with marked([*argv, "--ssim-db", str(target)]) as (running, mark):
        work = Path(f"{output}.excamera")
        while not (found := list(work.glob("*/cq-*/*.quality.json"))):
            assert running.poll() is None, "it ended before it could be disturbed"
            time.sleep(0.01)
        running.kill()
        running.wait()
        assert not processes.left_over(mark, patience=30.0)
    again = Recorder()
    report = done(clip, output, encoding(target), again)
    survey = f"survey-{found[0].parent.name.removeprefix('cq-')}"
    finished = {f"{path.name.partition('.')[0]}.{survey}" for path in found}
    assert not [task for task in again.encoded if ".trial" in task], "the trial is made again"
    assert not finished & again.encoded, "what was finished is encoded again"
    assert report.sha256 == undisturbed["sha256"]
    assert (report.cq_level, report.rounds) == (undisturbed["cq_level"], undisturbed["rounds"])


class Breaker(Recorder):
    """Breaks a job off when the first chunk behind its search is finished."""

    def __init__(self) -> None:
        super().__init__()
        self.task: asyncio.Task[Report] | None = None

    def observe(self, event: Observation) -> None:
        super().observe(event)
        if not isinstance(event, TaskDone) or self.task is None:
            return
        if event.task.startswith("chunk-") and chunk_of(event.task) == event.task:
            self.task.cancel()


def broken_off(clip: Path, output: Path, wanted: Encoding) -> Breaker:
    breaker = Breaker()

    async def run() -> None:
        job = Job(str(clip), str(output), wanted)
        encode = Encode(job, f"{output}.excamera", time.monotonic, log=print)
        breaker.task = asyncio.create_task(encode.run(Watched(breaker)))
        with pytest.raises(asyncio.CancelledError):
            await breaker.task

    asyncio.run(run())
    return breaker


def test_a_job_that_is_broken_off_after_its_search_does_not_search_again(
    clip: Path, target: float, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sample, "SURVEYED", 1)  # the first three chunks of each chain
    output = tmp_path / "out.webm"
    broken = broken_off(clip, output, encoding(target))
    assert [task for task in broken.encoded if ".survey" in task]
    again = Recorder()
    report = done(clip, output, encoding(target), again)
    assert again.encoded, "there was something left to do"
    assert not [task for task in again.encoded if chunk_of(task) != task], "it searches again"
    plain = encoded(clip, tmp_path / "plain.webm", *SHAPE, "--cq-level", report.cq_level)
    assert report.sha256 == plain["sha256"]


def test_what_a_survey_has_made_of_chains_is_gone_on_with(
    clip: Path, target: float, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sample, "SURVEYED", 1)
    recorder = Recorder()
    report = done(clip, tmp_path / "out.webm", encoding(target), recorder)
    ends = {f"chunk-{first + 2:06d}" for first in (0, 5)}
    assert ends <= recorder.restored, "states of what the survey has made are sent again"
    surveyed = {chunk_of(task) for task in recorder.encoded if f"survey-{report.cq_level}" in task}
    assert not surveyed & recorder.encoded, "what the survey has made is made again"
    plain = encoded(clip, tmp_path / "plain.webm", *SHAPE, "--cq-level", report.cq_level)
    assert report.sha256 == plain["sha256"]


def test_progress_says_that_quality_is_being_chosen(clip: Path, target: float, tmp_path: Path):
    job = Job(str(clip), str(tmp_path / "out.webm"), encoding(target))
    encode = Encode(job, str(tmp_path / "work"), time.monotonic, log=print)
    seen: set[tuple[str, int]] = set()

    class Looking(Recorder):
        def observe(self, event: Observation) -> None:
            if isinstance(event, StateEntered | TaskDone):
                now = encode.progress.snapshot(time.monotonic())
                seen.add((now.phase, now.choosing.finished if now.choosing else -1))

    report = asyncio.run(encode.run(Watched(Looking())))
    choosing = {finished for phase, finished in seen if phase == "Choosing quality"}
    assert len(choosing) > report.rounds, "it moves within rounds"
    assert encode.progress.tasks_left == 0


def test_pictures_that_cannot_be_told_from_the_sources_end_the_search(tmp_path: Path) -> None:
    source = tmp_path / "grey.mp4"
    ffmpeg("-f", "lavfi", "-i", "color=gray:size=64x48:rate=25:duration=0.8", source)
    report = encoded(source, tmp_path / "out.webm", *SHAPE, "--ssim-db", 20)
    assert report["cq_level"] == 63
    assert "even cq-level 63" in report["shortfall"]
