"""Waiting for the end of a process that is not a child of ours."""

from __future__ import annotations

import asyncio
import os


async def gone(pid: int) -> None:
    """Returns once there is no such process, or it is dead and only not yet reaped."""
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    loop = asyncio.get_running_loop()
    ended = asyncio.Event()
    loop.add_reader(descriptor, ended.set)
    try:
        await ended.wait()
    finally:
        loop.remove_reader(descriptor)
        os.close(descriptor)
