"""A resident: a program that stays, and carries out one run after the other.

It is started as ``PROGRAM serve``, with a socket of packets (SOCK_SEQPACKET) as its standard input,
and gets for each run

    {"argv": [...], "folder": "...", "environment": {...}}

and two descriptors (SCM_RIGHTS), for standard output and error. In that folder, with that
environment and no other, it does what PROGRAM would do with these arguments, closes the descriptors
and answers

    [exit status, user seconds, system seconds, peak resident bytes]

of which the last three are of its whole life. It ends when the socket is closed.
"""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import IO, Final

from excamera_worker.child import Child
from excamera_worker.running import Ended

REQUEST_LIMIT: Final = 100_000
"""Bytes: what surely goes through a socket in one piece. Longer arguments are rare."""

_ANSWER_LIMIT: Final = 1000

Outputs = tuple[int, int]
"""Descriptors that a run writes its output and its errors to."""


@dataclass(frozen=True)
class Request:
    """Asks for a run. arguments: without the program's name."""

    arguments: Sequence[str]
    folder: Path
    environment: Mapping[str, str]

    @cached_property
    def message(self) -> bytes:
        """What is sent."""
        asked = {
            "argv": list(self.arguments),
            "folder": str(self.folder),
            "environment": dict(self.environment),
        }
        return json.dumps(asked).encode()


class Resident:
    """Its process, and the run that it carries out. To be made where a `Child` may be.

    A run that is killed takes it with it. One that fails may have left anything behind: then it is
    ended, and also when it has had nothing to do for `idle_seconds`.
    """

    def __init__(
        self,
        program: str,
        first: Request,
        outputs: Outputs,
        *,
        memory_bytes: int,
        idle_seconds: float,
    ) -> None:
        """With its first run. What keeps it from starting is said in that run's outputs. OSError if
        there can be no process."""
        self.memory_bytes = memory_bytes
        self._idle_seconds = idle_seconds
        self._socket, its_own = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._socket.setblocking(False)
        with its_own, ExitStack() as on_failure:
            on_failure.callback(self._socket.close)
            socket.send_fds(self._socket, [first.message], outputs)
            self._child = Child(
                (program, "serve"),
                first.folder,
                first.environment,
                stdin=its_own.fileno(),
                stdout=outputs[0],
                stderr=outputs[1],
                memory_bytes=memory_bytes,
            )
            on_failure.pop_all()
        self._used = Ended(0, 0.0, 0.0, 0)
        self._over = False
        self._idle: asyncio.TimerHandle | None = None
        self._run = asyncio.ensure_future(self._follow())

    @property
    def busy(self) -> bool:
        return not self._run.done()

    @property
    def last_run(self) -> asyncio.Future[Ended]:
        """How it ended, once it has."""
        return self._run

    def begin(self, asked: Request, outputs: Outputs) -> bool:
        """Its next run, once the last has ended. False if it has ended itself, or is about to."""
        if self._over:
            return False
        try:
            socket.send_fds(self._socket, [asked.message], outputs)
        except OSError:
            return False
        self._stay()
        self._run = asyncio.ensure_future(self._follow())
        return True

    def kill(self) -> None:
        """End it, with what it does; nothing happens if it has ended."""
        self._over = True
        self._child.kill()

    async def gone(self) -> None:
        """Until it has ended and nothing of it is left."""
        await self._child.wait()
        self._over = True
        await self._run
        self._stay()
        self._socket.close()

    async def _follow(self) -> Ended:
        """The run: until there is an answer, or the process has ended without one."""
        try:
            answer = await asyncio.get_running_loop().sock_recv(self._socket, _ANSWER_LIMIT)
        except OSError:
            answer = b""
        total = _told(answer)
        if total is None or total.exit_status != 0:
            self._over = True
            if answer:
                self._child.kill()
        else:
            self._idle = asyncio.get_running_loop().call_later(self._idle_seconds, self.kill)
        total = total or await self._child.wait()
        before, self._used = self._used, total
        return replace(
            total,
            user_seconds=total.user_seconds - before.user_seconds,
            system_seconds=total.system_seconds - before.system_seconds,
        )

    def _stay(self) -> None:
        if self._idle is not None:
            self._idle.cancel()
            self._idle = None


class RunOfResident:
    """The run that a resident has begun last. See `Running`. Once it has ended it has nothing more
    to do with the resident, which may be busy with the next before anybody has heard of this end.
    """

    def __init__(self, resident: Resident, outputs: tuple[IO[bytes], ...]) -> None:
        self.outputs = outputs
        self._resident = resident
        self._run = resident.last_run

    async def wait(self) -> Ended:
        return await asyncio.shield(self._run)

    def kill(self) -> None:
        if not self._run.done():
            self._resident.kill()


def _told(answer: bytes) -> Ended | None:
    try:
        status, user, system, peak = json.loads(answer)
        return Ended(int(status), float(user), float(system), int(peak))
    except (ValueError, TypeError, RecursionError):
        return None
