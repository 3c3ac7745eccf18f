"""What a job's chunks and key frames came to for its source, by its settings or without. Pure.

A chain is of whole chunks, so key frames cannot come at every distance. What they are planned by is
the number of chunks that comes nearest to what was asked for; cuts only add to them.
"""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from excamera.job import Encoding
from excamera.plan import Plan
from excamera_media.index import Index

TOLERATED: Final = 0.1
"""The part of the distance asked for by which key frames may miss it before anybody is told."""


@dataclass(frozen=True, slots=True)
class Distance:
    """From one key frame to the next where no cut comes between: chunks, frames and seconds. Where
    the frame rate varies, frames go by its mean."""

    chunks: int
    frames: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Layout:
    """`chunk_frames` is N of ExCamera[N, x], `chain_length` x. Key frames are planned by
    `keyframe_frames`, or `keyframe_seconds`. So many `chains` there are, each of which begins with
    one; `chains_at_cuts` begin where the picture changes, None if nobody looked for cuts."""

    chunk_frames: int
    chain_length: int
    keyframe_frames: int
    keyframe_seconds: float
    chains: int
    chains_at_cuts: int | None


def layout(index: Index, encoding: Encoding, planned: Plan, cuts: Collection[int] | None) -> Layout:
    """cuts: frames that are the first behind one."""
    distance = distance_of(index, encoding, planned.chunk_frames)
    heads = {chunk.first_frame for chunk in planned.chunks if chunk.begins_chain}
    return Layout(
        chunk_frames=planned.chunk_frames,
        chain_length=distance.chunks,
        keyframe_frames=distance.frames,
        keyframe_seconds=distance.seconds,
        chains=planned.chains,
        chains_at_cuts=None if cuts is None else len(heads.intersection(cuts)),
    )


def distance_of(index: Index, encoding: Encoding, size: int) -> Distance:
    """By which key frames are planned if chunks have `size` frames."""
    frame = _seconds_a_frame(index)
    asked = encoding.distance_seconds
    chunks = encoding.chain_length or 1
    if asked is not None:
        chunks = max(1, math.ceil(asked / (size * frame) - 0.5))
    return Distance(chunks, chunks * size, chunks * size * frame)


def unmet(index: Index, encoding: Encoding, size: int) -> str:
    """What to tell people if key frames cannot be as far apart as was asked for; else nothing."""
    asked = encoding.distance_seconds
    if asked is None:
        return ""
    distance = distance_of(index, encoding, size)
    if _miss(distance, asked) <= TOLERATED * asked:
        return ""
    return (
        f"key frames are planned every {distance.seconds:.3g} s, not every {asked:g} s: chains are"
        f" of whole chunks, and one of {size} frames lasts {size * _seconds_a_frame(index):.3g} s;"
        f" {_advice(index, encoding, size, asked)}"
    )


def _advice(index: Index, encoding: Encoding, size: int, asked: float) -> str:
    ways = [distance_of(index, encoding, fewer) for fewer in range(1, size)]
    nearest = min(ways, key=lambda way: (_miss(way, asked), way.chunks), default=None)
    if nearest is None or _miss(nearest, asked) >= _miss(distance_of(index, encoding, size), asked):
        return "no smaller chunks come nearer"
    fewer = nearest.frames // nearest.chunks
    return f"chunks of {fewer} would make it {nearest.seconds:.3g} s"


def _miss(distance: Distance, asked: float) -> float:
    return abs(distance.seconds - asked)


def _seconds_a_frame(index: Index) -> float:
    return index.duration / index.frames
