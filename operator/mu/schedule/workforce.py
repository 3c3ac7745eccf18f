"""The workers of a run: taken in, compared, given up, sent away and sent for. Pure.

A worker that comes (back) brings its attempts along; those that are of use are gone on with. One
that is silent has its grace to come back, and then its attempts are lost. There are as many workers
as there is work for, up to the limit.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from mu.schedule.books import Books
from mu.schedule.decisions import Adopt, Forget, JobFailed, QuitWorker, StartWorkers, WorkerLost
from mu.schedule.events import Held, WorkerJoined
from mu.schedule.outcomes import Outcomes
from mu.schedule.roster import Worker

FEWER: Final = "the job goes on with fewer workers"


class Workforce:
    def __init__(self, books: Books, outcomes: Outcomes) -> None:
        self._books = books
        self._outcomes = outcomes

    def joined(self, event: WorkerJoined) -> None:
        """It has connected, for the first time or again."""
        books = self._books
        worker = books.roster.get(event.worker)
        if worker is None:
            books.staffing.joined()
            if not event.held and books.roster.staying >= self._useful:
                books.decisions.append(QuitWorker(event.worker, "there are enough workers"))
                return
            worker = books.roster.join(event.worker)
        worker.silent_since, worker.leaving = None, False
        self._compare(worker, event.held)
        if event.seconds_left is not None:
            self.time_left(worker.name, event.seconds_left)
        if not worker.draining and books.roster.staying > books.settings.workers:
            books.roster.drain(worker, FEWER)  # of an earlier coordinator, which had more
        books.roster.changed(worker)

    def _compare(self, worker: Worker, held: tuple[Held, ...]) -> None:
        """Of the attempts that it brings, those of use; those it should have and has not."""
        books = self._books
        brought = {one.attempt for one in held}
        for attempt in [one for one in worker.attempts if one not in brought]:
            running = books.ledger.live.get(attempt)
            if running is not None:  # the loss before it may have ended the job, and with it all
                message = "its worker began anew"
                self._outcomes.lost(running, "restarted", message, forget=False)
        for one in held if not self._outcomes.ended else ():
            running = books.ledger.live.get(one.attempt)
            if running is not None and running.worker == worker.name:
                running.set_blocked(one.blocked, books.now)
                books.roster.hold(worker.name, one.attempt, blocked=one.blocked)
            else:
                self._adopt(worker, one)

    def _adopt(self, worker: Worker, held: Held) -> None:
        books = self._books
        running = books.ledger.adopt(held.attempt, worker.name, books.now)
        if running is None:
            message = "it is no longer of use"
            books.decisions.append(Forget(worker.name, held.attempt, message))
            return
        running.tainted = held.has_sent
        running.set_blocked(held.blocked, books.now)
        books.roster.hold(worker.name, held.attempt, blocked=held.blocked)
        books.decisions.append(Adopt(worker.name, held.attempt))
        for consumer in books.graph.consumers[held.attempt.task]:
            books.look_at(consumer)

    def silent(self, name: str) -> None:
        """It has its grace from now on."""
        worker = self._books.roster.get(name)
        if worker is not None and worker.silent_since is None:
            worker.silent_since = self._books.now
            self._books.roster.changed(worker)

    def leaving(self, name: str) -> None:
        """One with attempts was probably made to leave; its backend has a while to say by what, so
        that the loss gets its reason."""
        worker = self._books.roster.get(name)
        if worker is None:
            return
        if worker.idle:
            self.gone(name, "goodbye")
            return
        worker.leaving = True
        self.silent(name)

    def give_up_silent(self) -> None:
        """Those whose grace is over are lost."""
        settings, now = self._books.settings, self._books.now
        for worker in list(self._books.roster.silent.values()):
            grace = settings.goodbye_seconds if worker.leaving else settings.grace_seconds
            if now - (worker.silent_since or 0.0) >= grace:
                self.gone(worker.name, "goodbye" if worker.leaving else "silent")

    def gone(self, name: str, reason: str) -> None:
        """It will not come back, and its attempts are lost. One that only waits, at a worker that
        was to go anyway, is not held against its task: it could not have ended sooner."""
        books = self._books
        worker = books.roster.get(name)
        if worker is None or self._outcomes.ended:
            return
        books.roster.leave(worker)
        books.decisions.append(WorkerLost(name, reason))
        books.staffing.wasted(1, f"workers are lost ({reason.replace('_', ' ')})")
        for attempt in list(worker.attempts):
            running = books.ledger.live.get(attempt)
            if running is None:
                continue
            if worker.draining and running.blocked_since is not None:
                self._outcomes.put_back(running, f"its worker had to go: {worker.draining}")
            else:
                message = f"its worker is lost ({reason.replace('_', ' ')})"
                self._outcomes.lost(running, reason, message, forget=False)

    def time_left(self, name: str, seconds_left: float) -> None:
        """One whose time is almost up gets nothing new."""
        worker = self._books.roster.get(name)
        if worker is not None and seconds_left < self._books.settings.drain_seconds:
            self._books.roster.drain(worker, "its time is almost up")

    def resize(self, workers: int) -> None:
        """Those beyond the new limit finish what they have and go; idle and late ones first. There
        is no surplus any more: it was for the first launches, beside the first limit."""
        roster = self._books.roster
        settings = replace(self._books.settings, workers=workers, surplus=0)
        self._books.settings = settings
        self._books.staffing.resize(settings)
        staying = [worker for worker in roster.workers.values() if not worker.draining]
        staying.sort(key=lambda worker: (not worker.idle, -worker.number))
        for worker in staying[: max(0, len(staying) - workers)]:
            roster.drain(worker, FEWER)

    def dismiss(self) -> None:
        """Sends away those that are of no more use: drained ones, and idle ones beyond need."""
        books = self._books
        for worker in [one for one in books.roster.draining.values() if one.idle]:
            self._quit(worker, worker.draining)
        if books.open:
            return
        keep = books.ledger.idle_wanted + books.settings.spares
        for worker in list(books.roster.idle.values())[keep:]:
            self._quit(worker, "there is nothing left to do")

    def _quit(self, worker: Worker, reason: str) -> None:
        self._books.roster.leave(worker)
        self._books.decisions.append(QuitWorker(worker.name, reason))

    def hire(self) -> None:
        """Has more started if there is work for them; gives up if that is of no use."""
        books = self._books
        count = books.staffing.start(books.roster.staying, self._tasks_left, books.now)
        if count:
            books.decisions.append(StartWorkers(count))
        elif self._nobody_works and not books.staffing.launching and books.staffing.hopeless:
            self._outcomes.end_with(JobFailed(f"no workers: {books.staffing.hopeless}"))

    @property
    def _nobody_works(self) -> bool:
        """Nobody is here to stay, and no attempt can go on."""
        books = self._books
        working = any(one.blocked_since is None for one in books.ledger.live.values())
        return books.roster.staying == 0 and not working

    @property
    def _useful(self) -> int:
        """How many workers are of use. For tasks that an open job may turn out to have, none are
        started, but those that are there stay."""
        if self._books.open:
            return self._books.settings.workers
        return self._books.staffing.needed(self._tasks_left)

    @property
    def _tasks_left(self) -> int:
        """Tasks to be assigned, and attempts that run."""
        return self._books.ledger.idle_wanted + len(self._books.ledger.live)
