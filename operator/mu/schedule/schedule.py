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

from mu.errors import InvalidTasks
from mu.schedule.books import Books
from mu.schedule.decisions import Decision, QuitWorker, TasksEntered
from mu.schedule.events import (
    AttemptBlocked,
    AttemptDone,
    AttemptFailed,
    AttemptLost,
    LaunchesFailed,
    LaunchesPostponed,
    LaunchesWithdrawn,
    MessagesLost,
    NoMoreTasks,
    Resized,
    ScheduleEvent,
    TasksAdded,
    Tick,
    WorkerGone,
    WorkerJoined,
    WorkerLeaving,
    WorkerSilent,
    WorkerTime,
)
from mu.schedule.ledger import Running
from mu.schedule.outcomes import Outcomes
from mu.schedule.placement import Placement
from mu.schedule.settings import ScheduleSettings
from mu.schedule.workforce import Workforce
from mu.task import Attempt, Task, TaskGraph


class Schedule:
    """See the module. done: tasks finished in an earlier run. sent: those of them whose messages
    are still at the rendezvous. open_: whether the job may turn out to have more tasks, once these
    are done."""

    def __init__(
        self,
        tasks: Iterable[Task],
        settings: ScheduleSettings,
        done: Collection[str] = (),
        sent: Collection[str] = (),
        *,
        open_: bool = False,
    ) -> None:
        self.graph = TaskGraph(tasks)
        self._books = Books(self.graph, settings, open_=open_)
        self._enter(tuple(self.graph.tasks), done, sent)
        self._placement = Placement(self._books)
        self._outcomes = Outcomes(self._books, self._placement)
        self._workforce = Workforce(self._books, self._outcomes)
        self._reunited_at: float | None = None

    def _add(self, tasks: tuple[Task, ...], done: Collection[str]) -> None:
        self.graph.add(tasks)
        self._books.asked = False
        self._books.decisions.append(TasksEntered(tasks))
        self._enter([task.name for task in tasks], done)

    def _enter(
        self, tasks: Collection[str], done: Collection[str], sent: Collection[str] = ()
    ) -> None:
        if unknown := set(done) - set(tasks):
            raise InvalidTasks(f"{min(unknown)} is said to be done but is no task")
        self._books.enter(tasks, done, sent)

    @property
    def settings(self) -> ScheduleSettings:
        """As they are now: the limit of workers may have changed."""
        return self._books.settings

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

    @property
    def engaged(self) -> int:
        """Workers that are here, even if they are to go, and those that were asked for."""
        return len(self._books.roster.workers) + self._books.staffing.launching

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
                self._workforce.joined(event)
            case WorkerSilent(worker):
                self._workforce.silent(worker)
            case WorkerLeaving(worker):
                self._workforce.leaving(worker)
            case WorkerGone(worker, reason):
                self._workforce.gone(worker, reason)
            case WorkerTime(worker, seconds_left):
                self._workforce.time_left(worker, seconds_left)
            case LaunchesFailed(count, message, permanent):
                self._books.staffing.failed(count, message, permanent=permanent)
            case LaunchesPostponed(count):
                self._books.staffing.postponed(count, self._books.now)
            case LaunchesWithdrawn(count):
                self._books.staffing.withdrawn(count)
            case MessagesLost(partitions, senders):
                self._messages_lost(partitions, senders)
            case Resized(workers):
                self._workforce.resize(workers)
            case TasksAdded(tasks, done, last):
                self._books.open = not last
                self._add(tasks, done)
            case NoMoreTasks():
                self._books.open = False
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
            self._outcomes.all_done()
            if self._outcomes.ended:
                return
        books.staffing.passed(books.now)
        self._workforce.give_up_silent()
        for task in books.queue.due(books.now):
            books.look_at(task)
        if self._outcomes.ended or not self._reunited():
            return
        self._placement.assign_ready()
        if isinstance(event, Tick):
            self._placement.assign_rivals()
        self._workforce.dismiss()
        self._workforce.hire()

    def _reunited(self) -> bool:
        """Whether all workers of an earlier coordinator that can be hoped for are back."""
        if self._books.now < (self._reunited_at or 0.0):
            return self._books.roster.staying >= self.settings.workers
        return True

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

    def _after_the_end(self, event: ScheduleEvent) -> None:
        if isinstance(event, WorkerJoined):
            self._books.decisions.append(QuitWorker(event.worker, "the job has ended"))
