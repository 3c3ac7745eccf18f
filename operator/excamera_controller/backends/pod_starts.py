"""One start of backend Pod: an Indexed Job, and the Secret without which its pods do not run.

Either both are there afterwards or neither is; whoever is killed in between leaves the
other half to `repair` by the next operator. An answer that is lost may hide that an object was
made: then the next try finds it. Names are random, so what has ours is ours.
"""

from __future__ import annotations

import logging
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from excamera_controller.api import Api, ApiError, Conflict, NotFound, Object, path_of, retried
from excamera_controller.backends.pod_manifests import UID_LABEL, Workers
from excamera_controller.conditions import Reason
from excamera_controller.observed import Failure
from mu.errors import BackendError
from mu.invitation import Invitation

WORKER_SECONDS: Final = 12 * 3600.0
"""How long a worker goes on before it makes way for another, which has a new certificate."""

FORBIDDEN: Final = 403
CONFLICT: Final = 409
INVALID: Final = 422

_log = logging.getLogger(__name__)


class PodStarts:
    """Those of one EncodeJob."""

    def __init__(self, api: Api, workers: Workers) -> None:
        self._api = api
        self._workers = workers
        self._jobs = path_of("batch/v1", "jobs", workers.job.namespace)
        self._secrets = path_of("v1", "secrets", workers.job.namespace)
        self._unwanted: set[str] = set()
        self._repaired = False

    async def create(self, name: str, count: int, invitation: Invitation) -> None:
        """`name` has not been used before. Raises ApiError."""
        try:
            made = await self._surely(self._jobs, self._workers.job_object(name, count))
            job = made or await self._found(name)
            told = invitation.lasting(WORKER_SECONDS).to_json()
            await self._surely(self._secrets, self._workers.secret(job, told))
        except ApiError:
            self._unwanted.add(name)
            await self.tidy_up()
            raise

    async def repair(self, others: Collection[str]) -> None:
        """Deletes, once, Jobs that were left without their Secret by an operator that was killed
        before it could make one; `others` are none of its. Raises ApiError."""
        if self._repaired:
            return
        selector = f"{UID_LABEL}={self._workers.job.uid}"
        for job in await self._api.list(self._jobs, labelSelector=selector):
            name = job["metadata"]["name"]
            if name not in others and not await self._has_secret(name):
                _log.warning("Job %s has no Secret, so its pods cannot start; it is deleted", name)
                self._unwanted.add(name)
        self._repaired = True

    async def _has_secret(self, name: str) -> bool:
        try:
            await self._api.get(f"{self._secrets}/{name}")
        except NotFound:
            return False
        return True

    async def tidy_up(self) -> None:
        """Deletes Jobs of starts that failed, now or later: their pods would wait for ever."""
        for name in tuple(self._unwanted):
            try:
                await self._api.delete(f"{self._jobs}/{name}")
            except ApiError as error:
                _log.info("Job %s may be left for now: %s", name, error)
                return
            self._unwanted.discard(name)

    async def _surely(self, collection: str, body: Object) -> Object | None:
        """What was made; None if an earlier try, whose answer was lost, has made it."""
        tries = 0

        async def attempt() -> Object | None:
            nonlocal tries
            tries += 1
            try:
                return await self._api.create(collection, body)
            except Conflict:
                if tries == 1:
                    raise
                return None

        return await retried(attempt)

    async def _found(self, name: str) -> Object:
        """The Job of that name. Listed, because that is what the operator may do with Jobs."""
        selector = f"metadata.name={name}"
        found = await retried(lambda: self._api.list(self._jobs, fieldSelector=selector))
        if not found:
            raise Conflict(CONFLICT, "Conflict", f"Job {name} was made and is gone")
        return found[0]


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a start was refused: for people, and for mu."""

    failure: Failure
    error: BackendError


def refusal(error: ApiError) -> Refusal:
    """What is used up or out of reach mends itself; what is not allowed or makes no sense does
    not."""
    message = f"worker pods cannot be started: {error}"
    if error.status == FORBIDDEN and "quota" in str(error):
        failure = quota_exceeded(message)
        return Refusal(failure, BackendError(failure.message, passing=True))
    if error.transient or isinstance(error, Conflict):
        failure = Failure(Reason.WAITING_FOR_WORKERS, message)
        return Refusal(failure, BackendError(message, passing=True))
    if error.status == INVALID:
        failure = Failure(Reason.INVALID_SPEC, message)
        return Refusal(failure, BackendError(message, permanent=True))
    failure = Failure(Reason.BACKEND_UNAVAILABLE, message)
    return Refusal(failure, BackendError(message, permanent=error.status == FORBIDDEN))


def quota_exceeded(said: str) -> Failure:
    """`said` by the API server or the Job controller."""
    advice = "raise the namespace's quota, or lower spec.workers.max or its resources"
    return Failure(Reason.QUOTA_EXCEEDED, f"{said}; {advice}")
