"""Size at equal quality, and CPU of the whole job, against vpxenc over the whole clip.

The anchor is vpxenc with the original's flags over the whole clip, one thread. BD-rate is taken
over five cq-levels with Akima interpolation, on SSIM in dB of the linear mean.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import bjontegaard

from bench.clips import Clip, animation
from bench.table import markdown, percent, times
from bench.timing import cpu_seconds
from excamera.report import decibels

CQ_LEVELS = (8, 18, 28, 38, 48)
SHAPES = ((6, 16), (6, 1))
# The original's (FACTS: excamera/mu), with the quality still to be added.
VPXENC = (
    *("vpxenc", "--quiet", "--ivf", "--codec=vp8", "--good", "--cpu-used=0", "--end-usage=cq"),
    *("--min-q=0", "--max-q=63", "--buf-initial-sz=10000", "--buf-optimal-sz=20000"),
    *("--buf-sz=40000", "--undershoot-pct=100", "--passes=2", "--auto-alt-ref=1", "--threads=1"),
    *("--token-parts=0", "--tune=ssim", "--target-bitrate=4294967295"),
)


Encoder = Callable[[Path, Path, int], float]


@dataclass(frozen=True, slots=True)
class Curve:
    """Sizes in bytes and SSIM in dB by cq-level, and the CPU seconds that they took."""

    sizes: tuple[int, ...]
    ssim: tuple[float, ...]
    cpu: float


def tables(folder: Path) -> Iterator[str]:
    """The tables of this section."""
    clips = (animation(folder, frames=132),)
    rows = [row for clip in clips for row in _rows(folder, clip)]
    yield markdown(
        "Files and CPU of a whole job, against vpxenc over the whole clip",
        ("clip", "encoder", *(f"cq {level}" for level in CQ_LEVELS), "BD-rate", "CPU"),
        rows,
    )


def _rows(folder: Path, clip: Clip) -> Iterator[tuple[str, ...]]:
    anchor = _curve(clip, _whole_clip, folder / "whole.ivf")
    yield clip.name, "vpxenc", *_cells(anchor), "–", "–"
    for shape in SHAPES:
        curve = _curve(clip, partial(_job, shape), folder / "job.ivf")
        rate = bjontegaard.bd_rate(
            anchor.sizes, anchor.ssim, curve.sizes, curve.ssim, method="akima", min_overlap=0
        )
        name = f"ExCamera[{shape[0]},{shape[1]}]"
        yield clip.name, name, *_cells(curve), percent(rate), times(curve.cpu / anchor.cpu)


def _curve(clip: Clip, encode: Encoder, output: Path) -> Curve:
    points = [_point(clip, encode, output, level) for level in CQ_LEVELS]
    sizes, ssim, cpu = zip(*points, strict=True)
    return Curve(sizes, ssim, sum(cpu))


def _point(clip: Clip, encode: Encoder, output: Path, level: int) -> tuple[int, float, float]:
    spent = encode(clip.y4m, output, level)
    argv = ("xc", "compare", str(clip.y4m), str(output), "--json")
    compared = subprocess.run(argv, check=True, capture_output=True, text=True).stdout
    quality = decibels(json.loads(compared)["mean"]["ssim"])
    return output.stat().st_size, quality, spent


def _whole_clip(source: Path, output: Path, level: int) -> float:
    return cpu_seconds((*VPXENC, f"--cq-level={level}", "-o", output, source))


def _job(shape: tuple[int, int], source: Path, output: Path, level: int) -> float:
    chunk_frames, chain_length = shape
    return cpu_seconds(
        (
            *("excamera", "encode", source, "-o", output, "--json", "--no-audio"),
            *("--chunk-frames", str(chunk_frames), "--chain-length", str(chain_length)),
            *("--cq-level", str(level)),
        )
    )


def _cells(curve: Curve) -> tuple[str, ...]:
    points = zip(curve.sizes, curve.ssim, strict=True)
    return tuple(f"{bytes_ / 1000:.0f} kB, {quality:.1f} dB" for bytes_, quality in points)
