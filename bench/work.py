"""CPU of the whole job, from the source to the finished file, against vpxenc over the clip.

A long clip is measured as well as a short one: what a job spends once counts for less in it, and
users' clips are long. It is the example clip forwards and back again and again.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from bench.clips import Clip, animation
from bench.footage import BUNNY
from bench.sizes import VPXENC
from bench.table import markdown, times
from bench.timing import Argv, in_turn, ratio

CQ_LEVEL = "28"
SHAPE = ("--chunk-frames", "6", "--chain-length", "16", "--cq-level", CQ_LEVEL)
ROUNDS = {132: 3, 960: 1}  # by frames


def tables(folder: Path) -> Iterator[str]:
    """The tables of this section."""
    rows = [_from_film(folder)]
    rows += [_row(folder, animation(folder, frames=n), rounds) for n, rounds in ROUNDS.items()]
    title = f"CPU of a job with ExCamera[6,16] at cq-level {CQ_LEVEL}, against vpxenc"
    yield markdown(title, ("clip", "against vpxenc"), rows)


def _from_film(folder: Path) -> tuple[str, str]:
    """All of it: from an MP4, with its sound, to a WebM. vpxenc gets its pictures decoded."""
    job = ("excamera", "encode", BUNNY, "-o", folder / "work.webm", "--json", *SHAPE)
    return _measured(folder, "the example, from MP4 to WebM", job, animation(folder, frames=132), 3)


def _row(folder: Path, clip: Clip, rounds: int) -> tuple[str, str]:
    output = folder / "work.ivf"
    job = ("excamera", "encode", clip.y4m, "-o", output, "--json", "--no-audio", *SHAPE)
    return _measured(folder, clip.name, job, clip, rounds)


def _measured(folder: Path, name: str, job: Argv, clip: Clip, rounds: int) -> tuple[str, str]:
    vpxenc = (*VPXENC, f"--cq-level={CQ_LEVEL}", "-o", folder / "work-whole.ivf", clip.y4m)
    measured = in_turn({"job": job, "vpxenc": vpxenc}, rounds=rounds)
    return name, times(ratio(measured, "job", "vpxenc"))
