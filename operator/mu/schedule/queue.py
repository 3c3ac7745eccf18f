"""Tasks that could be assigned, lowest rank first. Pure.

What is in the queue was ready when it was put there; whoever takes it looks again, and puts back
what has been made ready by something that happened since.
"""

from __future__ import annotations

import heapq

from mu.task import TaskGraph


class ReadyQueue:
    def __init__(self, graph: TaskGraph) -> None:
        self._rank = graph.rank
        self._heap: list[tuple[int, str]] = []
        self._in: set[str] = set()
        self._delayed: list[tuple[float, str]] = []

    def put(self, task: str) -> None:
        if task not in self._in:
            self._in.add(task)
            heapq.heappush(self._heap, (self._rank[task], task))

    def delay(self, task: str, until: float) -> None:
        """To be looked at again at that time."""
        heapq.heappush(self._delayed, (until, task))

    def due(self, now: float) -> list[str]:
        """Delayed tasks whose time has come."""
        found = []
        while self._delayed and self._delayed[0][0] <= now:
            found.append(heapq.heappop(self._delayed)[1])
        return found

    def first(self) -> str | None:
        return self._heap[0][1] if self._heap else None

    def take(self) -> str:
        """Removes the first."""
        task = heapq.heappop(self._heap)[1]
        self._in.discard(task)
        return task
