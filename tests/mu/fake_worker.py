"""Workers in this process, over real gRPC with TLS, and a backend that starts them.

They keep journals and reconnect as real workers do, and carry commands out in a make-believe world
of mailboxes. `Scene.before` is asked before each command, and may make something go wrong.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import grpc

from excamera_proto import PROTOCOL_VERSION, channels, mu_pb2_grpc
from excamera_proto import mu_pb2 as pb
from excamera_proto.credentials import COORDINATOR
from mu.backend import Report, WorkerExit
from mu.commands import Command, Echo, Ran, Receive, Reply, Run, Send, Transferred, Value
from mu.invitation import Invitation
from mu.task import Attempt
from mu.wire import attempt_from_wire, command_from_wire, reply_to_wire

Before = Callable[["FakeWorker", Attempt, Command], Awaitable[None]]

# As real workers have it.
PATIENCE_SECONDS = 20.0
REFUSALS = frozenset(
    {
        grpc.StatusCode.UNAUTHENTICATED,
        grpc.StatusCode.PERMISSION_DENIED,
        grpc.StatusCode.FAILED_PRECONDITION,
        grpc.StatusCode.INVALID_ARGUMENT,
    }
)


async def _nothing(worker, attempt, command) -> None:
    return None


@dataclass
class Scene:
    """What fake workers share. executed: how often each task's command was carried out. at_work:
    how many commands are under way that do not wait for a message. grants: all that calls came
    with. programs: see Hello."""

    before: Before = _nothing
    answers: dict[str, Reply] = field(default_factory=dict)
    mailboxes: dict[tuple[str, str], asyncio.Event] = field(default_factory=dict)
    executed: Counter[tuple[str, Command]] = field(default_factory=Counter)
    at_work: int = 0
    grants: list[pb.Grant] = field(default_factory=list)
    programs: tuple[str, ...] = ()
    protocol: int = PROTOCOL_VERSION

    def mailbox(self, recipient: str, name: str) -> asyncio.Event:
        return self.mailboxes.setdefault((recipient, name), asyncio.Event())

    async def carry_out(self, worker: FakeWorker, attempt: Attempt, command: Command) -> Reply:
        self.at_work += 1
        try:
            return await self._carried_out(worker, attempt, command)
        finally:
            self.at_work -= 1

    async def _carried_out(self, worker: FakeWorker, attempt: Attempt, command: Command) -> Reply:
        await self.before(worker, attempt, command)
        self.executed[attempt.task, command] += 1
        match command:
            case Echo(text):
                return Value(text)
            case Run(argv):
                return self.answers.get(argv[0], Ran(0, stdout=" ".join(argv)))
            case Send(_, recipient, name):
                self.mailbox(recipient, name).set()
            case Receive(recipient, name):
                await self._receive(self.mailbox(recipient, name))
        return Transferred(1, "00")

    async def _receive(self, mailbox: asyncio.Event) -> None:
        while not mailbox.is_set():
            self.at_work -= 1
            try:
                await mailbox.wait()
            finally:
                self.at_work += 1


def _cancelled() -> bool:
    """Whether this task is to end; a stream that is cancelled raises the same, and means itself."""
    current = asyncio.current_task()
    return current is not None and current.cancelling() > 0


class FakeWorker:
    """Dials until it is told to quit, or killed."""

    def __init__(self, invitation: Invitation, scene: Scene, name: str, **hello: Any) -> None:
        self.invitation = invitation
        self.scene = scene
        self.name = name
        self.hello_fields = hello
        self.journal: dict[Attempt, dict[int, pb.Reply]] = {}
        self.running: dict[tuple[Attempt, int], asyncio.Task[None]] = {}
        self.quit: str | None = None
        self.connections = 0
        self.rejections: list[grpc.aio.AioRpcError] = []
        self.error: grpc.aio.AioRpcError | None = None
        self.awake = asyncio.Event()
        self.awake.set()
        self._writing = asyncio.Lock()
        self._stream: grpc.aio.StreamStreamCall | None = None
        self._introduced = False
        self.life = asyncio.ensure_future(self._live())

    def drop_stream(self) -> None:
        """The connection breaks; the worker goes on and dials again."""
        if self._stream is not None:
            self._stream.cancel()

    def freeze(self) -> None:
        """As by SIGSTOP: neither heartbeats nor a new connection, until `awake` is set."""
        self.awake.clear()

    def kill(self) -> None:
        self.life.cancel()

    async def _live(self) -> None:
        try:
            while self.quit is None and self.error is None:
                with suppress(asyncio.CancelledError):
                    await asyncio.shield(asyncio.ensure_future(self._connect()))
                    await asyncio.sleep(0.02)
                    continue
                if _cancelled():
                    raise asyncio.CancelledError
        finally:
            self.drop_stream()
            for task in self.running.values():
                task.cancel()

    async def _connect(self) -> None:
        await self.awake.wait()
        invitation = self.invitation
        async with channels.channel(
            invitation.credential, invitation.coordinator, COORDINATOR
        ) as channel:
            self._stream = mu_pb2_grpc.CoordinatorStub(channel).Work()
            pulse = asyncio.ensure_future(self._beat())
            try:
                await self._talk(self._stream)
            except grpc.aio.AioRpcError as error:
                self.rejections.append(error)
                if error.code() in REFUSALS:
                    self.error = error
            except (asyncio.CancelledError, asyncio.InvalidStateError, TimeoutError):
                pass
            finally:
                pulse.cancel()
                self._stream, self._introduced = None, False

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(0.1)
            if self.awake.is_set():
                await self._write(pb.FromWorker(heartbeat=pb.Heartbeat()))

    async def _talk(self, stream) -> None:
        async with self._writing:
            await stream.write(pb.FromWorker(hello=self._hello()))
            self._introduced = True  # whatever else has waited for the lock comes after the Hello
        async with asyncio.timeout(PATIENCE_SECONDS):
            message = await stream.read()
        self.connections += 1
        while isinstance(message, pb.ToWorker):
            match message.WhichOneof("body"):
                case "call":
                    self._call(message.call)
                case "cancel":
                    key = (attempt_from_wire(message.cancel.attempt), message.cancel.id)
                    if key in self.running:
                        self.running.pop(key).cancel()
                case "forget":
                    self._forget(attempt_from_wire(message.forget.attempt))
                case "quit":
                    self.quit = message.quit.reason
                    return
            message = await stream.read()

    def _hello(self) -> pb.Hello:
        fields: dict[str, Any] = {
            "protocol": self.scene.protocol,
            "job": self.invitation.job,
            "worker": self.name,
            "backend": self.invitation.backend,
            "instance": "first",
            "programs": self.scene.programs,
            **self.hello_fields,
        }
        journals = [
            pb.Journal(
                attempt=pb.Attempt(task=attempt.task, number=attempt.number),
                replies=replies.values(),
            )
            for attempt, replies in self.journal.items()
        ]
        return pb.Hello(**fields, journals=journals)

    def _forget(self, attempt: Attempt) -> None:
        self.journal.pop(attempt, None)
        for key in [key for key in self.running if key[0] == attempt]:
            self.running.pop(key).cancel()

    def _call(self, call: pb.Call) -> None:
        attempt = attempt_from_wire(call.attempt)
        replies = self.journal.setdefault(attempt, {})
        if call.id in replies:
            again = self._write(pb.FromWorker(reply=replies[call.id]))
            self.running[attempt, call.id] = asyncio.ensure_future(again)
        elif (attempt, call.id) not in self.running:
            self.scene.grants.extend(call.grants)
            command = command_from_wire(call.command)
            task = asyncio.ensure_future(self._obey(attempt, call.id, command))
            self.running[attempt, call.id] = task

    async def _obey(self, attempt: Attempt, call: int, command: Command) -> None:
        reply = await self.scene.carry_out(self, attempt, command)
        self.running.pop((attempt, call), None)
        if attempt in self.journal:
            message = reply_to_wire(attempt, call, reply)
            self.journal[attempt][call] = message
            await self._write(pb.FromWorker(reply=message))

    async def _write(self, message: pb.FromWorker) -> None:
        try:
            async with self._writing:
                if self._stream is not None and self._introduced:
                    await self._stream.write(message)
        except (grpc.aio.AioRpcError, asyncio.InvalidStateError):
            pass
        except asyncio.CancelledError:
            if _cancelled():
                raise


class FakeBackend:
    """Starts fake workers; `kill` is noticed by their coordinator when `reports`."""

    name = "fake"

    def __init__(self, scene: Scene, *, reports: bool = True) -> None:
        self.scene = scene
        self.reports = reports
        self.workers: list[FakeWorker] = []
        self.stopped = False
        self._report: Report = lambda _: None

    def watch(self, report: Report) -> None:
        self._report = report

    async def start(self, count: int, invitation: Invitation) -> None:
        for _ in range(count):
            name = f"fake-{len(self.workers)}"
            self.workers.append(FakeWorker(invitation.named(name), self.scene, name))

    def kill(self, worker: FakeWorker) -> None:
        worker.kill()
        if self.reports:
            self._report(WorkerExit(worker.name, "killed", "killed by a test"))

    def regret(self, worker: FakeWorker) -> None:
        """Tells that nothing has come of the worker's launch, which is a mistake."""
        self._report(WorkerExit(worker.name, "refused", "no answer", in_vain=True))

    async def stop(self) -> None:
        self.stopped = True
        told = [worker.life for worker in self.workers if worker.connections]
        if told:
            await asyncio.wait(told, timeout=1.0)  # those that are told to quit do so
        for worker in self.workers:
            worker.kill()
        await asyncio.gather(*(worker.life for worker in self.workers), return_exceptions=True)
