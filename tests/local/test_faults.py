"""The command and its workers may be killed: the bytes do not change, and nothing is done twice.

Worse things are done to jobs in tests/chaos.
"""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from excamera.encode import Encode
from excamera.finding import LOOKING
from excamera.job import Encoding, Job
from excamera.local import LocalRunner
from mu import Observation, Observer, Observers
from mu.backends.local import LocalBackend
from mu.observer import AttemptEnded, StateEntered
from tests.chaos import processes
from tests.chaos.cases.workers import states
from tests.local.clips import drawn
from tests.local.command import EXCAMERA, encoded
from tests.local.watching import Recorder, Watched, marked

SHAPE = ("--chunk-frames", "4", "--chain-length", "5")
ENCODING = Encoding(chunk_frames=4, chain_length=5)


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return drawn(tmp_path_factory.mktemp("faults") / "clip.mp4", frames=24)


@pytest.fixture(scope="module")
def undisturbed(clip: Path) -> bytes:
    encoded(clip, clip.with_name("undisturbed.webm"), *SHAPE)
    return clip.with_name("undisturbed.webm").read_bytes()


class Killer:
    """Sends a signal to the first worker whose machine enters `state`, once."""

    def __init__(self, state: str, number: int) -> None:
        self.backend = LocalBackend()
        self.ended: list[AttemptEnded] = []
        self.victim = ""
        self._state = state
        self._number = number

    def observe(self, event: Observation) -> None:
        if isinstance(event, AttemptEnded):
            self.ended.append(event)
        if isinstance(event, StateEntered) and event.state == self._state and not self.victim:
            self.victim = event.worker
            os.kill(self.backend.pids[event.worker], self._number)


class Disturbed:
    """A local runner whose run a killer watches."""

    def __init__(self, killer: Killer) -> None:
        self._killer = killer
        self._runner = LocalRunner(2, backoff_limit=6, backend=lambda: killer.backend)

    async def run(self, job, tasks, done, observer: Observer, sign, further=None) -> None:
        watched = Observers(observer, self._killer)
        await self._runner.run(job, tasks, done, watched, sign, further)


@pytest.mark.parametrize("state", [LOOKING, *states()])
def test_a_worker_killed_in_any_state_costs_one_attempt_and_no_byte(
    clip: Path, undisturbed: bytes, tmp_path: Path, state: str
) -> None:
    killer = Killer(state, signal.SIGKILL)
    job = Job(str(clip), str(tmp_path / "out.webm"), ENCODING)
    encode = Encode(job, str(tmp_path / "work"), time.monotonic, log=print)
    report = asyncio.run(encode.run(Disturbed(killer)))
    assert killer.victim
    lost = [ended for ended in killer.ended if ended.worker == killer.victim and ended.counted]
    assert len(lost) == 1
    assert report.attempts_lost == 1
    assert (tmp_path / "out.webm").read_bytes() == undisturbed


def test_a_command_that_is_killed_goes_on_from_the_finished_chunks(
    clip: Path, undisturbed: bytes, tmp_path: Path
) -> None:
    argv = [str(EXCAMERA), "encode", str(clip), "-o", str(tmp_path / "out.webm"), *SHAPE]
    with marked(argv) as (running, mark):
        finished = wait_for_chunks(running, tmp_path / "out.webm.excamera", 2)
        running.kill()
        running.wait()
        assert not processes.left_over(mark, patience=30.0)
    again = Recorder()
    job = Job(str(clip), str(tmp_path / "out.webm"), ENCODING)
    encode = Encode(job, f"{job.output}.excamera", time.monotonic, log=print)
    report = asyncio.run(encode.run(Watched(again)))
    assert report.chunks_reused >= len(finished)
    assert 0 < report.frames_untimed < report.frames, "what was finished counts for the speed"
    assert not finished & again.encoded, "what was finished is encoded again"
    assert again.restored, "no state was restored, though a chain was broken off in its middle"
    assert (tmp_path / "out.webm").read_bytes() == undisturbed


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("times", [1, 3])
def test_an_interrupted_command_says_how_to_go_on_and_leaves_no_process(
    clip: Path, tmp_path: Path, number: signal.Signals, times: int
) -> None:
    argv = [str(EXCAMERA), "encode", str(clip), "-o", str(tmp_path / "out.webm"), *SHAPE]
    with marked(argv) as (running, mark):
        wait_for_chunks(running, tmp_path / "out.webm.excamera", 1)
        for _ in range(times):
            running.send_signal(number)
        _, said = running.communicate(timeout=60)
        assert running.returncode == 130
        assert "go on" in said.splitlines()[-1]
        assert not processes.left_over(mark, patience=30.0)


def wait_for_chunks(running: subprocess.Popen[str], work: Path, count: int) -> set[str]:
    """Waits until so many chunks are finished; their names."""
    while len(found := list(work.glob("*/*.quality.json"))) < count:
        assert running.poll() is None, "it ended before it could be disturbed"
        time.sleep(0.01)
    return {path.name.partition(".")[0] for path in found}
