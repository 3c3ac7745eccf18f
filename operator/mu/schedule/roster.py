"""The workers of a run. Pure.

A worker is *idle* without attempts, and *stalled* when all of its attempts are blocked, that is,
wait for other tasks. Only workers that are present and not draining take anything.

A worker is *faulty* when one task after the other fails there while others get theirs done: its
disk is full, its memory is short, its processor is broken. It fails faster than others succeed, and
would go through the attempts of all tasks if it were given them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from mu.task import Attempt

FAULTY_TASKS: Final = 2
"""So many different tasks must have failed at a worker, one after the other."""


@dataclass(slots=True)
class Worker:
    name: str
    number: int
    attempts: dict[Attempt, bool] = field(default_factory=dict)
    """Those that it runs, and whether they are blocked."""
    partition: str | None = None
    """Of the task that it was given last."""
    silent_since: float | None = None
    leaving: bool = False
    """Whether it has said goodbye; it is silent from then on."""
    draining: str = ""
    """Why it gets nothing more; empty while it does."""
    failed: dict[str, int] = field(default_factory=dict)
    """Tasks that have failed here since the last one that was done, and how many attempts of all
    workers had been done by then."""

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
    """Workers by name, and filed by what they are; `changed` keeps the files up to date."""

    def __init__(self) -> None:
        self.workers: dict[str, Worker] = {}
        self.idle: dict[str, Worker] = {}
        self.stalled: dict[str, Worker] = {}
        self.silent: dict[str, Worker] = {}
        self.draining: dict[str, Worker] = {}
        self._numbered = 0
        self._done = 0

    def __contains__(self, name: str) -> bool:
        return name in self.workers

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
        for file in (self.idle, self.stalled, self.silent, self.draining):
            file.pop(worker.name, None)

    def hold(self, name: str, attempt: Attempt, *, blocked: bool = False) -> None:
        """The worker runs the attempt, blocked or not."""
        worker = self.workers[name]
        worker.attempts[attempt] = blocked
        self.changed(worker)

    def drop(self, name: str, attempt: Attempt) -> None:
        worker = self.workers.get(name)
        if worker is not None and worker.attempts.pop(attempt, None) is not None:
            self.changed(worker)

    def drain(self, worker: Worker, reason: str) -> None:
        """It gets nothing more, and goes when it has finished what it has."""
        worker.draining = worker.draining or reason
        self.changed(worker)

    def succeeded(self, name: str) -> None:
        """An attempt was done there."""
        self._done += 1
        if (worker := self.workers.get(name)) is not None:
            worker.failed.clear()

    def failed(self, name: str, task: str) -> None:
        """An attempt has failed there, which may be the task's fault or the worker's."""
        worker = self.workers.get(name)
        if worker is None:
            return
        worker.failed.setdefault(task, self._done)
        others_succeed = self._done > min(worker.failed.values())
        if len(worker.failed) >= FAULTY_TASKS and others_succeed:
            self.drain(worker, "one attempt after the other fails there, and not elsewhere")

    def changed(self, worker: Worker) -> None:
        """Files the worker anew."""
        for file, belongs in (
            (self.idle, worker.idle and worker.takes_more),
            (self.stalled, worker.stalled and worker.takes_more),
            (self.silent, worker.silent_since is not None),
            (self.draining, bool(worker.draining)),
        ):
            if belongs:
                file[worker.name] = worker
            else:
                file.pop(worker.name, None)

    @property
    def staying(self) -> int:
        """How many are here to stay: not draining. The silent ones may come back."""
        return len(self.workers) - len(self.draining)
