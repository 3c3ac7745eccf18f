"""Whether the operator is alive and gets anywhere, by its passes: for probes and alerts.

It lists all jobs every so often, which counts as the pass over those that do not exist. A pass that
hangs is a sign of death, whatever else goes on. Passes over one job that keep failing are not: they
are for an alert. Only when those over every job fail is the operator not ready, since its workers
can dial in only while it is.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable

from excamera_controller.attended import Attended


class Pulse:
    """jobs: those that are being attended to."""

    def __init__(self, jobs: Callable[[], Iterable[Attended]]) -> None:
        self._jobs = jobs
        self._listing_at = time.monotonic()
        self._listed_at: float | None = None

    def listing(self) -> None:
        """Jobs are being listed, or something else that comes first is tried."""
        self._listing_at = time.monotonic()

    def listed(self) -> None:
        """They were."""
        self._listed_at = time.monotonic()

    @property
    def has_listed(self) -> bool:
        """Whether they ever were."""
        return self._listed_at is not None

    def attempted_age(self) -> float:
        """Seconds since whatever should have been tried last was begun."""
        ages = [math.inf if job.is_abandoned else job.pass_seconds for job in self._jobs()]
        return max(time.monotonic() - self._listing_at, *ages, 0.0)

    def succeeded_age(self) -> float | None:
        """Seconds since the operator last got anywhere; None before the first listing."""
        if self._listed_at is None:
            return None
        failing = min((job.failing_seconds for job in self._jobs()), default=0.0)
        return max(time.monotonic() - self._listed_at, failing)

    def all_well_at(self) -> float:
        """When the last pass over each job was a good one, in Unix time; 0 before the first."""
        if self._listed_at is None:
            return 0.0
        failing = max((job.failing_seconds for job in self._jobs()), default=0.0)
        return time.time() - max(time.monotonic() - self._listed_at, failing)
