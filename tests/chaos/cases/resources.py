"""Workers that lack room, memory, time or a right clock; programs that fail for ever."""

from __future__ import annotations

import asyncio
import os
import subprocess
from pathlib import Path
from typing import Any

from mu.backends.local import COMMAND
from tests.chaos.case import (
    HELD,
    NONE_LOST,
    ONE_WORKER,
    PROMPT,
    Case,
    Fails,
    Same,
    beside,
    undisturbed,
)
from tests.chaos.cases.workers import twin
from tests.chaos.odd import first_only, overlay
from tests.chaos.world import Ended, Set, World

GROUPS = Path("/sys/fs/cgroup")
FAKETIME = Path("/usr/lib") / f"{os.uname().machine}-linux-gnu" / "faketime/libfaketimeMT.so.1"


def _small_disk(world: World) -> dict[str, Any]:
    """A file system of 100 kB for one worker's scratch folder."""
    folder = world.folder / "small"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=100k", "tmpfs", folder], check=True)
    world.finally_do(lambda: subprocess.run(["umount", "--lazy", folder], check=True))
    return {"command": first_only(world.folder, (*COMMAND, "--scratch", str(folder)))}


def _no_mounts() -> str | None:
    return "mounting a small file system takes root" if os.geteuid() != 0 else None


def _file_limit(world: World) -> dict[str, Any]:
    return {"command": first_only(world.folder, ("prlimit", "--fsize=100000", *COMMAND))}


def _little_memory(world: World) -> dict[str, Any]:
    """Programs of one worker get 9 MB of address space."""
    script = 'exec prlimit --as=9000000 "$REAL/xc" "$@"'
    return {"command": first_only(world.folder, overlay(world.folder / "odd", xc=script))}


async def _out_of_memory(world: World) -> None:
    """A worker comes into a group of processes that may have 8 MB more between them."""
    worker = (await world.enters("fetching")).worker
    assert world.coordinator is not None
    limit = _memory_limit()
    assert limit is not None
    group = limit.parent / f"chaos-{world.mark[:8]}"
    group.mkdir()
    world.finally_do(group.rmdir)
    (group / limit.name).write_text("8000000")
    world.disturbed()
    world.killed += 1
    (group / "cgroup.procs").write_text(str(world.coordinator.backend.pids[worker]))


def _no_groups() -> str | None:
    if os.geteuid() != 0:
        return "control groups take root"
    return None if _memory_limit() else "no memory controller to be had"


def _memory_limit() -> Path | None:
    """As control groups of version 1 or 2 name it, where new groups are made."""
    if (first := GROUPS / "memory/memory.limit_in_bytes").exists():
        return first
    passed_on = GROUPS / "cgroup.subtree_control"
    if passed_on.exists() and "memory" in passed_on.read_text().split():
        return GROUPS / "memory.max"
    return None


def _straggler(world: World) -> dict[str, Any]:
    """One worker's programs take ten times as long."""
    script = """
began=$(date +%s%N)
"$REAL/xc" "$@"
status=$?
ended=$(date +%s%N)
sleep "$(awk "BEGIN { print 9 * ($ended - $began) / 1e9 + 0.6 }")"
exit $status
"""
    command = first_only(world.folder, overlay(world.folder / "odd", xc=script))
    return {
        "command": command,
        "schedule": {"straggler_samples": 2, "straggler_seconds": 1.0, "straggler_factor": 2.0},
    }


def _crash_on(chunk: str) -> Any:
    """xc crashes whenever it encodes that chunk, whoever does it."""

    def prepare(world: World) -> dict[str, Any]:
        script = f'case "$1 $PWD" in encode*{chunk}*) kill -SEGV $$ ;; esac\nexec "$REAL/xc" "$@"'
        return {"command": overlay(world.folder / "odd", xc=script)}

    return prepare


def _slow(world: World) -> dict[str, Any]:
    """Long enough for a twin to come and to be noticed."""
    return {"command": overlay(world.folder / "odd", xc='sleep 0.5; exec "$REAL/xc" "$@"')}


# Clocks


def _clock(world: World) -> dict[str, Any]:
    """All processes of the job see a clock that a file moves. Python's own timers must not care."""
    _set_clock(world, "+0")
    world.surroundings |= {
        "LD_PRELOAD": str(FAKETIME),
        "FAKETIME_TIMESTAMP_FILE": str(world.folder / "clock"),
        "FAKETIME_CACHE_DURATION": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }
    return {}


def _set_clock(world: World, offset: str) -> None:
    (world.folder / "clock").write_text(f"{offset}\n", "utf-8")


FAULTY = Same(lost=(1, 12))
"""Two attempts at different chunks tell a worker that is faulty, once another has finished one: on
a busy machine it may fail at every chunk before that."""

ODD_FROM_THE_START = 4 * PROMPT
"""The worker has to be started first, and to get as far as its fault."""

AFTER_A_JUMP = Same(lost=(1, 6))
"""libfaketime holds up the threads of grpc now and then, for longer than is borne here."""


def jump(offset: str) -> Any:
    """Clocks jump, and when all have noticed a worker is killed, so that connections are new."""

    async def play(world: World) -> Ended:
        process = await world.start_coordinator()
        await world.finished(1)
        world.disturbed()
        _set_clock(world, offset)
        await asyncio.sleep(1.5)
        world.kill(world.workers[:1])
        return await world.wait(process)

    return play


def _no_faketime() -> str | None:
    return None if FAKETIME.exists() else "no libfaketime on this machine (make test installs it)"


def _one_behind(world: World) -> dict[str, Any]:
    """One worker's clock is 50 minutes behind all others."""
    preload = f"LD_PRELOAD={FAKETIME}"
    odd = ("env", preload, "FAKETIME=-50m", "FAKETIME_DONT_FAKE_MONOTONIC=1", *COMMAND)
    return {"command": first_only(world.folder, odd)}


CASES = [
    Case(
        "disk full",
        "one worker's scratch folder holds 100 kB (tmpfs)",
        "always",
        undisturbed,
        FAULTY,
        scene=Set(prepare=_small_disk),
        missing=_no_mounts,
        within=ODD_FROM_THE_START,
    ),
    Case(
        "files too large",
        "one worker may write no file of more than 100 kB (RLIMIT_FSIZE)",
        "always",
        undisturbed,
        FAULTY,
        scene=Set(prepare=_file_limit),
        short=True,
        within=ODD_FROM_THE_START,
    ),
    Case(
        "memory limit",
        "one worker's xc has 9 MB of address space",
        "always",
        undisturbed,
        FAULTY,
        scene=Set(prepare=_little_memory),
        within=ODD_FROM_THE_START,
    ),
    Case(
        "out of memory",
        "the kernel kills a worker or its program, whose control group has 8 MB left",
        "state fetching",
        beside(_out_of_memory),
        ONE_WORKER,
        missing=_no_groups,
    ),
    Case(
        "straggler",
        "one worker's xc is ten times slower",
        "always",
        undisturbed,
        NONE_LOST,
        Set(prepare=_straggler),
        short=True,
        within=ODD_FROM_THE_START,
    ),
    Case(
        "crash for ever",
        "xc crashes on one chunk, on every worker",
        "state encoding",
        undisturbed,
        Fails(6, ("chunk-000003", "frames are 12 to 15", "signal 11"), lost=(4, 4 + HELD)),
        Set({"backoff_limit": 3}, prepare=_crash_on("chunk-000003")),
        short=True,
        within=ODD_FROM_THE_START,
    ),
    Case(
        "two workers of one name",
        "a second process under a living worker's identity",
        "state encoding",
        twin,
        NONE_LOST,
        Set(prepare=_slow),
    ),
    Case(
        "clock ahead",
        "all clocks jump ahead by an hour; then a worker is killed",
        "one chunk is done",
        jump("+3600"),
        AFTER_A_JUMP,
        Set(prepare=_clock),
        _no_faketime,
    ),
    Case(
        "clock back",
        "all clocks jump back by an hour; then a worker is killed",
        "one chunk is done",
        jump("-3600"),
        AFTER_A_JUMP,
        Set(prepare=_clock),
        _no_faketime,
    ),
    Case(
        "one clock wrong",
        "one worker's clock is 50 minutes behind",
        "always",
        undisturbed,
        NONE_LOST,
        Set(prepare=_one_behind),
        _no_faketime,
    ),
]
