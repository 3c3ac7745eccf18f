"""Does one case, looks at what came of it, and says it in one row."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.chaos.case import Case, Fails, Same, undisturbed
from tests.chaos.places import FolderPlace, Place
from tests.chaos.world import Ended, Set, World

PATIENCE = 150.0


@dataclass(frozen=True)
class Row:
    """noticed: seconds until the coordinator acted, None if it never had to. wrong: what is not as
    it must be, how long things took aside."""

    case: Case
    ended: Ended
    noticed: float | None
    attempts_lost: int
    begun_again: int
    states_sent_again: int
    wrong: tuple[str, ...]

    @property
    def late(self) -> tuple[str, ...]:
        """What has taken too long. On a machine that is busy enough, anything may."""
        if self.noticed is None or self.noticed <= self.case.within:
            return ()
        return (f"detected after {self.noticed:.1f} s, not within {self.case.within:g} s",)


@dataclass(frozen=True)
class Baseline:
    """An undisturbed run of the clip."""

    output: bytes
    seconds: float


def baseline(clip: Path, folder: Path, place: type[Place] = FolderPlace) -> Baseline:
    """In the same surroundings as the cases, in a fresh folder."""

    async def run() -> Baseline:
        async with World(folder, clip, Set(place=place)) as world:
            ended = await undisturbed(world)
            assert ended.status == 0, ended
            output = await asyncio.to_thread(world.place.published)
            assert output
            return Baseline(output, ended.seconds)

    try:
        return asyncio.run(run())
    finally:
        shutil.rmtree(folder)


def perform(case: Case, clip: Path, against: Baseline, folder: Path) -> Row:
    """In a fresh folder, which is removed unless something was wrong."""
    row = asyncio.run(_perform(case, clip, against, folder))
    if not row.wrong:
        shutil.rmtree(folder)
    return row


async def _perform(case: Case, clip: Path, against: Baseline, folder: Path) -> Row:
    async with World(folder, clip, case.scene) as world:
        ended = await _played(case, world)
        output = await asyncio.to_thread(world.place.published)
        tally = world.tally
        lost = tally.attempts_lost + ended.attempts_lost
        wrong = list(_wrong(case, ended, output, against, lost))
        if world.injected is None:
            wrong.append("nothing was disturbed")
        wrong += [f"left over: {what}" for what in await asyncio.to_thread(world.remains)]
        return Row(
            case,
            ended,
            tally.noticed(world.injected or 0.0),
            lost,
            tally.begun_again,
            tally.states_sent_again,
            tuple(wrong),
        )


async def _played(case: Case, world: World) -> Ended:
    try:
        async with asyncio.timeout(PATIENCE):
            return await case.play(world)
    except TimeoutError:
        return Ended(-1, f"it did not end within {PATIENCE:g} s", PATIENCE)


def _wrong(
    case: Case, ended: Ended, output: bytes | None, against: Baseline, lost: int
) -> tuple[str, ...]:
    least, most = case.expect.lost
    checks: list[tuple[bool, Callable[[], str]]] = [
        (least <= lost <= most, lambda: f"{lost} attempts lost, not {least} to {most}")
    ]
    match case.expect:
        case Same():
            checks += [
                (ended.status == 0, lambda: f"it failed: {ended.message}"),
                (ended.status != 0 or output == against.output, lambda: "other bytes"),
            ]
        case Fails(status, words):
            missing = [word for word in words if word not in ended.message]
            checks += [
                (ended.status == status, lambda: f"status {ended.status}: {ended.message}"),
                (not missing, lambda: f"{ended.message!r} does not say {missing}"),
                (output is None, lambda: "something was published"),
            ]
    return tuple(say() for holds, say in checks if not holds)
