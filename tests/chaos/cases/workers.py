"""Workers that are killed, stand still, or come in pairs."""

from __future__ import annotations

import asyncio
import signal

from excamera.graph_command import example
from mu import compiled
from tests.chaos import processes
from tests.chaos.case import (
    BOTH_WORKERS,
    HELD,
    NONE_LOST,
    ONE_WORKER,
    Case,
    Disturb,
    Same,
    beside,
)
from tests.chaos.coordinator import GRACE, SILENCE
from tests.chaos.world import World

ENDS = ("done", "failed")


def states() -> list[str]:
    """Every state in which a chunk's machine can rest, first or rebased."""
    pipeline = example()
    machines = (pipeline.chunk_machine(chunk) for chunk in pipeline.plan.chunks[:2])
    names = [name for machine in machines for name in compiled(machine).names]
    return [name for name in dict.fromkeys(names) if name not in ENDS]


def in_state(state: str, number: signal.Signals) -> Disturb:
    """The signal to the first worker whose machine enters the state."""

    async def disturb(world: World) -> None:
        world.signal((await world.enters(state)).worker, number)

    return disturb


def program_in(state: str, number: signal.Signals) -> Disturb:
    """The signal to the program that a worker runs in the state, and not to the worker."""

    async def disturb(world: World) -> None:
        entered = await world.enters(state)
        assert world.coordinator is not None
        worker = world.coordinator.backend.pids[entered.worker]
        world.disturbed()
        await processes.until(lambda: processes.send(processes.programs(worker), number), 0.001)

    return disturb


async def _pause(world: World) -> None:
    """Shorter than a worker may be silent."""
    worker = (await world.enters("encoding")).worker
    pid = world.signal(worker, signal.SIGSTOP)
    await asyncio.sleep(SILENCE / 2)
    processes.send([pid], signal.SIGCONT)


async def _late_return(world: World) -> None:
    """Longer than it may; its attempt is fenced, and it goes on with what it was at."""
    worker = (await world.enters("uploading")).worker
    pid = world.signal(worker, signal.SIGSTOP)
    await world.tally.next(lambda event: event.lost and event.worker == worker)
    again = await world.enters("uploading")
    world.signal(again.worker, signal.SIGSTOP)
    processes.send([pid], signal.SIGCONT)
    await asyncio.sleep(0.3)
    world.signal(again.worker, signal.SIGCONT)


async def _all_at_once(world: World) -> None:
    await world.finished(2)
    world.kill(world.workers)


async def _again_and_again(world: World) -> None:
    """Every worker that gets to a rebase, three times over."""
    for _ in range(3):
        world.signal((await world.enters("rebasing")).worker, signal.SIGKILL)


async def _twin(world: World) -> None:
    """Another process that goes by a living worker's name, with a certificate as good."""
    worker = (await world.enters("encoding")).worker
    world.disturbed()
    await world.start_twin(worker)


twin = beside(_twin)


CASES = [
    *(
        Case(
            f"worker killed in {state}",
            "kill -9 of a worker",
            f"state {state}",
            beside(in_state(state, signal.SIGKILL)),
            ONE_WORKER,
        )
        for state in states()
    ),
    *(
        Case(
            f"worker stopped in {state}",
            f"SIGSTOP of a worker, for longer than {SILENCE + GRACE:g} s",
            f"state {state}",
            beside(in_state(state, signal.SIGSTOP)),
            ONE_WORKER,
            short=state == "sending",
        )
        for state in states()
    ),
    *(
        Case(
            f"program crashed in {state}",
            "SIGSEGV of the program that a worker runs",
            f"state {state}",
            beside(program_in(state, signal.SIGSEGV)),
            Same(lost=(1, 1)),
            short=state == "rebasing",
        )
        for state in ("fetching", "encoding", "rebasing", "measuring")
    ),
    Case(
        "worker paused",
        f"SIGSTOP of a worker for {SILENCE / 2:g} s",
        "state encoding",
        beside(_pause),
        NONE_LOST,
    ),
    Case(
        "fenced attempt publishes",
        "SIGSTOP of a worker; SIGCONT when a second attempt publishes the same chunk",
        "state uploading, both",
        beside(_late_return),
        ONE_WORKER,
        short=True,
    ),
    Case(
        "all workers killed",
        "kill -9 of all workers at once",
        "two chunks are done",
        beside(_all_at_once),
        BOTH_WORKERS,
    ),
    Case(
        "workers killed again and again",
        "kill -9 of three workers, one after the other",
        "state rebasing, each",
        beside(_again_and_again),
        Same(lost=(3, 3 * HELD)),
    ),
]
