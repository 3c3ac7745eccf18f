"""A whole job from this machine: coordinator and rendezvous in this process, workers beside it.

It is the same architecture as in a cluster, TLS and all; only the backend differs. With another
backend, and doors that can be reached from outside, workers may be elsewhere (`on_lambda`).
"""

from __future__ import annotations

import asyncio
import logging
import math
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from excamera.access import without_rights
from excamera.codec import codec
from excamera.display import shown
from excamera.encode import Encode, Runner
from excamera.errors import StorageFailed
from excamera.failures import of_run
from excamera.job import Job
from excamera.mailboxes import MARK_SECONDS, Mailboxes
from excamera.report import Report
from excamera_proto.credentials import (
    OPERATOR,
    PRIVATE_LIFETIME,
    RENDEZVOUS,
    Authority,
    Credential,
    Identity,
)
from excamera_rendezvous import Rendezvous, Settings
from mu import Further, Observer, Observers, ScheduleSettings, Task
from mu.backend import Backend
from mu.backends.local import LocalBackend, processors
from mu.grants import Sign
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
    given = settings.store is not None and Path(work).is_dir()
    encode = Encode(job, work, time.monotonic, say, manifest=settings.manifest)
    report = await reported(encode, LocalRunner(settings.worker_count, job.backoff_limit), settings)
    if not given:
        _remove_if_empty(work)
    print_out(report.to_json() if settings.json else "\n".join(report.lines()))
    return 0


async def reported(encode: Encode, runner: Runner, settings: LocalSettings) -> Report:
    """Runs the job with its progress shown, and until a signal ends it."""
    _stop_on_signals()
    async with shown(lambda: encode.progress.snapshot(time.monotonic()), quiet=settings.json):
        return await encode.run(runner)


def print_out(text: str) -> None:
    """To standard output. Raises StorageFailed."""
    try:
        print(text, flush=True)
    except OSError as error:
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115 - for the rest of the process
        raise StorageFailed(
            "the output is published, but the report cannot be written to standard output:"
            f" {error.strerror}"
        ) from error


@dataclass(frozen=True, slots=True)
class Door:
    """Where a service of this process listens, and what workers dial if that is another address."""

    listen: str = LOOPBACK
    advertised: str = ""


def local_backend() -> Backend:
    """Worker processes, which are not shown this process's rights in the store."""
    return LocalBackend(environment=without_rights(os.environ))


@dataclass(frozen=True, slots=True)
class LocalRunner:
    """Carries out tasks on worker processes of this machine, or on what another backend starts."""

    workers: int
    backoff_limit: int
    backend: Callable[[], Backend] = local_backend
    surplus: float = 0.0
    """How many more workers than needed are started, as a part of those."""

    coordinator: Door = Door()
    rendezvous: Door = Door()
    launch_seconds: float = ScheduleSettings().launch_seconds
    """How long a worker may take to come."""

    def schedule(self, tasks: int) -> ScheduleSettings:
        """For so many that are to be done."""
        return ScheduleSettings(
            workers=self.workers,
            surplus=math.ceil(self.surplus * min(self.workers, tasks)),
            backoff_limit=self.backoff_limit,
            launch_seconds=self.launch_seconds,
        )

    async def run(
        self,
        job: str,
        tasks: Collection[Task],
        done: Collection[str],
        observer: Observer,
        sign: Sign,
        further: Further | None = None,
    ) -> None:
        """See `encode.Runner`."""
        authority = Authority.create("excamera on this machine")
        schedule = self.schedule(len(tasks) - len(done))
        async with (
            _rendezvous(authority, self.rendezvous) as (inside, address),
            _server(authority, self.coordinator) as server,
            Mailboxes(job, [inside], _lasting(authority, OPERATOR)) as mailboxes,
        ):
            run = JobRun(
                job,
                tasks,
                self.backend(),
                Observers(observer, mailboxes),
                RunSettings(schedule, programs=(codec(),)),
                done=done,
                rendezvous=[address],
                further=further,
                sign=sign,
            )
            await mailboxes.holding()  # none yet; it is from now on
            async with mailboxes.watched(lambda _: run.messages_lost(address), MARK_SECONDS):
                with of_run():
                    await server.run(run)


def _lasting(authority: Authority, identity: Identity) -> Credential:
    """A job may take longer than a day, and nobody renews its certificates."""
    return authority.issue(identity, lifetime=PRIVATE_LIFETIME)


@asynccontextmanager
async def _rendezvous(authority: Authority, door: Door) -> AsyncIterator[tuple[str, str]]:
    """Its addresses for this process and for workers."""
    settings = Settings(listen=door.listen, credential=_lasting(authority, RENDEZVOUS), grace=0.0)
    async with Rendezvous(settings) as rendezvous:
        inside = f"127.0.0.1:{rendezvous.port}"
        host, _, port = door.advertised.rpartition(":")
        yield inside, f"{host}:{rendezvous.port}" if port == "0" else door.advertised or inside


@asynccontextmanager
async def _server(authority: Authority, door: Door) -> AsyncIterator[Server]:
    server = Server(authority, door.listen, advertised=door.advertised, lifetime=PRIVATE_LIFETIME)
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


def say(line: str) -> None:
    """Passes on what people should read. An executable's last word, its error, comes as ours."""
    if not line.startswith(("progress ", "excamera-media: ")):
        with suppress(OSError):
            print(line, file=sys.stderr, flush=True)
