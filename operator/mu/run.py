"""The run of one job: the schedule and the machines, joined to real workers.

Everything happens in one event loop, one thing after another: a message from a worker moves the
machine of its attempt (`machines`), what follows is told to the schedule, and what the schedule
decides is carried out. Nothing here waits for a worker; all that waits is in tasks of their own
(streams, ticks, the backend's starts).
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

import grpc

from excamera_proto import mu_pb2 as pb
from excamera_proto.shards import shard_of
from mu import observer as seen
from mu.backend import Backend, WorkerExit
from mu.commands import Reply
from mu.errors import JobFailed, MuError, NoWorkers, TaskFailed, WireError
from mu.further import Batch, Further
from mu.grants import Sign, unsigned
from mu.invitation import Invitation
from mu.machines import Machines
from mu.observer import Observation, Observer, Observers
from mu.reception import Reception
from mu.reunion import Journal
from mu.schedule import Schedule
from mu.schedule import decisions as d
from mu.schedule import events as e
from mu.session import Refused, Session
from mu.settings import RunSettings
from mu.starts import Starts
from mu.task import Attempt, Task
from mu.wire import attempt_from_wire, attempt_to_wire, reply_from_wire

Results = Mapping[str, Mapping[str, Reply]]

_log = logging.getLogger(__name__)


class RunDetached(MuError):
    """The run was left to another coordinator; its workers go on."""


class JobRun:
    """One job's tasks on one backend's workers; runs once, by `Server.run`.

    done: tasks that an earlier run has finished. rendezvous: `host:port` of each shard, for the
    workers. holding: those of them that still have what finished tasks have sent. sign: makes
    workers' leave to use objects. further: tells of more tasks. Those of an open run that are done
    may have been done under other names, and so have sent nothing to anybody here: what they sent
    is sent again.
    """

    def __init__(
        self,
        job: str,
        tasks: Iterable[Task],
        backend: Backend,
        observer: Observer | None = None,
        settings: RunSettings | None = None,
        *,
        done: Collection[str] = (),
        rendezvous: Collection[str] = (),
        holding: Collection[str] = (),
        sign: Sign = unsigned,
        further: Further | None = None,
    ) -> None:
        self.job = job
        self.backend = backend
        self.settings = settings or RunSettings()
        self.detached = False
        self._rendezvous = tuple(rendezvous)
        self._observer = observer or Observers()
        listed = tuple(tasks)
        self._further = further
        held = self._carried_by(listed, () if further else holding)
        sent = [task.name for task in listed if task.partition in held and task.name in done]
        self._schedule = Schedule(
            listed, self.settings.schedule, done, sent, open_=further is not None
        )
        self._reception = Reception(job, self.settings, self._rendezvous, self)
        self._machines = Machines(
            self._schedule,
            self.settings,
            self.backend.name,  # whatever workers say: it becomes a label of metrics
            self._tell,
            self._reception.send,
            self._observe,
            self._now,
            sign,
        )
        self._inbox: deque[e.ScheduleEvent] = deque()
        self._busy = False
        self._starts = Starts(job, backend, self._tell)
        self._over: asyncio.Future[None] | None = None
        self._asking: asyncio.Task[None] | None = None

    async def run(self, invite: Callable[[], Invitation]) -> Results:
        """See `Server.run`. invite: makes an invitation for new workers."""
        self._starts.invite = invite
        self._over = asyncio.get_running_loop().create_future()
        self.backend.watch(self._exited)
        ticking = asyncio.ensure_future(self._tick())
        error = "the run was cancelled"
        try:
            await self._over
            error = ""
        except RunDetached:
            raise
        except Exception as failed:
            error = str(failed)
            raise
        finally:
            ticking.cancel()
            await self._close()
            self._observe(seen.JobEnded(error))
        return self._machines.results

    def detach(self) -> None:
        """Leaves the job to another coordinator: `run` raises RunDetached, workers go on."""
        if self._over is not None and not self._over.done():
            self.detached = True
            self._over.set_exception(RunDetached(f"job {self.job} was left to another coordinator"))

    def resize(self, workers: int) -> None:
        """Goes on with at most so many workers."""
        if workers != self._schedule.settings.workers:
            self._tell(e.Resized(workers))

    @property
    def engaged(self) -> int:
        """Workers that are here or on their way."""
        return self._schedule.engaged

    def messages_lost(self, shard: str) -> None:
        """To be called when the rendezvous's shard at that address has forgotten its messages."""
        partitions = self._carried_by(self._schedule.graph.tasks.values(), (shard,))
        self._tell(e.MessagesLost(partitions, self._machines.senders()))

    def _carried_by(self, tasks: Iterable[Task], shards: Collection[str]) -> frozenset[str]:
        """The partitions of `tasks` whose messages go through one of `shards`."""
        partitions = {task.partition for task in tasks}
        return frozenset(
            one for one in partitions if shard_of(self.job, one, self._rendezvous) in shards
        )

    # Streams

    async def serve(self, session: Session) -> None:
        """One worker's stream, after its Hello. Refused if that makes no sense."""
        if self._over is None or self._over.done():
            await self._turn_away(session)
            return
        await self._reception.serve(session)

    async def _turn_away(self, session: Session) -> None:
        """A run that is over takes nobody back; one that was detached must move nothing more."""
        if self.detached or self._over is None:
            raise Refused(grpc.StatusCode.UNAVAILABLE, f"job {self.job} is not being run here now")
        await self._reception.send_off(session, "the job has ended")

    def joined(
        self, session: Session, journals: Sequence[Journal], *, number: int, again: bool
    ) -> None:
        """See `reception.Host`."""
        worker, hello = session.worker, session.hello
        seconds_left = hello.seconds_left if hello.HasField("seconds_left") else None
        if not again:
            launch = None if journals else self._schedule.launched_at
            seconds = None if launch is None else self._now() - launch
            self._observe(
                seen.WorkerJoined(worker, number, self.backend.name, seconds, seconds_left)
            )
        held = self._machines.compared(worker, journals)
        self._tell(e.WorkerJoined(worker, held, seconds_left))
        self._machines.resume(worker, [one.attempt for one in held])

    def hung_up(self, worker: str) -> None:
        """See `reception.Host`."""
        self._tell(e.WorkerSilent(worker))

    def refused(self, worker: str, reason: str) -> None:
        """See `reception.Host`."""
        self._tell(e.LaunchesFailed(1, reason))

    def received(self, worker: str, message: pb.FromWorker) -> None:
        """See `reception.Host`."""
        match message.WhichOneof("body"):
            case "reply":
                attempt = attempt_from_wire(message.reply.attempt)
                replied = reply_from_wire(message.reply)
                if self._schedule.holder(attempt) == worker:
                    self._machines.replied(attempt, replied)
                else:
                    self._forget(worker, attempt)
            case "heartbeat":
                if message.heartbeat.HasField("seconds_left"):
                    self._time_left(worker, message.heartbeat.seconds_left)
            case "progress":
                attempt = attempt_from_wire(message.progress.attempt)
                if self._schedule.holder(attempt) == worker:
                    self._machines.progress(attempt, message.progress.id, message.progress.line)
            case "goodbye":
                _log.info("%s: %s left: %s", self.job, worker, message.goodbye.reason)
                self._tell(e.WorkerLeaving(worker))
                self._reception.hang_up(worker)
            case _:
                raise WireError("a Hello comes first and once, other messages are unknown")

    def _time_left(self, worker: str, seconds: float) -> None:
        if seconds < self.settings.schedule.drain_seconds:
            self._tell(e.WorkerTime(worker, seconds))

    def _forget(self, worker: str, attempt: Attempt) -> None:
        self._reception.send(
            worker, pb.ToWorker(forget=pb.Forget(attempt=attempt_to_wire(attempt)))
        )

    # The schedule

    def _tell(self, event: e.ScheduleEvent) -> None:
        """Tells the schedule and carries out what it decides; what comes of that is told next."""
        self._inbox.append(event)
        if self._busy:
            return
        self._busy = True
        try:
            while self._inbox:
                for decision in self._schedule.handle(self._inbox.popleft(), self._now()):
                    self._carry_out(decision)
        except Exception as error:  # a fault of mu's own: end, rather than stand still
            _log.exception("%s: the run cannot go on", self.job)
            self._inbox.clear()
            self._end(JobFailed(f"the coordinator failed: {error!r}"))
        finally:
            self._busy = False

    def _carry_out(self, decision: d.Decision) -> None:
        match decision:
            case d.Assign():
                self._machines.assign(decision)
            case d.Adopt(attempt=attempt):
                self._machines.adopt(attempt)
            case d.Forget(worker, attempt):
                self._forget(worker, attempt)
            case d.QuitWorker(worker, reason):
                self._quit(worker, reason)
            case d.StartWorkers(count):
                self._start(count)
            case d.WorkerLost(worker, reason):
                self._lost(worker, reason)
            case d.AttemptEnded():
                self._machines.ended(decision)
            case d.TaskDone(attempt):
                self._machines.done(attempt)
            case d.TaskRestored(attempt, redone):
                self._machines.restored(attempt, redone=redone)
            case d.TaskFailed():
                self._failed(decision)
            case d.TasksEntered(tasks):
                self._machines.enter(tasks)
            case d.AllDone():
                self._asking = asyncio.ensure_future(self._ask())
            case d.JobDone():
                self._end(None)
            case d.JobFailed(message, task):
                self._end(_error(message, task))

    async def _ask(self) -> None:
        """What else is there to do?"""
        assert self._further is not None, "only an open run is asked for more"
        try:
            batch = await self._further()
        except Exception as error:  # the application's own, and its to tell
            self._end(error)
        else:
            self._tell(_more(batch))

    def _quit(self, worker: str, reason: str) -> None:
        self._reception.send(worker, pb.ToWorker(quit=pb.Quit(reason=reason)))
        self._leave(worker, "quit", lost=False)

    def _lost(self, worker: str, reason: str) -> None:
        self._leave(worker, reason, lost=True)

    def _leave(self, worker: str, reason: str, *, lost: bool) -> None:
        if self._reception.leave(worker):
            self._observe(seen.WorkerLeft(worker, self.backend.name, reason, lost))

    def _failed(self, failed: d.TaskFailed) -> None:
        self._observe(
            seen.TaskFailed(
                failed.attempt.task,
                failed.attempt,
                self._schedule.graph[failed.attempt.task].stage,
                failed.state,
                failed.reason,
                failed.message,
                failed.attempts,
                failed.permanent,
            )
        )

    def _end(self, error: Exception | None) -> None:
        self._machines.end()
        if self._over is None or self._over.done():
            return
        if error is None:
            self._over.set_result(None)
        else:
            self._over.set_exception(error)

    # The backend

    def _start(self, count: int) -> None:
        self._observe(seen.WorkersStarted(self.backend.name, count))
        self._starts.begin(count)

    def _exited(self, exit: WorkerExit) -> None:
        """The backend tells of a worker's end."""
        if self._reception.has_welcomed(exit.worker):
            if not exit.in_vain:
                self._tell(e.WorkerGone(exit.worker, exit.reason))
        elif exit.withdrawn:
            self._tell(e.LaunchesWithdrawn(1))
        elif not self._reception.has_refused(exit.worker):  # or it is known to have come in vain
            self._tell(e.LaunchesFailed(1, exit.message or exit.reason))

    # Time

    async def _tick(self) -> None:
        while True:
            for activity in self._machines.overdue():
                self._tell(e.AttemptLost(activity.attempt, "deadline"))
            self._tell(e.Tick())
            await asyncio.sleep(self.settings.tick_seconds)

    def _now(self) -> float:
        return asyncio.get_running_loop().time()

    async def _close(self) -> None:
        """Sends all workers away (if they are ours still), and waits for the streams to end."""
        self._starts.cancel()
        if self._asking is not None:
            self._asking.cancel()
        await self._reception.close("" if self.detached else "the job has ended")
        if not self.detached:
            await self.backend.stop()

    def _observe(self, event: Observation) -> None:
        try:
            self._observer.observe(event)
        except Exception:  # those who watch must not disturb what they watch
            _log.exception("%s: an observer failed at %s", self.job, event)


def _more(batch: Batch | None) -> e.ScheduleEvent:
    if batch is None:
        return e.NoMoreTasks()
    return e.TasksAdded(batch.tasks, batch.done, batch.last)


def _error(message: str, task: d.TaskFailed | None) -> JobFailed:
    if task is None:
        return NoWorkers(message)
    return TaskFailed(
        task.attempt.task,
        task.state,
        task.reason,
        task.message,
        task.attempts,
        task.permanent,
    )
