"""Jobs that name a quality: what they reach, and what the search costs in processor time."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.clips import RECIPES, Clip, clip
from bench.footage import BUNNY
from bench.table import lines, times
from bench.timing import Argv, Ended, run
from excamera.choosing import PROMISED

TITLE = (
    f"Target quality: SSIM in dB, missed in bold where by more than {PROMISED}; CPU of the whole"
    " job, by that of a job of the same clip at the level that was found"
)
TARGETS = (12, 15, 18)
KINDS = ("five cuts", "camera, moving", "screen", "film grain")
HEAD = ("clip", "asked", "reached", "missed by", "cq-level", "surveys", "CPU")

Report = dict[str, Any]  # of `excamera encode --json`


def tables(folder: Path) -> Iterator[str]:
    """The table of this section, row by row as they take minutes each."""
    yield from lines(TITLE, HEAD, _rows(folder))


def _rows(folder: Path) -> Iterator[tuple[str, ...]]:
    yield from _of_clip(folder, Clip("the example", BUNNY))
    for kind in KINDS:
        (recipe,) = (recipe for recipe in RECIPES if recipe.name == kind)
        yield from _of_clip(folder, clip(folder, recipe))


def _of_clip(folder: Path, clip: Clip) -> Iterator[tuple[str, ...]]:
    """What a job costs that is given the level is measured once a level, not once a target."""
    plain: dict[int, float] = {}
    for target in TARGETS:
        ended, report = _encoded(folder, clip, "--ssim-db", str(target))
        level = report["cq_level"]
        if level not in plain:
            plain[level] = _encoded(folder, clip, "--cq-level", str(level))[0].cpu_seconds
        yield row(clip.name, target, report, surveys(ended.said), ended.cpu_seconds / plain[level])


def row(name: str, target: int, report: Report, surveys: int, cpu: float) -> tuple[str, ...]:
    """One job's: `cpu` is by that of the job that was given the level."""
    reached = float(report["ssim_db"])
    miss = abs(reached - target)
    missed = f"**{miss:.2f}**" if miss > PROMISED else f"{miss:.2f}"
    level = str(report["cq_level"])
    return name, str(target), f"{reached:.2f}", missed, level, str(surveys), times(cpu)


def surveys(said: str) -> int:
    """How many there were, by what the job said while it searched."""
    return sum(line.startswith("survey of ") for line in said.splitlines())


def _encoded(folder: Path, clip: Clip, *quality: str) -> tuple[Ended, Report]:
    told = folder / "target.json"
    job: Argv = ("excamera", "encode", clip.y4m, "-o", folder / "target.webm", "--no-audio")
    ended = run((*job, *quality, "--json"), stdout=told)
    return ended, json.loads(told.read_text("utf-8"))
