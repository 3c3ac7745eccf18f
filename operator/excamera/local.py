"""A whole job on this machine: coordinator and rendezvous in this process, workers beside it.

It is the same architecture as in a cluster, TLS and all; only the backend differs.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from excamera.display import shown
from excamera.encode import Encode
from excamera.errors import StorageFailed
from excamera.failures import of_run
from excamera.job import Job
from excamera.mailboxes import Mailboxes
from excamera_proto.credentials import OPERATOR, RENDEZVOUS, Authority
from excamera_rendezvous import Rendezvous, Settings
from mu import Observer, Observers, ScheduleSettings, Task
from mu.backend import Backend
from mu.backends.local import LocalBackend, processors
from mu.run import JobRun
from mu.server import Server
from mu.settings import RunSettings

LOOPBACK = "127.0.0.1:0"


@dataclass(frozen=True, slots=True)
class LocalSettings:
    """`workers` None is one per core; `store` None is beside the output; `manifest` is the URL of
    the output's manifest, or empty for none."""

    workers: int | None = None
    store: str | None = None
    manifest: str = ""
    json: bool = False

    @property
    def worker_count(self) -> int:
        """How many workers to have."""
        return self.workers or processors()


async def encode_locally(job: Job, settings: LocalSettings) -> int:
    """Encodes and reports. Returns the exit status; raises JobError."""
    logging.basicConfig(level=logging.ERROR, format="excamera: %(message)s")
    work = settings.store or f"{job.output}.excamera"
    encode = Encode(job, work, time.monotonic, _say, manifest=settings.manifest)
    _stop_on_signals()
    async with shown(lambda: encode.progress.snapshot(time.monotonic()), quiet=settings.json):
        report = await encode.run(LocalRunner(settings.worker_count, job.backoff_limit))
    _remove_if_empty(work)
    _print(report.to_json() if settings.json else "\n".join(report.lines()))
    return 0


def _print(text: str) -> None:
    try:
        print(text, flush=True)
    except OSError as error:
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115 - for the rest of the process
        raise StorageFailed(
            "the output is published, but the report cannot be written to standard output:"
            f" {error.strerror}"
        ) from error


@dataclass(frozen=True, slots=True)
class LocalRunner:
    """Carries out tasks on worker processes of this machine."""

    workers: int
    backoff_limit: int
    backend: Callable[[], Backend] = LocalBackend

    async def run(
        self, job: str, tasks: Collection[Task], done: Collection[str], observer: Observer
    ) -> None:
        """See `encode.Runner`."""
        authority = Authority.create("excamera on this machine")
        schedule = ScheduleSettings(workers=self.workers, backoff_limit=self.backoff_limit)
        async with (
            _rendezvous(authority) as address,
            _server(authority) as server,
            Mailboxes(job, [address], authority.issue(OPERATOR)) as mailboxes,
        ):
            run = JobRun(
                job,
                tasks,
                self.backend(),
                Observers(observer, mailboxes),
                RunSettings(schedule),
                done=done,
                rendezvous=[address],
            )
            with of_run():
                await server.run(run)


@asynccontextmanager
async def _rendezvous(authority: Authority) -> AsyncIterator[str]:
    settings = Settings(listen=LOOPBACK, credential=authority.issue(RENDEZVOUS), grace=0.0)
    async with Rendezvous(settings) as rendezvous:
        yield f"127.0.0.1:{rendezvous.port}"


@asynccontextmanager
async def _server(authority: Authority) -> AsyncIterator[Server]:
    server = Server(authority, LOOPBACK)
    await server.start()
    try:
        yield server
    finally:
        await server.stop()


def _stop_on_signals() -> None:
    """SIGINT, SIGTERM and SIGHUP end the job alike: workers are stopped, what is finished is kept.

    Once: a second Ctrl-C must not break off the stopping itself, which takes no time.
    """
    task = asyncio.current_task()
    assert task is not None
    stopping = False

    def stop() -> None:
        nonlocal stopping
        if not stopping:
            stopping = True
            task.cancel()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, stop)


def _remove_if_empty(work: str) -> None:
    """The folder of unfinished work, unless another job's is in it too."""
    if "://" not in work:
        with suppress(OSError):
            Path(work).rmdir()


def _say(line: str) -> None:
    """Passes on what people should read. An executable's last word, its error, comes as ours."""
    if not line.startswith(("progress ", "excamera-media: ")):
        with suppress(OSError):
            print(line, file=sys.stderr, flush=True)
