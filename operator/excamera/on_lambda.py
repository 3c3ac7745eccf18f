"""`excamera run` with backend Lambda: this process coordinates, an AWS Lambda function works.

Coordinator and rendezvous run here, so that workers must be able to dial this machine: the
options name the addresses by which they do, and both services listen at the ports of these.
"""

from __future__ import annotations

import json
import time
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from excamera.encode import Encode, Runner
from excamera.errors import CloudFailed, InvalidJob
from excamera.job import Job
from excamera.lambda_options import MOST_WORKERS, LambdaSettings, of_lambda
from excamera.local import Door, LocalRunner, LocalSettings, print_out, reported, say
from excamera.plan import plan
from excamera_lambda.account import Account
from excamera_lambda.backend import LambdaBackend, Target
from excamera_lambda.cost import Work, shown
from excamera_lambda.errors import LambdaError
from excamera_lambda.function import EVENT_AGE
from excamera_lambda.limits import limit_message
from excamera_lambda.prices import prices
from mu import Further, Observer, Observers, Task
from mu.grants import Sign

SCHEME: Final = "s3://"


async def encode_on_lambda(job: Job, settings: LocalSettings, on: LambdaSettings) -> int:
    """Encodes and reports. Returns the exit status; raises JobError."""
    for name, url in (("source", job.source), ("output", job.output)):
        if not url.startswith(SCHEME):
            raise InvalidJob(f"{name}: workers on Lambda cannot reach {url}; give {SCHEME}…")
    doors = (_door("coordinator", on.coordinator), _door("rendezvous", on.rendezvous))
    backend = await connected(Target(on.function, on.region))
    workers = _workers(settings.workers or MOST_WORKERS, backend)
    account = Account(backend.facts, prices(backend.facts.architecture, on.prices), time.monotonic)
    backend.taken = account.meter.taken
    runner = runner_on(backend, workers, job.backoff_limit, doors)
    work = settings.store or f"{job.output}.excamera"
    encode = Encode(job, work, time.monotonic, say, manifest=settings.manifest)
    report = await reported(encode, Accounted(runner, encode, account, workers), settings)
    costs = account.costs
    if settings.json:
        print_out(json.dumps(json.loads(report.to_json()) | {"cost": costs.figures()}))
    else:
        print_out("\n".join((*report.lines(), f"  {costs.sentence()}")))
    return 0


def runner_on(
    backend: LambdaBackend, workers: int, backoff_limit: int, doors: tuple[Door, Door]
) -> LocalRunner:
    """doors: the coordinator's and the rendezvous's. Lambda keeps an invocation for which the
    function has no room, and so long none is launched in its place."""
    return LocalRunner(
        workers,
        backoff_limit,
        lambda: backend,
        backend.facts.surplus(workers),
        coordinator=doors[0],
        rendezvous=doors[1],
        launch_seconds=EVENT_AGE,
    )


@dataclass(frozen=True, slots=True)
class Accounted:
    """A runner that says beforehand what its work will cost, and has it accounted."""

    runner: Runner
    encode: Encode
    account: Account
    workers: int

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
        work = work_left(self.encode)
        self.account.plan(work, self.workers)
        say(f"estimate: {shown(self.account.costs.estimated or 0.0)} on Lambda")
        meter = self.account.meter
        await self.runner.run(job, tasks, done, Observers(observer, meter), sign, further)


def work_left(encode: Encode) -> Work:
    """What there is to do for the output's chunks, once the source is indexed; as long as cuts are
    looked for, as if there were none. A search for a cq-level comes on top: how much work that is,
    is known when it is done."""
    assert encode.index is not None, "it is indexed before it is run"
    index, progress = encode.index, encode.progress
    pixels = index.picture.width * index.picture.height
    if not progress.tasks:
        return Work(index.frames, pixels, len(plan(index, encode.job.encoding).chunks))
    part = progress.output_left / progress.tasks
    return Work(round(index.frames * part), pixels, progress.output_left)


async def connected(target: Target) -> LambdaBackend:
    """Raises JobError if the function cannot be invoked."""
    try:
        return await LambdaBackend.connect(target)
    except LambdaError as error:
        raise of_lambda(error) from error


def _workers(wanted: int, backend: LambdaBackend) -> int:
    """As many as the function may have at once."""
    message = limit_message(backend.facts, wanted)
    if not message:
        return wanted
    if not backend.facts.most:
        raise CloudFailed(message)
    say(f"note: {message}")
    return backend.facts.most


def _door(name: str, address: str) -> Door:
    host, _, port = address.rpartition(":")
    if not host or not port.isdecimal():
        raise InvalidJob(f"--{name}-address takes HOST:PORT, not {address!r}")
    return Door(f"0.0.0.0:{port}", address)
