"""The controller's loop: one pass over a job whenever something about it may have changed.

Each job has a task of its own, so there is at most one pass at a time for each, and none holds up
another. A pass is level-triggered: it looks at everything anew (`gather`, `reconcile`, `carry_out`)
and names the time of the next. Passes are also caused by the watch, by the end of a run, and by the
resync, which lists all jobs now and then and so makes good whatever a watch may have missed.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Iterator
from typing import Final

from excamera.codec import codec
from excamera_controller import gather
from excamera_controller.api import Api, ApiError, Conflict, NotFound, Object, path_of
from excamera_controller.attended import Attended
from excamera_controller.carry_out import CarryOut
from excamera_controller.conditions import Phase, Reason
from excamera_controller.decision import Decision
from excamera_controller.kind import API_VERSION, PLURAL
from excamera_controller.logs import about
from excamera_controller.metrics import JobFigures, Metrics
from excamera_controller.observed import Stored
from excamera_controller.policies.shared_output import rival_of
from excamera_controller.pulse import Pulse
from excamera_controller.reconcile import reconcile
from excamera_controller.runs import Runs
from excamera_controller.settings import Settings

RESYNC_SECONDS: Final = 30.0
ERROR_SECONDS: Final = (1.0, 2.0, 5.0, 10.0, 30.0)
CHANGED_SECONDS: Final = (0.0, 0.2, 1.0, 2.0, 5.0)
"""Waits after the object was not as it was taken to be."""

STALLED_SECONDS: Final = 300.0
SHARE_SECONDS: Final = 1.0

_log = logging.getLogger(__name__)


class Controller:
    """`runs` is given after construction, since runs tell the controller of their ends."""

    runs: Runs

    def __init__(self, settings: Settings, api: Api, metrics: Metrics) -> None:
        self._settings = settings
        self._api = api
        self._metrics = metrics
        self._jobs: dict[str, Attended] = {}
        self._stopping = False
        self._looked_after_at = -SHARE_SECONDS
        self.pulse = Pulse(self._jobs.values)
        metrics.last_success.set_function(self.pulse.all_well_at)
        metrics.read_jobs(lambda: self.figures())

    async def stop(self) -> None:
        """No more passes. Runs are left as they are."""
        self._stopping = True
        tasks = [job.task for job in self._jobs.values() if job.task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def resync(self) -> None:
        """For ever: lists all jobs, and notes what is new and what is gone."""
        while True:
            self.pulse.listing()
            try:
                await self._list()
            except ApiError as error:
                _log.warning("jobs cannot be listed: %s", error)
                self._metrics.reconcile_errors.inc()
            else:
                self.pulse.listed()
            await asyncio.sleep(RESYNC_SECONDS if self.pulse.has_listed else ERROR_SECONDS[0])

    def note(self, seen: Object, gone: bool) -> None:
        """An EncodeJob is as given, or is gone."""
        uid = seen["metadata"]["uid"]
        job = self._jobs.get(uid)
        if self._stopping or (gone and job is None):
            return
        if job is None:
            job = Attended(seen, CarryOut(self._api, self.runs, self._settings.instance))
            self._jobs[uid] = job
            job.task = asyncio.create_task(self._attend(uid, job))
        elif gone:
            job.gone = True
            job.wake.set()
        elif job.take(seen):
            job.wake.set()

    def wake(self, uid: str) -> None:
        """Something about the job has changed."""
        if uid in self._jobs:
            self._jobs[uid].wake.set()

    def share(self, uid: str) -> int:
        """How many workers the job may have now."""
        connected = {run.stored.uid: run.connected for run in self.runs}
        return gather.available(uid, self._granted(), connected, self._settings.max_workers)

    def figures(self) -> Iterator[JobFigures]:
        """All jobs, for metrics."""
        granted = self._granted()
        snapshots = {run.stored.uid: run for run in self.runs}
        for uid, job in self._jobs.items():
            stored, run = job.stored, snapshots.get(uid)
            yield JobFigures(
                phase=stored.phase if stored.status else Phase.PENDING,
                backend=(stored.spec.get("workers") or {}).get("backend", "Pod").lower(),
                snapshot=run.snapshot if run else None,
                wanted=granted.get(uid, 0),
                stalled=run is not None and run.idle_seconds > STALLED_SECONDS,
            )

    # Passes

    async def _attend(self, uid: str, job: Attended) -> None:
        namespace, name = job.stored.namespace, job.stored.name
        with about(f"{namespace}/{name}"):
            again: float | None = None
            while not job.gone:
                await _either(job.wake, again)
                job.wake.clear()
                job.begin()
                try:
                    again = await self._pass(job)
                except (Conflict, NotFound) as error:
                    again = CHANGED_SECONDS[min(job.failures, len(CHANGED_SECONDS) - 1)]
                    _log.debug("the object has changed: %s", error)
                    job.doubtful = True
                    job.failed()
                except ApiError as error:
                    again = ERROR_SECONDS[min(job.failures, len(ERROR_SECONDS) - 1)]
                    _log.warning("the pass failed: %s", error)
                    self._failed(job)
                except Exception:
                    again = ERROR_SECONDS[-1]
                    _log.exception("the pass failed; please report it")
                    self._failed(job)
                else:
                    job.succeeded()
            await self.runs.stop(job.stored)
            self.runs.forget(uid)
            self._jobs.pop(uid, None)

    async def _pass(self, job: Attended) -> float | None:
        """One look at the job. Returns when to look again."""
        if job.doubtful:
            await self._fetch(job)
        if job.gone:
            return None
        with self._metrics.reconcile_seconds.time():
            stored, seen = job.stored, job.seen
            self._look_after_runs()
            self.runs.take(stored)
            view = self.runs.view(stored.uid)
            granted = self._granted()
            share = granted.get(stored.uid, 0) if view is None else self.share(stored.uid)
            observed = gather.observed(
                stored,
                codec(),
                view,
                self.runs.remains(stored.uid),
                self.runs.unfinished(stored.uid),
                granted,
                share,
                self._settings.max_workers,
                rival_of(stored, self._stored()),
            )
            decision = reconcile(observed)
            written = await job.carry_out.all(seen, observed, decision)
            job.take(written)
            if view is not None and any(e.reason is Reason.WORKERS_LOST for e in decision.events):
                self.runs.told(stored.uid, view)
        self._count(decision)
        return decision.again_seconds

    def _look_after_runs(self) -> None:
        """All at once, since what one may have depends on what the others have; not with each pass,
        as each costs as much as there are jobs."""
        now = time.monotonic()
        if now - self._looked_after_at >= SHARE_SECONDS:
            self._looked_after_at = now
            for run in self.runs:
                run.look_after()

    def _failed(self, job: Attended) -> None:
        job.failed()
        self._metrics.reconcile_errors.inc()

    async def _fetch(self, job: Attended) -> None:
        stored = job.stored
        try:
            seen = await self._api.get(path_of(API_VERSION, PLURAL, stored.namespace, stored.name))
        except NotFound:
            job.gone = True
            return
        job.doubtful = False
        if seen["metadata"]["uid"] == stored.uid:
            job.replace(seen)
        else:
            job.gone = True

    def _count(self, decision: Decision) -> None:
        if decision.completes:
            (summary, *_) = decision.conditions
            result = "succeeded" if decision.phase is Phase.SUCCEEDED else "failed"
            self._metrics.job_finished(result, summary.reason)

    def _granted(self) -> dict[str, int]:
        left = {run.stored.uid: run.tasks_left for run in self.runs}
        return gather.granted_workers(self._stored(), left, self._settings.max_workers)

    def _stored(self) -> list[Stored]:
        return [job.stored for job in self._jobs.values() if not job.gone]

    async def _list(self) -> None:
        listed: set[str] = set()
        for namespace in self._settings.namespaces or ("",):
            for seen in await self._api.list(path_of(API_VERSION, PLURAL, namespace)):
                listed.add(seen["metadata"]["uid"])
                self.note(seen, False)
        for uid in self._jobs.keys() - listed:
            self._jobs[uid].doubt()
        await self.runs.list_pods()


async def _either(wake: asyncio.Event, again: float | None) -> None:
    """Until woken, or until it is time."""
    try:
        async with asyncio.timeout(again):
            await wake.wait()
    except TimeoutError:
        pass
