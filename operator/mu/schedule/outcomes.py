"""What becomes of tasks when their attempts end. Pure."""

from __future__ import annotations

from mu.schedule.books import Books
from mu.schedule.decisions import (
    AllDone,
    AttemptEnded,
    Forget,
    JobDone,
    JobFailed,
    TaskDone,
    TaskFailed,
    TaskRestored,
)
from mu.schedule.events import AttemptFailed
from mu.schedule.ledger import Running
from mu.schedule.placement import Placement


class Outcomes:
    """`ended` once the job is done or has failed."""

    def __init__(self, books: Books, placement: Placement) -> None:
        self._books = books
        self._placement = placement
        self.ended = False

    def done(self, running: Running) -> None:
        """The first attempt to finish wins; its rivals are fenced off."""
        books, task = self._books, running.attempt.task
        entry = books.ledger[task]
        redone = entry.done and not running.restoring
        books.decisions.append(
            TaskRestored(running.attempt, redone) if entry.done else TaskDone(running.attempt)
        )
        self._finish(running)
        if not running.restoring and not running.adopted:
            seconds = running.active_seconds(books.now)
            books.stragglers.finished(books.graph[task].stage, seconds)
        books.ledger.finish(task)
        self._hand_on(running, received=not running.restoring)
        if books.ledger.unfinished == 0:
            self.all_done()

    def all_done(self) -> None:
        """No task that is known is left; of an open job that is told once."""
        if not self._books.open:
            self.end_with(JobDone())
        elif not self._books.asked:
            self._books.asked = True
            self._books.decisions.append(AllDone())

    def failed(self, running: Running, event: AttemptFailed) -> None:
        """The machine came to `failed`."""
        books, attempt = self._books, running.attempt
        entry = books.ledger[attempt.task]
        if event.permanent and running.restoring:
            self._restore_otherwise(running, event)
        elif event.permanent:
            self._end_attempt(running, event.reason, event.message, forget=True)
            books.ledger.charge(attempt.task, books.now, delayed=False)
            self._fail_task(running, event, entry.failures)
        else:
            self._end_attempt(running, event.reason, event.message, forget=True)
            self._charge(running, event, delayed=True)

    def lost(self, running: Running, reason: str, message: str, *, forget: bool) -> None:
        """Its worker is lost, or is but does not answer for the attempt (`forget` it there)."""
        self._end_attempt(running, reason, message, forget=forget)
        event = AttemptFailed(running.attempt, "lost", reason, message)
        self._charge(running, event, delayed=False)

    def put_back(self, running: Running, why: str) -> None:
        """It ends without its task being charged for it."""
        self._placement.preempt(running, why)

    def end_with(self, decision: JobDone | JobFailed) -> None:
        books = self._books
        self.ended = True
        for running in list(books.ledger.live.values()):
            books.ledger.strike(running)
            books.roster.drop(running.worker, running.attempt)
            books.decisions.append(Forget(running.worker, running.attempt, "the job has ended"))
        books.decisions.append(decision)

    def _finish(self, running: Running) -> None:
        books = self._books
        for rival in list(books.ledger[running.attempt.task].live.values()):
            books.ledger.strike(rival)
            books.roster.drop(rival.worker, rival.attempt)
            books.decisions.append(Forget(rival.worker, rival.attempt, "the task is done"))
            if rival is not running:
                books.decisions.append(
                    AttemptEnded(
                        rival.worker, rival.attempt, "outrun", "another was faster", counted=False
                    )
                )

    def _hand_on(self, running: Running, *, received: bool) -> None:
        """Tells those before and behind the task of its end."""
        books, task = self._books, running.attempt.task
        if not running.tainted:
            books.messages.sent(task)
        if received:
            self._release(task)
            self._stop_superfluous(task)
        for consumer in books.graph.consumers[task]:
            books.want_senders(consumer)
        for follower in books.graph.followers[task]:
            books.look_at(follower)

    def _release(self, recipient: str) -> None:
        """Its mailboxes go. What its senders that still run have sent is in them: should it be
        done once more, it would wait for that in vain."""
        books = self._books
        books.messages.released(recipient)
        for sender in books.graph[recipient].needs:
            for running in books.ledger[sender].live.values():
                running.tainted = True

    def _stop_superfluous(self, recipient: str) -> None:
        books = self._books
        for sender in list(books.messages.superfluous(recipient)):
            by_itself = not books.ledger[sender].restoring
            for running in list(books.ledger[sender].live.values()):
                self._placement.preempt(running, "nobody needs its messages any more")
            books.ledger.unwant(sender)
            if by_itself:
                self._stop_superfluous(sender)

    def _restore_otherwise(self, running: Running, event: AttemptFailed) -> None:
        """The restore machine cannot succeed; the task's own machine can."""
        books, task = self._books, running.attempt.task
        books.ledger[task].restore_failed = True
        self._end_attempt(running, event.reason, event.message, forget=True, counted=False)
        books.ledger.unwant(task)
        for consumer in books.graph.consumers[task]:
            books.want_senders(consumer)

    def _end_attempt(
        self, running: Running, reason: str, message: str, *, forget: bool, counted: bool = True
    ) -> None:
        books = self._books
        if forget:
            books.decisions.append(Forget(running.worker, running.attempt, message))
        books.ledger.strike(running)
        books.roster.drop(running.worker, running.attempt)
        books.decisions.append(
            AttemptEnded(running.worker, running.attempt, reason, message, counted)
        )

    def _charge(self, running: Running, event: AttemptFailed, *, delayed: bool) -> None:
        """Counts the attempt against the limit; the task fails when there is no other left."""
        books, task = self._books, running.attempt.task
        books.ledger.charge(task, books.now, delayed=delayed)
        if books.ledger.exhausted(task) and not books.ledger[task].live:
            self._fail_task(running, event, books.ledger[task].failures)
        else:
            books.look_at(task)

    def _fail_task(self, running: Running, event: AttemptFailed, attempts: int) -> None:
        failed = TaskFailed(
            running.attempt, event.state, event.reason, event.message, attempts, event.permanent
        )
        self._books.decisions.append(failed)
        message = f"{running.attempt.task}: {event.state}: {event.message}"
        self.end_with(JobFailed(message, failed))
