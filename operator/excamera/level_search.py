"""Which cq-level gives a wanted SSIM, found by trying some. Pure.

SSIM in dB falls with the level, by about a sixth of a decibel a step, and nearly steadily; but
libvpx has steps that change nothing and others that change twice as much, so a level counts only
once it was tried, or lies between two that were. From one point the next is guessed by the usual
slope, or by the slope found so far; between a level that is too good and one that is not good
enough, in proportion.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from excamera.job import BEST_LEVEL, SMALLEST_LEVEL

USUAL_SLOPE: Final = 0.16
"""Decibels that a level costs, on clips of several kinds (docs/benchmarks.md)."""

USUAL_AT_BEST: Final = 21.5
"""Decibels at level 0, by the same clips; they differ by three either way."""

LEAST_SLOPE, MOST_SLOPE = 0.08, 0.4
"""What is taken for a slope of the whole curve, and not of one step."""


@dataclass(frozen=True, slots=True)
class Try:
    """This level should be tried next; it has not been."""

    level: int


@dataclass(frozen=True, slots=True)
class Take:
    """This level, which was tried, is the one."""

    level: int


def usual_level(target: float) -> int:
    """What to begin with when nothing is known of a clip."""
    return _within(round((USUAL_AT_BEST - target) / USUAL_SLOPE))


def propose(
    target: float,
    tried: Mapping[int, float],
    *,
    first: int,
    slope: float = USUAL_SLOPE,
    tolerance: float,
    most: int,
) -> Try | Take:
    """What to do next, given the decibels of each level that was tried.

    first: the level to begin with. slope: how many decibels a level is thought to cost until two
    levels tell. The first level within `tolerance` of the target is taken; otherwise the best of
    those tried once no better one can lie between them, or `most` have been tried.
    """
    if not tried:
        return Try(_within(first))
    best = nearest(target, tried)
    if abs(tried[best] - target) <= tolerance or len(tried) >= most:
        return Take(best)
    guess = _guess(target, tried, slope)
    return Take(best) if guess is None else Try(guess)


def nearest(target: float, tried: Mapping[int, float]) -> int:
    """The level that comes nearest to the target; of two alike, the better one."""
    return min(tried, key=lambda level: (abs(tried[level] - target), level))


def slope_of(tried: Mapping[int, float], otherwise: float = USUAL_SLOPE) -> float:
    """Decibels that a level costs between the outermost of those tried, within reason."""
    if len(tried) < 2:
        return otherwise
    low, high = min(tried), max(tried)
    return min(max((tried[low] - tried[high]) / (high - low), LEAST_SLOPE), MOST_SLOPE)


def extrapolated(target: float, tried: Mapping[int, float], slope: float = USUAL_SLOPE) -> int:
    """The level at which the target may be expected, tried or not."""
    best = nearest(target, tried)
    return _within(best + round((tried[best] - target) / slope_of(tried, slope)))


def _guess(target: float, tried: Mapping[int, float], slope: float) -> int | None:
    """An untried level that may be better than all that were tried; None if there is none."""
    good = max((level for level, decibels in tried.items() if decibels >= target), default=None)
    poor = min((level for level in tried if good is None or level > good), default=None)
    if good is None:
        assert poor is not None, "something was tried"
        return _beyond(poor, target, tried, slope, BEST_LEVEL)
    if poor is None:
        return _beyond(good, target, tried, slope, SMALLEST_LEVEL)
    if poor - good == 1:
        return None
    part = (tried[good] - target) / (tried[good] - tried[poor])
    return min(max(good + round(part * (poor - good)), good + 1), poor - 1)


def _beyond(
    edge: int, target: float, tried: Mapping[int, float], slope: float, end: int
) -> int | None:
    """A level between the edge of those tried and the end of all levels, both without."""
    if edge == end:
        return None
    steps = round((tried[edge] - target) / slope_of(tried, slope))
    onward = 1 if end > edge else -1
    return _within(edge + (max(steps, 1) if onward > 0 else min(steps, -1)))


def _within(level: int) -> int:
    return min(max(level, BEST_LEVEL), SMALLEST_LEVEL)
