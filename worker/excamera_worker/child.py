"""One child process: a session of its own, limits, and an end that leaves nothing behind.

The program leads its own process group. When it has ended, however, whatever is left of the group
is killed *before* the leader is reaped: until then the leader's number cannot belong to anybody
else. If the worker is killed, the kernel kills the program (see `launch`). A program that
puts its own children into other sessions can escape this; those of our image do not.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from excamera_worker import launch
from excamera_worker.running import Ended
from excamera_worker.threads import in_thread

_KIBI: Final = 1024


class Child:
    """See `Running`. Must be made in the thread that lives as long as the worker does.

    That is the event loop's: the kernel sends the death signal when the *thread* that forked ends.
    """

    def __init__(
        self,
        argv: Sequence[str],
        folder: Path,
        environment: Mapping[str, str],
        *,
        stdin: int = subprocess.DEVNULL,
        stdout: int = subprocess.PIPE,
        stderr: int = subprocess.PIPE,
        memory_bytes: int = 0,
    ) -> None:
        """OSError if it cannot be started."""
        self._process = subprocess.Popen(
            launch.prepared(argv, memory_bytes),
            cwd=folder,
            env=environment,
            stdin=stdin,
            stdout=stdout,
            stderr=stderr,
            start_new_session=True,
        )
        self.outputs = tuple(pipe for pipe in (self._process.stdout, self._process.stderr) if pipe)
        self._reaped = asyncio.ensure_future(self._reap())

    @property
    def pid(self) -> int:
        return self._process.pid

    async def wait(self) -> Ended:
        return await asyncio.shield(self._reaped)

    def kill(self) -> None:
        if not self._reaped.done():
            self._kill_group()

    async def _reap(self) -> Ended:
        await in_thread(os.waitid, os.P_PID, self.pid, os.WEXITED | os.WNOWAIT)
        self._kill_group()
        return self._collect()

    def _collect(self) -> Ended:
        _, status, used = os.wait4(self.pid, 0)  # it is a zombie: this does not wait
        self._process.returncode = code = os.waitstatus_to_exitcode(status)
        return Ended(code, used.ru_utime, used.ru_stime, used.ru_maxrss * _KIBI)

    def _kill_group(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
