"""One row of the table: what is done to a job, and how the job must end."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from mu import ScheduleSettings
from tests.chaos.world import Ended, Set, World

Disturb = Callable[[World], Awaitable[None]]
Play = Callable[[World], Awaitable[Ended]]


@dataclass(frozen=True)
class Same:
    """The bytes of an undisturbed run. lost: at least and at most so many attempts."""

    lost: tuple[int, int] = (0, 99)


@dataclass(frozen=True)
class Fails:
    """With this exit status, in a line that has these words; nothing is published."""

    status: int
    words: tuple[str, ...]


Expectation = Same | Fails
SAME = Same()
NONE_LOST = Same(lost=(0, 0))
ONE_WORKER = Same(lost=(1, ScheduleSettings().attempts_per_worker))
"""As many attempts as one worker may hold."""


@dataclass(frozen=True)
class Case:
    """play: the job, from beginning to end, with what happens to it. missing: what this machine
    lacks for it, if anything. short: part of `make test`."""

    name: str
    injected: str
    when: str
    play: Play
    expect: Expectation = SAME
    scene: Set = field(default_factory=Set)
    missing: Callable[[], str | None] = lambda: None
    short: bool = False


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
