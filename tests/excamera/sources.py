"""Indexes of imagined sources."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from excamera.graph_command import example_index
from excamera_media.index import Index
from excamera_media.timeline import Timeline


def source(frames: int, *, rate: int = 24, size: tuple[int, int] = (1280, 720)) -> Index:
    """One of constant frame rate."""
    index = example_index(max(frames, 1))
    width, height = size
    picture = replace(
        index.picture, width=width, height=height, source_width=width, source_height=height
    )
    timeline = Timeline(tuple(range(frames)))
    return replace(
        index, timeline=timeline, end=frames, time_base=(1, rate), rate=(rate, 1), picture=picture
    )


def uneven_source(milliseconds: Iterable[int]) -> Index:
    """One whose frames last so long each."""
    ticks = [0]
    for lasts in milliseconds:
        ticks.append(ticks[-1] + lasts)
    index = example_index(len(ticks) - 1)
    timeline = Timeline(tuple(ticks[:-1]))
    return replace(index, timeline=timeline, end=ticks[-1], time_base=(1, 1000))
