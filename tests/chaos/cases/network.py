"""The network between workers and those that they dial."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

from mu import ScheduleSettings
from mu.settings import RunSettings
from tests.chaos import processes
from tests.chaos.case import BOTH_WORKERS, NONE_LOST, PERHAPS_SOME, Case, Disturb, Play, beside
from tests.chaos.coordinator import SILENCE
from tests.chaos.wire import Flow, Wire
from tests.chaos.world import Ended, Set, World

Wires = Callable[[World], Wire]
Flows = Callable[[World], list[Flow]]


def coordinator(world: World) -> Wire:
    return world.to_coordinator


def rendezvous(world: World) -> Wire:
    return world.to_rendezvous


def reset(wire: Wires, state: str) -> Disturb:
    async def disturb(world: World) -> None:
        await world.enters(state)
        world.disturbed()
        wire(world).reset()

    return disturb


async def _reset_in_a_message(world: World) -> None:
    """Three times, each when some bytes of a state have passed and others have not."""
    for _ in range(3):
        await world.enters("sending")
        before = _passed(world)
        await _until_passed(world, before + 100)
        world.disturbed()
        world.to_rendezvous.reset()


def _passed(world: World) -> int:
    return world.to_rendezvous.down.passed


async def _until_passed(world: World, count: int) -> None:
    await processes.until(lambda: _passed(world) >= count, 0.0005)


def silent(flows: Flows, seconds: float) -> Disturb:
    """The flows carry nothing for so many seconds."""

    async def disturb(world: World) -> None:
        await world.enters("encoding")
        world.disturbed()
        for flow in flows(world):
            flow.open.clear()
        await asyncio.sleep(seconds)
        for flow in flows(world):
            flow.open.set()

    return disturb


async def _refused(world: World) -> None:
    """The coordinator is reached by nobody for a while, and all connections break."""
    await world.enters("encoding")
    world.disturbed()
    world.to_coordinator.refusing = True
    world.to_coordinator.reset()
    await asyncio.sleep(3.0)
    world.to_coordinator.refusing = False


def flowing(**changes: float) -> Play:
    """All four flows are changed before anything begins."""

    async def play(world: World) -> Ended:
        world.disturbed()
        for wire in (world.to_coordinator, world.to_rendezvous):
            for flow in (wire.up, wire.down):
                for name, value in changes.items():
                    setattr(flow, name, value)
        return await world.run()

    return play


# A kernel's own losses: in a namespace of the test's own, which takes root


def namespace(*commands: str) -> Callable[[World], Sequence[str]]:
    """Makes a network namespace and applies `commands` in it."""

    def within(world: World) -> Sequence[str]:
        name = f"chaos-{world.mark[:8]}"
        inside = ("ip", "netns", "exec", name)
        _do("ip", "netns", "add", name)
        world.finally_do(lambda: _do("ip", "netns", "delete", name))
        # Segments as on an Ethernet: larger ones would not pass a narrow queue at all.
        for command in ("ip link set lo up mtu 1500", *commands):
            _do(*inside, *command.split())
        return inside

    return within


HOSTS = Path("/etc/netns")
"""Where `ip netns exec` finds what a namespace is to have in place of the machine's /etc."""


def named_rendezvous(world: World) -> Sequence[str]:
    """A namespace in which the rendezvous is known by a name only."""
    hosts = HOSTS / f"chaos-{world.mark[:8]}"
    hosts.mkdir(parents=True)
    world.finally_do(lambda: shutil.rmtree(hosts))
    world.rendezvous_name = "rendezvous.example"
    _point_to(world, world.rendezvous_host)
    return namespace()(world)


def _point_to(world: World, host: str) -> None:
    world.rendezvous_host = host
    hosts = HOSTS / f"chaos-{world.mark[:8]}" / "hosts"
    hosts.write_text(f"127.0.0.1 localhost\n{host} {world.rendezvous_name}\n", "utf-8")


async def _another_address(world: World) -> Ended:
    """The rendezvous dies, and its successor has the name and another address."""
    process = await world.start_coordinator()
    await world.enters("sending")
    await world.enters("uploading")
    world.disturbed()
    await world.kill_rendezvous()
    _point_to(world, "127.0.0.2")
    await world.start_rendezvous()
    return await world.wait(process)


def _do(*argv: str) -> None:
    subprocess.run(argv, check=True, capture_output=True)


def no_namespaces(*programs: str) -> Callable[[], str | None]:
    def missing() -> str | None:
        if os.geteuid() != 0:
            return "network namespaces take root"
        absent = [program for program in ("ip", *programs) if shutil.which(program) is None]
        return f"no {absent[0]} on this machine" if absent else None

    return missing


async def _inside(world: World) -> Ended:
    """The job in the namespace, with a coordinator of its own there."""
    world.disturbed()
    return await world.wait(await world.start_coordinator())


LOSS = "iptables -A INPUT -p tcp -m statistic --mode random --probability 0.3 -j DROP"
# The defaults: that TCP sends a segment again and again takes seconds, and is no silence.
AS_USUAL = {
    "heartbeat": RunSettings().heartbeat_seconds,
    "silence": RunSettings().silence_seconds,
    "grace": ScheduleSettings().grace_seconds,
}
NARROW = "tc qdisc add dev lo root tbf rate 2mbit burst 64kbit latency 400ms"

CASES = [
    Case(
        "coordinator connections reset",
        "TCP reset of every connection to the coordinator",
        "state encoding",
        beside(reset(coordinator, "encoding")),
        NONE_LOST,
    ),
    Case(
        "coordinator connections reset when a reply is due",
        "TCP reset of every connection to the coordinator",
        "state finishing",
        beside(reset(coordinator, "finishing")),
        NONE_LOST,
    ),
    Case(
        "rendezvous connections reset in a state",
        "TCP reset of every connection to the rendezvous, in the middle of a state, three times",
        "state sending",
        beside(_reset_in_a_message),
        NONE_LOST,
        short=True,
    ),
    Case(
        "coordinator refuses",
        "the coordinator's port is dead for 3 s, all connections broken off",
        "state encoding",
        beside(_refused),
        BOTH_WORKERS,
    ),
    Case(
        "workers cannot be heard",
        f"one-way partition, workers to coordinator, {2 * SILENCE:g} s",
        "state encoding",
        beside(silent(lambda world: [world.to_coordinator.up], 2 * SILENCE)),
        BOTH_WORKERS,
    ),
    Case(
        "coordinator cannot be heard",
        f"one-way partition, coordinator to workers, {2 * SILENCE:g} s",
        "state encoding",
        beside(silent(lambda world: [world.to_coordinator.down], 2 * SILENCE)),
        PERHAPS_SOME,
    ),
    Case(
        "partition",
        "partition of workers and coordinator, 6 s",
        "state encoding",
        beside(silent(lambda world: [world.to_coordinator.up, world.to_coordinator.down], 6.0)),
        BOTH_WORKERS,
    ),
    Case(
        "partition from the rendezvous",
        "partition of workers and rendezvous, 4 s",
        "state encoding",
        beside(silent(lambda world: [world.to_rendezvous.up, world.to_rendezvous.down], 4.0)),
        NONE_LOST,
    ),
    Case(
        "delay",
        "0.2 s of delay each way, to coordinator and rendezvous",
        "always",
        flowing(delay=0.2),
        NONE_LOST,
    ),
    Case(
        "narrow",
        "coordinator and rendezvous at 20 kB/s, each way",
        "always",
        flowing(rate=20_000.0),
        NONE_LOST,
    ),
    Case(
        "rendezvous changes address",
        "kill -9 of the rendezvous; its name leads to another one, at another address",
        "a state has been sent",
        _another_address,
        NONE_LOST,
        scene=Set(within=named_rendezvous),
        missing=no_namespaces(),
    ),
    Case(
        "loss",
        "30 % of all TCP segments dropped (iptables, in a network namespace); default patience",
        "always",
        _inside,
        NONE_LOST,
        Set(AS_USUAL, within=namespace(LOSS)),
        missing=no_namespaces("iptables"),
        within=2 * (AS_USUAL["silence"] + AS_USUAL["grace"]),
    ),
    Case(
        "bandwidth cut",
        "2 Mbit/s for all connections together (tc, in a network namespace)",
        "always",
        _inside,
        NONE_LOST,
        scene=Set(within=namespace(NARROW)),
        missing=no_namespaces("tc"),
    ),
]
