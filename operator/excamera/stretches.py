"""Into which parts a source is cut up to look for cuts, before there is a plan. Pure.

A stretch takes a worker a second or two, so that the start of a program counts for little and many
workers are at it. To judge a stretch's first frames some before them are decoded, and to decode
these the key frame before them. So a stretch begins a few frames behind a key frame, from which
they are decoded, and but for these few no frame is decoded twice. A source in which frames can only
be counted has one stretch: each further one would be decoded from the first byte.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from excamera_media.index import SEEK, Index
from excamera_media.scenes import LEAD

MEGAPIXELS: Final = 500.0
"""In a stretch, at least; decoders take about 3 ms for each (docs/benchmarks.md)."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Consecutive frames in which cuts are looked for."""

    number: int
    first_frame: int
    frames: int

    @property
    def name(self) -> str:
        """The task's; sorts like the number."""
        return f"stretch-{self.number:06d}"


def stretches(index: Index) -> tuple[Stretch, ...]:
    """The whole source."""
    begins = _begins(index)
    ends = (*begins[1:], index.frames)
    return tuple(
        Stretch(number, begin, end - begin)
        for number, (begin, end) in enumerate(zip(begins, ends, strict=True))
    )


def _begins(index: Index) -> list[int]:
    picture = index.picture
    least = max(1, round(MEGAPIXELS * 1e6 / (picture.source_width * picture.source_height)))
    begins = [0]
    for key in index.keys if index.access == SEEK else ():
        begin = index.timeline.position(key) + LEAD
        if begin - begins[-1] >= least and index.frames - begin >= least // 2:
            begins.append(begin)
    return begins
