"""Everything that one job needs, in processes of its own, and within reach of whoever disturbs it.

coordinator  in this process, so that a fault hits exactly when a machine enters a state; or in a
             process of its own, where the coordinator is what is killed
workers      processes; each dials through `to_coordinator` and `to_rendezvous`
rendezvous   a process
store        a folder; or an S3 server behind `store`, where that is what fails
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
import uuid
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from signal import Signals
from types import TracebackType
from typing import Any, Self

from excamera.errors import JobError
from excamera_proto.credentials import RENDEZVOUS, Authority, Credential
from excamera_worker.scratch import PREFIX, remove_stale
from mu import observer as seen
from tests.chaos import coordinator, processes
from tests.chaos.coordinator import NAME, Commission, Coordinator
from tests.chaos.places import FolderPlace, Place
from tests.chaos.relay import Relay
from tests.chaos.tally import Seen, Tally
from tests.chaos.wire import Wire
from tests.store.servers import free_port


@dataclass(frozen=True)
class Ended:
    """How a job ended: its exit status, and the last thing that it said. attempts_lost: that it
    tells of itself, where nobody observes it."""

    status: int
    message: str
    seconds: float
    attempts_lost: int = 0


@dataclass(frozen=True)
class Set:
    """How the stage is set. changes: to the Commission. relay: stands between workers and
    coordinator and handles single messages. place: where source, chunks and output are. within: a
    command in whose surroundings all of the job's processes run, without wires between them.
    prepare: called before anything is started; further changes to the Commission."""

    changes: dict[str, Any] = field(default_factory=dict)
    relay: Callable[[], Relay] | None = None
    place: type[Place] = FolderPlace
    within: Callable[[World], Sequence[str]] = lambda world: ()
    prepare: Callable[[World], dict[str, Any]] = lambda world: {}


class World:
    """A context; `run` does the job once. injected: when it was disturbed first (monotonic).
    killed: how many processes cannot have cleaned up behind themselves, at most."""

    def __init__(self, folder: Path, clip: Path, scene: Set) -> None:
        self.folder = folder
        self.tally = Tally()
        self.mark = uuid.uuid4().hex
        self.injected: float | None = None
        self.killed = 0
        self.authority = Authority.create("chaos")
        self.relay: Relay | None = None
        self.coordinator: Coordinator | None = None
        self.place = scene.place(clip)
        self.surroundings: dict[str, str] = {}
        self._within: Sequence[str] = ()
        self._scene = scene
        self._stack = AsyncExitStack()
        self.rendezvous_host = "127.0.0.1"
        self.rendezvous_name = ""
        self._rendezvous_port = free_port()
        self._rendezvous: asyncio.subprocess.Process | None = None
        self._others: list[asyncio.subprocess.Process] = []
        self._began = time.monotonic()

    async def __aenter__(self) -> Self:
        for name in ("tmp", "spill"):
            (self.folder / name).mkdir(parents=True)
        self._write("authority", self.authority.certificate_pem, self.authority.key_pem)
        self._within = self._scene.within(self)
        prepared = self._scene.prepare(self)
        listen = f"127.0.0.1:{free_port()}"
        self.to_rendezvous = await self._stack.enter_async_context(Wire(self._own_rendezvous))
        self.to_coordinator = await self._stack.enter_async_context(Wire(listen))
        await self.start_rendezvous()
        await self._stack.enter_async_context(self.place.at(self.folder))
        if self._scene.relay:
            self.relay = self._scene.relay()
            await self._stack.enter_async_context(self.relay.between(self.authority, listen))
            self.to_coordinator.target = self.relay.address
        self.commission = Commission(
            folder=str(self.folder),
            source=self.place.source,
            output=self.place.output,
            work=self.place.work,
            listen=listen,
            advertised=listen if self._within else self.to_coordinator.address,
            rendezvous=self._rendezvous_for_workers,
            environment=self.environment,
            store=self.place.variables,
        )
        self.change(**self._scene.changes, **prepared)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for process in [*self._others, *([self._rendezvous] if self._rendezvous else [])]:
            if process.returncode is None:
                process.kill()
            await process.wait()
        await self._stack.aclose()

    @property
    def environment(self) -> dict[str, str]:
        """Of workers, and of what else is started for the job: without rights in the store."""
        own = {processes.MARK: self.mark, "TMPDIR": str(self.folder / "tmp")}
        return os.environ | own | self.surroundings

    def finally_do(self, undo: Callable[[], object]) -> None:
        """At the end, whatever happens."""
        self._stack.callback(undo)

    def change(self, **changes: Any) -> None:
        """Of what coordinators that are yet to be started are told."""
        self.commission = replace(self.commission, **changes)

    # The job

    async def run(self) -> Ended:
        """The whole job, with the coordinator in this process."""
        self._began = time.monotonic()
        self.coordinator = Coordinator(self.commission, self.tally.see)
        try:
            await self.coordinator.encode()
        except JobError as error:
            return self._ended(error.exit_status, str(error))
        return self._ended(0, "")

    async def start_coordinator(self) -> asyncio.subprocess.Process:
        """A coordinator in a process of its own."""
        path = self.folder / "commission.json"
        coordinator.write(self.commission, path)
        process = await self.start(sys.executable, "-m", "tests.chaos.coordinator", str(path))
        reading = asyncio.ensure_future(self._read(process))
        self._stack.callback(reading.cancel)
        return process

    async def wait(self, process: asyncio.subprocess.Process) -> Ended:
        """How the job ended, under the last of its coordinators."""
        assert process.stderr is not None
        said = (await process.stderr.read()).decode().strip().splitlines()
        status = await process.wait()
        return self._ended(status, said[-1] if said and status else "")

    async def start(self, *argv: str) -> asyncio.subprocess.Process:
        """A process of the job's."""
        process = await asyncio.create_subprocess_exec(
            *self._within,
            *argv,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=self.environment,
            limit=1 << 20,
        )
        self._others.append(process)
        return process

    def _ended(self, status: int, message: str) -> Ended:
        return Ended(status, message, time.monotonic() - self._began)

    async def _read(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout is not None
        async for line in process.stdout:
            self.tally.see(Seen.from_line(line.decode()))

    # Disturbing it

    def disturbed(self) -> None:
        """To be called at the moment of the first fault."""
        if self.injected is None:
            self.injected = time.monotonic()

    async def enters(self, state: str) -> Seen:
        """Some attempt has just entered the state."""
        return await self.tally.next(
            lambda event: event.kind == seen.StateEntered.__name__ and event.state == state
        )

    async def finished(self, count: int) -> None:
        """So many chunks are done."""
        while len(self.tally.chunks_done) < count:
            await self.tally.next(lambda event: event.kind == seen.TaskDone.__name__)

    def signal(self, worker: str, number: Signals) -> int:
        """To a worker of the coordinator in this process; its process's number."""
        assert self.coordinator is not None
        pid = self.coordinator.backend.pids[worker]
        self.disturbed()
        os.kill(pid, number)
        self.killed += number is Signals.SIGKILL
        return pid

    def kill(self, pids: list[int]) -> None:
        """Whatever they are."""
        self.disturbed()
        self.killed += len(processes.send(pids, Signals.SIGKILL))

    async def start_twin(self, worker: str) -> None:
        """Another process under the name of a worker, with a certificate as good as its."""
        assert self.coordinator is not None
        assert self.coordinator.server is not None
        invitation = self.coordinator.server.invitation(NAME, "local").named(worker)
        path = self.folder / "twin.json"
        path.write_text(invitation.to_json(), "utf-8")
        argv = ("-m", "excamera_worker", "--invitation", str(path))
        process = await self.start(sys.executable, *argv)
        assert process.stderr is not None
        draining = asyncio.ensure_future(process.stderr.read())
        self._stack.callback(draining.cancel)

    @property
    def workers(self) -> list[int]:
        """The processes of all workers."""
        return processes.marked(self.mark, "excamera_worker", "--invitation")

    # The rendezvous

    @property
    def _own_rendezvous(self) -> str:
        return f"{self.rendezvous_host}:{self._rendezvous_port}"

    @property
    def _rendezvous_for_workers(self) -> str:
        if self.rendezvous_name:
            return f"{self.rendezvous_name}:{self._rendezvous_port}"
        return self._own_rendezvous if self._within else self.to_rendezvous.address

    async def start_rendezvous(self) -> None:
        """Returns when it serves."""
        names = self._write_credential("rendezvous", self.authority.issue(RENDEZVOUS))
        options = zip(("--tls-cert", "--tls-key", "--tls-ca"), names, strict=True)
        self._rendezvous = process = await asyncio.create_subprocess_exec(
            *self._within,
            *(sys.executable, "-m", "excamera_rendezvous", "--listen", self._own_rendezvous),
            *("--spill-dir", str(self.folder / "spill")),
            *(word for option in options for word in option),
            stderr=asyncio.subprocess.PIPE,
            env=self.environment,
        )
        assert process.stderr is not None
        line = await process.stderr.readline()
        assert b"listening" in line, line
        draining = asyncio.ensure_future(process.stderr.read())
        self._stack.callback(draining.cancel)

    async def kill_rendezvous(self) -> None:
        assert self._rendezvous is not None
        self._rendezvous.kill()
        await self._rendezvous.wait()

    def signal_rendezvous(self, number: Signals) -> None:
        assert self._rendezvous is not None
        self._rendezvous.send_signal(number)

    async def move_rendezvous(self) -> None:
        """Another one, at another address."""
        self._rendezvous_port = free_port()
        await self.start_rendezvous()
        self.to_rendezvous = await self._stack.enter_async_context(Wire(self._own_rendezvous))
        self.change(rendezvous=self.to_rendezvous.address)

    # Afterwards

    def remains(self) -> list[str]:
        """What a job must not leave behind: processes, parts of objects, and scratch folders, but
        for those of workers that were killed, which are left to the next worker of this machine."""
        for process in [*self._others, *([self._rendezvous] if self._rendezvous else [])]:
            if process.returncode is None:
                process.kill()
        left = processes.left_over(self.mark) + self.place.half_written()
        if len(self._scratch) > self.killed:
            left += [f"{one} ({self.killed} were killed)" for one in self._scratch]
        remove_stale(self.folder / "tmp")
        return left + [f"{one}, which the next worker does not remove" for one in self._scratch]

    @property
    def _scratch(self) -> list[str]:
        return [path.name for path in (self.folder / "tmp").glob(PREFIX + "*")]

    def _write(self, name: str, certificate: bytes, key: bytes) -> None:
        (self.folder / f"{name}.pem").write_bytes(certificate)
        (self.folder / f"{name}-key.pem").write_bytes(key)

    def _write_credential(self, name: str, credential: Credential) -> list[str]:
        self._write(name, credential.certificate_pem, credential.key_pem)
        files = (f"{name}.pem", f"{name}-key.pem", "authority.pem")
        return [str(self.folder / file) for file in files]
