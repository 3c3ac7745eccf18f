"""Where `xc rebase` spends its time, by function; needs Linux's perf."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

from bench.clips import animation
from bench.link import Link
from bench.table import markdown
from bench.timing import run

HOW_TO_GET_IT = "No profile: perf is not here; on Debian `apt-get install linux-perf` brings it."
TITLE = (
    "A link at 720p by function, in per cent of the whole `xc rebase` (loading and the SSIM"
    " afterwards included), one thread"
)
RUNS = 20
LEAST = 1.0  # per cent
SAMPLES_A_SECOND = 5000
_LINE = re.compile(r"^\s*([\d.]+)%\s+\[(.)\]\s+(.*\S)\s*$", re.MULTILINE)


def tables(folder: Path) -> Iterator[str]:
    """The table of this section, or how to come by it."""
    if shutil.which("perf") is None:
        yield f"{HOW_TO_GET_IT}\n"
        return
    found = shares(_report(folder, Link(folder, animation(folder, frames=96))))
    shown = [(f"`{name}`", f"{share:.1f}") for name, share in found if share >= LEAST]
    rest = 100 - sum(share for _, share in found if share >= LEAST)
    yield markdown(TITLE, ("function", "share"), [*shown, ("all others", f"{rest:.1f}")])


def shares(report: str) -> list[tuple[str, float]]:
    """Functions of the program, and the kernel's in one, by their per cent, from the largest."""
    found: dict[str, float] = {}
    for share, where, symbol in _LINE.findall(report):
        name = "the kernel" if where == "k" else symbol.replace("(anonymous namespace)::", "")
        found[name] = found.get(name, 0.0) + float(share)
    return sorted(found.items(), key=lambda item: -item[1])


def _report(folder: Path, link: Link) -> str:
    data, told = folder / "profile.data", folder / "profile.txt"
    again = f'n={RUNS}; while [ $n -gt 0 ]; do "$@"; n=$((n - 1)); done'
    record = ("perf", "record", "-q", "-F", str(SAMPLES_A_SECOND), "-o", data, "--")
    run((*record, "sh", "-ec", again, "again", *link.rebase()))
    only = ("--comm", "xc", "--percent-limit", "0", "-F", "overhead,symbol")
    run(("perf", "report", "-i", data, "--stdio", "--percentage", "relative", *only), stdout=told)
    return told.read_text("utf-8")
