"""CPU of the whole job, from the source to the finished file, against vpxenc over the clip.

A long clip is measured as well as a short one: what a job spends once counts for less in it, and
users' clips are long. It is the example clip forwards and back again and again.
"""

from __future__ import annotations

import json
import statistics
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import tee
from pathlib import Path
from sys import executable

from bench.accounts import AGENTS, COORDINATOR, INDEX, JOIN
from bench.clips import animation, film
from bench.footage import BUNNY
from bench.sizes import VPXENC
from bench.table import lines, markdown, times
from bench.timing import Argv, in_turn, ratio, run

CQ_LEVEL = "28"
SHAPE = ("--chunk-frames", "6", "--chain-length", "16", "--cq-level", CQ_LEVEL)
LONG = 960  # frames
ROUNDS = {132: 3, LONG: 1}  # by frames
BAR = 1.4

# What the programs of an account are called in the table, in its order.
NAMES = {
    "xc encode": "`xc encode`",
    "excamera-media frames": "`excamera-media frames`",
    "xc rebase": "`xc rebase`",
    "xc state": "`xc state` of chains' heads",
    "xc compare": "`xc compare` of chains' heads",
    "excamera-media scenes": "`excamera-media scenes`",
    INDEX: "index, `xc --version`",
    JOIN: "join",
    AGENTS: "worker agents, attempts that were given up",
    COORDINATOR: "coordinator and rendezvous",
}


@dataclass(frozen=True, slots=True)
class Measured:
    """A job of one clip: its CPU by vpxenc's, and by program in seconds, beside vpxenc's."""

    name: str
    ratio: float
    seconds: Mapping[str, float]
    vpxenc: float


def tables(folder: Path) -> Iterator[str]:
    """The tables of this section, the first one row by row as they take minutes each."""
    shown, measured = tee(_jobs(folder))
    title = (
        f"CPU of a job with ExCamera[6,16] at cq-level {CQ_LEVEL}, against vpxenc; the bar is"
        f" {times(BAR)}, in bold what is above"
    )
    head = ("clip", "against vpxenc", "vpxenc")
    yield from lines(title, head, map(_row, shown))
    yield by_program(measured)


def _row(job: Measured) -> tuple[str, ...]:
    return job.name, _marked(job.ratio), f"{job.vpxenc:.1f} s"


def _jobs(folder: Path) -> Iterator[Measured]:
    yield _from_example(folder)
    yield from (_from_y4m(folder, frames) for frames in ROUNDS)
    yield _from_long_film(folder)


def by_program(measured: Iterable[Measured]) -> str:
    """Where the CPU of these jobs goes, by vpxenc's."""
    jobs = tuple(measured)
    others = {name for job in jobs for name in job.seconds} - NAMES.keys()
    names = {**NAMES, **{name: f"`{name}`" for name in sorted(others)}}
    shares = [{name: job.seconds.get(name, 0.0) / job.vpxenc for name in names} for job in jobs]
    rows = [(shown, *(f"{of[name]:.3f}" for of in shares)) for name, shown in names.items()]
    rows.append(("all", *(f"{sum(of.values()):.3f}" for of in shares)))
    title = (
        "The same by program: user and system seconds, as workers report them and as the kernel has"
        " them of the rest, by vpxenc's (one job each)"
    )
    return markdown(title, ("what", *(job.name for job in jobs)), rows)


def _marked(ratio: float) -> str:
    return f"**{times(ratio)}**" if ratio > BAR else times(ratio)


def _from_example(folder: Path) -> Measured:
    """All of it: from an MP4, with its sound, to a WebM. vpxenc gets its pictures decoded."""
    job = (BUNNY, folder / "work.webm", *SHAPE)
    pictures = animation(folder, frames=132).y4m
    return _measured(folder, "the example, from MP4 to WebM", job, pictures, 3)


def _from_y4m(folder: Path, frames: int) -> Measured:
    clip = animation(folder, frames=frames)
    job = (clip.y4m, folder / "work.ivf", "--no-audio", *SHAPE)
    return _measured(folder, clip.name, job, clip.y4m, ROUNDS[frames])


def _from_long_film(folder: Path) -> Measured:
    """vpxenc gets the pictures as they were before the film was made of them."""
    clip = animation(folder, frames=LONG)
    job = (film(clip), folder / "work-long.webm", *SHAPE)
    return _measured(folder, f"{clip.name}, from MP4 to WebM", job, clip.y4m, ROUNDS[LONG])


def _measured(folder: Path, name: str, job: Argv, pictures: Path, rounds: int) -> Measured:
    source, output, *options = job
    encode = ("excamera", "encode", source, "-o", output, "--json", *options)
    vpxenc = (*VPXENC, f"--cq-level={CQ_LEVEL}", "-o", folder / "work-whole.ivf", pictures)
    measured = in_turn({"job": encode, "vpxenc": vpxenc}, rounds=rounds)
    told = folder / "work.json"
    run((executable, "-m", "bench.accounts", *job), stdout=told)
    seconds: dict[str, float] = json.loads(told.read_text("utf-8"))
    against = ratio(measured, "job", "vpxenc")
    return Measured(name, against, seconds, statistics.median(measured["vpxenc"]))
