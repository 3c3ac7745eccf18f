"""The schedule of one run: told what happens, it decides what to do. Pure: no clock, no I/O.

    schedule = Schedule(tasks, ScheduleSettings(workers=8))
    decisions = schedule.handle(WorkerJoined("a"), now=12.5)

Times are seconds on any clock that only moves forward. The same events at the same times lead to
the same decisions. Ticks may come as often or as seldom as one likes; what depends on time happens
at the next event after it is due, and stragglers are looked for at ticks.

What it keeps: a task is assigned only after those it needs have been and those it comes after are
done; at most one attempt of a task wins; an attempt that was given up is fenced off for good; the
job ends, however workers come and go, as long as some come (see `placement`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace

from mu.errors import InvalidTasks
from mu.schedule.books import Books
from mu.schedule.decisions import (
    Adopt,
    Decision,
    Forget,
    JobDone,
    JobFailed,
    QuitWorker,
    StartWorkers,
    WorkerLost,
)
from mu.schedule.events import (
    AttemptBlocked,
    AttemptDone,
    AttemptFailed,
    AttemptLost,
    Held,
    LaunchesFailed,
    MessagesLost,
    Resized,
    ScheduleEvent,
    Tick,
    WorkerGone,
    WorkerJoined,
    WorkerSilent,
    WorkerTime,
)
from mu.schedule.ledger import Running
from mu.schedule.outcomes import Outcomes
from mu.schedule.placement import Placement
from mu.schedule.roster import Worker
from mu.schedule.settings import ScheduleSettings
from mu.task import Attempt, Task, TaskGraph


class Schedule:
    """See the module. done: tasks finished in an earlier run. sent: those of them whose messages
    are still at the rendezvous."""

    def __init__(
        self,
        tasks: Iterable[Task],
        settings: ScheduleSettings,
        done: Collection[str] = (),
        sent: Collection[str] = (),
    ) -> None:
        self.graph = TaskGraph(tasks)
        if unknown := set(done) - self.graph.tasks.keys():
            raise InvalidTasks(f"{min(unknown)} is said to be done but is no task")
        self.settings = settings
        self._books = Books(self.graph, settings, done, sent)
        self._placement = Placement(self._books)
        self._outcomes = Outcomes(self._books, self._placement)
        self._reunited_at: float | None = None

    @property
    def ended(self) -> bool:
        return self._outcomes.ended

    def holder(self, attempt: Attempt) -> str | None:
        """The worker of a live attempt; None for all others: they are fenced off."""
        running = self._books.ledger.live.get(attempt)
        return running.worker if running else None

    def restoring(self, attempt: Attempt) -> bool:
        """Whether the attempt goes, or if adopted would go, by its task's restore machine."""
        running = self._books.ledger.live.get(attempt)
        return (running or self._books.ledger[attempt.task]).restoring

    @property
    def launched_at(self) -> float | None:
        """When the worker that joins next was asked for; None if none is being waited for."""
        return self._books.staffing.launched_at

    def done(self, task: str) -> bool:
        return self._books.ledger[task].done

    def handle(self, event: ScheduleEvent, now: float) -> list[Decision]:
        """All that follows from `event`, in the order in which it is to be carried out."""
        books = self._books
        books.now, books.decisions = now, []
        if self._reunited_at is None:
            self._reunited_at = now + self.settings.reunion_seconds
        if self._outcomes.ended:
            self._after_the_end(event)
        else:
            self._take(event)
            if not self._outcomes.ended:
                self._go_on(event)
        return books.decisions

    def _take(self, event: ScheduleEvent) -> None:
        match event:
            case WorkerJoined():
                self._joined(event)
            case WorkerSilent(worker):
                self._silent(worker)
            case WorkerGone(worker, reason):
                self._gone(worker, reason)
            case WorkerTime(worker, seconds_left):
                self._time_left(worker, seconds_left)
            case LaunchesFailed(count, message, permanent):
                self._books.staffing.failed(count, message, permanent=permanent)
            case MessagesLost(partitions, senders):
                self._messages_lost(partitions, senders)
            case Resized(workers):
                self._resized(workers)
            case Tick():
                pass
            case _:
                running = self._books.ledger.live.get(event.attempt)
                if running is not None:
                    self._of_attempt(event, running)

    def _of_attempt(
        self, event: AttemptBlocked | AttemptDone | AttemptFailed | AttemptLost, running: Running
    ) -> None:
        match event:
            case AttemptBlocked(attempt, blocked):
                running.set_blocked(blocked, self._books.now)
                self._books.roster.hold(running.worker, attempt, blocked=blocked)
            case AttemptDone():
                self._books.staffing.useful()
                self._books.roster.succeeded(running.worker)
                self._outcomes.done(running)
            case AttemptFailed():
                self._books.staffing.useful()
                self._books.roster.failed(running.worker, running.attempt.task)
                self._outcomes.failed(running, event)
            case AttemptLost(_, reason):
                self._outcomes.lost(running, reason, reason.replace("_", " "), forget=True)

    def _go_on(self, event: ScheduleEvent) -> None:
        """What time and the last event make possible."""
        books = self._books
        if books.ledger.unfinished == 0:
            self._outcomes.end_with(JobDone())
            return
        books.staffing.passed(books.now)
        self._give_up_silent()
        for task in books.queue.due(books.now):
            books.look_at(task)
        if self._outcomes.ended or not self._reunited():
            return
        self._placement.assign_ready()
        if isinstance(event, Tick):
            self._placement.assign_rivals()
        self._dismiss()
        self._hire()

    def _reunited(self) -> bool:
        """Whether all workers of an earlier coordinator that can be hoped for are back."""
        if self._books.now < (self._reunited_at or 0.0):
            return self._books.roster.staying >= self.settings.workers
        return True

    def _joined(self, event: WorkerJoined) -> None:
        books = self._books
        worker = books.roster.get(event.worker)
        if worker is None:
            books.staffing.joined()
            needed = books.staffing.needed(self._tasks_left)
            if not event.held and books.roster.staying >= needed:
                books.decisions.append(QuitWorker(event.worker, "there are enough workers"))
                return
            worker = books.roster.join(event.worker)
        worker.silent_since = None
        self._compare(worker, event.held)
        if event.seconds_left is not None:
            self._time_left(worker.name, event.seconds_left)
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
            if self.holder(one.attempt) == worker.name:
                books.ledger.live[one.attempt].set_blocked(one.blocked, books.now)
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

    def _silent(self, name: str) -> None:
        worker = self._books.roster.get(name)
        if worker is not None and worker.silent_since is None:
            worker.silent_since = self._books.now
            self._books.roster.changed(worker)

    def _give_up_silent(self) -> None:
        grace = self.settings.grace_seconds
        for worker in list(self._books.roster.silent.values()):
            if self._books.now - (worker.silent_since or 0.0) >= grace:
                self._gone(worker.name, "silent")

    def _gone(self, name: str, reason: str) -> None:
        books = self._books
        worker = books.roster.get(name)
        if worker is None or self._outcomes.ended:
            return
        books.roster.leave(worker)
        books.decisions.append(WorkerLost(name, reason))
        books.staffing.wasted(1, f"workers are lost ({reason.replace('_', ' ')})")
        for attempt in list(worker.attempts):
            running = books.ledger.live.get(attempt)
            if running is not None:
                message = f"its worker is lost ({reason.replace('_', ' ')})"
                self._outcomes.lost(running, reason, message, forget=False)

    def _time_left(self, name: str, seconds_left: float) -> None:
        worker = self._books.roster.get(name)
        if worker is not None and seconds_left < self.settings.drain_seconds:
            self._books.roster.drain(worker, "its time is almost up")

    def _resized(self, workers: int) -> None:
        """Those beyond the new limit finish what they have and go; idle and late ones first."""
        roster = self._books.roster
        self.settings = replace(self.settings, workers=workers)
        self._books.staffing.resize(self.settings)
        staying = [worker for worker in roster.workers.values() if not worker.draining]
        staying.sort(key=lambda worker: (not worker.idle, -worker.number))
        for worker in staying[: max(0, len(staying) - workers)]:
            roster.drain(worker, "the job goes on with fewer workers")

    def _messages_lost(self, partitions: Collection[str], senders: Collection[Attempt]) -> None:
        books = self._books
        books.messages.lost(partitions)
        # What a silent worker has sent meanwhile, it has yet to tell.
        silent = [one for worker in books.roster.silent.values() for one in worker.attempts]
        for attempt in (*senders, *silent):
            if self.graph[attempt.task].partition in partitions and attempt in books.ledger.live:
                books.ledger.live[attempt].tainted = True
        for task in self.graph.tasks.values():
            if task.partition in partitions:
                books.want_senders(task.name)

    def _dismiss(self) -> None:
        """Sends away those that are of no more use: drained ones, and idle ones beyond need."""
        books = self._books
        for worker in [one for one in books.roster.draining.values() if one.idle]:
            self._quit(worker, worker.draining)
        keep = books.ledger.idle_wanted + self.settings.spares
        for worker in list(books.roster.idle.values())[keep:]:
            self._quit(worker, "there is nothing left to do")

    def _quit(self, worker: Worker, reason: str) -> None:
        self._books.roster.leave(worker)
        self._books.decisions.append(QuitWorker(worker.name, reason))

    def _hire(self) -> None:
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
    def _tasks_left(self) -> int:
        """Tasks to be assigned, and attempts that run."""
        return self._books.ledger.idle_wanted + len(self._books.ledger.live)

    def _after_the_end(self, event: ScheduleEvent) -> None:
        if isinstance(event, WorkerJoined):
            self._books.decisions.append(QuitWorker(event.worker, "the job has ended"))
