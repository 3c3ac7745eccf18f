"""The plan: frames into chunks into chains."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from excamera.errors import BadSource
from excamera.job import Encoding
from excamera.plan import Plan, plan
from excamera.shape import (
    CHUNK_FRAMES,
    CHUNKS_WANTED,
    MEGAPIXELS_AT_MOST,
    automatic_chunk_frames,
)
from tests.excamera.sources import source, uneven_source

FRAMES = st.integers(1, 3000)
ENCODINGS = st.builds(Encoding, chunk_frames=st.integers(1, 40), chain_length=st.integers(1, 40))


@given(FRAMES, ENCODINGS)
def test_every_frame_is_in_exactly_one_chunk_and_in_order(frames: int, encoding: Encoding) -> None:
    chunks = plan(source(frames), encoding).chunks
    covered = [n for c in chunks for n in range(c.first_frame, c.first_frame + c.frames)]
    assert covered == list(range(frames))


@given(FRAMES, ENCODINGS)
def test_only_the_last_chunk_is_shorter(frames: int, encoding: Encoding) -> None:
    planned = plan(source(frames), encoding)
    assert all(chunk.frames == planned.chunk_frames for chunk in planned.chunks[:-1])
    assert 1 <= planned.chunks[-1].frames <= planned.chunk_frames == encoding.chunk_frames


@given(FRAMES, ENCODINGS)
def test_a_chain_begins_with_a_chunk_of_its_own_and_ends_before_the_next(
    frames: int, encoding: Encoding
) -> None:
    planned = plan(source(frames), encoding)
    for chunk in planned.chunks:
        before, after = planned.predecessor(chunk), planned.successor(chunk)
        assert chunk.begins_chain == (before is None)
        assert chunk.ends_chain == (after is None)
        assert before is None or (before.chain, planned.successor(before)) == (chunk.chain, chunk)
        assert after is None or after.position == chunk.position + 1


def test_no_chunk_needs_a_frame_before_the_first_one() -> None:
    planned: Plan = plan(source(100), Encoding())
    assert all(chunk.first_frame - chunk.overlap >= 0 for chunk in planned.chunks)


def test_the_paper_s_example_has_one_key_frame_every_ninety_six_frames() -> None:
    planned = plan(source(960), Encoding(chunk_frames=6, chain_length=16))
    assert (len(planned.chunks), planned.chains) == (160, 10)


def test_a_source_without_frames_is_refused() -> None:
    with pytest.raises(BadSource, match="no frames"):
        plan(source(0), Encoding())


@given(st.integers(1, 400_000), st.integers(2, 16_383), st.integers(2, 16_383))
def test_automatic_chunks_depend_on_the_source_alone_and_are_of_a_sane_size(
    frames: int, width: int, height: int
) -> None:
    picture = source(1, size=(width, height)).picture
    chosen = automatic_chunk_frames(frames, picture)
    assert chosen in CHUNK_FRAMES
    megapixels = chosen * width * height / 1e6
    assert chosen == min(CHUNK_FRAMES) or megapixels <= MEGAPIXELS_AT_MOST
    assert chosen == min(CHUNK_FRAMES) or frames > CHUNKS_WANTED * min(CHUNK_FRAMES)


@pytest.mark.parametrize(
    ("hours", "size", "chosen"),
    [
        (0.1, (1280, 720), 6),
        (0.5, (1280, 720), 12),
        (2, (1280, 720), 24),
        (2, (3840, 2160), 12),
        (2, (7680, 4320), 6),
    ],
)
def test_automatic_chunks_grow_with_the_source_unless_its_picture_is_large(
    hours: float, size: tuple[int, int], chosen: int
) -> None:
    frames = round(hours * 3600 * 24)
    index = source(frames, size=size)
    planned = plan(index, Encoding(chunk_frames=None))
    assert planned.chunk_frames == planned.chunks[0].frames == chosen


@pytest.mark.parametrize(
    ("rate", "chunk_frames", "chunks"), [(24, 6, 16), (25, 6, 17), (30, 6, 20), (60, 12, 20)]
)
def test_key_frames_are_four_seconds_apart_to_the_nearest_chunk(
    rate: int, chunk_frames: int, chunks: int
) -> None:
    planned = plan(source(rate * 60, rate=rate), Encoding(chunk_frames=chunk_frames))
    heads = [chunk.number for chunk in planned.chunks if chunk.begins_chain]
    assert heads == list(range(0, len(planned.chunks), chunks))


LASTING = st.lists(st.integers(1, 3000), min_size=1, max_size=200)


@given(LASTING, st.floats(0.1, 20), st.integers(1, 9))
def test_at_uneven_rates_no_boundary_would_be_nearer_to_where_a_key_frame_is_due(
    milliseconds: list[int], seconds: float, size: int
) -> None:
    index = uneven_source(milliseconds)
    encoding = Encoding(chunk_frames=size, keyframe_seconds=seconds)
    chunks = plan(index, encoding).chunks
    times = [index.time_of(chunk.first_frame) for chunk in chunks]
    heads = [chunk.number for chunk in chunks if chunk.begins_chain]
    for before, head in pairwise(heads):
        due = times[before] + seconds
        distances = [abs(time - due) for time in times[before + 1 :]]
        assert abs(times[head] - due) <= min(distances) + 1e-9


def test_a_chain_length_is_kept_whatever_the_frame_rate() -> None:
    planned = plan(uneven_source([1, 4000] * 50), Encoding(chunk_frames=2, chain_length=5))
    assert [chunk.number for chunk in planned.chunks if chunk.begins_chain] == list(range(0, 50, 5))
