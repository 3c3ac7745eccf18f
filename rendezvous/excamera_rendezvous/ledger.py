"""The jobs that have anything here, what each takes, and which have ended. Pure."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from typing import Final

from excamera_rendezvous import costs
from excamera_rendezvous.errors import JobDropped, JobFull
from excamera_rendezvous.job import Job
from excamera_rendezvous.message import Message

REMEMBERED_JOBS: Final = 10_000
REMEMBERED_SECONDS: Final = 25 * 3600.0
"""As long as a worker's certificate is good: with its job, what it is a ticket to has ended."""


class Ledger:
    """Bytes of one job: `limit` in all, `kept_limit` of what stays in memory whatever goes to
    disk."""

    def __init__(self, limit: int, kept_limit: int) -> None:
        self._limit = limit
        self._kept_limit = kept_limit
        self._jobs: dict[str, Job] = {}
        self._ended: OrderedDict[str, float] = OrderedDict()  # in order of time
        self.mailboxes = 0

    def __len__(self) -> int:
        """How many jobs have anything here."""
        return len(self._jobs)

    def __iter__(self) -> Iterator[Job]:
        return iter(self._jobs.values())

    def find(self, job: str) -> Job | None:
        return self._jobs.get(job)

    def add(self, message: Message) -> None:
        """One more mailbox. JobFull if that is too many."""
        job, cost = message.job, costs.mailbox(message.address)
        self._charge(job, cost, cost)
        job.add(message)
        self._jobs[job.name] = job
        self.mailboxes += 1

    def remove(self, message: Message) -> None:
        """A mailbox whose parts have been credited."""
        job, cost = message.job, costs.mailbox(message.address)
        self._credit(job, cost, cost)
        job.remove(message)
        if not job:
            del self._jobs[job.name]
        self.mailboxes -= 1

    def charge_part(self, job: Job, size: int) -> None:
        """JobFull if the job has no room for a part of that size."""
        self._charge(job, size + costs.PART, costs.PART)

    def credit_parts(self, job: Job, parts: int, size: int) -> None:
        """So many parts, of that size together."""
        self._credit(job, size + parts * costs.PART, parts * costs.PART)

    def idle(self, since: float) -> list[Job]:
        """Those that nobody holds, and that nobody has touched since then."""
        return [job for job in self if not job.holders and job.touched <= since]

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

    def _charge(self, job: Job, taken: int, kept: int) -> None:
        if job.taken + taken > self._limit:
            raise JobFull(
                f"the messages of job {job.name} would exceed {self._limit} bytes; "
                "use longer chains, of which there are fewer, or raise the rendezvous's --job-limit"
            )
        if job.kept + kept > self._kept_limit:
            raise JobFull(
                f"what job {job.name} keeps in memory beside its messages' bytes would exceed "
                f"{self._kept_limit} bytes; send larger parts, or raise --memory-limit"
            )
        job.taken += taken
        job.kept += kept

    def _credit(self, job: Job, taken: int, kept: int) -> None:
        job.taken -= taken
        job.kept -= kept
