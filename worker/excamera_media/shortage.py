"""Telling damage from a lack of memory, where a decoder does not.

libav leaves out a frame for which it gets no memory, so that the frame looks damaged. But damage is
the same on every worker: it fails the job at once, or is concealed. A lack of memory must do
neither.
"""

from __future__ import annotations

import resource
from pathlib import Path

STATUS = Path("/proc/self/status")


def check_memory() -> None:
    """To be called before a frame is taken for damaged. MemoryError if that cannot be told: this
    process has a limit of address space, and has come as near as half of it."""
    limit, _ = resource.getrlimit(resource.RLIMIT_AS)
    if limit != resource.RLIM_INFINITY and _peak() > limit // 2:
        raise MemoryError


def _peak() -> int:
    """The most address space that this process has had, in bytes; 0 if the system does not say."""
    try:
        lines = STATUS.read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) << 10 for line in lines if line.startswith("VmPeak:")), 0)
