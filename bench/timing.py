"""Times commands in turn (A B A B …), so that a change of the machine's speed hits both alike."""

from __future__ import annotations

import os
import statistics
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

Argv = Sequence[str | Path]


@dataclass(frozen=True, slots=True)
class Ended:
    """A command's user and system time, with that of all that it waited for, and what it said on
    standard error."""

    cpu_seconds: float
    said: str


def run(argv: Argv, *, stdout: str | Path = os.devnull) -> Ended:
    """Runs `argv` to its end. Raises RuntimeError if it fails."""
    with open(stdout, "wb") as out:
        process = subprocess.Popen(
            [str(part) for part in argv],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.PIPE,
        )
    assert process.stderr is not None
    with process.stderr:
        said = process.stderr.read().decode(errors="replace")
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise RuntimeError(f"{argv[0]} failed ({process.returncode}): {said[-500:]}")
    return Ended(usage.ru_utime + usage.ru_stime, said)


def cpu_seconds(argv: Argv) -> float:
    """What `run` says of the time alone."""
    return run(argv).cpu_seconds


def in_turn(commands: Mapping[str, Argv], rounds: int = 5) -> dict[str, list[float]]:
    """CPU seconds of each command in each round, after one round that is not counted."""
    for argv in commands.values():
        cpu_seconds(argv)
    measured: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(rounds):
        for name, argv in commands.items():
            measured[name].append(cpu_seconds(argv))
    return measured


def ratio(measured: Mapping[str, Sequence[float]], name: str, peer: str) -> float:
    """The median over the rounds of name's time by peer's."""
    return statistics.median(a / b for a, b in zip(measured[name], measured[peer], strict=True))
