"""The run of one EncodeJob in this process, from its spec to its output or the reason why not.

A run ends in one of three ways. By itself, with a report or a failure. By `stop`: its workers quit,
what they have finished is kept. By `detach`: its workers are left to the operator that comes next.
Its name at coordinator and rendezvous (`Stored.run_name`) is the same for every operator.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Final

from excamera.encode import Encode
from excamera.errors import JobError
from excamera.output_manifest import beside
from excamera.progress import Snapshot
from excamera.report import Report
from excamera_controller.advice import more_memory
from excamera_controller.api import ApiError, Object
from excamera_controller.backends.aws_lambda import ClusterLambda
from excamera_controller.backends.choice import ClusterBackend, backend_of, observers_of
from excamera_controller.backends.pod import PodBackend
from excamera_controller.cluster_runner import ClusterRunner
from excamera_controller.conditions import Reason
from excamera_controller.facts_of_run import cost_of, estimate_cost, limit_of, phase_of, source_of
from excamera_controller.failing import Impossible, failure_of, is_final
from excamera_controller.logs import about
from excamera_controller.observed import (
    WITH_WORKERS,
    Failure,
    Past,
    RunPhase,
    RunView,
    Stored,
)
from excamera_controller.place_of_work import PlaceOfWork
from excamera_controller.spec import access_of, job_of
from excamera_controller.tries import Tries
from excamera_controller.watching_run import RunLog
from mu import Observers
from mu.run import RunDetached

ALONE: Final = (RunPhase.PLANNING, RunPhase.JOINING)
"""Phases in which the operator itself does something for the job."""

_log = logging.getLogger(__name__)


class Run:
    """Begins at once. `changed` is called when there is something new to say; `pods` gives the
    job's pods."""

    def __init__(
        self,
        stored: Stored,
        place: PlaceOfWork,
        changed: Callable[[], None],
        pods: Callable[[], Iterable[Object]],
        *,
        goes_on: bool,
    ) -> None:
        self.stored = stored
        self.name = stored.run_name
        self.backend: ClusterBackend | None = None
        self.log = RunLog(f"{stored.namespace}/{stored.name}")
        self._place = place
        self._pods = pods
        self._frames = 0
        self._looked_through = 0
        self._before = Past.of(stored.status)
        self._changed = changed
        self._tries = Tries()
        self._progressed_at = time.monotonic()
        self._goes_on = goes_on
        self._encode: Encode | None = None
        self._runner: ClusterRunner | None = None
        self._report: Report | None = None
        self._failure: Failure | None = None
        self._trouble: Failure | None = None
        with about(f"{stored.namespace}/{stored.name}"):
            self._task = asyncio.create_task(self._live())
        self._task.add_done_callback(lambda _: changed())

    def look_after(self) -> None:
        """Now and then: its share of the workers is brought up to date, what was done is counted,
        and what is left to do is estimated."""
        if self._runner is not None:
            self._runner.resize()
        if self._phase not in ALONE:
            self._trouble = None
        if self.snapshot is not None:
            self._keep_count(self.snapshot)
        estimate_cost(self.backend, self._encode, self._wanted)

    def take(self, stored: Stored) -> None:
        """The EncodeJob as it is now. The next try goes by it, and is made at once if the spec has
        changed."""
        if stored.generation != self.stored.generation:
            self._tries.hurry()
        self.stored = stored

    @property
    def view(self) -> RunView:
        """How the run looks now."""
        wanted = self._wanted
        return RunView(
            phase=self._phase,
            snapshot=self.snapshot,
            source=source_of(self._encode),
            trouble=self._in_the_way,
            report=self._report,
            failure=self._failure,
            losses=self.log.losses,
            workers_wanted=wanted,
            workers_lost=self._before.workers + self.log.workers_lost,
            attempts_lost=self._before.attempts + self._attempts_lost,
            workers_limit=limit_of(self.backend, wanted),
            cost=cost_of(self.backend),
            more_memory=self._more_memory,
        )

    @property
    def snapshot(self) -> Snapshot | None:
        """How far it is."""
        return self._encode.progress.snapshot(time.monotonic()) if self._encode else None

    @property
    def connected(self) -> int:
        """How many workers it has now, those on their way included."""
        return self._runner.engaged if self._runner else 0

    @property
    def _in_the_way(self) -> Failure | None:
        """What the last try has failed of, until one has got to where workers are asked for."""
        if self._trouble is not None and self._phase in ALONE:
            return self._trouble
        return self.backend.trouble if self.backend else None

    @property
    def _more_memory(self) -> str:
        return more_memory(self.stored, self._place.settings.worker_resources)

    @property
    def _attempts_lost(self) -> int:
        return self._encode.progress.attempts_lost if self._encode else 0

    @property
    def _wanted(self) -> int:
        return self._place.share(self.stored.uid) if self.tasks_left else 0

    @property
    def tasks_left(self) -> int | None:
        """Chunks to do; None while that is not known."""
        return self._encode.progress.tasks_left if self._encode else None

    @property
    def idle_seconds(self) -> float:
        """How long no chunk has been finished, though nothing is known to be in the way."""
        if self._phase not in WITH_WORKERS or self._is_hindered:
            return 0.0
        return time.monotonic() - self._progressed_at

    @property
    def _is_hindered(self) -> bool:
        """By something that is known, and told elsewhere. With workers here, one that cannot come
        is no excuse."""
        here = self._encode.progress.workers if self._encode else 0
        waits = self._wanted == 0 or (self.backend is not None and self.backend.trouble is not None)
        return here == 0 and waits

    @property
    def ended(self) -> bool:
        """Whether there is nothing more to come."""
        return self._task.done()

    async def stop(self) -> None:
        """Ends the workers, and returns when they are gone."""
        self._task.cancel()
        await asyncio.wait([self._task])

    async def detach(self) -> None:
        """Ends here, and leaves the workers as they are."""
        if self._runner is None or not self._runner.detach():
            self._task.cancel()
        await asyncio.wait([self._task])
        if self.backend is not None:
            await self.backend.abandon()

    def _keep_count(self, now: Snapshot) -> None:
        looked = now.looking.finished if now.looking else 0
        if looked > self._looked_through:
            self._looked_through, self._progressed_at = looked, time.monotonic()
        done = now.frames_done_here
        if done > self._frames:
            self._place.metrics.frames_finished.inc(done - self._frames)
            self._frames, self._progressed_at = done, time.monotonic()

    async def _live(self) -> None:
        try:
            self._report = await self._do()
        except RunDetached:
            _log.info("left to the operator that comes next")
        except Impossible as error:
            self._failure = error.failure
        except Exception as error:
            _log.exception("the run failed in a way that should not happen; please report it")
            self._failure = Failure(Reason.INTERNAL_ERROR, f"{type(error).__name__}: {error}")

    async def _do(self) -> Report:
        """The job, tried again for as long as there is patience. Raises Impossible."""
        while True:
            try:
                return await self._try()
            except (Impossible, JobError) as error:
                self._trouble, wait = self._put_up_with(error)
            except ApiError as error:
                if not error.transient:
                    raise
                wait = self._tries.wait_for_server()
                self._trouble = Failure(Reason.WAITING_FOR_WORKERS, str(error))
            _log.warning("%s", self._trouble.message)
            self._begin_anew()
            self._changed()
            await self._tries.rest(wait)

    def _put_up_with(self, error: Impossible | JobError) -> tuple[Failure, float]:
        """See `Tries.after`."""
        workers_trouble = self.backend.trouble if self.backend else None
        failure = failure_of(error, self.stored, workers_trouble, self._more_memory)
        if is_final(error):
            raise Impossible(failure.reason, failure.message) from error
        advanced = self.snapshot is not None and self.snapshot.frames_done_here > 0
        return self._tries.after(failure, advanced=advanced)

    def _begin_anew(self) -> None:
        """Before another try; what was lost in the last is not forgotten."""
        lost, worked = self._before.attempts + self._attempts_lost, self._before.seconds
        now = self.snapshot
        seconds = now.worked if now is not None else worked
        self._before = replace(self._before, attempts=lost, seconds=seconds)
        self._encode, self._frames, self._looked_through = None, 0, 0

    async def _try(self) -> Report:
        stored, place = self.stored, self._place
        job = job_of(stored)
        access = await access_of(stored, place.api)
        self.backend = await backend_of(stored, place)
        if isinstance(self.backend, PodBackend):
            for pod in self._pods():
                self.backend.note(pod)
        self._runner = ClusterRunner(
            place,
            stored.uid,
            self.name,
            self.backend,
            Observers(self.log, place.metrics.of_run(), *observers_of(self.backend)),
            backoff_limit=job.backoff_limit,
            goes_on=self._goes_on,
            most=self.backend.facts.most if isinstance(self.backend, ClusterLambda) else None,
        )
        manifest = beside(job.output)
        spent = self._before.seconds
        encode = Encode(job, stored.work, time.monotonic, _log_line, access, manifest, spent)
        self._encode = encode
        return await encode.run(self._runner)

    @property
    def _phase(self) -> RunPhase:
        if self.ended:
            return RunPhase.ENDED
        return phase_of(self._encode)


def _log_line(line: str) -> None:
    if not line.startswith("progress "):
        _log.info("%s", line)
