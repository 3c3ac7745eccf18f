"""Whatever is killed, the bytes do not change, and nothing that was finished is done again."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from excamera.encode import Encode
from excamera.graph_command import example
from excamera.job import Encoding, Job
from excamera.local import LocalRunner
from mu import Observation, Observer, Observers, compiled
from mu.backends.local import LocalBackend
from mu.observer import AttemptEnded, StateEntered

from tests.local.clips import drawn
from tests.local.command import EXCAMERA, encoded

SHAPE = ("--chunk-frames", "4", "--chain-length", "5")
ENCODING = Encoding(chunk_frames=4, chain_length=5)
ENDS = ("done", "failed")


def states() -> list[str]:
    """Every state in which a chunk's machine can rest, first or rebased."""
    pipeline = example()
    machines = (pipeline.chunk_machine(chunk) for chunk in pipeline.plan.chunks[:2])
    names = [name for machine in machines for name in compiled(machine).names]
    return [name for name in dict.fromkeys(names) if name not in ENDS]


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

    async def run(self, job, tasks, done, observer: Observer) -> None:
        await self._runner.run(job, tasks, done, Observers(observer, self._killer))


@pytest.mark.parametrize("state", states())
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
    first = subprocess.Popen([*argv, "--workers", "1"], stderr=subprocess.DEVNULL)
    work = tmp_path / "out.webm.excamera"
    while len(list(work.glob("*/*.quality.json"))) < 2:
        assert first.poll() is None, "it ended before it could be killed"
        time.sleep(0.01)
    first.kill()
    first.wait()
    finished = len(list(work.glob("*/*.quality.json")))
    again = subprocess.run([*argv, "--json"], check=True, capture_output=True, text=True)
    assert json.loads(again.stdout)["chunks_reused"] >= finished
    assert (tmp_path / "out.webm").read_bytes() == undisturbed


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_command_says_how_to_go_on_and_leaves_no_process(
    clip: Path, tmp_path: Path, number: signal.Signals
) -> None:
    argv = [str(EXCAMERA), "encode", str(clip), "-o", str(tmp_path / "out.webm"), *SHAPE]
    running = subprocess.Popen(argv, stderr=subprocess.PIPE, text=True)
    while not list(tmp_path.glob("out.webm.excamera/*/*.quality.json")):
        assert running.poll() is None
        time.sleep(0.01)
    running.send_signal(number)
    _, said = running.communicate(timeout=60)
    assert running.returncode == 130
    assert "go on" in said.splitlines()[-1]
    assert not workers_of(running.pid)


def workers_of(pid: int) -> list[str]:
    """Command lines of processes that still name the coordinator's process as their parent."""
    listed = subprocess.run(["ps", "-o", "args=", "--ppid", str(pid)], capture_output=True, text=True)
    return [line for line in listed.stdout.splitlines() if sys.executable in line]
