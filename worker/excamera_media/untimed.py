"""The clock of a source: its timeline, rate and time base, also where it has no timestamps."""

from collections import Counter
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from av.video.stream import VideoStream

from excamera_media.packets import PacketTable
from excamera_media.plain_decode import HOLDS_MORE, Decoded
from excamera_media.timeline import Timeline

_DEFAULT_RATE = Fraction(25)
_MOST = 1_001_000


@dataclass(frozen=True)
class Clock:
    """`end` is the tick at which the last frame ends; `rate` is frames a second, on average."""

    timeline: Timeline
    end: int
    time_base: tuple[int, int]
    rate: tuple[int, int]


def clock_of(
    stream: VideoStream, ticks: list[int] | None, last: tuple[int, int], frames: int = 0
) -> Clock:
    """From timestamps, or at a constant rate for `frames` frames if there are none.

    `last` is the timestamp and duration of the packet that is shown last.
    """
    declared = stream.average_rate or stream.guessed_rate or _DEFAULT_RATE
    if ticks is None:
        base = 1 / declared
        return Clock(Timeline(tuple(range(frames))), frames, _pair(base), _pair(declared))
    base = stream.time_base or 1 / declared
    steps = Counter(later - earlier for earlier, later in pairwise(ticks))
    usual = steps.most_common(1)[0][0] if steps else max(1, round(1 / declared / base))
    known = last[1] if last[0] == ticks[-1] else 0
    rate = 1 / (usual * base) if len(steps) == 1 else declared
    return Clock(
        Timeline(tuple(ticks)), ticks[-1] + (known or usual), _pair(base), _pair(_plain(rate))
    )


def placed_ticks(stream: VideoStream, seen: Decoded, table: PacketTable) -> list[int] | None:
    """When frames are shown where only the places of packets in the file are times, as in AVI.

    One frame is shown for each packet, as it comes out of a decoder that holds back no more frames
    than it has to. None if the packets do not tell.
    """
    held = next((n for n, tick in enumerate(reversed(seen.fed)) if tick is not None), 0)
    ticks = [tick for tick in seen.fed[: len(seen.fed) - held] if tick is not None]
    if stream.codec_context.codec.canonical_name in HOLDS_MORE:
        held, ticks = 0, table.decoded
    if len(ticks) + held != len(seen.ticks) or len(ticks) < 2 or not increasing(ticks):
        return None
    steps = Counter(later - earlier for earlier, later in pairwise(ticks))
    step = steps.most_common(1)[0][0]
    return ticks + [ticks[-1] + step * n for n in range(1, held + 1)]


def increasing(ticks: list[int]) -> bool:
    return all(later > earlier for earlier, later in pairwise(ticks))


def _plain(rate: Fraction) -> Fraction:
    return rate.limit_denominator(1001) if rate.numerator > _MOST else rate


def _pair(fraction: Fraction) -> tuple[int, int]:
    return fraction.numerator, fraction.denominator
