"""The runs of this process: at most one for each EncodeJob.

`stop` and `clean_up` also work for a job that this process does not run: what an earlier operator
has left in the cluster is found by the job's label, and in the store by its uid.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator
from typing import Final

from excamera.access import StoreAccess
from excamera_controller.api import ApiError, Object
from excamera_controller.backends.pod import PodBackend
from excamera_controller.backends.pod_signs import is_worker_of, uid_of
from excamera_controller.backends.worker_pods import WorkerPods
from excamera_controller.failing import Impossible
from excamera_controller.observed import RunView, Stored
from excamera_controller.place_of_work import PlaceOfWork
from excamera_controller.remains import Remains
from excamera_controller.run import Run
from excamera_controller.spec import SCHEME, access_of
from excamera_store import BucketMissing, StoreError

CLEAN_UP_SECONDS: Final = 20.0
DETACH_SECONDS: Final = 10.0

_log = logging.getLogger(__name__)


class Runs:
    """changed: called with a job's uid when its run has ended."""

    def __init__(self, place: PlaceOfWork, changed: Callable[[str], None]) -> None:
        self._place = place
        self._changed = changed
        self._runs: dict[str, Run] = {}
        self._remains = Remains(place)
        self._pods = WorkerPods()

    def __iter__(self) -> Iterator[Run]:
        return iter(self._runs.values())

    def view(self, uid: str) -> RunView | None:
        """How the job's run looks; None if there is none."""
        run = self._runs.get(uid)
        return run.view if run else None

    def take(self, stored: Stored) -> None:
        """The EncodeJob is as given now."""
        if stored.uid in self._runs:
            self._runs[stored.uid].take(stored)

    def told(self, uid: str, view: RunView) -> None:
        """An event tells of the losses in `view`."""
        if uid in self._runs:
            self._runs[uid].log.told(view.losses)

    def remains(self, uid: str) -> float | None:
        """See `Observed.remains`."""
        return self._remains.seconds(uid)

    def unfinished(self, uid: str) -> bool:
        """See `Observed.unfinished`."""
        return self._remains.unfinished(uid)

    def start(self, stored: Stored, *, goes_on: bool) -> None:
        """goes_on: an operator before this one had begun it."""
        if stored.uid not in self._runs:
            self._remains.expect(stored.uid)
            self._runs[stored.uid] = Run(
                stored,
                self._place,
                lambda: self._changed(stored.uid),
                lambda: self._pods.of(stored),
                goes_on=goes_on,
            )

    async def stop(self, stored: Stored) -> None:
        """The job's workers are told to end, whoever has started them; see `remains` for whether
        they have."""
        run = self._runs.get(stored.uid)
        if run is not None:
            await run.stop()
            del self._runs[stored.uid]
        await self._remains.end(stored)

    async def dismiss(self, stored: Stored) -> None:
        """Workers that an earlier operator has left are told to end, though the job goes on later
        under the same name."""
        await self._remains.dismiss(stored)

    def forget(self, uid: str) -> None:
        """The job is gone."""
        self._remains.expect(uid)

    async def clean_up(self, stored: Stored) -> str:
        """Deletes unfinished objects. What could not be done, and why; empty if all is well.

        Never raises, and takes a bounded time.
        """
        left = await self._delete_unfinished(stored) if stored.begun else ""
        if left and not stored.planned:
            _log.info("%s; nothing was written there so far", left)
            left = ""
        if not left:
            self._remains.cleared(stored.uid)
        return left

    async def _delete_unfinished(self, stored: Stored) -> str:
        if not stored.work.startswith(SCHEME):
            return ""
        try:
            async with asyncio.timeout(CLEAN_UP_SECONDS):
                access = await access_of(stored, self._place.api)
                await asyncio.to_thread(_delete, stored.work, access)
        except BucketMissing:
            return ""
        except TimeoutError:
            return f"unfinished objects are left at {stored.work}: the store does not answer"
        except (StoreError, Impossible, ApiError) as error:
            return f"unfinished objects may be left at {stored.work}: {error}"
        return ""

    def note_pod(self, seen: Object, gone: bool) -> None:
        """A pod that is labelled as a worker is as given, or is gone."""
        self._pods.note(seen, gone)
        run = self._runs.get(uid_of(seen))
        if run is None or not is_worker_of(seen, run.stored):
            return
        if isinstance(run.backend, PodBackend):
            run.backend.note(seen, deleted=gone)
            self._changed(run.stored.uid)

    async def list_pods(self) -> None:
        """Notes what a watch has missed of workers' pods. Raises ApiError."""
        for seen, gone in await self._pods.missed(self._place.api, self._place.settings.namespaces):
            self.note_pod(seen, gone)

    async def detach(self) -> None:
        """Leaves all jobs to the operator that comes next."""
        runs = [asyncio.ensure_future(run.detach()) for run in self._runs.values()]
        if runs:
            await asyncio.wait(runs, timeout=DETACH_SECONDS)


def _delete(work: str, access: StoreAccess) -> None:
    folder, _, uid = work.rpartition("/")
    access.open(folder).delete_prefix(uid)
