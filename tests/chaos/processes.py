"""The processes of a job, by the mark in their environment, and what may be done to them."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

# One that workers pass on to the programs that they run, and that none of these reads.
MARK = "CURL_CA_BUNDLE"


def marked(value: str, *words: str) -> list[int]:
    """Processes with the mark, in whose command line all of `words` occur."""
    wanted = f"{MARK}={value}".encode()
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if wanted in (entry / "environ").read_bytes().split(b"\0"):
                line = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
                if all(word in line for word in words):
                    found.append(int(entry.name))
    return sorted(found)


def children(pid: int) -> list[int]:
    """Of all its threads."""
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    with suppress(OSError):
        return [int(child) for task in tasks for child in task.read_text().split()]
    return []


def programs(pid: int) -> list[int]:
    """Executables of ours that a worker runs now. One that stays has nothing to do while it is in
    the root folder (`excamera_media.serve`)."""
    return [child for child in children(pid) if _is_ours(child) and not _is_idle(child)]


def _is_idle(pid: int) -> bool:
    with suppress(OSError):
        return os.readlink(f"/proc/{pid}/cwd") == "/"
    return False


def _is_ours(pid: int) -> bool:
    with suppress(OSError):
        arguments = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        return any(argument.endswith((b"/xc", b"/excamera-media")) for argument in arguments)
    return False


def tells_its_version(pid: int) -> bool:
    """Whether the program is asked only what it is, as each worker does before it works."""
    with suppress(OSError):
        return b"--version" in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    return False


def dies_with_its_worker(pid: int) -> bool:
    """Whether it has become what the worker runs, or is about to: what is stopped while it has yet
    to ask for its parent's death to be its own would outlive everybody."""
    with suppress(OSError):
        return b"setpriv" not in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")[0]
    return False


def is_stopped(pid: int) -> bool:
    """By SIGSTOP, and so not ended."""
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"
    return False


async def until(holds: Callable[[], object], every: float = 0.002) -> None:
    """Returns soon after it holds."""
    while not holds():  # noqa: ASYNC110 - processes tell nobody
        await asyncio.sleep(every)


def send(pids: list[int], number: signal.Signals) -> list[int]:
    """Those that were there to get it."""
    hit = []
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, number)
            hit.append(pid)
    return hit


def left_over(value: str, patience: float = 10.0) -> list[str]:
    """What still runs of a job that has ended, though it was given time to go."""
    until = time.monotonic() + patience
    while (pids := marked(value)) and time.monotonic() < until:
        time.sleep(0.05)
    lines = []
    for pid in pids:
        with suppress(OSError):
            lines.append(Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " "))
    return lines
