"""Keeps a job's Progress and its account of time from what mu observes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from excamera.progress import Progress
from mu.observer import (
    AttemptEnded,
    Observation,
    StateEntered,
    TaskDone,
    WorkerJoined,
    WorkerLeft,
)


@dataclass(frozen=True, slots=True)
class Effort:
    """What a finished chunk has cost: the number of the attempt that finished it, the seconds that
    it spent in each state, and how many attempts were lost in this run."""

    attempt: int
    seconds: Mapping[str, float]
    lost: int


@dataclass(slots=True)
class Stages:
    """An observer of one run; `clock` gives seconds. `seconds` is what attempts spent in each
    state, lost ones included; `most_workers` is how many there were at once; `efforts` is by
    finished chunk."""

    progress: Progress
    clock: Callable[[], float]
    most_workers: int = 0
    seconds: Counter[str] = field(default_factory=Counter)
    efforts: dict[str, Effort] = field(default_factory=dict)
    _lost: Counter[str] = field(default_factory=Counter)

    def observe(self, event: Observation) -> None:
        """Takes one event into account."""
        match event:
            case WorkerJoined():
                self.progress.staffed(self.progress.workers + 1, self.clock())
                self.most_workers = max(self.most_workers, self.progress.workers)
            case WorkerLeft():
                self.progress.staffed(self.progress.workers - 1, self.clock())
            case StateEntered(attempt, state=state):
                self.progress.entered(attempt.task, state)
            case TaskDone(task, attempt, seconds=seconds):
                self.progress.done(task)
                self.efforts[task] = Effort(attempt.number, seconds, self._lost[task])
            case AttemptEnded():
                self._ended(event)
            case _:
                pass

    def _ended(self, event: AttemptEnded) -> None:
        self.seconds.update(event.seconds)
        if event.lost:
            self.progress.lost(event.attempt.task)
            self._lost[event.attempt.task] += 1
