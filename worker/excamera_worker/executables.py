"""Run: an executable of the worker's image, bounded in time, memory and output.

Executables have bare names out of a short list, and are looked for on the worker's search path
only: whoever speaks for the coordinator gets no shell of the image's. Arguments are a list that no
shell sees. What they mean, file names included, is between the pipeline and the program.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
import re
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, Final

from excamera_proto import mu_pb2
from excamera_worker import memory
from excamera_worker.child import Child
from excamera_worker.environment import child_environment
from excamera_worker.failures import CommandFailed, invalid
from excamera_worker.running import Ended, Running, Start
from excamera_worker.scratch import Folder
from excamera_worker.settings import Settings
from excamera_worker.tail import Lines, RateLimit, Tail

Progress = Callable[[str], None]

_BARE_NAME: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+-]*")
_BLOCK: Final = 64 * 1024
_LAST_OUTPUT_SECONDS: Final = 5.0
"""How long to wait for output once the program and its group are gone."""


async def run(
    command: mu_pb2.Run,
    folder: Folder,
    settings: Settings,
    progress: Progress,
    variables: Mapping[str, str],
    start: Start = Child,
) -> mu_pb2.Ran:
    """What became of the program, which sees `variables` as well as what every program sees.

    CommandFailed if it could not be run to its own end.
    """
    argv = [find(command.argv, settings), *command.argv[1:]]
    timeout = _timeout(command.timeout_seconds)
    passed_on = child_environment(settings.environment, settings.search_path, folder.path)
    environment = {**passed_on, **variables}
    kills_before = memory.oom_kills()
    with _stdout(command.stdout_file, folder) as stdout:
        child = start(
            argv, folder.path, environment, stdout=stdout, memory_bytes=command.memory_bytes
        )
    watch = _Watch(child, settings, progress)
    try:
        async with asyncio.timeout(timeout):
            ended = await child.wait()
    except TimeoutError:
        raise CommandFailed(
            mu_pb2.Failure.TIMED_OUT,
            f"{command.argv[0]} was ended after {timeout:g} s{watch.last_words()}",
        ) from None
    finally:
        child.kill()
        await child.wait()
        await watch.end()
    if reason := memory.shortage(
        ended.exit_status,
        limited=bool(command.memory_bytes),
        stderr=watch.stderr.text(),
        oom_killed=memory.oom_kills() > kills_before,
    ):
        raise CommandFailed(mu_pb2.Failure.OUT_OF_MEMORY, f"{command.argv[0]} {reason}")
    return _ran(ended, watch)


def find(argv: Sequence[str], settings: Settings) -> str:
    """The path of the executable that `argv` names."""
    name = argv[0] if argv else ""
    if not _BARE_NAME.fullmatch(name):
        raise invalid(f"{name[:100]!r} cannot be run: name an executable of the worker's image")
    if any("\0" in argument for argument in argv):
        raise invalid(f"an argument of {name} holds a NUL character")
    if name not in settings.executables:
        allowed = ", ".join(sorted(settings.executables))
        raise invalid(f"{name[:100]} may not be run by this worker, only {allowed}")
    path = shutil.which(name, path=settings.search_path)
    if path is None:
        raise CommandFailed.not_found(f"there is no executable {name!r} on this worker")
    return path


class _Watch:
    """Reads both outputs of a child, keeps their ends, and passes lines of standard error on."""

    def __init__(self, child: Running, settings: Settings, progress: Progress) -> None:
        self.stdout = Tail(settings.output_tail)
        self.stderr = Tail(settings.output_tail)
        self._progress = progress
        self._rate = RateLimit(settings.progress_burst, settings.progress_per_second)
        *stdout, stderr = child.outputs
        self._readers = [asyncio.ensure_future(self._read_stderr(stderr))]
        self._readers += [asyncio.ensure_future(_read(pipe, self.stdout.add)) for pipe in stdout]

    async def end(self) -> None:
        """Wait for what is still in the pipes, though not for ever."""
        await asyncio.wait(self._readers, timeout=_LAST_OUTPUT_SECONDS)
        for reader in self._readers:
            reader.cancel()
        await asyncio.gather(*self._readers, return_exceptions=True)

    def last_words(self) -> str:
        lines = self.stderr.text().strip().splitlines()
        return f"; its last words: {lines[-1][:500]}" if lines else ""

    async def _read_stderr(self, pipe: IO[bytes]) -> None:
        lines = Lines()

        def add(data: bytes) -> None:
            self.stderr.add(data)
            self._pass_on(lines.add(data))

        await _read(pipe, add)
        self._pass_on(lines.end())

    def _pass_on(self, lines: list[str]) -> None:
        for line in lines:
            if self._rate.allows(time.monotonic()):
                self._progress(line)


async def _read(pipe: IO[bytes], add: Callable[[bytes], None]) -> None:
    reader = asyncio.StreamReader(limit=_BLOCK)
    transport, _ = await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), pipe
    )
    with contextlib.closing(transport):
        while data := await reader.read(_BLOCK):
            add(data)


@contextlib.contextmanager
def _stdout(name: str, folder: Folder) -> Iterator[int]:
    if not name:
        yield subprocess.PIPE
        return
    path: Path = folder.file(name)
    with open(path, "wb") as file:
        yield file.fileno()


def _timeout(seconds: float) -> float:
    if not (seconds > 0 and math.isfinite(seconds)):
        raise invalid(f"a program cannot be given {seconds:g} s: bound its time")
    return seconds


def _ran(ended: Ended, watch: _Watch) -> mu_pb2.Ran:
    return mu_pb2.Ran(
        exit_status=ended.exit_status,
        stdout=watch.stdout.text(),
        stderr=watch.stderr.text(),
        user_seconds=ended.user_seconds,
        system_seconds=ended.system_seconds,
        peak_memory_bytes=ended.peak_memory_bytes,
    )
