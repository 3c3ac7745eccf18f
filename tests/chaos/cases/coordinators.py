"""Coordinators and rendezvous that are killed, stand still or move; and everything at once."""

from __future__ import annotations

import asyncio
import json
import signal
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

from excamera_worker.settings import Settings as WorkerSettings
from tests.chaos import processes
from tests.chaos.case import (
    BOTH_WORKERS,
    NONE_LOST,
    ONE_WORKER,
    PERHAPS_SOME,
    PROMPT,
    Case,
    Fails,
    Play,
    Same,
    beside,
)
from tests.chaos.coordinator import REUNION, SILENCE
from tests.chaos.world import Ended, Set, World
from tests.local.command import EXCAMERA

When = Callable[[World], Awaitable[object]]
SHAPE = ("--chunk-frames", "4", "--chain-length", "5")

# The command, whose workers end with it


def command_killed(when: When) -> Play:
    """`excamera encode`, killed at some moment, and then started again."""

    async def play(world: World) -> Ended:
        place = world.place
        argv = (str(EXCAMERA), "encode", place.source, "-o", place.output, *SHAPE, "--json")
        first = await world.start(*argv)
        await when(world)
        world.disturbed()
        first.kill()
        await first.wait()
        again = await world.start(*argv)
        ended = await world.wait(again)
        assert again.stdout is not None
        report = json.loads(await again.stdout.read() or "{}")
        return replace(ended, attempts_lost=report.get("attempts_lost", 0))

    return play


def program(*words: str) -> When:
    """The command runs a program whose command line has these words."""

    async def when(world: World) -> None:
        await processes.until(lambda: processes.marked(world.mark, *words))

    return when


async def _two_chunks(world: World) -> None:
    work = Path(world.place.work)
    await processes.until(lambda: len(list(work.glob("*/*.quality.json"))) >= 2)


# A coordinator whose workers go on, as the operator's do


def successor(when: When, also: When | None = None) -> Play:
    """The coordinator is killed and another takes over. also: what else happens in between."""

    async def play(world: World) -> Ended:
        first = await world.start_coordinator()
        await when(world)
        world.disturbed()
        first.kill()
        await first.wait()
        if also is not None:
            await also(world)
        world.change(goes_on=True)
        return await world.wait(await world.start_coordinator())

    return play


def entered(state: str) -> When:
    return lambda world: world.enters(state)


async def _half(world: World) -> None:
    await world.finished(4)


async def _joins(world: World) -> None:
    """The last chunk is done, and `join` has begun."""
    await program("excamera-media", "join")(world)


async def _everything(world: World) -> None:
    world.kill(processes.marked(world.mark))
    await world.kill_rendezvous()
    await world.start_rendezvous()


async def _elsewhere(world: World) -> None:
    await world.kill_rendezvous()
    await world.move_rendezvous()


async def _stopped(world: World) -> Ended:
    """The coordinator stands still for longer than a worker may."""
    process = await world.start_coordinator()
    await world.enters("encoding")
    world.disturbed()
    process.send_signal(signal.SIGSTOP)
    await asyncio.sleep(2 * SILENCE)
    process.send_signal(signal.SIGCONT)
    return await world.wait(process)


# The rendezvous


def rendezvous_killed(when: When, seconds: float = 0.0) -> Play:
    async def disturb(world: World) -> None:
        await when(world)
        world.disturbed()
        await world.kill_rendezvous()
        await asyncio.sleep(seconds)
        await world.start_rendezvous()

    return beside(disturb)


async def _state_waits(world: World) -> None:
    """A chunk's worker has sent its state and goes on."""
    await world.enters("sending")
    await world.enters("uploading")


async def _killed_while_restoring(world: World) -> None:
    """States are lost, and so is the first worker that makes one again."""
    await _state_waits(world)
    world.disturbed()
    await world.kill_rendezvous()
    await world.start_rendezvous()
    world.signal((await world.enters("gathering")).worker, signal.SIGKILL)


async def _all_but_the_coordinator(world: World) -> None:
    await _state_waits(world)
    world.kill(world.workers)
    await world.kill_rendezvous()
    await world.start_rendezvous()


async def _rendezvous_gone(world: World) -> None:
    await _state_waits(world)
    world.disturbed()
    await world.kill_rendezvous()


async def _rendezvous_stopped(world: World) -> None:
    await world.enters("waiting")
    world.disturbed()
    world.signal_rendezvous(signal.SIGSTOP)
    await asyncio.sleep(3.0)
    world.signal_rendezvous(signal.SIGCONT)


OUTLIVING = Set({"outliving": True})
SUCCEEDED = PROMPT + REUNION
"""Until a coordinator that has to be started first has waited for workers, and acts."""
IN_PHASES = {
    "index": program("excamera-media", "index"),
    "run": _two_chunks,
    "join": program("excamera-media", "join"),
}

CASES = [
    *(
        Case(
            f"command killed in {phase}",
            "kill -9 of `excamera encode` and so of its workers; the same command again",
            f"phase {phase}",
            command_killed(when),
            NONE_LOST,
        )
        for phase, when in IN_PHASES.items()
    ),
    Case(
        "operator killed in index",
        "kill -9 of a coordinator; a successor",
        "phase index",
        successor(program("excamera-media", "index")),
        NONE_LOST,
        OUTLIVING,
    ),
    *(
        Case(
            f"operator killed in {state}",
            "kill -9 of a coordinator whose workers go on; a successor",
            f"phase run, an attempt in state {state}",
            successor(entered(state)),
            Same(lost=(0, 1)),
            OUTLIVING,
            short=state == "rebasing",
            within=SUCCEEDED,
        )
        for state in ("fetching", "rebasing", "finishing")
    ),
    Case(
        "operator killed in join",
        "kill -9 of a coordinator; a successor",
        "phase join",
        successor(_joins),
        NONE_LOST,
        OUTLIVING,
    ),
    Case(
        "operator stopped",
        f"SIGSTOP of a coordinator for {2 * SILENCE:g} s",
        "phase run",
        _stopped,
        PERHAPS_SOME,
        scene=OUTLIVING,
    ),
    Case(
        "everything killed",
        "kill -9 of coordinator, workers and rendezvous at once; a fresh start",
        "four chunks are done",
        successor(_half, _everything),
        PERHAPS_SOME,
        scene=OUTLIVING,
        within=SUCCEEDED,
    ),
    Case(
        "rendezvous moves",
        "kill -9 of coordinator and rendezvous; their successors, the rendezvous elsewhere",
        "state waiting",
        successor(entered("waiting"), _elsewhere),
        PERHAPS_SOME,
        scene=OUTLIVING,
        within=SUCCEEDED,
    ),
    Case(
        "rendezvous killed",
        "kill -9 of the rendezvous while states are in it; begins anew, empty",
        "a state has been sent",
        rendezvous_killed(_state_waits),
        NONE_LOST,
        short=True,
    ),
    Case(
        "rendezvous killed while awaited",
        "kill -9 of the rendezvous, away for 3 s",
        "state waiting",
        rendezvous_killed(entered("waiting"), 3.0),
        NONE_LOST,
        within=PROMPT + 3.0,
    ),
    Case(
        "rendezvous killed while sent to",
        "kill -9 of the rendezvous; begins anew",
        "state sending",
        rendezvous_killed(entered("sending")),
        NONE_LOST,
    ),
    Case(
        "worker killed while states are made again",
        "kill -9 of the rendezvous, then of a worker that makes a lost state again",
        "state gathering",
        beside(_killed_while_restoring),
        ONE_WORKER,
    ),
    Case(
        "all but the coordinator killed",
        "kill -9 of rendezvous and all workers at once",
        "a state has been sent",
        beside(_all_but_the_coordinator),
        BOTH_WORKERS,
        short=True,
    ),
    Case(
        "rendezvous gone",
        "kill -9 of the rendezvous, for good (no retries allowed)",
        "a state has been sent",
        beside(_rendezvous_gone),
        Fails(4, ("rendezvous: UNAVAILABLE",), lost=(1, 1)),
        Set({"backoff_limit": 0}),
        within=PROMPT + WorkerSettings().transfer,
    ),
    Case(
        "rendezvous stopped",
        "SIGSTOP of the rendezvous for 3 s",
        "state waiting",
        beside(_rendezvous_stopped),
        NONE_LOST,
    ),
]
