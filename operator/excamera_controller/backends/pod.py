"""Backend Pod: workers are pods of Indexed Jobs, in the namespace of their EncodeJob.

A worker goes by its pod's name, so that the end of a pod is reported at once and under the right
reason. Pods are not watched here: the operator's one watch hands them on (`note`).

`trouble` says what keeps workers away, for people. Pods that cannot start are given up after a
while (`pod_patience`). If none of the job's pods runs then, the next start is refused for good.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Final

from excamera_controller.api import Api, ApiError, Object, path_of
from excamera_controller.backends.pod_complaints import complaint
from excamera_controller.backends.pod_manifests import Workers
from excamera_controller.backends.pod_patience import Patience
from excamera_controller.backends.pod_removal import remove
from excamera_controller.backends.pod_signs import (
    Trouble,
    end_of,
    has_ended,
    is_running,
    job_of,
    name_of,
    trouble_of,
)
from excamera_controller.backends.pod_starts import PodStarts, refusal
from excamera_controller.backends.pod_surplus import Surplus
from excamera_controller.logs import about
from excamera_controller.observed import Failure
from mu.backend import Report, WorkerExit
from mu.errors import BackendError
from mu.invitation import Invitation

PATIENCE_SECONDS: Final = 45.0
"""How long a pod may be unable to start before it is given up."""

LAUNCH_SECONDS: Final = 300.0
"""After which mu takes a launch for failed and starts another; its pod may come yet."""

LATE_SECONDS: Final = LAUNCH_SECONDS - 5.0
"""A little earlier than mu: what it asks for instead is asked for already."""

LOOK_SECONDS: Final = 4.0
JOB_CONTROLLER: Final = ""
"""Who complains, among the names of pods."""

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class Asked:
    """A Job of ours. met: those of its pods that have been seen. settled: those of them that have
    run, or never will."""

    count: int
    at: float
    met: set[str] = field(default_factory=set)
    settled: set[str] = field(default_factory=set)

    @property
    def unmade(self) -> int:
        """Pods that have not been seen so far."""
        return self.count - len(self.met)

    @property
    def late(self) -> int:
        """Workers that mu does not wait for any more, and that may come yet."""
        over = time.monotonic() - self.at >= LATE_SECONDS
        return self.count - len(self.settled) if over else 0


class PodBackend:
    """The workers of one EncodeJob."""

    name = "pod"

    def __init__(self, api: Api, workers: Workers) -> None:
        self._api = api
        self._workers = workers
        self._namespace = workers.job.namespace
        self._starts = PodStarts(api, workers)
        self._patience = Patience(PATIENCE_SECONDS)
        self._surplus = Surplus()
        self._report: Report = lambda _: None
        self._asked: dict[str, Asked] = {}  # by the names of our Jobs
        self._pods: dict[str, Object] = {}
        self._complaint: Failure | None = None  # of the Job controller
        self._turned_away: Failure | None = None  # by the API server, at the last start
        self._given_up: Failure | None = None
        self._looking: asyncio.Task[None] | None = None
        self._stopping = False

    @property
    def trouble(self) -> Failure | None:
        """What keeps workers from coming, as far as is known."""
        worst = max(self._troubles().values(), key=lambda found: found.final, default=None)
        return self._given_up or self._turned_away or (worst.failure if worst else None)

    def watch(self, report: Report) -> None:
        self._report = report
        with about(f"{self._namespace}/{self._workers.job.name}"):
            self._looking = asyncio.ensure_future(self._look())

    async def start(self, count: int, invitation: Invitation) -> None:
        if self._given_up is not None:
            raise BackendError(self._given_up.message, permanent=True)
        late = sum(asked.late for asked in self._asked.values())
        if late >= count:
            why = self.trouble
            raise BackendError(why.message if why else f"{late} pods are late", passing=True)
        name = f"{self._workers.job.name}-{secrets.token_hex(3)}"
        self._asked[name] = Asked(count - late, time.monotonic())
        try:
            await self._starts.create(name, count - late, invitation)
        except ApiError as error:
            del self._asked[name]
            refused = refusal(error)
            self._turned_away = refused.failure
            raise refused.error from error
        self._turned_away = None
        with about(f"{self._namespace}/{self._workers.job.name}"):
            _log.info("started Job %s of %d workers", name, count - late)

    def limit(self, most: int) -> None:
        """The job may have so many workers now: pods beyond that are taken back that wait yet."""
        self._surplus.look(self._pods.values(), self._asked.keys(), most)

    async def stop(self) -> None:
        await self.abandon()
        await remove(self._api, self._namespace, self._workers.job.uid)

    async def abandon(self) -> None:
        """Nothing more is looked after; pods go on."""
        self._stopping = True
        if self._looking is not None:
            self._looking.cancel()

    def note(self, pod: Object, *, deleted: bool = False) -> None:
        """A pod of this EncodeJob is as given, or is gone."""
        if self._stopping:
            return
        name, known = name_of(pod), self._pods.get(name_of(pod))
        ours = self._asked.get(job_of(pod))
        over = deleted or has_ended(pod)
        if over and known is None and ours is None:
            return  # it ended before this coordinator's time
        if ours is not None:
            ours.met.add(name)
            if over or is_running(pod):
                ours.settled.add(name)
        if deleted:
            self._pods.pop(name, None)
        else:
            self._pods[name] = pod
        if is_running(pod) and not over:
            self._given_up = None
        end = end_of(pod, deleted=deleted)
        if end is None or (known is not None and has_ended(known)):
            return
        withdrawn = name in self._surplus.names
        if not withdrawn or ours is not None:
            self._report(replace(end, withdrawn=withdrawn))

    # What keeps workers away

    async def _look(self) -> None:
        """Again and again: the Job controller's complaints, whether patience is at its end, and
        what was left half done."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            try:
                waiting = [name for name, asked in self._asked.items() if asked.unmade > 0]
                found = await complaint(self._api, self._namespace, waiting) if waiting else None
                self._complaint = found
                await self._delete(self._withdrawn)
                await self._lose_patience()
                await self._starts.repair(self._at_work)
                await self._starts.tidy_up()
            except ApiError as error:
                _log.info("why workers are missing cannot be found out: %s", error)

    @property
    def _at_work(self) -> set[str]:
        """Jobs that are ours, or have a pod that runs."""
        return {*self._asked, *(job_of(pod) for pod in self._pods.values() if is_running(pod))}

    def _troubles(self) -> dict[str, Trouble]:
        """By the names of pods, and of who else has one."""
        of_pods = {
            name: trouble
            for name, pod in self._pods.items()
            if not has_ended(pod) and (trouble := trouble_of(pod)) is not None
        }
        if self._complaint is None:
            return of_pods
        return {**of_pods, JOB_CONTROLLER: Trouble(self._complaint)}

    async def _lose_patience(self) -> None:
        """Gives up pods that cannot start, and those that cannot be made."""
        given_up = self._patience.exhausted(self._troubles(), time.monotonic())
        if not given_up:
            return
        if not any(is_running(pod) for pod in self._pods.values()):
            self._given_up = next(iter(given_up.values()))
        if JOB_CONTROLLER in given_up:
            self._expect_no_more(given_up.pop(JOB_CONTROLLER))
        await self._delete(given_up)

    async def _delete(self, names: Iterable[str]) -> None:
        pods = path_of("v1", "pods", self._namespace)
        await asyncio.gather(*(self._api.delete(f"{pods}/{name}") for name in names))

    @property
    def _withdrawn(self) -> list[str]:
        """Pods that are to go. One that runs by now is mu's."""
        waiting = {
            name
            for name, pod in self._pods.items()
            if not (is_running(pod) or has_ended(pod) or "deletionTimestamp" in pod["metadata"])
        }
        return sorted(self._surplus.names & waiting)

    def _expect_no_more(self, why: Failure) -> None:
        """Does not wait any longer for pods that nobody has seen."""
        for job, asked in self._asked.items():
            for number in range(asked.unmade):
                self._report(WorkerExit(f"{job}-missing-{number}", why.reason, why.message))
            asked.count = len(asked.met)
        self._complaint = None
