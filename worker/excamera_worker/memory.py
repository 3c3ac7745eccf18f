"""Telling a program that ran out of memory from one that failed in another way.

The kernel says nothing to the worker: a program over its address-space limit sees an allocation
fail and ends as it likes, and one that the container's limit strikes is gone with SIGKILL.
"""

from __future__ import annotations

import re
import signal
from pathlib import Path
from typing import Final

_EVENTS: Final = Path("/sys/fs/cgroup/memory.events")
_WORDS: Final = re.compile(
    r"std::bad_alloc|MemoryError|cannot allocate memory|out of memory|not enough memory"
    r"|memory allocation error|failed to map segment",
    re.IGNORECASE,
)
_LAST_WORDS: Final = 2000


def oom_kills(events: Path = _EVENTS) -> int:
    """How many processes of this container the kernel has killed for memory; 0 if unknown."""
    try:
        fields = dict(line.split() for line in events.read_text().splitlines())
        return int(fields.get("oom_kill", 0))
    except (OSError, ValueError):
        return 0


def shortage(exit_status: int, *, limited: bool, stderr: str, oom_killed: bool) -> str | None:
    """In what way the program ran out of memory; None if nothing says that it did."""
    if exit_status == -signal.SIGKILL and oom_killed:
        return "was killed by the kernel: the container's memory limit is reached"
    if exit_status != 0 and limited and _WORDS.search(stderr[-_LAST_WORDS:]):
        return f"reached its memory limit and ended with status {exit_status}"
    return None
