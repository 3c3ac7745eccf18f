"""Times commands in turn (A B A B …), so that a change of the machine's speed hits both alike."""

from __future__ import annotations

import os
import statistics
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

Argv = Sequence[str | Path]


def cpu_seconds(argv: Argv, *, stdin: Path | None = None) -> float:
    """User and system time of `argv` and all that it waits for. Raises if it fails."""
    with open(stdin or os.devnull, "rb") as source:
        process = subprocess.Popen(
            [str(part) for part in argv],
            stdin=source,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
    assert process.stderr is not None
    with process.stderr:
        said = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise RuntimeError(f"{argv[0]} failed ({process.returncode}): {said.decode()[-500:]}")
    return usage.ru_utime + usage.ru_stime


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
