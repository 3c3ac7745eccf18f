"""One row of the table: what is done to a job, and how the job must end."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from mu import ScheduleSettings
from tests.chaos.coordinator import GRACE, SILENCE
from tests.chaos.world import Ended, Set, World

Disturb = Callable[[World], Awaitable[None]]
Play = Callable[[World], Awaitable[Ended]]


@dataclass(frozen=True)
class Same:
    """The bytes of an undisturbed run. lost: at least and at most so many attempts."""

    lost: tuple[int, int]


@dataclass(frozen=True)
class Fails:
    """With this exit status, in a line that has these words; nothing is published."""

    status: int
    words: tuple[str, ...]
    lost: tuple[int, int]


Expectation = Same | Fails
HELD = ScheduleSettings().attempts_per_worker
"""As many attempts a worker may hold."""

NONE_LOST = Same(lost=(0, 0))
ONE_WORKER = Same(lost=(1, HELD))
BOTH_WORKERS = Same(lost=(1, 2 * HELD))
PERHAPS_SOME = Same(lost=(0, HELD))
"""Where a worker's silence may or may not be borne, as the moment has it."""

PROMPT = 4 * (SILENCE + GRACE)
"""Seconds until the coordinator must have acted on a worker that is gone: four times its patience,
as the machine may be busy."""


@dataclass(frozen=True)
class Case:
    """play: the job, from beginning to end, with what happens to it. missing: what this machine
    lacks for it, if anything. short: part of `make test`. within: seconds from the first fault
    until the coordinator acts, if it has to; judged by `make chaos` alone."""

    name: str
    injected: str
    when: str
    play: Play
    expect: Expectation
    scene: Set = field(default_factory=Set)
    missing: Callable[[], str | None] = lambda: None
    short: bool = False
    within: float = PROMPT


def beside(disturb: Disturb) -> Play:
    """The job in this process, while `disturb` runs beside it."""

    async def play(world: World) -> Ended:
        disturbing = asyncio.ensure_future(disturb(world))
        try:
            ended = await world.run()
            if disturbing.done():
                disturbing.result()
            return ended
        finally:
            disturbing.cancel()
            await asyncio.gather(disturbing, return_exceptions=True)

    return play


async def undisturbed(world: World) -> Ended:
    """For faults that the stage itself has built in."""
    world.disturbed()
    return await world.run()
