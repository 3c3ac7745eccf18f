"""The workers of a run. Pure.

A worker is *idle* without attempts, and *stalled* when all of its attempts are blocked, that is,
wait for other tasks. Only workers that are present and not draining take anything.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from mu.task import Attempt


@dataclass(slots=True)
class Worker:
    name: str
    number: int
    attempts: dict[Attempt, bool] = field(default_factory=dict)
    """Those that it runs, and whether they are blocked."""
    silent_since: float | None = None
    draining: bool = False

    @property
    def takes_more(self) -> bool:
        return self.silent_since is None and not self.draining

    @property
    def idle(self) -> bool:
        return not self.attempts

    @property
    def stalled(self) -> bool:
        return bool(self.attempts) and all(self.attempts.values())


class Roster:
    """Workers by name. `idle` and `stalled` are kept up to date by `changed`."""

    def __init__(self) -> None:
        self.workers: dict[str, Worker] = {}
        self.idle: dict[str, Worker] = {}
        self.stalled: dict[str, Worker] = {}
        self._numbered = 0

    def __contains__(self, name: str) -> bool:
        return name in self.workers

    def __iter__(self) -> Iterator[Worker]:
        return iter(self.workers.values())

    def get(self, name: str) -> Worker | None:
        return self.workers.get(name)

    def join(self, name: str) -> Worker:
        """A new worker, numbered in the order of joining."""
        self._numbered += 1
        worker = Worker(name, self._numbered)
        self.workers[name] = worker
        self.changed(worker)
        return worker

    def leave(self, worker: Worker) -> None:
        del self.workers[worker.name]
        self.idle.pop(worker.name, None)
        self.stalled.pop(worker.name, None)

    def hold(self, name: str, attempt: Attempt, *, blocked: bool = False) -> None:
        """The worker runs the attempt, blocked or not."""
        worker = self.workers[name]
        worker.attempts[attempt] = blocked
        self.changed(worker)

    def drop(self, name: str, attempt: Attempt) -> None:
        worker = self.workers.get(name)
        if worker is not None and worker.attempts.pop(attempt, None) is not None:
            self.changed(worker)

    def changed(self, worker: Worker) -> None:
        """Files the worker anew."""
        for file, belongs in ((self.idle, worker.idle), (self.stalled, worker.stalled)):
            if belongs and worker.takes_more:
                file[worker.name] = worker
            else:
                file.pop(worker.name, None)

    @property
    def staying(self) -> int:
        """How many are here to stay: not draining. The silent ones may come back."""
        return sum(not worker.draining for worker in self.workers.values())
