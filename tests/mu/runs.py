"""What tests of runs share: a server, those who watch, and bad clients."""

from __future__ import annotations

import asyncio

from excamera_proto.credentials import Authority
from mu import (
    Echo,
    Receive,
    Run,
    ScheduleSettings,
    Send,
    Task,
    exchange,
    parallel,
    sequence,
)
from mu import observer as seen
from mu.run import JobRun
from mu.settings import RunSettings
from tests.mu.fake_worker import FakeBackend, Scene

AUTHORITY = Authority.create("tests of mu")
PATIENCE = 100.0
"""Seconds. On a machine with twenty times the work that it can do, a handshake may take ten."""
SHARDS = ("rendezvous:1",)
STATES = ("fetching", "encoding", "waiting", "rebasing", "sending", "finishing")


class Watcher:
    def __init__(self) -> None:
        self.events: list[seen.Observation] = []

    def observe(self, event: seen.Observation) -> None:
        self.events.append(event)

    def of(self, kind):
        return [event for event in self.events if isinstance(event, kind)]

    @property
    def lost(self):
        return [event for event in self.of(seen.AttemptEnded) if event.lost]


class Deaf:
    """A stream on which nothing goes either way."""

    async def read(self):
        await asyncio.sleep(60)

    async def write(self, message):
        await asyncio.sleep(60)


def chain_task(position: int, length: int) -> Task:
    """One like the application's."""
    steps = [exchange("fetching", Echo(f"{position}")), exchange("encoding", Run(("encode",)))]
    rebase = exchange("rebasing", Run(("rebase",)), keep="rebased", permanent_statuses={3})
    if position:
        receive = exchange("waiting", Receive(f"t{position}", "state", "in", pipe=True))
        rebase = parallel(receive, rebase)
    steps.append(rebase)
    if position + 1 < length:
        steps.append(exchange("sending", Send("out", f"t{position + 1}", "state")))
    steps.append(exchange("finishing", Echo("finish")))
    return Task(
        f"t{position}",
        sequence(*steps),
        needs=(f"t{position - 1}",) if position else (),
        order=(position,),
        restore=exchange("restoring", Send("again", f"t{position + 1}", "state")),
        stage="chain",
    )


CHAIN = [chain_task(position, 4) for position in range(4)]


def of_state(command) -> str:
    match command:
        case Echo(text):
            return "finishing" if text == "finish" else "fetching"
        case Run(argv):
            return {"encode": "encoding", "rebase": "rebasing"}[argv[0]]
        case Send():
            return "sending"
        case _:
            return "waiting"


def quick(workers: int = 2, **more) -> RunSettings:
    """For a machine that may be busy with other things: what should not happen takes long."""
    bounds = {"retry_seconds": 0.05, "grace_seconds": PATIENCE, **more.pop("schedule", {})}
    times = {"heartbeat_seconds": 0.1, "tick_seconds": 0.05, "silence_seconds": PATIENCE, **more}
    return RunSettings(ScheduleSettings(workers=workers, **bounds), **times)


def job_run(scene: Scene, tasks=CHAIN, settings=None, watcher=None, **more):
    backend = FakeBackend(scene)
    more.setdefault("rendezvous", SHARDS)
    return JobRun("job", tasks, backend, watcher or Watcher(), settings or quick(), **more), backend


async def until(holds) -> None:
    async with asyncio.timeout(PATIENCE):
        while not holds():  # noqa: ASYNC110 -- what is waited for is not told to tests
            await asyncio.sleep(0.02)


async def finish(server, run):
    async with asyncio.timeout(2 * PATIENCE):
        return await server.run(run)
