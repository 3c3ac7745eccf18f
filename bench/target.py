"""Jobs that name a quality: what they reach, and what the search costs in processor time."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from bench.clips import RECIPES, Clip, clip
from bench.footage import BUNNY
from bench.table import markdown, times
from bench.timing import Argv, cpu_seconds
from excamera.report import decibels

TARGETS = (12, 15, 18)
KINDS = ("five cuts", "camera, moving", "film grain", "screen")
HEAD = ("clip", "asked", "reached", "missed by", "cq-level", "by the job at that level")


def tables(folder: Path) -> Iterator[str]:
    """The table of this section."""
    clips = [Clip("example", BUNNY), *(clip(folder, one) for one in RECIPES if one.name in KINDS)]
    rows = [_row(folder, one, target) for one in clips for target in TARGETS]
    yield markdown("Target quality: SSIM in dB, CPU of the whole job", HEAD, rows)


def _row(folder: Path, clip: Clip, target: int) -> tuple[str, ...]:
    searching, output = _encoded(folder, clip, "--ssim-db", str(target))
    plain, _ = _encoded(folder, clip, "--cq-level", str(output["cq_level"]))
    reached = decibels(float(output["ssim"]))
    return (
        clip.name,
        str(target),
        f"{reached:.2f}",
        f"{abs(reached - target):.2f}",
        str(output["cq_level"]),
        times(searching / plain),
    )


def _encoded(folder: Path, clip: Clip, *quality: str) -> tuple[float, dict[str, float]]:
    """CPU seconds, and what the job's manifest says of its output."""
    manifest = folder / "target.json"
    job: Argv = ("excamera", "encode", clip.y4m, "-o", folder / "target.webm", "--no-audio")
    seconds = cpu_seconds((*job, *quality, "--json", "--output-manifest", manifest))
    output: dict[str, float] = json.loads(manifest.read_text("utf-8"))["output"]
    return seconds, output
