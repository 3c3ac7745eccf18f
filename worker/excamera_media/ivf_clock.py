"""The clock of an IVF file: the coarsest that has a tick for every frame.

Players take the rate of an IVF from its time base, and its duration from the count of frames in
the header, each being one tick long. So where the rate is constant, a tick is a frame. Where it is
not, the count is of ticks, as ffmpeg has it.
"""

from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from math import gcd

from excamera_media.index import Index

_LARGEST = (1 << 32) - 1


@dataclass(frozen=True)
class IvfClock:
    """`ticks` of `time_base` seconds for each frame, from 0 on; `length` of the whole in them."""

    time_base: tuple[int, int]
    ticks: tuple[int, ...]
    length: int


def ivf_clock(index: Index) -> IvfClock:
    base, rate = Fraction(*index.time_base), Fraction(*index.rate)
    ticks = tuple(tick - index.timeline.ticks[0] for tick in index.timeline.ticks)
    steps = {later - earlier for earlier, later in pairwise(ticks)}
    if len(steps) == 1:
        return _constant(base * steps.pop(), len(ticks))
    if _is_rounded(ticks, base, rate):
        return _constant(1 / rate, len(ticks))
    end = index.end - index.timeline.ticks[0]
    unit = gcd(*steps, end)
    return IvfClock(_pair(base * unit), tuple(tick // unit for tick in ticks), end // unit)


def _is_rounded(ticks: tuple[int, ...], base: Fraction, rate: Fraction) -> bool:
    """Is it the constant `rate`, in timestamps too coarse for it, such as milliseconds?"""
    if rate <= 0 or base * rate > Fraction(1, 4):
        return len(ticks) == 1 and rate > 0
    step = 1 / (rate * base)
    return all(abs(tick - number * step) <= 1 for number, tick in enumerate(ticks))


def _constant(step: Fraction, frames: int) -> IvfClock:
    return IvfClock(_pair(step), tuple(range(frames)), frames)


def _pair(step: Fraction) -> tuple[int, int]:
    """As the header can hold it."""
    if max(step.numerator, step.denominator) > _LARGEST:
        step = step.limit_denominator(1_000_000)
    return step.numerator, step.denominator
