"""Who does what: giving ready tasks to workers. Pure.

Tasks are given out in the order of their rank, which has every producer before its consumers. An
idle worker takes the first of the partition that it worked on last: they send each other messages,
so what one has at hand is often near to what the other needs. If none of these is ready it takes
the first of all; that is all there is to it as long as nothing is lost.

Why it cannot deadlock. When a producer is lost, every other worker may hold a consumer that waits
for it, directly or through others. The producer then is of the same partition and has a lower rank
than they have, and one of them that is stalled (all it holds waits) takes it in addition; one that
holds too many already puts back the consumer of the highest rank. So take the waiting attempt of
the lowest rank: the producer it waits for is running and not waiting (else that were the lowest),
or is ready and is placed, or waits for the clock, or waits for a task of lower rank of which the
same can be said. Each time a consumer is put back a task of lower rank takes its place, so that
ends too.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from mu.schedule.books import Books
from mu.schedule.decisions import Assign, AttemptEnded, Forget
from mu.schedule.ledger import Running
from mu.schedule.roster import Worker
from mu.task import Attempt


class Placement:
    def __init__(self, books: Books) -> None:
        self._books = books

    def assign_ready(self) -> None:
        """As many as there is room for."""
        while (chosen := self._idle_with_task() or self._stalled_with_task()) is not None:
            worker, task = chosen
            self._books.queue.take(task)
            self._make_room(worker)
            self.assign(task, worker)

    def assign(self, task: str, worker: Worker, *, speculative: bool = False) -> None:
        books = self._books
        running = books.ledger.open(task, worker.name, books.now, speculative=speculative)
        books.roster.hold(worker.name, running.attempt)
        worker.partition = books.graph[task].partition
        books.decisions.append(Assign(worker.name, running.attempt, running.restoring, speculative))
        for consumer in books.graph.consumers[task]:
            books.look_at(consumer)

    def assign_rivals(self) -> None:
        """A second attempt for those that are slow; the first to finish wins."""
        books = self._books
        running = ((books.graph[one.attempt.task].stage, one) for one in books.ledger.live.values())
        for slow in list(books.stragglers.among(running, books.now)):
            task = slow.attempt.task
            if len(books.ledger[task].live) == 1:
                worker = self._idle() or self._with_room_behind(task)
                if worker is not None and worker.name != slow.worker:
                    self.assign(task, worker, speculative=True)

    def preempt(self, running: Running, reason: str) -> None:
        """Takes an attempt from its worker, without any fault of the task's."""
        books = self._books
        books.ledger.strike(running)
        books.roster.drop(running.worker, running.attempt)
        books.decisions.append(Forget(running.worker, running.attempt, reason))
        books.decisions.append(
            AttemptEnded(running.worker, running.attempt, "preempted", reason, counted=False)
        )
        books.look_at(running.attempt.task)

    def _idle_with_task(self) -> tuple[Worker, str] | None:
        worker = self._idle()
        if worker is None:
            return None
        near = None if worker.partition is None else self._first_of(worker.partition)
        task = near or self._ready(self._books.queue.first)
        return None if task is None else (worker, task)

    def _stalled_with_task(self) -> tuple[Worker, str] | None:
        """A worker that waits for a task that could be assigned; of several the one that waits for
        the task of the highest rank."""
        if self._ready(self._books.queue.first) is None:
            return None
        found = (
            (worker, task)
            for worker in self._books.roster.stalled.values()
            for partition in sorted({self._partition(one.task) for one in worker.attempts})
            if (task := self._first_of(partition)) is not None and self._waits(worker, task)
        )
        return max(found, key=lambda one: self._rank(self._last(one[0])), default=None)

    def _first_of(self, partition: str) -> str | None:
        return self._ready(partial(self._books.queue.first_of, partition))

    def _ready(self, first: Callable[[], str | None]) -> str | None:
        """The first that is ready still; those before it are put back by what makes them ready."""
        while (task := first()) is not None and not self._books.ready(task):
            self._books.queue.take(task)
        return task

    def _idle(self) -> Worker | None:
        return next(iter(self._books.roster.idle.values()), None)

    def _waits(self, worker: Worker, task: str) -> bool:
        """Whether the worker, which is stalled, may be waiting for the task."""
        rank, partition = self._books.graph.rank[task], self._partition(task)
        return any(
            self._rank(attempt) > rank and self._partition(attempt.task) == partition
            for attempt in worker.attempts
        )

    def _with_room_behind(self, task: str) -> Worker | None:
        stalled = (one for one in self._books.roster.stalled.values() if self._waits(one, task))
        worker = max(stalled, key=lambda one: self._rank(self._last(one)), default=None)
        return worker if worker is not None and self._has_room(worker) else None

    def _has_room(self, worker: Worker) -> bool:
        return len(worker.attempts) < self._books.settings.attempts_per_worker

    def _make_room(self, worker: Worker) -> None:
        while worker.attempts and not self._has_room(worker):
            running = self._books.ledger.live[self._last(worker)]
            self.preempt(running, "its worker does what this waits for")

    def _last(self, worker: Worker) -> Attempt:
        return max(worker.attempts, key=self._rank)

    def _partition(self, task: str) -> str:
        return self._books.graph[task].partition

    def _rank(self, attempt: Attempt) -> int:
        return self._books.graph.rank[attempt.task]
