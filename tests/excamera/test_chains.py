"""Chains that begin at cuts."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from excamera.chains import PATIENCE
from excamera.job import Encoding
from excamera.places import FORMAT
from excamera.plan import Plan, plan
from tests.excamera.sources import source, uneven_source

FRAMES = 600
CUTS = st.lists(st.integers(1, FRAMES - 1), unique=True, max_size=60).map(sorted)
BY_CHUNKS = st.builds(Encoding, chunk_frames=st.integers(1, 24), chain_length=st.integers(1, 40))
ANY_SHAPE = BY_CHUNKS | st.builds(
    Encoding, chunk_frames=st.none() | st.integers(1, 24), keyframe_seconds=st.floats(0.1, 20)
)


def heads(planned: Plan) -> list[int]:
    """The first frames of chains."""
    return [chunk.first_frame for chunk in planned.chunks if chunk.begins_chain]


def firsts(planned: Plan) -> list[int]:
    """The first frames of chunks."""
    return [chunk.first_frame for chunk in planned.chunks]


def paper(*cuts: int, frames: int = 192) -> list[int]:
    """Of the paper's shape, which is ninety-six frames a chain."""
    return heads(plan(source(frames), Encoding(chunk_frames=6, chain_length=16), cuts))


@given(CUTS, ANY_SHAPE)
def test_every_frame_is_in_one_chunk_in_order_and_no_chunk_is_longer_than_it_may_be(
    cuts: list[int], encoding: Encoding
) -> None:
    planned = plan(source(FRAMES), encoding, cuts)
    covered = [n for c in planned.chunks for n in range(c.first_frame, c.first_frame + c.frames)]
    assert covered == list(range(FRAMES))
    assert [chunk.number for chunk in planned.chunks] == list(range(len(planned.chunks)))
    assert all(1 <= chunk.frames <= planned.chunk_frames for chunk in planned.chunks)


@given(CUTS, ANY_SHAPE)
def test_all_chunks_are_full_but_the_last_two_of_a_chain_of_which_each_is_half_full(
    cuts: list[int], encoding: Encoding
) -> None:
    planned = plan(source(FRAMES), encoding, cuts)
    for chunk, successor in pairwise(planned.chunks):
        last = planned.successor(chunk) is None or planned.successor(successor) is None
        assert chunk.frames == planned.chunk_frames or last
        assert chunk.frames >= planned.chunk_frames // 2


@given(CUTS, ANY_SHAPE)
def test_chunks_of_a_chain_follow_each_other(cuts: list[int], encoding: Encoding) -> None:
    planned = plan(source(FRAMES), encoding, cuts)
    assert planned.chunks[0].begins_chain
    assert planned.chunks[-1].ends_chain
    for before, chunk in pairwise(planned.chunks):
        assert before.ends_chain == chunk.begins_chain
        assert chunk.chain == before.chain + chunk.begins_chain
        assert chunk.begins_chain or chunk.position == before.position + 1


@given(CUTS, BY_CHUNKS)
def test_chains_are_no_longer_than_asked_but_for_a_cut_by_an_eighth_or_a_chunk(
    cuts: list[int], encoding: Encoding
) -> None:
    planned = plan(source(FRAMES), encoding, cuts)
    asked = planned.chunk_frames * (encoding.chain_length or 0)
    for head, following in pairwise(heads(planned)):
        waits = max(asked // PATIENCE, planned.chunk_frames - 1)
        at_most = asked + waits if following in cuts and encoding.chain_length != 1 else asked
        assert following - head <= at_most


@given(CUTS, st.integers(1, 24), st.floats(0.1, 20))
def test_key_frames_are_no_further_apart_than_asked_but_for_a_cut_by_an_eighth_or_a_chunk(
    cuts: list[int], size: int, seconds: float
) -> None:
    index = source(FRAMES)
    planned = plan(index, Encoding(chunk_frames=size, keyframe_seconds=seconds), cuts)
    chunk = size / 24
    for head, following in pairwise(heads(planned)):
        longest = max(seconds, chunk) + chunk / 2
        if following in cuts:
            longest = max(longest + chunk, seconds * (1 + 1 / PATIENCE))
        assert index.time_of(following) - index.time_of(head) <= longest + 1e-9


@given(CUTS, ANY_SHAPE)
def test_a_chain_begins_at_each_cut_that_is_a_chunk_or_more_behind_the_last_head(
    cuts: list[int], encoding: Encoding
) -> None:
    planned = plan(source(FRAMES), encoding, cuts)
    begun = heads(planned)
    for cut in cuts:
        before = max(head for head in begun if head <= cut)
        assert before == cut or cut - before < planned.chunk_frames


@given(CUTS, ANY_SHAPE)
def test_nothing_but_cuts_and_where_key_frames_are_due_begins_a_chain(
    cuts: list[int], encoding: Encoding
) -> None:
    planned = plan(source(FRAMES), encoding, cuts)
    for head, following in pairwise(heads(planned)):
        if following not in cuts:
            rest = source(FRAMES - head)
            assert heads(plan(rest, encoding))[1] == following - head
        else:
            assert following - head >= planned.chunk_frames


@given(CUTS, st.integers(1, 24), st.floats(0.1, 20))
def test_a_plan_with_cuts_is_the_same_whatever_comes_behind_them(
    cuts: list[int], size: int, seconds: float
) -> None:
    encoding = Encoding(chunk_frames=size, keyframe_seconds=seconds)
    whole, some = plan(source(FRAMES), encoding, cuts), cuts[: len(cuts) // 2]
    until = cuts[len(cuts) // 2] if cuts else FRAMES
    before = [head for head in heads(plan(source(FRAMES), encoding, some)) if head < until]
    longest = max(seconds, size / 24) * (1 + 1 / PATIENCE) * 24 + 2 * size
    settled = [head for head in before if head + longest < until]
    assert heads(whole)[: len(settled)] == settled


def test_without_cuts_chains_have_the_length_that_was_asked_for() -> None:
    assert paper(frames=300) == [0, 96, 192, 288]


def test_the_distance_counts_from_the_cut() -> None:
    assert paper(50, frames=300) == [0, 50, 146, 242]


def test_a_head_waits_for_a_cut_that_follows_soon() -> None:
    assert paper(99) == [0, 99]
    assert paper(108) == [0, 108]
    assert paper(109) == [0, 96, 109]
    short = Encoding(chunk_frames=6, chain_length=2)
    assert heads(plan(source(30), short, (17,))) == [0, 17, 29]
    assert heads(plan(source(30), short, (18,))) == [0, 12, 18]


def test_a_cut_right_behind_a_head_begins_no_chain() -> None:
    assert paper(30, 35, 36, 41) == [0, 30, 36, 132]
    assert paper(1, 5) == [0, 96]


def test_a_strobe_light_makes_no_chunks_of_single_frames() -> None:
    cuts = tuple(range(1, 192))
    planned = plan(source(192), Encoding(chunk_frames=6, chain_length=16), cuts)
    assert [chunk.frames for chunk in planned.chunks] == [6] * 32
    cuts = tuple(range(7, 192, 7))
    planned = plan(source(192), Encoding(chunk_frames=6, chain_length=16), cuts)
    assert [chunk.frames for chunk in planned.chunks[:4]] == [4, 3, 4, 3]


def test_other_plans_than_before_need_a_format_of_their_own() -> None:
    """Chunks of the same name that were finished by another plan would be taken for these. So
    whoever changes what is written here raises `places.FORMAT` as well."""
    cuts = (20, 27, 61)
    chunks = plan(source(100), Encoding(chunk_frames=6, chain_length=4), cuts)
    seconds = plan(source(100), Encoding(chunk_frames=6, keyframe_seconds=1.0), cuts)
    assert FORMAT == 3
    assert firsts(chunks) == [
        0,
        6,
        12,
        17,
        20,
        24,
        27,
        33,
        39,
        45,
        51,
        57,
        61,
        67,
        73,
        79,
        85,
        91,
        97,
    ]
    assert firsts(seconds) == [
        0,
        6,
        12,
        17,
        20,
        24,
        27,
        33,
        39,
        45,
        51,
        57,
        61,
        67,
        73,
        79,
        85,
        91,
        97,
    ]


def test_chains_of_one_chunk_stay_what_they_are() -> None:
    planned = plan(source(60), Encoding(chunk_frames=6, chain_length=1), (20,))
    assert heads(planned) == list(range(0, 60, 6))


def test_at_an_uneven_rate_a_head_waits_for_a_cut_by_time() -> None:
    index = uneven_source([1000] * 4 + [100] * 40 + [1000] * 20)
    encoding = Encoding(chunk_frames=2, keyframe_seconds=4)
    assert heads(plan(index, encoding))[:2] == [0, 4]
    assert heads(plan(index, encoding, (9,)))[:2] == [0, 9]
    assert heads(plan(index, encoding, (10,)))[:3] == [0, 4, 10]


@given(CUTS, ANY_SHAPE)
def test_key_frames_come_double_only_where_cuts_do(cuts: list[int], encoding: Encoding) -> None:
    planned = plan(source(FRAMES), encoding, cuts)
    if encoding.chain_length == 1:
        return
    for cut in cuts:
        before = max(head for head in heads(planned) if head <= cut)
        assert before in (cut, 0, *cuts) or cut - before >= planned.chunk_frames
