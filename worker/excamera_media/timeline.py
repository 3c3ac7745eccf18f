"""When every frame is shown, small enough to pass around.

A timeline is a strictly increasing list of timestamps in ticks of a time base. It is written as
``[start, step, repeats, step, repeats, ...]``: a film of constant rate takes three numbers, however
long it is, and a film of variable rate takes two a frame at worst.
"""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from excamera_media.errors import BadInput
from excamera_media.plain import wholes

MAX_FRAMES = 1 << 24
"""More than three days at 60 frames a second; beyond it, a timeline is taken for nonsense."""


@dataclass(frozen=True)
class Timeline:
    """Timestamps in presentation order. Compares by value; iterates and indexes like a tuple."""

    ticks: tuple[int, ...]

    def __post_init__(self) -> None:
        if any(later <= earlier for earlier, later in pairwise(self.ticks)):
            raise BadInput("timestamps do not increase from frame to frame")

    def __len__(self) -> int:
        return len(self.ticks)

    def position(self, tick: int) -> int:
        """The number of the first frame at or after `tick`."""
        return bisect_left(self.ticks, tick)

    def find(self, tick: int) -> int | None:
        """The number of the frame at exactly `tick`."""
        return self._numbers.get(tick)

    def part(self, first: int, end: int) -> "Timeline":
        return Timeline(self.ticks[first:end])

    def to_json(self) -> list[int]:
        return pack(self.ticks)

    @classmethod
    def from_json(cls, packed: Sequence[int]) -> "Timeline":
        return cls(unpack(packed))

    @cached_property
    def _numbers(self) -> dict[int, int]:
        return {tick: number for number, tick in enumerate(self.ticks)}


def pack(values: Iterable[int]) -> list[int]:
    """Run-length coded differences: ``[0, 2, 4, 6, 7]`` becomes ``[0, 2, 3, 1, 1]``."""
    packed: list[int] = []
    previous: int | None = None
    for value in values:
        if previous is None:
            packed.append(value)
        elif len(packed) > 1 and packed[-2] == value - previous:
            packed[-1] += 1
        else:
            packed += (value - previous, 1)
        previous = value
    return packed


def unpack(packed: Sequence[int]) -> tuple[int, ...]:
    """The inverse of `pack`; refuses what would be longer than `MAX_FRAMES`."""
    if not packed:
        return ()
    packed = wholes(packed)
    runs = list(zip(packed[1::2], packed[2::2], strict=True))
    if any(repeats < 1 for _, repeats in runs) or sum(run[1] for run in runs) >= MAX_FRAMES:
        raise BadInput("a list of timestamps has runs of impossible length")
    values = [packed[0]]
    for step, repeats in runs:
        start = values[-1]
        values.extend(start + step * count for count in range(1, repeats + 1))
    return tuple(values)
