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

Fault = Callable[["Soak", random.Random], Awaitable[None]]


async def nothing(soak: Soak, chance: random.Random) -> None:
    """An undisturbed job among the others."""


async def kill_a_worker(soak: Soak, chance: random.Random) -> None:
    processes.send(_some(soak.workers, chance), signal.SIGKILL)


async def kill_all_workers(soak: Soak, chance: random.Random) -> None:
    processes.send(soak.workers, signal.SIGKILL)


async def kill_a_program(soak: Soak, chance: random.Random) -> None:
    """xc or excamera-media, under its worker's hands."""
    running = [program for worker in soak.workers for program in processes.programs(worker)]
    processes.send(_some(running, chance), signal.SIGKILL)


async def freeze_a_worker(soak: Soak, chance: random.Random) -> None:
    """For longer than its silence is borne; it wakes up to find its attempt fenced off."""
    frozen = _some(soak.workers, chance)
    processes.send(frozen, signal.SIGSTOP)
    await asyncio.sleep(3.0)
    processes.send(frozen, signal.SIGCONT)


async def break_all_streams(soak: Soak, chance: random.Random) -> None:
    """The coordinator's port closes, and opens again under a new certificate."""
    await soak.server.renew(soak.authority)


async def interrupt_the_job(soak: Soak, chance: random.Random) -> None:
    """As by SIGTERM; it is then run again and goes on from the finished chunks."""
    soak.interrupt()


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
