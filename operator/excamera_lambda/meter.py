"""Counts what the invocations of a run are billed for: an observer of mu.

An invocation is taken to begin when its handler did, which the time that its worker had left when
it came tells, and to end when the worker leaves. What was taken and never led to a worker counts
as a request with a start and nothing more.

No time is counted twice. A worker that comes back after it was given up was counted until then, and
one that an earlier coordinator had was counted there: it begins when it comes, or when the first of
this run's launches that it may be was made.
"""

from __future__ import annotations

from collections.abc import Callable

from excamera_lambda.cost import START_SECONDS, Usage, used
from excamera_lambda.limits import Facts
from mu.observer import Observation, WorkerJoined, WorkerLeft


class Meter:
    """clock: in seconds."""

    def __init__(self, facts: Facts, clock: Callable[[], float]) -> None:
        self._requests = 0
        self._facts = facts
        self._clock = clock
        self._began: dict[str, float] = {}
        self._counted: dict[str, float] = {}
        """Until when each of those is accounted for that were here and have left."""
        self._seconds = 0.0

    def taken(self, count: int) -> None:
        """So many more invocations were taken."""
        self._requests += count

    def observe(self, event: Observation) -> None:
        """Takes one event into account."""
        match event:
            case WorkerJoined():
                self._began[event.worker] = self._beginning(event)
            case WorkerLeft(worker=worker) if worker in self._began:
                self._counted[worker] = now = self._clock()
                self._seconds += now - self._began.pop(worker)
            case _:
                pass

    def _beginning(self, event: WorkerJoined) -> float:
        now = self._clock()
        left = self._facts.timeout if event.seconds_left is None else event.seconds_left
        handler = now - max(0.0, self._facts.timeout - left)
        launched = now - (event.launch_seconds or 0.0)
        return max(handler, self._counted.pop(event.worker, launched))

    @property
    def usage(self) -> Usage:
        """Until now."""
        now = self._clock()
        running = sum(now - began for began in self._began.values())
        starts = self._requests * START_SECONDS
        return used(self._facts, self._requests, self._seconds + running + starts)
