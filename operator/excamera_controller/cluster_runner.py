"""Carries out a job's tasks on workers of the cluster; see `excamera.encode.Runner`.

While it runs, each shard of the rendezvous is asked again and again whether it still remembers the
job. One that has begun anew has lost what was sent through it, and the run is told so.
"""

from __future__ import annotations

import math
from collections.abc import Collection
from typing import Final

from excamera.codec import codec
from excamera.errors import JobError
from excamera.failures import of_run
from excamera.mailboxes import MARK_SECONDS, Mailboxes
from excamera_controller.backends.aws_lambda import ClusterLambda
from excamera_controller.backends.pod import LAUNCH_SECONDS, PodBackend
from excamera_controller.failing import is_final
from excamera_controller.gather import SURPLUS
from excamera_controller.place_of_work import PlaceOfWork
from excamera_proto.credentials import OPERATOR, PRIVATE_LIFETIME
from mu import Further, Observer, Observers, ScheduleSettings, Task
from mu.backend import Backend
from mu.grants import Sign
from mu.run import JobRun
from mu.settings import RunSettings

REUNION_SECONDS: Final = 12.0
"""How long workers of an earlier operator may take to come back: a little over their back-off."""

GRACE_SECONDS: Final = 20.0


class ClusterRunner:
    """One job's. `goes_on`: workers of an operator before this one may still be at it."""

    def __init__(
        self,
        place: PlaceOfWork,
        uid: str,
        name: str,
        backend: Backend,
        observer: Observer,
        *,
        backoff_limit: int,
        goes_on: bool,
        most: int | None = None,
    ) -> None:
        self._place = place
        self._uid = uid
        self._name = name
        self._backend = backend
        self._observer = observer
        self._backoff_limit = backoff_limit
        self._goes_on = goes_on
        self._most = most
        self._run: JobRun | None = None
        self._mailboxes: Mailboxes | None = None

    async def run(
        self,
        job: str,
        tasks: Collection[Task],
        done: Collection[str],
        observer: Observer,
        sign: Sign,
        further: Further | None = None,
    ) -> None:
        """`job`, which names the work by its content, is not what names the run: two EncodeJobs
        may ask for the same. Raises JobError, and RunDetached after `detach`."""
        shards = self._place.settings.rendezvous
        credential = self._place.certificates.authority.issue(OPERATOR, lifetime=PRIVATE_LIFETIME)
        async with Mailboxes(self._name, shards, credential) as mailboxes:
            self._mailboxes = mailboxes
            holding = await mailboxes.holding()
            self._run = run = JobRun(
                self._name,
                tasks,
                self._backend,
                Observers(observer, mailboxes, self._observer),
                RunSettings(self._schedule(len(tasks) - len(done)), programs=(codec(),)),
                done=done,
                rendezvous=shards,
                holding=holding,
                further=further,
                sign=sign,
            )
            try:
                async with mailboxes.watched(run.messages_lost, MARK_SECONDS):
                    with of_run():
                        await self._place.server.run(run)
            except JobError as error:  # the next try's name is the same, and would be refused
                mailboxes.kept = not is_final(error)
                raise
            finally:
                self._run = None

    def detach(self) -> bool:
        """Leaves the workers to the next operator. False if there are none to leave."""
        if self._mailboxes is not None:
            self._mailboxes.kept = True
        if self._run is None:
            return False
        self._run.detach()
        return True

    def resize(self) -> None:
        """Goes on with as many workers as the job may have now."""
        if self._run is not None:
            self._run.resize(self._workers)
            if isinstance(self._backend, PodBackend):
                self._backend.limit(self._workers)

    @property
    def _workers(self) -> int:
        share = self._place.share(self._uid)
        return share if self._most is None else min(share, self._most)

    @property
    def engaged(self) -> int:
        """Workers that are here or on their way."""
        return self._run.engaged if self._run is not None else 0

    def _schedule(self, tasks: int) -> ScheduleSettings:
        """What the share has beyond the number of tasks is the surplus: some beyond need, and those
        for the chunks that are expected while cuts are looked for. On Lambda, where each second of
        waiting is paid for, these come when there is something for them to do."""
        workers = self._workers
        surplus = max(0, workers - tasks)
        if isinstance(self._backend, ClusterLambda):
            surplus = min(surplus, math.ceil(SURPLUS * tasks))
        return ScheduleSettings(
            workers=workers,
            surplus=surplus,
            backoff_limit=self._backoff_limit,
            grace_seconds=GRACE_SECONDS,
            launch_seconds=LAUNCH_SECONDS,
            reunion_seconds=REUNION_SECONDS if self._goes_on else 0.0,
        )
