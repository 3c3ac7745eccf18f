"""Backend Pod: workers are pods of Indexed Jobs, in the namespace of their EncodeJob.

A worker goes by its pod's name, so that the end of a pod is reported at once and under the right
reason. Pods are not watched here: the operator's one watch hands them on (`note`). What keeps pods
from being made at all, such as a quota, is only in the Job controller's events, which are looked at
while pods are missing.

`trouble` says what keeps workers away, for people. Where waiting cannot help (an image that is
never pulled), or has not for a while, the pods that wait are given up, and the next start is
refused for good.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from dataclasses import dataclass, field
from typing import Final

from excamera_controller.api import Api, ApiError, Object, path_of, retried
from excamera_controller.backends.pod_manifests import Workers
from excamera_controller.backends.pod_removal import remove
from excamera_controller.backends.pod_signs import (
    Trouble,
    end_of,
    has_ended,
    is_running,
    name_of,
    trouble_of,
)
from excamera_controller.conditions import Reason
from excamera_controller.logs import about
from excamera_controller.observed import Failure
from mu.backend import Report, WorkerExit
from mu.errors import BackendError
from mu.invitation import Invitation

PATIENCE_SECONDS: Final = 45.0
"""How long an image may be unpullable before its pods are given up."""

IMPATIENT: Final = (Reason.IMAGE_UNPULLABLE, Reason.WORKERS_NOT_STARTING)
"""Unlike a full cluster or a quota, these do not mend themselves."""

LAUNCH_SECONDS: Final = 300.0
"""After which mu takes a launch for failed and starts another; its pod may come yet."""

LOOK_SECONDS: Final = 4.0
WORKER_SECONDS: Final = 12 * 3600.0
"""How long a worker goes on before it makes way for another, which has a new certificate."""

FORBIDDEN: Final = 403
INVALID: Final = 422

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class Asked:
    """A Job of ours. settled: those of its pods that have run, or never will."""

    count: int
    at: float
    settled: set[str] = field(default_factory=set)

    @property
    def late(self) -> int:
        """Workers that mu does not wait for any more, and that may come yet."""
        over = time.monotonic() - self.at >= LAUNCH_SECONDS
        return self.count - len(self.settled) if over else 0


class PodBackend:
    """The workers of one EncodeJob."""

    name = "pod"

    def __init__(self, api: Api, workers: Workers) -> None:
        self._api = api
        self._workers = workers
        self._namespace = workers.job.namespace
        self._report: Report = lambda _: None
        self._asked: dict[str, Asked] = {}  # by the names of our Jobs
        self._pods: dict[str, Object] = {}
        self._met: set[str] = set()  # our Jobs' pods
        self._complaints: Failure | None = None  # of the Job controller
        self._turned_away: Failure | None = None  # by the API server, for now
        self._troubled_since: float | None = None
        self._refusal: Failure | None = None
        self._looking: asyncio.Task[None] | None = None
        self._stopping = False

    @property
    def trouble(self) -> Failure | None:
        """What keeps workers from coming, as far as is known."""
        found = self._current_trouble()
        return self._refusal or (found.failure if found else None)

    def watch(self, report: Report) -> None:
        self._report = report

    async def start(self, count: int, invitation: Invitation) -> None:
        if self._refusal is not None:
            raise BackendError(self._refusal.message, permanent=True)
        missing = count - sum(asked.late for asked in self._asked.values())
        if missing <= 0:
            return
        name = f"{self._workers.job.name}-{secrets.token_hex(3)}"
        self._asked[name] = Asked(missing, time.monotonic())
        try:
            await self._create(name, missing, invitation)
        except ApiError as error:
            del self._asked[name]
            raise self._refused(error) from error
        self._turned_away = None
        if self._looking is None:
            self._looking = asyncio.ensure_future(self._look())

    async def stop(self) -> None:
        self.abandon()
        await remove(self._api, self._namespace, self._workers.job.uid)

    def abandon(self) -> None:
        """Nothing more is looked after; pods go on."""
        self._stopping = True
        if self._looking is not None:
            self._looking.cancel()

    def note(self, pod: Object, *, deleted: bool = False) -> None:
        """A pod of this EncodeJob is as given, or is gone."""
        if self._stopping:
            return
        name, known = name_of(pod), self._pods.get(name_of(pod))
        ours = self._asked.get(_job_of(pod))
        over = deleted or has_ended(pod)
        if over and known is None and ours is None:
            return  # it ended before this coordinator's time
        if ours is not None:
            self._met.add(name)
            if over or is_running(pod):
                ours.settled.add(name)
        if deleted:
            self._pods.pop(name, None)
        else:
            self._pods[name] = pod
        end = end_of(pod, deleted=deleted)
        if end is not None and not (known is not None and has_ended(known)):
            self._report(end)

    # Starting

    async def _create(self, name: str, count: int, invitation: Invitation) -> None:
        jobs = path_of("batch/v1", "jobs", self._namespace)
        secrets_ = path_of("v1", "secrets", self._namespace)
        body = self._workers.job_object(name, count)
        job = await retried(lambda: self._api.create(jobs, body))
        secret = self._workers.secret(job, invitation.lasting(WORKER_SECONDS).to_json())
        try:
            await retried(lambda: self._api.create(secrets_, secret))
        except ApiError:
            await self._api.delete(f"{jobs}/{name}")
            raise
        with about(f"{self._namespace}/{self._workers.job.name}"):
            _log.info("started Job %s of %d workers", name, count)

    def _refused(self, error: ApiError) -> BackendError:
        message = f"worker pods cannot be started: {error}"
        if error.status == FORBIDDEN and "quota" in str(error):
            self._turned_away = _quota_exceeded(message)
            return BackendError(message)
        if error.status not in (FORBIDDEN, INVALID):
            return BackendError(message)
        wrong = error.status == INVALID
        reason = Reason.INVALID_SPEC if wrong else Reason.BACKEND_UNAVAILABLE
        self._refusal = Failure(reason, message)
        return BackendError(message, permanent=True)

    # What keeps workers away

    async def _look(self) -> None:
        """Again and again: the Job controller's complaints, and whether patience is at its end."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            try:
                self._complaints = await self._complaint() if self._unmade > 0 else None
                await self._lose_patience()
            except ApiError as error:
                _log.info("why workers are missing cannot be found out: %s", error)

    @property
    def _unmade(self) -> int:
        """Pods that have not been seen so far."""
        return sum(asked.count for asked in self._asked.values()) - len(self._met)

    async def _complaint(self) -> Failure | None:
        events = await self._api.list(
            path_of("v1", "events", self._namespace),
            fieldSelector="involvedObject.kind=Job,reason=FailedCreate",
        )
        ours = [event for event in events if event["involvedObject"].get("name") in self._asked]
        if not ours:
            return None
        said = str(max(ours, key=_last_seen).get("message", ""))
        if "quota" in said:
            return _quota_exceeded(said)
        return Failure(Reason.WORKERS_NOT_STARTING, f"worker pods cannot be created: {said}")

    def _current_trouble(self) -> Trouble | None:
        found = [trouble_of(pod) for pod in self._pods.values() if not has_ended(pod)]
        said = (self._complaints, self._turned_away)
        found += [Trouble(failure) for failure in said if failure is not None]
        troubles = [trouble for trouble in found if trouble is not None]
        return max(troubles, key=lambda trouble: trouble.final, default=None)

    async def _lose_patience(self) -> None:
        trouble = self._current_trouble()
        if trouble is None or trouble.failure.reason not in IMPATIENT:
            self._troubled_since = None
            return
        now = time.monotonic()
        self._troubled_since = self._troubled_since or now
        if trouble.final or now - self._troubled_since >= PATIENCE_SECONDS:
            self._refusal = trouble.failure
            await self._give_up_waiting(trouble.failure)

    async def _give_up_waiting(self, failure: Failure) -> None:
        """Deletes pods that cannot start, and stops waiting for those that cannot be made."""
        stuck = [name_of(pod) for pod in self._pods.values() if trouble_of(pod) is not None]
        for name in stuck:
            await self._api.delete(path_of("v1", "pods", self._namespace, name))
        for number in range(self._unmade):
            self._report(WorkerExit(f"missing-{number}", failure.reason, failure.message))
        self._asked.clear()


def _job_of(pod: Object) -> str:
    """The name of the Job that made it, by which this coordinator's pods are told from others."""
    labels = pod["metadata"].get("labels") or {}
    return str(labels.get("batch.kubernetes.io/job-name", ""))


def _quota_exceeded(said: str) -> Failure:
    advice = "raise the namespace's quota, or lower spec.workers.max or its resources"
    return Failure(Reason.QUOTA_EXCEEDED, f"{said}; {advice}")


def _last_seen(event: Object) -> str:
    when = event.get("lastTimestamp") or event.get("eventTime")
    return str(when or event["metadata"].get("creationTimestamp") or "")
