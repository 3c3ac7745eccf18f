"""Rate and quality of one encoder over one clip, and how two of them compare."""

from __future__ import annotations

import json
import math
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import bjontegaard

from bench.clips import Clip
from excamera.quality import decibels

CQ_LEVELS = (8, 18, 28, 38, 48)


@dataclass(frozen=True, slots=True)
class Point:
    """A file: its bytes, SSIM in dB of the linear mean, PSNR of all planes in dB of the mean."""

    size: int
    ssim: float
    psnr: float


Curve = tuple[Point, ...]


def point(clip: Clip, encoded: Path) -> Point:
    """Measures a file against the clip that it was made from."""
    argv = ("xc", "compare", str(clip.y4m), str(encoded), "--json", "--mean")
    said = subprocess.run(argv, check=True, capture_output=True, text=True).stdout
    mean = json.loads(said)["mean"]
    return Point(encoded.stat().st_size, decibels(mean["ssim"]), mean["psnr"])


def bd_rate(anchor: Curve, curve: Curve, quality: Callable[[Point], float]) -> float:
    """How much larger files are at equal quality, in percent (Bjøntegaard, Akima).

    Not a number where a larger file is not a better one: then there is no such thing.
    """
    if not (_rises(anchor, quality) and _rises(curve, quality)):
        return math.nan
    mean: float = bjontegaard.bd_rate(
        [p.size for p in anchor],
        [quality(p) for p in anchor],
        [p.size for p in curve],
        [quality(p) for p in curve],
        method="akima",
        min_overlap=0,
    )
    return mean


def _rises(curve: Curve, quality: Callable[[Point], float]) -> bool:
    qualities = [quality(p) for p in sorted(curve, key=lambda p: p.size)]
    return all(worse < better for worse, better in pairwise(qualities))
