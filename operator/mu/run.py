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
from collections.abc import Callable, Collection, Iterable, Mapping

import grpc

from excamera_proto import mu_pb2 as pb
from excamera_proto.shards import shard_of
from mu import observer as seen
from mu.backend import Backend, WorkerExit
from mu.commands import Reply
from mu.errors import BackendError, JobFailed, MuError, NoWorkers, TaskFailed, WireError
from mu.invitation import Invitation
from mu.machines import Machines
from mu.observer import Observation, Observer, Observers
from mu.schedule import Schedule
from mu.schedule import decisions as d
from mu.schedule import events as e
from mu.session import Refused, Session
from mu.settings import MOST_WORKERS, RunSettings
from mu.task import Attempt, Task
from mu.wire import attempt_from_wire, attempt_to_wire, journals_from_wire, reply_from_wire

Results = Mapping[str, Mapping[str, Reply]]

_log = logging.getLogger(__name__)


class RunDetached(MuError):
    """The run was left to another coordinator; its workers go on."""


class JobRun:
    """One job's tasks on one backend's workers; runs once, by `Server.run`.

    done: tasks that an earlier run has finished. rendezvous: `host:port` of each shard, for the
    workers. holding: those of them that still have what finished tasks have sent.
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
    ) -> None:
        self.job = job
        self.backend = backend
        self.settings = settings or RunSettings()
        self.detached = False
        self._rendezvous = tuple(rendezvous)
        self._observer = observer or Observers()
        listed = tuple(tasks)
        held = self._carried_by(listed, holding)
        sent = [task.name for task in listed if task.partition in held and task.name in done]
        self._schedule = Schedule(listed, self.settings.schedule, done, sent)
        self._machines = Machines(
            self._schedule,
            self.settings,
            self.backend.name,  # whatever workers say: it becomes a label of metrics
            self._tell,
            self._send,
            self._observe,
            self._now,
        )
        self._sessions: dict[str, Session] = {}
        self._numbers: dict[str, int] = {}
        self._present: set[str] = set()
        self._inbox: deque[e.ScheduleEvent] = deque()
        self._busy = False
        self._starts: set[asyncio.Task[None]] = set()
        self._over: asyncio.Future[None] | None = None
        self._invite: Callable[[], Invitation] | None = None

    async def run(self, invite: Callable[[], Invitation]) -> Results:
        """See `Server.run`. invite: makes an invitation for new workers."""
        self._invite = invite
        self._over = asyncio.get_running_loop().create_future()
        self.backend.watch(self._exited)
        ticking = asyncio.ensure_future(self._tick())
        error = "the run was cancelled"
        try:
            await self._over
            error = ""
        except JobFailed as failed:
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
        older = self._sessions.get(session.worker)
        if older is not None and older.is_of_another_process(session):
            _log.warning("%s: a second %s is sent away", self.job, session.worker)
            await self._send_off(session, "another worker goes by this name")
            return
        if older is not None:
            older.abandon("the worker has a newer one")
        self._sessions[session.worker] = session
        try:
            self._welcome(session)
            await session.hold(
                lambda message: self._received(session, message), self.settings.silence_seconds
            )
        finally:  # grpc cancels this task when the worker breaks off
            self._hung_up(session)

    async def _turn_away(self, session: Session) -> None:
        """A run that is over takes nobody back; one that was detached must move nothing more."""
        if self.detached or self._over is None:
            raise Refused(grpc.StatusCode.UNAVAILABLE, f"job {self.job} is not being run here now")
        await self._send_off(session, "the job has ended")

    async def _send_off(self, session: Session, reason: str) -> None:
        """Tells a worker to quit that was never let in."""
        session.send(pb.ToWorker(quit=pb.Quit(reason=reason)))
        session.close()
        await session.hold(lambda message: None, self.settings.farewell_seconds)

    def _hung_up(self, session: Session) -> None:
        if self._sessions.get(session.worker) is session:
            del self._sessions[session.worker]
            reason = session.closed.result() if session.closed.done() else "it broke off"
            _log.info("%s: the stream of %s is gone: %s", self.job, session.worker, reason)
            self._tell(e.WorkerSilent(session.worker))

    def _welcome(self, session: Session) -> None:
        worker, hello = session.worker, session.hello
        try:
            journals = journals_from_wire(hello)
        except WireError as error:
            session.abandon(f"its Hello makes no sense: {error}")
            raise Refused(grpc.StatusCode.INVALID_ARGUMENT, str(error)) from error
        if worker not in self._numbers and len(self._numbers) >= MOST_WORKERS:
            raise Refused(grpc.StatusCode.RESOURCE_EXHAUSTED, "the job has had too many workers")
        number = self._numbers.setdefault(worker, len(self._numbers) + 1)
        welcome = pb.Welcome(
            number=number,
            heartbeat_seconds=self.settings.heartbeat_seconds,
            rendezvous=self._rendezvous,
        )
        session.send(pb.ToWorker(welcome=welcome))
        seconds_left = hello.seconds_left if hello.HasField("seconds_left") else None
        if worker not in self._present:
            self._present.add(worker)
            launch = None if journals else self._schedule.launched_at
            seconds = None if launch is None else self._now() - launch
            self._observe(
                seen.WorkerJoined(worker, number, self.backend.name, seconds, seconds_left)
            )
        held = self._machines.compared(worker, journals)
        self._tell(e.WorkerJoined(worker, held, seconds_left))
        self._machines.resume(worker, [one.attempt for one in held])

    def _received(self, session: Session, message: pb.FromWorker) -> None:
        if self._sessions.get(session.worker) is not session:
            return
        try:
            self._handle(session, message)
        except WireError as error:
            session.abandon(f"it sends what makes no sense: {error}")

    def _handle(self, session: Session, message: pb.FromWorker) -> None:
        match message.WhichOneof("body"):
            case "reply":
                attempt = attempt_from_wire(message.reply.attempt)
                replied = reply_from_wire(message.reply)
                if self._schedule.holder(attempt) == session.worker:
                    self._machines.replied(attempt, replied)
                else:
                    self._forget(session.worker, attempt)
            case "heartbeat":
                if message.heartbeat.HasField("seconds_left"):
                    self._time_left(session.worker, message.heartbeat.seconds_left)
            case "progress":
                attempt = attempt_from_wire(message.progress.attempt)
                if self._schedule.holder(attempt) == session.worker:
                    self._machines.progress(attempt, message.progress.id, message.progress.line)
            case "goodbye":
                _log.info("%s: %s left: %s", self.job, session.worker, message.goodbye.reason)
                self._tell(e.WorkerLeaving(session.worker))
                session.close()
            case _:
                raise WireError("a Hello comes first and once, other messages are unknown")

    def _time_left(self, worker: str, seconds: float) -> None:
        if seconds < self.settings.schedule.drain_seconds:
            self._tell(e.WorkerTime(worker, seconds))

    def _send(self, worker: str, message: pb.ToWorker) -> None:
        """To the worker if it is there; one that comes back later is told all it must know."""
        session = self._sessions.get(worker)
        if session is not None:
            session.send(message)

    def _forget(self, worker: str, attempt: Attempt) -> None:
        self._send(worker, pb.ToWorker(forget=pb.Forget(attempt=attempt_to_wire(attempt))))

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
            case d.JobDone():
                self._end(None)
            case d.JobFailed(message, task):
                self._end(_error(message, task))

    def _quit(self, worker: str, reason: str) -> None:
        self._send(worker, pb.ToWorker(quit=pb.Quit(reason=reason)))
        self._leave(worker, "quit", lost=False)

    def _lost(self, worker: str, reason: str) -> None:
        self._leave(worker, reason, lost=True)

    def _leave(self, worker: str, reason: str, *, lost: bool) -> None:
        session = self._sessions.pop(worker, None)
        if session is not None:
            session.close()
        if worker in self._present:
            self._present.discard(worker)
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

    def _end(self, error: JobFailed | None) -> None:
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
        task = asyncio.ensure_future(self._launch(count))
        self._starts.add(task)
        task.add_done_callback(self._starts.discard)

    async def _launch(self, count: int) -> None:
        assert self._invite is not None
        try:
            await self.backend.start(count, self._invite())
        except BackendError as error:
            _log.warning("%s: %d workers were not started: %s", self.job, count, error)
            self._tell(_unstarted(count, error))
        except Exception as error:  # a backend's own fault must not hang the job
            _log.exception("%s: %d workers were not started", self.job, count)
            self._tell(e.LaunchesFailed(count, repr(error)))

    def _exited(self, exit: WorkerExit) -> None:
        """The backend tells of a worker's end."""
        if exit.worker not in self._numbers:
            self._tell(e.LaunchesFailed(1, exit.message or exit.reason))
        else:
            self._tell(e.WorkerGone(exit.worker, exit.reason))

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
        sessions = list(self._sessions.values())
        self._sessions.clear()
        for session in sessions:
            if not self.detached:
                session.send(pb.ToWorker(quit=pb.Quit(reason="the job has ended")))
            session.close()
        for task in self._starts:
            task.cancel()
        waiting = [session.closed for session in sessions]
        if waiting:
            await asyncio.wait(waiting, timeout=self.settings.farewell_seconds)
        if not self.detached:
            await self.backend.stop()

    def _observe(self, event: Observation) -> None:
        try:
            self._observer.observe(event)
        except Exception:  # those who watch must not disturb what they watch
            _log.exception("%s: an observer failed at %s", self.job, event)


def _unstarted(count: int, error: BackendError) -> e.ScheduleEvent:
    if error.passing:
        return e.LaunchesPostponed(count)
    return e.LaunchesFailed(count, str(error), error.permanent)


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
