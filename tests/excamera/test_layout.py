"""What chunks and key frames came to, and what is said where they cannot be as asked."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from excamera.job import Encoding
from excamera.layout import Layout, layout, unmet
from excamera.plan import plan
from tests.excamera.sources import source


def made(encoding: Encoding, cuts: tuple[int, ...] | None = None, frames: int = 600) -> Layout:
    index = source(frames)
    return layout(index, encoding, plan(index, encoding, cuts or ()), cuts)


def told(encoding: Encoding, frames: int = 600, rate: int = 24) -> str:
    index = source(frames, rate=rate)
    return unmet(index, encoding, plan(index, encoding).chunk_frames)


@given(st.integers(1, 24), st.integers(1, 160), st.integers(5, 60))
def test_key_frames_are_planned_by_what_the_plan_goes_by(size: int, eighths: int, rate: int):
    assume(eighths * rate % (8 * size) != 4 * size)  # halfway between two is another matter
    encoding = Encoding(chunk_frames=size, keyframe_seconds=eighths / 8)
    index = source(2000, rate=rate)
    planned = plan(index, encoding)
    heads = [chunk.first_frame for chunk in planned.chunks if chunk.begins_chain]
    came = layout(index, encoding, planned, None)
    assert {after - before for before, after in pairwise(heads)} <= {came.keyframe_frames}
    assert came.keyframe_frames == came.chain_length * size
    assert came.keyframe_seconds == pytest.approx(came.keyframe_frames / rate)


def test_what_a_job_leaves_open_is_told() -> None:
    assert made(Encoding(chunk_frames=None)) == Layout(6, 16, 96, 4.0, 7, None)
    assert made(Encoding(chunk_frames=None), frames=30_000).chunk_frames == 12
    by_chunks = made(Encoding(chunk_frames=12, chain_length=3))
    assert (by_chunks.keyframe_frames, by_chunks.keyframe_seconds) == (36, 1.5)


def test_chains_that_begin_at_cuts_are_counted_and_so_is_none() -> None:
    assert made(Encoding(), cuts=(50, 51, 300)).chains_at_cuts == 2
    assert made(Encoding(), cuts=()).chains_at_cuts == 0


@pytest.mark.parametrize(
    ("encoding", "says"),
    [
        (
            Encoding(keyframe_seconds=0.1),
            "key frames are planned every 0.25 s, not every 0.1 s: chains are of whole chunks, and"
            " one of 6 frames lasts 0.25 s; chunks of 2 would make it 0.0833 s",
        ),
        (
            Encoding(chunk_frames=100, keyframe_seconds=1.0),
            "key frames are planned every 4.17 s, not every 1 s: chains are of whole chunks, and"
            " one of 100 frames lasts 4.17 s; chunks of 24 would make it 1 s",
        ),
        (Encoding(chunk_frames=1000), "every 41.7 s, not every 4 s"),
        (Encoding(chunk_frames=16, keyframe_seconds=1.0), "every 0.667 s, not every 1 s"),
    ],
)
def test_a_distance_that_cannot_be_is_told_with_what_it_becomes(
    encoding: Encoding, says: str
) -> None:
    assert says in told(encoding)
    assert says in told(encoding, frames=90), "of a clip that is shorter as well"


def test_chunks_that_would_come_no_nearer_are_not_advised() -> None:
    slow = told(Encoding(chunk_frames=1, keyframe_seconds=0.1), rate=5)
    assert slow.endswith("one of 1 frames lasts 0.2 s; no smaller chunks come nearer")


@pytest.mark.parametrize(
    "encoding",
    [
        Encoding(),
        Encoding(keyframe_seconds=0.26),
        Encoding(chunk_frames=24, keyframe_seconds=4.2),
        Encoding(chunk_frames=100, chain_length=1),
    ],
)
def test_of_a_distance_that_is_met_to_a_tenth_nothing_is_said(encoding: Encoding) -> None:
    assert told(encoding) == ""
