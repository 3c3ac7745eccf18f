"""CPU of the whole job, from the source to the finished file, against vpxenc over the clip.

A long clip is measured as well as a short one: what a job spends once counts for less in it, and
users' clips are long. It is the example clip forwards and back again and again.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from bench.clips import Clip, animation
from bench.sizes import VPXENC
from bench.table import markdown, times
from bench.timing import in_turn, ratio

CQ_LEVEL = "28"
ROUNDS = {132: 3, 960: 1}  # by frames


def tables(folder: Path) -> Iterator[str]:
    """The tables of this section."""
    rows = [_row(folder, animation(folder, frames=n), rounds) for n, rounds in ROUNDS.items()]
    title = f"CPU of a job with ExCamera[6,16] at cq-level {CQ_LEVEL}, against vpxenc"
    yield markdown(title, ("clip", "against vpxenc"), rows)


def _row(folder: Path, clip: Clip, rounds: int) -> tuple[str, str]:
    output = folder / "work.ivf"
    shape = ("--chunk-frames", "6", "--chain-length", "16", "--cq-level", CQ_LEVEL)
    job = ("excamera", "encode", clip.y4m, "-o", output, "--json", "--no-audio", *shape)
    vpxenc = (*VPXENC, f"--cq-level={CQ_LEVEL}", "-o", output, clip.y4m)
    measured = in_turn({"job": job, "vpxenc": vpxenc}, rounds=rounds)
    return clip.name, times(ratio(measured, "job", "vpxenc"))
