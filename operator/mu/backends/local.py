"""Workers as processes of this machine: no cluster, no cloud.

The invitation, which holds a key, is handed over on standard input. The pipe stays open for as long
as the coordinator lives, and a worker asks the kernel to be told of its parent's death
(PR_SET_PDEATHSIG), so that no process outlives the coordinator, even if that is killed. Each worker
leads a process group of its own, which is ended with it.

Ends of processes are reported at once.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
import uuid
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

from mu.backend import Report, WorkerExit
from mu.errors import BackendError
from mu.invitation import Invitation

COMMAND: Final = (sys.executable, "-m", "excamera_worker", "--invitation", "-")
TERMINATE_SECONDS: Final = 10.0
KEPT_LINES: Final = 20
LINE_LIMIT: Final = 1 << 20

Log = Callable[[str, str], None]
"""Takes a worker's name and a line that it wrote."""

_log = logging.getLogger(__name__)


def processors() -> int:
    """How many workers to have by default: one for each core that this process may use."""
    return len(os.sched_getaffinity(0))


@dataclass(slots=True, eq=False)
class _Process:
    worker: str
    process: asyncio.subprocess.Process
    lines: deque[str] = field(default_factory=lambda: deque(maxlen=KEPT_LINES))
    watch: asyncio.Task[None] | None = None


class LocalBackend:
    """command: the worker, which reads its invitation from standard input. environment: instead of
    this process's own. log: takes what workers write; by default the module's logger."""

    name = "local"

    def __init__(
        self,
        command: Sequence[str] = COMMAND,
        *,
        environment: Mapping[str, str] | None = None,
        log: Log | None = None,
    ) -> None:
        self._command = tuple(command)
        self._environment = environment
        self._log = log or (lambda worker, line: _log.info("%s: %s", worker, line))
        self._report: Report = lambda _: None
        self._processes: dict[str, _Process] = {}
        self._stopping = False

    @property
    def pids(self) -> Mapping[str, int]:
        """Those that run, by worker."""
        return {name: one.process.pid for name, one in self._processes.items()}

    def watch(self, report: Report) -> None:
        self._report = report

    async def start(self, count: int, invitation: Invitation) -> None:
        for _ in range(count):
            if self._stopping:
                return
            await self._start_one(invitation.named(f"local-{uuid.uuid4().hex[:12]}"))

    async def stop(self) -> None:
        """Asks all to end, and kills those that have not soon after."""
        self._stopping = True
        left = list(self._processes.values())
        for one in left:
            _signal_group(one.process, signal.SIGTERM)
            _signal_group(one.process, signal.SIGCONT)  # one that is stopped would not hear it
        watches = [one.watch for one in left if one.watch is not None]
        if watches:
            _, late = await asyncio.wait(watches, timeout=TERMINATE_SECONDS)
            for one in left:
                if one.watch in late:
                    _signal_group(one.process, signal.SIGKILL)
            await asyncio.wait(watches)

    async def _start_one(self, invitation: Invitation) -> None:
        try:
            process = await asyncio.create_subprocess_exec(
                *self._command,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.PIPE,
                env=self._environment,
                start_new_session=True,
                limit=LINE_LIMIT,
            )
        except OSError as error:
            raise BackendError(
                f"cannot start {self._command[0]}: {error.strerror or error}",
                permanent=isinstance(error, FileNotFoundError | PermissionError),
            ) from error
        one = _Process(invitation.worker, process)
        self._processes[one.worker] = one
        one.watch = asyncio.ensure_future(self._watch(one))
        assert process.stdin is not None
        process.stdin.write(invitation.to_json().encode() + b"\n")

    async def _watch(self, one: _Process) -> None:
        """Until the process has ended; then its group is, too."""
        reading = asyncio.ensure_future(self._read(one))
        status = await one.process.wait()
        _signal_group(one.process, signal.SIGKILL)
        del self._processes[one.worker]
        await asyncio.wait([reading], timeout=1.0)
        reading.cancel()
        if one.process.stdin is not None:
            one.process.stdin.close()
        if not self._stopping:
            self._report(_exit(one, status))

    async def _read(self, one: _Process) -> None:
        assert one.process.stderr is not None
        while True:
            try:
                line = await one.process.stderr.readline()
            except ValueError:  # longer than the limit; what was read is dropped
                continue
            if not line:
                return
            text = line.decode(errors="replace").rstrip()
            one.lines.append(text)
            self._log(one.worker, text)


def _exit(one: _Process, status: int) -> WorkerExit:
    how = f"exit status {status}" if status >= 0 else f"signal {-status}"
    last = next((line for line in reversed(one.lines) if line.strip()), "")
    message = f"a worker process ended ({how}): {last}" if last else f"a worker ended ({how})"
    return WorkerExit(one.worker, "exited" if status >= 0 else "killed", message)


def _signal_group(process: asyncio.subprocess.Process, number: signal.Signals) -> None:
    """To the process and all that it has started and that has not gone its own way."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, number)
