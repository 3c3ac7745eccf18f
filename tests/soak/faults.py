"""What goes wrong in a job of the soak: chosen and timed by a seeded generator."""

from __future__ import annotations

import asyncio
import random
import signal
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from tests.chaos import processes

if TYPE_CHECKING:
    from tests.soak.jobs import Soak

FROZEN_SECONDS = 3.0

Fault = Callable[["Soak", random.Random], Awaitable[bool]]
"""Whether it hit anything: a job may be over before it is disturbed."""


async def nothing(soak: Soak, chance: random.Random) -> bool:
    """An undisturbed job among the others."""
    return True


async def kill_a_worker(soak: Soak, chance: random.Random) -> bool:
    return bool(processes.send(_some(soak.workers, chance), signal.SIGKILL))


async def kill_all_workers(soak: Soak, chance: random.Random) -> bool:
    return bool(processes.send(soak.workers, signal.SIGKILL))


async def kill_a_program(soak: Soak, chance: random.Random) -> bool:
    """xc or excamera-media, under its worker's hands: the next that there is."""
    await processes.until(lambda: soak.programs)
    return bool(processes.send(_some(soak.programs, chance), signal.SIGKILL))


async def freeze_a_worker(soak: Soak, chance: random.Random) -> bool:
    """For longer than its silence is borne; it wakes up to find its attempt fenced off. One that
    is let go on before, because the job is over, was not hit."""
    frozen = processes.send(_some(soak.workers, chance), signal.SIGSTOP)
    try:
        await asyncio.sleep(FROZEN_SECONDS)
    finally:
        processes.send(frozen, signal.SIGCONT)
    return bool(frozen)


async def break_all_streams(soak: Soak, chance: random.Random) -> bool:
    """The coordinator's port closes, and opens again under a new certificate."""
    there = bool(soak.workers)
    await soak.server.renew(soak.authority)
    return there


async def interrupt_the_job(soak: Soak, chance: random.Random) -> bool:
    """As by SIGTERM; it is then run again and goes on from the finished chunks."""
    return soak.interrupt()


FAULTS: tuple[Fault, ...] = (
    nothing,
    kill_a_worker,
    kill_all_workers,
    kill_a_program,
    freeze_a_worker,
    break_all_streams,
    interrupt_the_job,
)


def _some(pids: list[int], chance: random.Random) -> list[int]:
    return [chance.choice(pids)] if pids else []
