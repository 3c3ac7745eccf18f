"""Tasks that could be assigned, lowest rank first. Pure.

What is in the queue was ready when it was put there; whoever takes it looks again, and puts back
what has been made ready by something that happened since.
"""

from __future__ import annotations

import heapq

from mu.task import TaskGraph

_Heap = list[tuple[int, str]]


class ReadyQueue:
    """In all, and by partition."""

    def __init__(self, graph: TaskGraph) -> None:
        self._graph = graph
        self._all: _Heap = []
        self._of: dict[str, _Heap] = {}
        self._in: set[str] = set()
        self._delayed: list[tuple[float, str]] = []

    def put(self, task: str) -> None:
        if task not in self._in:
            self._in.add(task)
            placed = (self._graph.rank[task], task)
            heapq.heappush(self._all, placed)
            heapq.heappush(self._of.setdefault(self._graph[task].partition, []), placed)

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
        return self._first(self._all)

    def first_of(self, partition: str) -> str | None:
        """Of the tasks of this partition."""
        return self._first(self._of.get(partition, []))

    def take(self, task: str) -> None:
        """Removes one that is there."""
        self._in.discard(task)

    def _first(self, heap: _Heap) -> str | None:
        """What was taken is still in one heap or the other."""
        while heap and heap[0][1] not in self._in:
            heapq.heappop(heap)
        return heap[0][1] if heap else None
