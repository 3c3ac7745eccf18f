"""The ledger of attempts: which run where, and what became of each task. Pure.

Fencing is here: an attempt is live from the moment it is entered until it is struck out, and
numbers are never given twice. Whatever is said of an attempt that is not live is ignored.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from mu.schedule.backoff import doubled
from mu.schedule.settings import ScheduleSettings
from mu.task import Attempt


@dataclass(slots=True)
class Running:
    """A live attempt. tainted: it may have sent messages that have since been lost, or dropped.
    adopted: it was begun under an earlier coordinator, at a time that is not known; `since` is
    later."""

    attempt: Attempt
    worker: str
    since: float
    restoring: bool = False
    speculative: bool = False
    tainted: bool = False
    adopted: bool = False
    blocked_since: float | None = None
    blocked_seconds: float = 0.0

    def set_blocked(self, blocked: bool, now: float) -> None:
        if blocked and self.blocked_since is None:
            self.blocked_since = now
        elif not blocked and self.blocked_since is not None:
            self.blocked_seconds += now - self.blocked_since
            self.blocked_since = None

    def active_seconds(self, now: float) -> float:
        """Since the beginning, without the time in which it waited for others. Less than that of
        an adopted attempt, which is taken for slow later than others."""
        waiting = 0.0 if self.blocked_since is None else now - self.blocked_since
        return now - self.since - self.blocked_seconds - waiting


@dataclass(slots=True)
class Entry:
    """What is known of one task.

    wanted: it is to be assigned, or has been. A task is wanted until it is done, and again when
    its messages must be restored; then `restoring` tells whether its restore machine will do.
    """

    done: bool = False
    wanted: bool = True
    restoring: bool = False
    restore_failed: bool = False
    numbered: int = 0
    failures: int = 0
    not_before: float = 0.0
    live: dict[Attempt, Running] = field(default_factory=dict)


class Ledger:
    """Entries by task, live attempts by number."""

    def __init__(self, settings: ScheduleSettings) -> None:
        self._settings = settings
        self.entries: dict[str, Entry] = {}
        self.live: dict[Attempt, Running] = {}
        self.unfinished = 0
        self.idle_wanted = 0

    def add(self, tasks: Collection[str]) -> None:
        """Tasks that are to be done."""
        self.entries |= {name: Entry() for name in tasks}
        self.unfinished += len(tasks)
        self.idle_wanted += len(tasks)

    def __getitem__(self, task: str) -> Entry:
        return self.entries[task]

    def open(self, task: str, worker: str, now: float, *, speculative: bool = False) -> Running:
        """Enters a new attempt."""
        entry = self.entries[task]
        attempt = Attempt(task, entry.numbered + 1)
        return self._enter(Running(attempt, worker, now, entry.restoring, speculative))

    def adopt(self, attempt: Attempt, worker: str, now: float) -> Running | None:
        """Enters an attempt that was begun under an earlier coordinator, if it is still of use."""
        entry = self.entries.get(attempt.task)
        if entry is None or not entry.wanted or entry.live or attempt.number <= entry.numbered:
            return None
        return self._enter(Running(attempt, worker, now, entry.restoring, adopted=True))

    def _enter(self, running: Running) -> Running:
        entry = self.entries[running.attempt.task]
        if not entry.live:
            self.idle_wanted -= 1
        entry.numbered = running.attempt.number
        entry.live[running.attempt] = running
        self.live[running.attempt] = running
        return running

    def strike(self, running: Running) -> Entry:
        """The attempt is live no more."""
        entry = self.entries[running.attempt.task]
        del entry.live[running.attempt]
        del self.live[running.attempt]
        if entry.wanted and not entry.live:
            self.idle_wanted += 1
        return entry

    def finish(self, task: str) -> None:
        """The task is done. All of its attempts have been struck out."""
        entry = self.entries[task]
        if not entry.done:
            entry.done = True
            self.unfinished -= 1
        self.unwant(task)

    def want(self, task: str, *, restoring: bool) -> None:
        entry = self.entries[task]
        if not entry.wanted:
            self.idle_wanted += 1
        entry.wanted, entry.restoring = True, restoring

    def unwant(self, task: str) -> None:
        entry = self.entries[task]
        if entry.wanted and not entry.live:
            self.idle_wanted -= 1
        entry.wanted, entry.restoring, entry.failures, entry.not_before = False, False, 0, 0.0

    def charge(self, task: str, now: float, *, delayed: bool) -> None:
        """An attempt was lost or failed; a failing task is tried again later and later."""
        entry = self.entries[task]
        entry.failures += 1
        if delayed:
            settings = self._settings
            delay = doubled(settings.retry_seconds, settings.retry_seconds_max, entry.failures - 1)
            entry.not_before = now + delay

    def exhausted(self, task: str) -> bool:
        return self.entries[task].failures > self._settings.backoff_limit
