"""One child process: a session of its own, limits, and an end that leaves nothing behind.

The program leads its own process group. When it has ended, however, whatever is left of the group
is killed *before* the leader is reaped: until then the leader's number cannot belong to anybody
else. If the worker is killed, the kernel kills the program (PR_SET_PDEATHSIG). A program that
puts its own children into other sessions can escape this; those of our image do not.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import functools
import os
import resource
import signal
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from excamera_worker.threads import in_thread

_prctl: Final = ctypes.PyDLL(None).prctl
_PR_SET_PDEATHSIG: Final = 1
_KIBI: Final = 1024


@dataclass(frozen=True, slots=True)
class Ended:
    """How a program ended, and what it used.

    exit_status: negative when a signal ended it. peak_memory_bytes: resident.
    """

    exit_status: int
    user_seconds: float
    system_seconds: float
    peak_memory_bytes: int


class Child:
    """A running program. Must be made in the thread that lives as long as the worker does.

    That is the event loop's: the kernel sends the death signal when the *thread* that forked ends.
    """

    def __init__(
        self,
        argv: Sequence[str],
        folder: Path,
        environment: Mapping[str, str],
        *,
        stdout: int = subprocess.PIPE,
        memory_bytes: int = 0,
    ) -> None:
        """OSError if it cannot be started. Standard error is always a pipe."""
        self._process = subprocess.Popen(
            argv,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=subprocess.PIPE,
            start_new_session=True,
            preexec_fn=functools.partial(_in_child, os.getpid(), _address_space(memory_bytes)),
        )
        self.outputs = tuple(pipe for pipe in (self._process.stdout, self._process.stderr) if pipe)
        self._reaped = asyncio.ensure_future(self._reap())

    @property
    def pid(self) -> int:
        return self._process.pid

    async def wait(self) -> Ended:
        """How it ended. Cancelling stops the waiting, not the program."""
        return await asyncio.shield(self._reaped)

    def kill(self) -> None:
        """End the whole group now; nothing happens if it has ended."""
        if not self._reaped.done():
            self._kill_group()

    async def _reap(self) -> Ended:
        await in_thread(os.waitid, os.P_PID, self.pid, os.WEXITED | os.WNOWAIT)
        self._kill_group()
        _, status, used = os.wait4(self.pid, 0)
        self._process.returncode = os.waitstatus_to_exitcode(status)
        return Ended(self._process.returncode, used.ru_utime, used.ru_stime, used.ru_maxrss * _KIBI)

    def _kill_group(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)


def end_with_parent(parent: int, sent: signal.Signals) -> None:
    """Ask the kernel to send this process `sent` when its parent, the process `parent`, ends."""
    _prctl(_PR_SET_PDEATHSIG, int(sent))
    if os.getppid() != parent:  # it has ended already, and the signal will not come
        os.kill(os.getpid(), sent)


def _address_space(memory_bytes: int) -> int:
    """The limit to set, which may not be above the one that is in force."""
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    return memory_bytes if hard == resource.RLIM_INFINITY else min(memory_bytes, hard)


def _in_child(parent: int, memory_bytes: int) -> None:
    """Between fork and exec. Other threads' locks may be held for ever here: take none.

    Calls that are already bound, and no imports, no logging, no allocation to speak of.
    """
    end_with_parent(parent, signal.SIGKILL)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if memory_bytes:
        resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
