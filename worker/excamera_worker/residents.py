"""Which runs are carried out by residents, and how long these stay.

Some programs take longer to start than to do their work, and could go on where their last run left
off. A *resident* (see `resident`) does. To whoever asked for a run it makes no difference.

There is at most one resident of a program; while it is busy, further runs are by children. A run
that is killed takes its resident with it, and one that fails may have left anything behind, so the
resident is ended. It is ended as well when a run comes that has another limit of memory, when it
has had nothing to do for a while, and with the worker, which works for one job. The next run starts
another.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO

from excamera_worker.child import Child
from excamera_worker.resident import REQUEST_LIMIT, Outputs, Request, Resident, RunOfResident
from excamera_worker.running import Running
from excamera_worker.settings import Settings


class Residents:
    """Those of one worker, by the paths of their programs."""

    def __init__(self, settings: Settings) -> None:
        self._names = settings.residents
        self._idle_seconds = settings.resident_idle
        self._last: dict[str, Resident] = {}
        self._leaving: set[asyncio.Future[None]] = set()

    def start(
        self,
        argv: Sequence[str],
        folder: Path,
        environment: Mapping[str, str],
        *,
        stdout: int = subprocess.PIPE,
        memory_bytes: int = 0,
    ) -> Running:
        """By a resident where that can be, by a child otherwise. See `Start`."""
        program, last = argv[0], self._last.get(argv[0])
        asked = Request(argv[1:], folder, environment)
        stays = os.path.basename(program) in self._names and len(asked.message) <= REQUEST_LIMIT
        if not stays or (last is not None and last.busy):
            return Child(argv, folder, environment, stdout=stdout, memory_bytes=memory_bytes)
        with _pipes(stdout) as (written, read):
            fits = last is not None and last.memory_bytes == memory_bytes
            if last is None or not fits or not last.begin(asked, written):
                if last is not None:
                    last.kill()
                last = self._new(program, asked, written, memory_bytes)
        return RunOfResident(last, read)

    async def close(self) -> None:
        """End all of them, and return when they have ended."""
        for resident in self._last.values():
            resident.kill()
        await asyncio.gather(*self._leaving)

    def _new(self, program: str, first: Request, outputs: Outputs, memory_bytes: int) -> Resident:
        resident = Resident(
            program, first, outputs, memory_bytes=memory_bytes, idle_seconds=self._idle_seconds
        )
        self._last[program] = resident
        leaving = asyncio.ensure_future(resident.gone())
        self._leaving.add(leaving)
        leaving.add_done_callback(self._leaving.discard)
        return resident


@contextmanager
def _pipes(stdout: int) -> Iterator[tuple[Outputs, tuple[IO[bytes], ...]]]:
    """The ends of a run's outputs that are written to, open as long as this lasts, and those that
    are read from, where there is a pipe: see `Running.outputs`."""
    with ExitStack() as written, ExitStack() as read:
        ends: list[int] = []
        pipes: list[IO[bytes]] = []
        for end in (stdout, subprocess.PIPE):
            if end == subprocess.PIPE:
                source, end = os.pipe()
                written.callback(os.close, end)
                pipes.append(read.enter_context(open(source, "rb", buffering=0)))
            ends.append(end)
        yield (ends[0], ends[1]), tuple(pipes)
        read.pop_all()
