"""What may be left of a job that is to have no workers: pods, mailboxes, unfinished objects.

Whatever an earlier operator has done, or begun, or left undone, is found by the job's label and
its run's name. So this is done when a job that has ended or is suspended is first seen.
"""

from __future__ import annotations

import logging
import time
from typing import Final

from excamera.mailboxes import Mailboxes
from excamera_controller.backends.pod_removal import are_gone, remove
from excamera_controller.observed import Stored
from excamera_controller.place_of_work import PlaceOfWork
from excamera_proto.credentials import OPERATOR, PRIVATE_LIFETIME

NEVER: Final = 0.0

_log = logging.getLogger(__name__)


class Remains:
    """Of all jobs of this process, by uid. A job that it has never heard of may have left some."""

    def __init__(self, place: PlaceOfWork) -> None:
        self._place = place
        self._tried: dict[str, float] = {}
        self._none: set[str] = set()
        self._dropped: set[str] = set()
        self._cleared: set[str] = set()

    def seconds(self, uid: str) -> float | None:
        """See `Observed.remains`."""
        if uid in self._none:
            return None
        return time.monotonic() - self._tried[uid] if uid in self._tried else NEVER

    def expect(self, uid: str) -> None:
        """There will be workers of the job, or the job is no concern of ours any more."""
        self._none.discard(uid)
        self._dropped.discard(uid)
        self._cleared.discard(uid)
        self._tried.pop(uid, None)

    def unfinished(self, uid: str) -> bool:
        """See `Observed.unfinished`."""
        return uid not in self._cleared

    def cleared(self, uid: str) -> None:
        """Unfinished objects were removed. It counts if no worker was left to write others."""
        if uid in self._none:
            self._cleared.add(uid)

    async def end(self, stored: Stored) -> None:
        """Ends what workers there are, and looks whether they are gone. Never raises.

        The last run's mailboxes are dropped as well: a run that ended before it had workers, or was
        to be tried again, has left them.
        """
        self._turn_away(stored)
        if stored.run_name and stored.uid not in self._dropped:
            self._dropped.add(stored.uid)
            await self._drop(stored.run_name)
        await self._remove(stored)

    async def dismiss(self, stored: Stored) -> None:
        """The same, but the mailboxes stay: the job goes on later with what lies there."""
        self._turn_away(stored)
        await self._remove(stored)

    def _turn_away(self, stored: Stored) -> None:
        self._tried.setdefault(stored.uid, time.monotonic())
        if stored.run_name:
            self._place.server.refuse(stored.run_name)

    async def _remove(self, stored: Stored) -> None:
        whose = self._place.api, stored.namespace, stored.uid
        if await remove(*whose) and await are_gone(*whose):
            self._none.add(stored.uid)

    async def _drop(self, run: str) -> None:
        credential = self._place.certificates.authority.issue(OPERATOR, lifetime=PRIVATE_LIFETIME)
        async with Mailboxes(run, self._place.settings.rendezvous, credential):
            _log.debug("%s: its mailboxes are dropped", run)
