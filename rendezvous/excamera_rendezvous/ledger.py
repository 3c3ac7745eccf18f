"""What each job takes, and which jobs have ended. Pure."""

from __future__ import annotations

from collections import Counter, OrderedDict
from typing import Final

from excamera_rendezvous.errors import JobDropped, JobFull

REMEMBERED_JOBS: Final = 10_000
REMEMBERED_SECONDS: Final = 25 * 3600.0
"""As long as a worker's certificate is good: with its job, what it is a ticket to has ended."""


class Ledger:
    """`limit` is in bytes for one job."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._taken: Counter[str] = Counter()
        self._ended: OrderedDict[str, float] = OrderedDict()  # in order of time

    @property
    def jobs(self) -> int:
        """How many have anything here."""
        return len(self._taken)

    def taken(self, job: str) -> int:
        return self._taken[job]

    def charge(self, job: str, size: int) -> None:
        if self._taken[job] + size > self._limit:
            raise JobFull(
                f"the messages of job {job} would exceed {self._limit} bytes; "
                "use shorter chains or raise the rendezvous's --job-limit"
            )
        self._taken[job] += size

    def credit(self, job: str, size: int) -> None:
        self._taken[job] -= size
        if self._taken[job] <= 0:
            del self._taken[job]

    def end(self, job: str, now: float) -> None:
        self._ended[job] = now
        self._ended.move_to_end(job)
        while len(self._ended) > REMEMBERED_JOBS:
            self._ended.popitem(last=False)

    def check_alive(self, job: str) -> None:
        if job in self._ended:
            raise JobDropped(f"job {job} has ended, and its messages are gone")

    def forget(self, now: float) -> None:
        """Jobs that ended long ago."""
        while self._ended and now - next(iter(self._ended.values())) > REMEMBERED_SECONDS:
            self._ended.popitem(last=False)
