"""One coordinator and one rendezvous in this process, and many jobs through them."""

from __future__ import annotations

import asyncio
import os
import random
import time
import uuid
from collections.abc import Collection
from contextlib import AsyncExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

from excamera.encode import Encode
from excamera.failures import of_run
from excamera.job import Encoding, Job
from excamera.mailboxes import Mailboxes
from excamera_proto.credentials import OPERATOR, RENDEZVOUS, Authority
from excamera_rendezvous import Rendezvous, Settings
from mu import Further, Observer, Observers, ScheduleSettings, Task
from mu.backends.local import LocalBackend
from mu.grants import Sign
from mu.run import JobRun
from mu.server import Server
from mu.settings import RunSettings
from tests.chaos import processes
from tests.soak.faults import Fault
from tests.soak.figures import Figures

ENCODING = Encoding(chunk_frames=4, chain_length=3)
WORKERS = 2
FAULT_WITHIN = 1.0
"""Seconds after a job's first worker has begun to work, at the latest: an idle machine needs about
as many for the whole job."""


class Soak:
    """A context. `server` and `rendezvous` serve all jobs, one after the other."""

    def __init__(self, folder: Path, clip: Path) -> None:
        self.folder = folder
        self.clip = clip
        self.authority = Authority.create("soak")
        self.server = Server(self.authority)
        self.mark = uuid.uuid4().hex
        self._stack = AsyncExitStack()
        self._job: asyncio.Task[object] | None = None
        self._runs = 0

    async def __aenter__(self) -> Self:
        for name in ("tmp", "spill", "out"):
            (self.folder / name).mkdir()
        settings = Settings(
            credential=self.authority.issue(RENDEZVOUS),
            spill_dir=self.folder / "spill",
            memory_limit=210_000,
            part_limit=100_000,
        )
        self.rendezvous = await self._stack.enter_async_context(Rendezvous(settings))
        await self.server.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.server.stop()
        await self._stack.aclose()

    @property
    def workers(self) -> list[int]:
        return processes.marked(self.mark, "excamera_worker")

    @property
    def programs(self) -> list[int]:
        """What workers run just now."""
        return [program for worker in self.workers for program in processes.programs(worker)]

    def figures(self) -> Figures:
        return Figures.taken(self.mark, self.folder, self.server, self.rendezvous)

    def interrupt(self) -> bool:
        """Whether there was something to interrupt."""
        return self._job is not None and self._job.cancel()

    async def job(self, number: int, fault: Fault, chance: random.Random) -> tuple[bytes, bool]:
        """The output of one job that is disturbed once, and whether the fault hit it."""
        output = self.folder / "out" / f"{number}.webm"
        disturbing = asyncio.ensure_future(self._disturb(fault, chance))
        while not output.exists():
            self._job = asyncio.ensure_future(self._encode(output))
            await asyncio.wait({self._job})
            if not self._job.cancelled():
                self._job.result()
        hit = await _came_of(disturbing)
        data = output.read_bytes()
        output.unlink()
        left = list((self.folder / "out").rglob("*.ivf"))
        assert not left, left
        return data, hit

    async def _encode(self, output: Path) -> None:
        job = Job(str(self.clip), str(output), ENCODING)
        work = f"{output}.excamera"
        await Encode(job, work, time.monotonic, lambda line: None).run(self)

    async def run(
        self,
        job: str,
        tasks: Collection[Task],
        done: Collection[str],
        observer: Observer,
        sign: Sign,
        further: Further | None = None,
    ) -> None:
        """See `excamera.encode.Runner`. Each run has a name of its own, as in the operator."""
        self._runs += 1
        name = f"soak-{self._runs}"
        shards = (f"127.0.0.1:{self.rendezvous.port}",)
        environment = {**os.environ, processes.MARK: self.mark, "TMPDIR": f"{self.folder}/tmp"}
        schedule = ScheduleSettings(workers=WORKERS, grace_seconds=1.0, retry_seconds=0.1)
        settings = RunSettings(schedule, heartbeat_seconds=0.3, silence_seconds=1.5)
        async with Mailboxes(name, shards, self.authority.issue(OPERATOR)) as mailboxes:
            run = JobRun(
                name,
                tasks,
                LocalBackend(environment=environment, log=lambda worker, line: None),
                Observers(observer, mailboxes),
                settings,
                done=done,
                rendezvous=shards,
                further=further,
                sign=sign,
            )
            with of_run():
                await self.server.run(run)

    async def _disturb(self, fault: Fault, chance: random.Random) -> bool:
        await processes.until(lambda: self.programs, 0.02)
        await asyncio.sleep(chance.uniform(0, FAULT_WITHIN))
        return await fault(self, chance)


async def _came_of(disturbing: asyncio.Task[bool]) -> bool:
    """Whether the fault has hit by now; if it has yet to come, it came too late."""
    disturbing.cancel()
    try:
        return await disturbing
    except asyncio.CancelledError:
        return False
