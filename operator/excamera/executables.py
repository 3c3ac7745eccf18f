"""Runs an executable of the worker's image beside the coordinator.

Media files come from strangers. What reads them runs in a process of its own, so that the worst of
them ends that process and not the coordinator.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from excamera.errors import JobError, of_executable
from mu.plain import plain

KEPT_LINES = 50
KILL_AFTER_SECONDS = 5.0
LINE_LIMIT = 16 * 1024

LineCallback = Callable[[str], None]


async def run(
    argv: Sequence[str],
    on_line: LineCallback = lambda _: None,
    environment: Mapping[str, str] | None = None,
) -> None:
    """Runs `argv` to its end, handing each line of its standard error to `on_line`.

    environment: instead of this process's own.
    Raises the JobError that its exit status stands for. Cancellation ends the process.
    """
    process = await asyncio.create_subprocess_exec(
        *_dying_with_us(),
        resolve(argv[0]),
        *argv[1:],
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
        env=environment,
        start_new_session=True,
    )
    try:
        kept = await _read_lines(process, on_line)
        status = await process.wait()
    finally:
        await _end(process)
    if status != 0:
        raise of_executable(argv[0], status, "\n".join(kept))


def resolve(name: str) -> str:
    """The path of the executable: of our own installation where that has one, else of PATH's.

    Raises JobError."""
    beside = str(Path(sys.executable).parent)
    found = shutil.which(name, path=os.pathsep.join([beside, os.environ.get("PATH", os.defpath)]))
    if found is None:
        raise JobError(f"the executable {name} is not installed; `make setup` installs it")
    return found


async def _read_lines(process: asyncio.subprocess.Process, on_line: LineCallback) -> deque[str]:
    """The last lines. What reads a stranger's file may write anything, and lines of any length."""
    assert process.stderr is not None
    kept: deque[str] = deque(maxlen=KEPT_LINES)
    rest = b""
    while piece := await process.stderr.read(LINE_LIMIT):
        *lines, rest = (rest + piece).split(b"\n")
        for line in (*lines, *([rest] if len(rest) > LINE_LIMIT else [])):
            _keep(line, kept, on_line)
        rest = rest if len(rest) <= LINE_LIMIT else b""
    if rest:
        _keep(rest, kept, on_line)
    return kept


def _keep(line: bytes, kept: deque[str], on_line: LineCallback) -> None:
    text = plain(line.decode(errors="replace").rstrip(), LINE_LIMIT)
    kept.append(text)
    on_line(text)


def _dying_with_us() -> Sequence[str]:
    """What makes a program end when this process is killed, where util-linux is installed."""
    found = shutil.which("setpriv")
    return (found, "--pdeathsig", "KILL", "--") if found else ()


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is not None:
        return
    process.terminate()
    try:
        await asyncio.wait_for(process.wait(), KILL_AFTER_SECONDS)
    except TimeoutError:
        process.kill()
        await process.wait()
