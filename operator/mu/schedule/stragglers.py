"""Telling stragglers from the median of their stage. Pure.

Time in which an attempt waits for others does not count, so that a chain of tasks, each waiting for
the one before, does not look slow at its end.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterable, Iterator

from mu.schedule.ledger import Running
from mu.schedule.settings import ScheduleSettings


class Stragglers:
    def __init__(self, settings: ScheduleSettings) -> None:
        self._settings = settings
        self._seconds: dict[str, list[float]] = {}

    def finished(self, stage: str, seconds: float) -> None:
        """An attempt of `stage` was active for so long and finished."""
        insort(self._seconds.setdefault(stage, []), seconds)

    def limit(self, stage: str) -> float | None:
        """For how long an attempt may be active without being slow; None if not yet known."""
        seconds = self._seconds.get(stage, [])
        if len(seconds) < max(1, self._settings.straggler_samples):
            return None
        median = seconds[len(seconds) // 2]
        return max(self._settings.straggler_seconds, self._settings.straggler_factor * median)

    def among(self, running: Iterable[tuple[str, Running]], now: float) -> Iterator[Running]:
        """Those of the running attempts, given with their stage, that are slow."""
        for stage, attempt in running:
            limit = self.limit(stage)
            at_work = attempt.blocked_since is None and not attempt.restoring
            if limit is not None and at_work and attempt.active_seconds(now) > limit:
                yield attempt
