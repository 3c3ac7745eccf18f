"""Counts what the invocations of a run are billed for: an observer of mu.

An invocation is taken to begin when its handler did, which the time that its worker had left when
it came tells, and to end when the worker leaves. What was taken and never led to a worker counts
as a request with a start and nothing more.
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
        self._seconds = 0.0

    def taken(self, count: int) -> None:
        """So many more invocations were taken."""
        self._requests += count

    def observe(self, event: Observation) -> None:
        """Takes one event into account."""
        match event:
            case WorkerJoined(worker=worker, seconds_left=left):
                before = 0.0 if left is None else self._facts.timeout - left
                self._began[worker] = self._clock() - max(0.0, before)
            case WorkerLeft(worker=worker) if worker in self._began:
                self._seconds += self._clock() - self._began.pop(worker)
            case _:
                pass

    @property
    def usage(self) -> Usage:
        """Until now."""
        now = self._clock()
        running = sum(now - began for began in self._began.values())
        starts = self._requests * START_SECONDS
        return used(self._facts, self._requests, self._seconds + running + starts)
