"""A program that needs more memory than it may have fails by that name, with its chunk."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest

from excamera import bounds
from excamera.encode import Encode
from excamera.errors import ChunkFailed
from excamera.job import Encoding, Job
from excamera.local import LocalRunner
from mu.observer import AttemptEnded, Observation, Observers
from tests.local.clips import drawn


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return drawn(tmp_path_factory.mktemp("memory") / "clip.mp4", frames=6, size="1280x720")


class Recording:
    """A local runner that notes why attempts end."""

    def __init__(self) -> None:
        self.reasons: list[str] = []

    async def run(self, job, tasks, done, observer, sign, further=None) -> None:
        runner = LocalRunner(1, backoff_limit=1)
        await runner.run(job, tasks, done, Observers(observer, self), sign, further)

    def observe(self, event: Observation) -> None:
        if isinstance(event, AttemptEnded):
            self.reasons.append(event.reason)


@pytest.mark.parametrize("keep_going", [False, True])
@pytest.mark.parametrize(
    ("program", "state", "mebibytes"),
    [
        ("xc", "encoding", 30),
        ("excamera-media", "fetching", 90),
        ("excamera-media", "fetching", 140),
    ],
)
def test_a_program_that_exceeds_its_memory(
    clip: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    program: str,
    state: str,
    mebibytes: int,
    keep_going: bool,
) -> None:
    """Also where the decoder itself takes the missing memory for a damaged frame."""
    monkeypatch.setitem(bounds.MEMORY_AT_LEAST, program, mebibytes << 20)
    monkeypatch.setattr(bounds, "BYTES_A_PIXEL", 0)
    monkeypatch.setitem(bounds.BYTES_A_PIXEL_OF_EACH_FRAME, program, 0)
    job = Job(str(clip), str(tmp_path / "out.webm"), Encoding(keep_going=keep_going))
    runner = Recording()
    encode = Encode(job, str(tmp_path / "work"), time.monotonic, log=print)
    failure = rf"chunk-000000 failed 2 times, last in state {state}: {program} reached its memory"
    with pytest.raises(ChunkFailed, match=failure):
        asyncio.run(encode.run(runner))
    assert runner.reasons == ["out_of_memory", "out_of_memory"]
