"""Has a backend start workers, without waiting for it; tells the schedule of what is refused."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from mu.backend import Backend
from mu.errors import BackendError
from mu.invitation import Invitation
from mu.schedule import events as e

_log = logging.getLogger(__name__)


class Starts:
    """Those of one run. `invite`, to be set before the first, makes an invitation."""

    def __init__(self, job: str, backend: Backend, tell: Callable[[e.ScheduleEvent], None]) -> None:
        self.invite: Callable[[], Invitation] | None = None
        self._job = job
        self._backend = backend
        self._tell = tell
        self._under_way: set[asyncio.Task[None]] = set()

    def begin(self, count: int) -> None:
        """Starts so many workers."""
        task = asyncio.ensure_future(self._start(count))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    def cancel(self) -> None:
        """Breaks off what is not through."""
        for task in self._under_way:
            task.cancel()

    async def _start(self, count: int) -> None:
        assert self.invite is not None
        try:
            await self._backend.start(count, self.invite())
        except BackendError as error:
            _log.warning("%s: %d workers were not started: %s", self._job, count, error)
            self._tell(_refusal(count, error))
        except Exception as error:  # a backend's own fault must not hang the job
            _log.exception("%s: %d workers were not started", self._job, count)
            self._tell(e.LaunchesFailed(count, repr(error)))


def _refusal(count: int, error: BackendError) -> e.ScheduleEvent:
    if error.passing:
        return e.LaunchesPostponed(count)
    return e.LaunchesFailed(count, str(error), error.permanent)
