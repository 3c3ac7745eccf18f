"""What one pass has decided, carried out: the status first, then events, then actions.

The status comes first because it is what the next pass, or the next operator, goes by: a job is
started only once its startTime is written. It is written at most once in a pass, only if it differs
from what is stored, only over the object that was looked at (Conflict otherwise), and mere figures
no oftener than every few seconds. Events tell of what has been written, so they come after it.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from excamera_controller.api import Api, Object
from excamera_controller.conditions import Reason
from excamera_controller.decision import Action, Decision, Event
from excamera_controller.events import Recorder
from excamera_controller.merge_patch import merge_patch
from excamera_controller.observed import Observed
from excamera_controller.runs import Runs
from excamera_controller.status import status_of
from excamera_controller.writing import hold, let_go, patch_status, path_of_job

FIGURES_SECONDS: Final = 2.5

_log = logging.getLogger(__name__)


class CarryOut:
    """For one job."""

    def __init__(self, api: Api, runs: Runs, instance: str) -> None:
        self._api = api
        self._runs = runs
        self._events = Recorder(api, instance)
        self._figures_at = -FIGURES_SECONDS

    async def all(self, seen: Object, observed: Observed, decision: Decision) -> Object:
        """The object as it is afterwards. Raises ApiError; Conflict if the object has changed."""
        status = status_of(observed, decision)
        if status is not None:
            seen = await self._write(seen, status)
        for event in decision.events:
            await self._events.post(observed.job, event)
        for action in decision.actions:
            seen = await self._act(action, seen, observed, status or observed.job.status)
        return seen

    async def _write(self, seen: Object, status: Mapping[str, Any]) -> Object:
        stored = seen.get("status") or {}
        patch = merge_patch(stored, status)
        if not patch:
            return seen
        now = time.monotonic()
        if _only_figures(stored, status) and now - self._figures_at < FIGURES_SECONDS:
            return seen
        self._figures_at = now
        return await patch_status(self._api, seen, patch)

    async def _act(
        self, action: Action, seen: Object, observed: Observed, status: Mapping[str, Any]
    ) -> Object:
        job, runs = observed.job, self._runs
        match action:
            case Action.ADD_FINALIZER:
                return await hold(self._api, seen)
            case Action.RELEASE_FINALIZER:
                return await let_go(self._api, seen)
            case Action.START_RUN:
                goes_on = status.get("startTime") == job.status.get("startTime")
                runs.start(replace(job, status=status), goes_on=goes_on)
            case Action.STOP_RUN:
                await runs.stop(job)
            case Action.DISMISS_WORKERS:
                await runs.dismiss(job)
            case Action.CLEAN_UP:
                await self._clean_up(observed)
            case Action.DELETE:
                await self._api.delete(path_of_job(seen), uid=job.uid)
        return seen

    async def _clean_up(self, observed: Observed) -> None:
        left = await self._runs.clean_up(observed.job)
        if left:
            event = Event(Reason.CLEAN_UP_INCOMPLETE, left, warning=True)
            await self._events.post(observed.job, event)


def _only_figures(before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    """Whether phase and conditions say the same, messages aside."""
    return bool(before) and _said(before) == _said(after)


def _said(status: Mapping[str, Any]) -> tuple[Any, ...]:
    conditions = status.get("conditions") or ()
    words = tuple(sorted((c["type"], c["status"], c["reason"]) for c in conditions))
    return status.get("phase"), status.get("observedGeneration"), words
