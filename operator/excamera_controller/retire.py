"""`excamera-operator retire`: before the chart is uninstalled, so that nothing is left to wait for.

The operator is ended first, since it would start workers again and hold its jobs; it leaves them
as it does at any end. Then the workers of every EncodeJob that anything is to be done for are
ended, and once they are gone, or have had time enough, the job is told why and let go
(`policies.retirement`). It is looked again until there is no such job: whatever has changed in
between, or went wrong, is found by that.

Everything has an end: whoever uninstalls waits for this.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final

from excamera_controller.api import Api, ApiError, Conflict, NotFound, Object, path_of, retried
from excamera_controller.backends.pod_removal import are_gone, remove
from excamera_controller.backends.pod_signs import has_ended
from excamera_controller.decision import Action, Decision
from excamera_controller.events import Recorder
from excamera_controller.gather import stored_of
from excamera_controller.kind import API_VERSION, PLURAL
from excamera_controller.logs import about
from excamera_controller.merge_patch import merge_patch
from excamera_controller.observed import Observed
from excamera_controller.policies import retirement
from excamera_controller.settings import Retirement
from excamera_controller.status import status_of
from excamera_controller.writing import let_go, patch_status

OPERATOR_SECONDS: Final = 45.0
"""How long the operator may take to end: more than its pod's grace period."""

WORKERS_SECONDS: Final = 45.0
"""The same of workers: three times theirs."""

ALL_SECONDS: Final = 150.0
AGAIN_SECONDS: Final = 1.0
AT_ONCE: Final = 16

_log = logging.getLogger(__name__)


class Held(Exception):
    """Jobs are left that nobody will let go."""


class Retire:
    """Once: `all`."""

    def __init__(self, api: Api, settings: Retirement) -> None:
        self._api = api
        self._settings = settings
        self._let_go: set[str] = set()
        self._unfinished: set[str] = set()
        self._room = asyncio.Semaphore(AT_ONCE)

    async def all(self) -> None:
        """Raises ApiError, and Held if time is up."""
        await retried(self._list)  # who may not do that should not end the operator either
        try:
            async with asyncio.timeout(ALL_SECONDS):
                await self._end_operator()
                await self._until_none_is_held()
        except TimeoutError:
            raise Held(
                f"not done after {ALL_SECONDS:g} s; EncodeJobs with the finalizer cannot be deleted"
                " until the operator is installed again, or the finalizer is taken off by hand"
            ) from None
        _log.info(
            "%d EncodeJobs are let go; %d of them are not finished, and go on when the operator is"
            " installed again",
            len(self._let_go),
            len(self._unfinished),
        )

    # The operator

    async def _end_operator(self) -> None:
        own, name = self._settings.own_namespace, self._settings.deployment
        path = f"{path_of('apps/v1', 'deployments', own, name)}/scale"
        try:
            scale = await retried(lambda: self._api.patch(path, {"spec": {"replicas": 0}}))
        except NotFound:
            _log.info("there is no operator")
            return
        selector = (scale.get("status") or {}).get("selector", "")
        until = time.monotonic() + OPERATOR_SECONDS
        while await self._is_there(selector):
            if time.monotonic() > until:
                _log.warning("the operator's pod does not end; is its node lost? going on")
                return
            await asyncio.sleep(AGAIN_SECONDS)
        _log.info("the operator has ended")

    async def _is_there(self, selector: str) -> bool:
        path = path_of("v1", "pods", self._settings.own_namespace)
        pods = await retried(lambda: self._api.list(path, labelSelector=selector))
        return not all(has_ended(pod) for pod in pods)

    # Its jobs

    async def _until_none_is_held(self) -> None:
        patient_until = time.monotonic() + WORKERS_SECONDS
        while held := await self._held():
            patient = time.monotonic() < patient_until
            releases = (self._release(*each, patient) for each in held)
            ends = await asyncio.gather(*releases, return_exceptions=True)
            refused = [end for end in ends if end is not None]
            if len(refused) == len(held):  # as long as one gets further, it is not for nothing
                raise refused[0]
            await asyncio.sleep(AGAIN_SECONDS)

    async def _held(self) -> list[tuple[Object, Observed, Decision]]:
        now = datetime.now(UTC)
        found = [(seen, Observed(stored_of(seen), now)) for seen in await retried(self._list)]
        return [
            (seen, observed, decision)
            for seen, observed in found
            if (decision := retirement.policy(observed)) is not None
        ]

    async def _list(self) -> list[Object]:
        namespaces: Iterable[str] = self._settings.namespaces or ("",)
        lists = [await self._api.list(path_of(API_VERSION, PLURAL, each)) for each in namespaces]
        return [seen for listed in lists for seen in listed]

    async def _release(
        self, seen: Object, observed: Observed, decision: Decision, patient: bool
    ) -> None:
        job = observed.job
        whose = self._api, job.namespace, job.uid
        async with self._room:
            with about(f"{job.namespace}/{job.name}"):
                gone = await remove(*whose) and await are_gone(*whose)
                if not gone and patient:
                    return
                if not gone:
                    _log.warning("its workers do not end; they are left to the cluster")
                try:
                    await self._write(seen, observed, decision)
                except (Conflict, NotFound) as error:
                    _log.debug("the object has changed: %s", error)
                except ApiError as error:
                    if not error.transient:
                        _log.error("it cannot be let go: %s", error)
                        raise
                    _log.info("%s; trying again", error)

    async def _write(self, seen: Object, observed: Observed, decision: Decision) -> None:
        status = status_of(observed, decision)
        if status is not None:
            patch = merge_patch(observed.job.status, status)
            seen = await patch_status(self._api, seen, patch) if patch else seen
            self._unfinished.add(observed.job.uid)
        for event in decision.events:
            await Recorder(self._api, self._settings.instance).post(observed.job, event)
        if Action.RELEASE_FINALIZER in decision.actions:
            await let_go(self._api, seen)
        self._let_go.add(observed.job.uid)
