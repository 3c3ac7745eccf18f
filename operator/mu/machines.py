"""The machines of a run's attempts: moved by replies and facts, their calls sent to workers.

Between the wire and the schedule: replies come in and calls go out; the schedule is told when an
attempt is done, has failed, or is blocked or no longer. Positions are only ever advanced by `step`
and `replay`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Mapping

from excamera_proto import mu_pb2 as pb
from mu import observer as seen
from mu.activity import Activity
from mu.commands import Reply
from mu.errors import IllegalEvent, SigningFailed
from mu.grants import Sign, grants
from mu.observer import Observation
from mu.position import Failed, Position, Succeeded, shown_state
from mu.reunion import Journal, Reunion
from mu.schedule import Schedule
from mu.schedule import decisions as d
from mu.schedule import events as e
from mu.settings import RunSettings
from mu.step import Announce, Effect, Event, FactPublished, Issue, Replied, Start, Withdraw
from mu.table import FAILED, Table
from mu.task import Attempt, Task
from mu.task_tables import TaskTables
from mu.wire import attempt_to_wire, command_to_wire

_log = logging.getLogger(__name__)


class Machines:
    """tell, send, observe, now, sign: the run's. `results`: what finished tasks' machines kept."""

    def __init__(
        self,
        schedule: Schedule,
        settings: RunSettings,
        backend: str,
        tell: Callable[[e.ScheduleEvent], None],
        send: Callable[[str, pb.ToWorker], None],
        observe: Callable[[Observation], None],
        now: Callable[[], float],
        sign: Sign,
    ) -> None:
        self._schedule = schedule
        self._settings = settings
        self._backend = backend
        self._tell = tell
        self._send = send
        self._observe = observe
        self._now = now
        self._sign = sign
        self._tables = TaskTables(schedule.graph)
        self._facts: set[str] = set()
        self._note_facts(schedule.graph.tasks)
        self._activities: dict[Attempt, Activity] = {}
        self._reunion = Reunion(schedule, self._tables, self._facts, self._activities, self._new)
        self.results: dict[str, Mapping[str, Reply]] = {}

    def enter(self, tasks: Collection[Task]) -> None:
        """These have come into the schedule's graph. Raises InvalidMachine or InvalidTasks."""
        self._tables.add(tasks)
        self._note_facts(task.name for task in tasks)

    def _note_facts(self, tasks: Iterable[str]) -> None:
        """What those of them have published that were finished earlier."""
        done = filter(self._schedule.done, tasks)
        self._facts.update(fact for name in done for fact in self._tables.facts(name))

    # Beginnings

    def assign(self, assigned: d.Assign) -> None:
        """Starts the attempt's machine."""
        attempt = assigned.attempt
        worker, restoring = assigned.worker, assigned.restoring
        table, error = self._table(attempt, restoring=restoring)
        activity = self._new(attempt, worker, table, self._now())
        self._activities[attempt] = activity
        self._observe(
            seen.AttemptStarted(
                attempt,
                activity.stage,
                assigned.worker,
                self._backend,
                assigned.restoring,
                assigned.speculative,
            )
        )
        if error is None:
            self._move(activity, Start())
        else:
            self._pipeline_failed(activity, error)

    def _table(self, attempt: Attempt, *, restoring: bool) -> tuple[Table, Exception | None]:
        """The attempt's table; one in which nothing can be done, and why, if there is none."""
        try:
            return self._tables.of(attempt.task, restoring=restoring), None
        except Exception as error:
            return Table(FAILED, {}), error

    def adopt(self, attempt: Attempt) -> None:
        """Takes up an attempt that `compared` has found."""
        activity = self._reunion.taken(attempt)
        self._activities[attempt] = activity
        restoring = self._schedule.restoring(attempt)
        self._observe(
            seen.AttemptStarted(
                attempt,
                activity.stage,
                activity.worker,
                self._backend,
                restoring,
                adopted=True,
            )
        )

    def compared(
        self,
        worker: str,
        journals: Iterable[Journal],
    ) -> tuple[e.Held, ...]:
        """What a worker that (re)connects holds of use, its machines put back to where they were.

        Journals that no machine here could have led to are forgotten on the spot.
        """
        held, useless = self._reunion.compared(worker, journals)
        for attempt in useless:
            forget = pb.Forget(attempt=attempt_to_wire(attempt))
            self._send(worker, pb.ToWorker(forget=forget))
        return held

    def resume(self, worker: str, attempts: Iterable[Attempt]) -> None:
        """Makes the outstanding calls once more, and whatever the journals' last replies led to."""
        self._reunion.over()
        for attempt in attempts:
            activity = self._activities.get(attempt)
            if activity is not None and self._schedule.holder(attempt) == worker:
                self._apply(activity, activity.outstanding())
                for fact in activity.position.facts - self._facts:
                    self._publish(fact)

    def _new(self, attempt: Attempt, worker: str, table: Table, since: float | None) -> Activity:
        stage = self._schedule.graph[attempt.task].stage
        position = Position(facts=frozenset(self._facts))
        return Activity(attempt, worker, stage, table, position, since)

    # Moves

    def replied(self, attempt: Attempt, replied: Replied) -> None:
        """A reply from the attempt's worker."""
        activity = self._activities[attempt]
        if not activity.calls(replied.call):
            _log.debug("%s: a reply to call %d came twice", attempt, replied.call)
            return
        self._move(activity, replied)

    def progress(self, attempt: Attempt, call: int, line: str) -> None:
        state = self._activities[attempt].state_of(call)
        self._observe(seen.ProgressLine(attempt, state, line))

    def _move(self, activity: Activity, event: Event) -> None:
        try:
            effects = activity.take(event)
        except IllegalEvent as error:
            _log.warning("%s: %s", activity.attempt, error)
            self._tell(e.AttemptLost(activity.attempt, "protocol"))
        except Exception as error:
            self._pipeline_failed(activity, error)
        else:
            self._apply(activity, effects)

    def _pipeline_failed(self, activity: Activity, error: Exception) -> None:
        """A function of the pipeline raised: it will do so again."""
        _log.error("%s: the pipeline raised", activity.attempt, exc_info=error)
        message = f"the pipeline raised {error!r}"
        state = activity.state or activity.table.start
        self._tell(e.AttemptFailed(activity.attempt, state, "pipeline", message, permanent=True))

    def _apply(self, activity: Activity, effects: Iterable[Effect]) -> None:
        try:
            self._carry_out(activity, effects)
        except SigningFailed as error:
            state = shown_state(activity.position)
            self._tell(e.AttemptFailed(activity.attempt, state, "denied", str(error)))
        else:
            self._show(activity)

    def _carry_out(self, activity: Activity, effects: Iterable[Effect]) -> None:
        for effect in effects:
            match effect:
                case Issue():
                    self._call(activity, effect)
                case Withdraw(call):
                    attempt = attempt_to_wire(activity.attempt)
                    cancel = pb.Cancel(attempt=attempt, id=call)
                    self._send(activity.worker, pb.ToWorker(cancel=cancel))
                case Announce(fact):
                    self._publish(fact)

    def _call(self, activity: Activity, issue: Issue) -> None:
        seconds = self._settings.deadline(issue.command)
        leave = grants(issue.command, self._sign, self._settings.leave(issue.command))
        if seconds is not None:
            activity.deadlines[issue.call] = self._now() + seconds
        partition = self._schedule.graph[activity.attempt.task].partition
        call = pb.Call(
            attempt=attempt_to_wire(activity.attempt),
            id=issue.call,
            command=command_to_wire(issue.command, partition),
            grants=leave,
        )
        self._send(activity.worker, pb.ToWorker(call=call))

    def _publish(self, fact: str) -> None:
        if fact in self._facts:
            return
        self._facts.add(fact)
        for activity in list(self._activities.values()):
            if fact in activity.table.awaited and activity.position.outcome is None:
                self._move(activity, FactPublished(fact))

    def _show(self, activity: Activity) -> None:
        """Tells the observer and the schedule where the machine now is."""
        attempt, position = activity.attempt, activity.position
        if activity.moved(self._now()) and position.outcome is None:
            entered = seen.StateEntered(attempt, activity.worker, self._backend, activity.state)
            self._observe(entered)
        if position.outcome is None and position.blocked != activity.blocked:
            activity.blocked = position.blocked
            self._tell(e.AttemptBlocked(attempt, activity.blocked))
        match position.outcome:
            case Succeeded():
                self._tell(e.AttemptDone(attempt))
            case Failed(state, reason, message, permanent):
                self._tell(e.AttemptFailed(attempt, state, reason, message, permanent))

    # Ends

    def done(self, attempt: Attempt) -> None:
        """The attempt has won its task."""
        activity = self._close(attempt, "done")
        outcome = activity.position.outcome
        assert isinstance(outcome, Succeeded)
        self.results[attempt.task] = outcome.result
        for fact in activity.table.facts:
            self._publish(fact)
        self._observe(
            seen.TaskDone(
                attempt.task,
                attempt,
                activity.stage,
                outcome.result,
                dict(activity.seconds),
                self._schedule.graph[attempt.task].partition,
            )
        )

    def restored(self, attempt: Attempt, *, redone: bool) -> None:
        """The attempt has sent its finished task's messages once more."""
        self._close(attempt, "done")
        self._observe(seen.TaskRestored(attempt.task, attempt, redone))

    def ended(self, ended: d.AttemptEnded) -> None:
        """The attempt was given up."""
        self._close(ended.attempt, ended.reason, ended.message, counted=ended.counted)

    def end(self) -> None:
        """The job has ended, and with it all attempts that are left."""
        for attempt in list(self._activities):
            self._close(attempt, "job_ended")

    def _close(
        self, attempt: Attempt, reason: str, message: str = "", *, counted: bool = False
    ) -> Activity:
        activity = self._activities.pop(attempt)
        activity.clock(self._now())
        self._observe(
            seen.AttemptEnded(
                attempt,
                activity.stage,
                activity.worker,
                self._backend,
                reason,
                message,
                counted,
                dict(activity.seconds),
            )
        )
        return activity

    # Questions

    def overdue(self) -> list[Activity]:
        """Attempts with a reply that should have come by now."""
        now = self._now()
        return [activity for activity in self._activities.values() if activity.overdue(now)]

    def senders(self) -> frozenset[Attempt]:
        """Attempts that may have sent a message already."""
        return frozenset(
            attempt
            for attempt, activity in self._activities.items()
            if activity.position.has_sent(activity.table)
        )
