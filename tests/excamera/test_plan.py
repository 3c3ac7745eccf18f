"""The plan: frames into chunks into chains."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from excamera.errors import BadSource
from excamera.job import Encoding
from excamera.plan import Plan, plan

FRAMES = st.integers(1, 3000)
ENCODINGS = st.builds(Encoding, chunk_frames=st.integers(1, 40), chain_length=st.integers(1, 40))


@given(FRAMES, ENCODINGS)
def test_every_frame_is_in_exactly_one_chunk_and_in_order(frames: int, encoding: Encoding) -> None:
    chunks = plan(frames, encoding).chunks
    covered = [n for c in chunks for n in range(c.first_frame, c.first_frame + c.frames)]
    assert covered == list(range(frames))


@given(FRAMES, ENCODINGS)
def test_only_the_last_chunk_is_shorter(frames: int, encoding: Encoding) -> None:
    chunks = plan(frames, encoding).chunks
    assert all(chunk.frames == encoding.chunk_frames for chunk in chunks[:-1])
    assert 1 <= chunks[-1].frames <= encoding.chunk_frames


@given(FRAMES, ENCODINGS)
def test_a_chain_begins_with_a_chunk_of_its_own_and_ends_before_the_next(
    frames: int, encoding: Encoding
) -> None:
    planned = plan(frames, encoding)
    for chunk in planned.chunks:
        before, after = planned.predecessor(chunk), planned.successor(chunk)
        assert chunk.begins_chain == (before is None)
        assert chunk.ends_chain == (after is None)
        assert before is None or (before.chain, planned.successor(before)) == (chunk.chain, chunk)
        assert after is None or after.position == chunk.position + 1


def test_no_chunk_needs_a_frame_before_the_first_one() -> None:
    planned: Plan = plan(100, Encoding())
    assert all(chunk.first_frame - chunk.overlap >= 0 for chunk in planned.chunks)


def test_the_paper_s_example_has_one_key_frame_every_ninety_six_frames() -> None:
    planned = plan(960, Encoding(chunk_frames=6, chain_length=16))
    assert (len(planned.chunks), planned.chains) == (160, 10)


def test_a_source_without_frames_is_refused() -> None:
    with pytest.raises(BadSource, match="no frames"):
        plan(0, Encoding())
