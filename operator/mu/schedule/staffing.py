"""How many workers to start, and when to give up starting any. Pure.

There should be as many workers as there are tasks to do, up to the limit, and a small surplus of
launches at the beginning. Replacements are limited in rate by a budget that time refills, and in
number by what they achieve: when launch after launch fails, or worker after worker is lost, without
a single attempt being finished in between, then starting more is of no use.

A start that is refused for now (by a quota, or by a service that does not answer) is none of these:
it is tried again later and later, for as long as it takes.
"""

from __future__ import annotations

from collections import deque

from mu.schedule.backoff import Backoff
from mu.schedule.settings import ScheduleSettings


class Staffing:
    def __init__(self, settings: ScheduleSettings) -> None:
        self._settings = settings
        self._launched: deque[float] = deque()
        self._budget = self._most
        self._refilled_at: float | None = None
        self.fruitless = 0
        self._fruitless_limit = settings.fruitless_starts
        self._trouble = ""
        self._permanent = False
        self._backoff = Backoff(settings.postponed_seconds, settings.postponed_seconds_max)

    def resize(self, settings: ScheduleSettings) -> None:
        """Another limit holds from now on; more workers than before may be started at once."""
        self._budget += max(0, settings.workers - self._settings.workers)
        self._settings = settings
        self._fruitless_limit = max(self._fruitless_limit, settings.fruitless_starts)

    @property
    def hopeless(self) -> str:
        """Why starting workers is of no use; empty if it may be of some."""
        given_up = self._permanent or self.fruitless > self._fruitless_limit
        return self._trouble if given_up else ""

    @property
    def launching(self) -> int:
        """How many were started and have not come yet."""
        return len(self._launched)

    @property
    def launched_at(self) -> float | None:
        """When the first of those was started."""
        return self._launched[0] if self._launched else None

    def needed(self, tasks: int) -> int:
        """How many workers there should be for so many tasks that are not done."""
        return min(self._settings.workers, tasks)

    def joined(self) -> None:
        """A worker came: one launch less to wait for."""
        self._backoff.over()
        if self._launched:
            self._launched.popleft()

    def useful(self) -> None:
        """An attempt was finished."""
        self.fruitless = 0

    def wasted(self, count: int, why: str) -> None:
        """Launches failed or workers were lost."""
        self.fruitless += count
        if not self._permanent:
            self._trouble = why

    def failed(self, count: int, why: str, *, permanent: bool) -> None:
        """So many launches will not lead to a worker."""
        self._withdraw(count)
        self.wasted(count, why)
        self._permanent = self._permanent or permanent

    def postponed(self, count: int, now: float) -> None:
        """So many launches were refused for now: as if they had not been tried, but for a wait."""
        self.withdrawn(count)
        self._backoff.refused(now)

    def withdrawn(self, count: int) -> None:
        """So many launches were taken back: as if they had not been tried."""
        self._budget = min(self._most, self._budget + self._withdraw(count))

    def _withdraw(self, count: int) -> int:
        """Forgets so many launches, the latest ones. How many there were."""
        count = min(count, len(self._launched))
        for _ in range(count):
            self._launched.pop()
        return count

    def passed(self, now: float) -> None:
        """Time has passed: gives up launches that took too long."""
        self._refill(now)
        late = 0
        while self._launched and now - self._launched[0] >= self._settings.launch_seconds:
            self._launched.popleft()
            late += 1
        if late:
            seconds = self._settings.launch_seconds
            self.wasted(late, f"workers did not come within {seconds:g} s of being started")

    def start(self, staying: int, tasks: int, now: float) -> int:
        """How many to start now, with `staying` workers here and `tasks` not done."""
        if self.hopeless or now < self._backoff.until:
            return 0
        self._refill(now)
        missing = self.needed(tasks) - staying - self.launching
        if missing <= 0:
            return 0
        first = staying == 0 and self.launching == 0 and self.fruitless == 0
        wanted = missing + (self._settings.surplus if first else 0)
        count = min(wanted, int(self._budget))
        self._budget -= count
        self._launched.extend([now] * count)
        return count

    def _refill(self, now: float) -> None:
        if self._refilled_at is not None:
            earned = (now - self._refilled_at) * self._settings.starts_per_second
            self._budget = min(self._most, self._budget + max(0.0, earned))
        self._refilled_at = now

    @property
    def _most(self) -> float:
        """What the budget can hold."""
        return float(self._settings.workers + self._settings.surplus)
