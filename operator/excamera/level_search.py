"""Which cq-level gives a wanted SSIM, found by trying some. Pure.

With each octave of the quantiser SSIM falls by 2¼ dB on most clips (docs/benchmarks.md): from a
level that was tried, the next is guessed well. But steps may come out larger or smaller, or change
nothing. So a level counts only once it was tried; between one that is too good and one that is not
good enough, the next is guessed in proportion, or in the middle if that did not lead far; and where
no level is left between them, the better of both is taken.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from excamera.job import BEST_LEVEL, SMALLEST_LEVEL

DECIBELS_AN_OCTAVE: Final = 2.25

USUAL_AT_ONE: Final = 29.6
"""Decibels that a quantiser of 1 would give; clips differ by one or two either way."""

HALVED_AFTER: Final = 4
"""Tries. Where proportion has not led to the target by then, the curve has a cliff."""

QUANTISERS: Final = (
    *(4, 5, 6, 7, 8, 9, 11, 12, 13, 14, 16, 17, 19, 21, 22, 23, 24, 25, 27, 28, 29, 30, 31, 32),
    *(33, 34, 35, 37, 39, 41, 43, 45, 47, 49, 51, 53, 55, 57, 60, 64, 68, 72, 78, 84, 90, 96),
    *(102, 108, 114, 122, 131, 140, 149, 158, 167, 177, 189, 201, 213, 225, 239, 254, 269, 284),
)
"""Of AC coefficients by cq-level: libvpx's index for the level in the table of RFC 6386, 14.1."""


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
    return _nearest_to((USUAL_AT_ONE - target) / DECIBELS_AN_OCTAVE)


def expected_level(target: float, level: int, decibels: float) -> int:
    """Where the target may be expected, given what a level gives."""
    return _nearest_to(_octaves(level) + (decibels - target) / DECIBELS_AN_OCTAVE)


def propose(
    target: float, tried: Mapping[int, float], *, first: int, tolerance: float, most: int
) -> Try | Take:
    """What to do next, given the decibels of each level that was tried; `first` when none was.

    The first level within `tolerance` of the target is taken; otherwise the best of those tried,
    once no better one can be guessed, or `most` have been tried.
    """
    if not tried:
        return Try(first)
    best = nearest(target, tried)
    if abs(tried[best] - target) <= tolerance or len(tried) >= most:
        return Take(best)
    guess = _guess(target, tried)
    return Take(best) if guess is None else Try(guess)


def nearest(target: float, tried: Mapping[int, float]) -> int:
    """The level that comes nearest to the target; of two as near, the one with more quality. Where
    levels give the same, it is the smallest that is good enough, or else the best."""

    def miss(level: int) -> tuple[float, bool, int]:
        poor = tried[level] < target
        return abs(tried[level] - target), poor, level if poor else -level

    return min(tried, key=miss)


def _guess(target: float, tried: Mapping[int, float]) -> int | None:
    """An untried level that may be better than all that were tried; None if there is none."""
    good = max((level for level, decibels in tried.items() if decibels >= target), default=None)
    poor = min((level for level in tried if good is None or level > good), default=None)
    if good is None or poor is None:
        edge, end = (poor, BEST_LEVEL) if good is None else (good, SMALLEST_LEVEL)
        assert edge is not None, "something was tried"
        return _beyond(edge, end, expected_level(target, edge, tried[edge]))
    if poor - good == 1:
        return None
    if len(tried) >= HALVED_AFTER:
        return (good + poor) // 2
    part = (tried[good] - target) / (tried[good] - tried[poor])
    between = _octaves(good) + part * (_octaves(poor) - _octaves(good))
    return min(max(_nearest_to(between), good + 1), poor - 1)


def _beyond(edge: int, end: int, expected: int) -> int | None:
    """The expected level, but beyond the edge of those tried; all levels end at `end`."""
    if edge == end:
        return None
    return max(expected, edge + 1) if end > edge else min(expected, edge - 1)


def _octaves(level: int) -> float:
    return math.log2(QUANTISERS[level])


def _nearest_to(octaves: float) -> int:
    return min(range(len(QUANTISERS)), key=lambda level: abs(_octaves(level) - octaves))
