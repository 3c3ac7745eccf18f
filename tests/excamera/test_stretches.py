"""The parts of a source in which cuts are looked for."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from excamera.found_scenes import scenes_of
from excamera.stretches import MEGAPIXELS, Stretch, stretches
from excamera_media.cut import cut
from excamera_media.index import SEQUENTIAL
from excamera_media.scenes import LEAD, Scenes
from tests.excamera.sources import source

FRAMES = st.integers(1, 20_000)
GROUPS = st.integers(1, 400)
SIZES = st.sampled_from([(176, 144), (1280, 720), (3840, 2160), (16_383, 16_383)])


@given(FRAMES, GROUPS, SIZES)
def test_every_frame_is_in_exactly_one_stretch(
    frames: int, group: int, size: tuple[int, int]
) -> None:
    index = replace(source(frames, size=size), keys=tuple(range(0, frames, group)))
    made = stretches(index)
    covered = [n for s in made for n in range(s.first_frame, s.first_frame + s.frames)]
    assert covered == list(range(frames))
    assert [one.number for one in made] == list(range(len(made)))


@given(FRAMES, GROUPS, SIZES)
def test_no_frame_is_decoded_twice_but_those_at_the_ends_of_stretches(
    frames: int, group: int, size: tuple[int, int]
) -> None:
    index = replace(source(frames, size=size), keys=tuple(range(0, frames, group)))
    for stretch in stretches(index)[1:]:
        needed = cut(index, stretch.first_frame - LEAD, LEAD + stretch.frames)
        assert needed.base == stretch.first_frame - LEAD


@given(FRAMES, GROUPS)
def test_a_stretch_is_worth_the_start_of_a_program(frames: int, group: int) -> None:
    index = replace(source(frames), keys=tuple(range(0, frames, group)))
    *front, last = stretches(index)
    megapixels = 1280 * 720 / 1e6
    assert all(one.frames * megapixels >= MEGAPIXELS - megapixels for one in front)
    assert not front or last.frames * megapixels >= MEGAPIXELS / 2 - megapixels


def test_a_film_is_looked_through_by_many() -> None:
    hour = replace(source(3600 * 24), keys=tuple(range(0, 3600 * 24, 48)))
    assert 100 < len(stretches(hour)) < 400


@pytest.mark.parametrize("keys", [(), (0,), (5,)])
def test_a_source_with_no_key_frames_on_the_way_is_one_stretch(keys: tuple[int, ...]) -> None:
    assert stretches(replace(source(9000), keys=keys)) == (Stretch(0, 0, 9000),)


def test_a_source_whose_frames_can_only_be_counted_is_one_stretch() -> None:
    index = replace(source(9000), access=SEQUENTIAL, keys=())
    assert stretches(index) == (Stretch(0, 0, 9000),)


STRETCH = Stretch(3, 100, 50)


@given(st.sets(st.integers(100, 149)))
def test_what_a_worker_has_written_is_read_again(begins: set[int]) -> None:
    written = Scenes(100, 50, tuple(sorted(begins))).to_json().encode()
    assert scenes_of(STRETCH, written) == tuple(sorted(begins))


@pytest.mark.parametrize(
    "written",
    [
        b"",
        b"[]",
        b"null",
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"version":1}',
        b'{"version":2,"first":100,"count":50,"begins":[]}',
        b'{"version":1,"first":99,"count":50,"begins":[]}',
        b'{"version":1,"first":100,"count":49,"begins":[]}',
        b'{"version":1,"first":100,"count":50,"begins":[99]}',
        b'{"version":1,"first":100,"count":50,"begins":[150]}',
        b'{"version":1,"first":100,"count":50,"begins":[120,110]}',
        b'{"version":1,"first":100,"count":50,"begins":[120,120]}',
        b'{"version":1,"first":100,"count":50,"begins":[true]}',
        b'{"version":1,"first":100,"count":50,"begins":["120"]}',
        b'{"version":1,"first":100,"count":50,"begins":[120.0]}',
        b'{"version":1,"first":100,"count":50,"begins":{"120":1}}',
        b'{"version":1,"first":100,"count":50,"begins":[],"more":1}',
    ],
)
def test_what_no_worker_writes_is_not_taken_for_cuts(written: bytes) -> None:
    assert scenes_of(STRETCH, written) is None
