"""Many jobs in a row with random faults: `python -m tests.soak [--jobs 50] [--seed N]`.

Prints the seed, what was done to each job, and the figures before and after; the exit status is 1
if an output has other bytes than an undisturbed run, if something was left behind or has grown, or
if too many of the faults came too late to hit anything.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import random
import sys
import tempfile
import time
from pathlib import Path

from tests.local.clips import drawn
from tests.soak.faults import FAULTS, nothing
from tests.soak.figures import Figures, table
from tests.soak.jobs import Soak
from tests.soak.tally import Tally

WARM_UP = 5
"""Undisturbed jobs before the first figures are taken: what is cached once is no leak."""
SETTLE_SECONDS = 30.0
MEMORY_MIB = 12.0
"""That the process may have grown by over all jobs: allocators keep some of what they get."""


def main() -> int:
    options = _options()
    # What workers that are killed leave in the log is no news here.
    logging.disable(logging.CRITICAL)
    print(f"soak: {options.jobs} jobs, --seed {options.seed}", flush=True)
    with tempfile.TemporaryDirectory(prefix="excamera-soak-") as folder:
        wrong = asyncio.run(_soak(Path(folder), options.jobs, random.Random(options.seed)))
    for line in wrong:
        print(f"soak: {line}", file=sys.stderr)
    return 1 if wrong else 0


async def _soak(folder: Path, jobs: int, chance: random.Random) -> list[str]:
    clip = drawn(folder / "clip.mp4", frames=24)
    wrong: list[str] = []
    tally = Tally()
    async with Soak(folder, clip) as soak:
        for number in range(WARM_UP):
            expected, _ = await soak.job(number, nothing, chance)
        before = after = await _settled(soak, None)
        rows = {"before": before}
        for number in range(1, jobs + 1):
            fault, began = chance.choice(FAULTS), time.monotonic()
            output, hit = await soak.job(WARM_UP + number, fault, chance)
            hit = hit or fault is nothing
            tally.note(fault, hit=hit)
            same = output == expected
            seconds = time.monotonic() - began
            said = "the same bytes" if same else "OTHER BYTES"
            late = "" if hit else ", not hit"
            print(f"{number:3} {fault.__name__:20} {seconds:5.1f} s  {said}{late}", flush=True)
            if not same:
                wrong.append(f"job {number} ({fault.__name__}) has other bytes")
            if number % max(1, jobs // 5) == 0 or number == jobs:
                rows[f"after {number}"] = after = await _settled(soak, before)
    print(f"{tally}\n\n{table(rows)}", flush=True)
    return wrong + tally.wrong + after.grown_since(before, MEMORY_MIB)


async def _settled(soak: Soak, before: Figures | None) -> Figures:
    """The figures once they are no higher than before, or patience is over."""
    until = time.monotonic() + SETTLE_SECONDS
    await asyncio.sleep(2.0)
    figures = soak.figures()
    while before and figures.grown_since(before, MEMORY_MIB) and time.monotonic() < until:
        await asyncio.sleep(1.0)
        figures = soak.figures()
    return figures


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Many jobs in a row, with random faults.")
    parser.add_argument("--jobs", type=int, default=50)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
