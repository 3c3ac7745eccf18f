"""Where chains begin: at cuts, and wherever else a key frame is due. Pure.

It is as encoders do it: what counts is the distance from the last key frame, whatever that was set
for. A cut begins a chain unless it is nearer than a chunk to the last head, since a strobe light
must not make chunks of single frames; libvpx sets a key frame there inside the chunk. Where a cut
follows soon after the place at which a head is due, the head waits for it: otherwise key frames
would come double.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from excamera_media.index import Index

PATIENCE: Final = 8
"""A head waits for a cut for an eighth of the distance that key frames are to have, or for a chunk
if that is more: a cut so near behind a head could begin no chain."""


@dataclass(frozen=True, slots=True)
class Due:
    """The frame at which the next chain begins where there are no cuts, and the last one at which
    it may begin for a cut."""

    frame: int
    latest: int


Spacing = Callable[[int], Due]
"""From a chain's first frame."""


def by_chunks(size: int, length: int) -> Spacing:
    """Chains of `length` chunks, each of `size` frames. Where each chunk is to have a key frame,
    none waits."""
    frames = size * length
    waits = max(frames // PATIENCE, size - 1) if length > 1 else 0
    return lambda head: Due(head + frames, head + frames + waits)


def by_time(index: Index, size: int, seconds: float) -> Spacing:
    """Chains that last about `seconds`: to the end of the chunk that ends nearest to it."""
    frames = range(index.frames + 1)

    def time(frame: int) -> float:
        return index.time_of(frame) if frame < index.frames else index.duration

    def due(head: int) -> Due:
        at = time(head) + seconds
        whole = max(0, (bisect_left(frames, at, head, key=time) - head - 1) // size)
        before, behind = (min(head + size * n, index.frames) for n in (whole, whole + 1))
        nearer = whole > 0 and at - time(before) <= time(behind) - at
        head = before if nearer else behind
        latest = bisect_right(frames, at + seconds / PATIENCE, key=time) - 1
        return Due(head, max(latest, head + size - 1))

    return due


def chain_heads(frames: int, size: int, spacing: Spacing, scenes: Sequence[int]) -> tuple[int, ...]:
    """The first frames of all chains. size: frames in a chunk. scenes: frames that are the first
    behind a cut, in order."""
    heads = [0]
    while (head := _next(heads[-1], size, spacing, scenes)) < frames:
        heads.append(head)
    return tuple(heads)


def _next(head: int, size: int, spacing: Spacing, scenes: Sequence[int]) -> int:
    due = spacing(head)
    cut = bisect_left(scenes, head + size)
    waits = cut < len(scenes) and scenes[cut] <= due.latest
    return scenes[cut] if waits else due.frame
