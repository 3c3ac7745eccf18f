"""A coordinator whose workers and rendezvous are elsewhere, as the operator is one.

It is what a cluster runs, less Kubernetes: `excamera.encode`, mu's server, a rendezvous elsewhere
that is watched for having begun anew. Workers are processes of this machine; where they
are to outlive the coordinator, as pods do, they are not asked to end with it.

    python -m tests.chaos.coordinator COMMISSION.json     tells what it sees, a line of JSON each
"""

from __future__ import annotations

import asyncio
import json
import shlex
import sys
import time
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from excamera.access import StoreAccess
from excamera.codec import codec
from excamera.encode import Encode
from excamera.errors import JobError
from excamera.failures import of_run
from excamera.job import Encoding, Job
from excamera.mailboxes import Mailboxes
from excamera.report import Report
from excamera_proto.credentials import OPERATOR, Authority
from mu import Further, Observer, Observers, ScheduleSettings, Task
from mu.backends.local import COMMAND, LocalBackend
from mu.grants import Sign
from mu.run import JobRun
from mu.server import Server
from mu.settings import RunSettings
from tests.chaos.tally import Sees, Telling

NAME = "chaos"
ENCODING = Encoding(chunk_frames=4, chain_length=5)
# Patience is cut short, so that a table of many cases does not take a day: the defaults are 5, 20
# and 20 seconds.
HEARTBEAT, SILENCE, GRACE, MARK = 0.3, 1.5, 1.0, 0.3
REUNION = 6.0


@dataclass(frozen=True)
class Commission:
    """What a coordinator is to do, and with what. Plain data, to be handed to another process.

    folder: where authority.pem and authority-key.pem are. listen: where it serves, advertised: what
    workers dial. store: the job's variables (AWS_…). schedule: changes to ScheduleSettings.
    goes_on: a coordinator before this one has left workers behind.
    """

    folder: str
    source: str
    output: str
    work: str
    listen: str
    advertised: str
    rendezvous: str
    environment: Mapping[str, str] = field(repr=False)
    store: Mapping[str, str] = field(default_factory=dict)
    command: Sequence[str] = COMMAND
    workers: int = 2
    backoff_limit: int = 6
    keep_going: bool = False
    outliving: bool = False
    goes_on: bool = False
    heartbeat: float = HEARTBEAT
    silence: float = SILENCE
    grace: float = GRACE
    schedule: Mapping[str, Any] = field(default_factory=dict)

    @property
    def authority(self) -> Authority:
        folder = Path(self.folder)
        certificate, key = folder / "authority.pem", folder / "authority-key.pem"
        return Authority.load(certificate.read_bytes(), key.read_bytes())

    @property
    def job(self) -> Job:
        encoding = replace(ENCODING, keep_going=self.keep_going)
        return Job(self.source, self.output, encoding, self.backoff_limit)

    @property
    def run_settings(self) -> RunSettings:
        schedule = ScheduleSettings(
            workers=self.workers,
            backoff_limit=self.backoff_limit,
            grace_seconds=self.grace,
            retry_seconds=0.1,
            launch_seconds=30.0,
            reunion_seconds=REUNION if self.goes_on else 0.0,
        )
        return RunSettings(
            replace(schedule, **self.schedule),
            heartbeat_seconds=self.heartbeat,
            silence_seconds=self.silence,
            tick_seconds=0.1,
        )


class Outliving(LocalBackend):
    """Workers that go on when the coordinator is killed, as a cluster's do."""

    name = "pod"


class Coordinator:
    """Carries out tasks; see `excamera.encode.Runner`. server: once it runs."""

    def __init__(self, commission: Commission, sees: Sees) -> None:
        self.commission = commission
        self.server: Server | None = None
        made = Outliving if commission.outliving else LocalBackend
        self.backend = made(commission.command, environment=commission.environment)
        self._sees = sees

    async def encode(self) -> Report:
        """The whole job. Raises JobError."""
        given = self.commission
        access = StoreAccess(given.store)
        return await Encode(given.job, given.work, time.monotonic, _unheard, access).run(self)

    async def run(
        self,
        job: str,
        tasks: Collection[Task],
        done: Collection[str],
        observer: Observer,
        sign: Sign,
        further: Further | None = None,
    ) -> None:
        given = self.commission
        authority, shards = given.authority, (given.rendezvous,)
        self.server = server = Server(authority, given.listen, advertised=given.advertised)
        await server.start()
        try:
            async with Mailboxes(NAME, shards, authority.issue(OPERATOR)) as mailboxes:
                run = JobRun(
                    NAME,
                    tasks,
                    self.backend,
                    Observers(observer, mailboxes, Telling(self._sees)),
                    given.run_settings,
                    done=done,
                    rendezvous=shards,
                    holding=await mailboxes.holding(),
                    further=further,
                    sign=sign,
                )
                async with mailboxes.watched(run.messages_lost, MARK):
                    with of_run():
                        await server.run(run)
        finally:
            await server.stop()


def _unheard(line: str) -> None:
    """What is for people's eyes."""


def write(commission: Commission, path: Path) -> None:
    path.write_text(json.dumps(asdict(commission)), "utf-8")


def _learn_codec() -> None:
    """It is remembered then. Under libfaketime a sleep whose end is just over is an error (EINVAL),
    and so is to wait for a program now and then: asked for again, it is there."""
    for _ in range(20):
        with suppress(JobError):
            codec()
            return


def main(path: str) -> int:
    given = Commission(**json.loads(Path(path).read_text("utf-8")))
    if given.outliving:
        log = shlex.quote(str(Path(given.folder) / "workers.log"))
        # Their standard error must not be a pipe whose reader has been killed.
        command = ("sh", "-c", f'exec "$@" 2>>{log}', "sh", *given.command)
        given = replace(given, command=command)
    _learn_codec()
    coordinator = Coordinator(given, lambda event: print(event.to_line(), flush=True))
    try:
        asyncio.run(coordinator.encode())
    except JobError as error:
        print(f"excamera: {error}", file=sys.stderr)
        return error.exit_status
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
