"""Chunk k holds exactly frames kN … kN+N−1 of every kind of source."""

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from excamera_media.cut import cut
from excamera_media.decode import verdicts
from excamera_media.index import Index
from excamera_media.kept import Kept
from tests.media.conftest import quiet_index
from tests.media.pictures import cut_frames, in_chunks, plain_decode
from tests.media.sources import RECIPES

Source = Callable[[str], Path]


@pytest.mark.parametrize("name", RECIPES)
def test_chunks_are_the_frames_of_a_plain_decode(name: str, source: Source) -> None:
    path, recipe = source(name), RECIPES[name]
    index = quiet_index(path)
    plain = plain_decode(path, index)
    assert index.frames == len(plain)
    assert len(set(plain)) > len(plain) * 0.9, "frames that look alike test nothing"
    assert index.access == recipe.access
    if recipe.exact is not None:
        assert index.frames == recipe.exact
    for size in (6, 7, index.frames):
        assert in_chunks(path, index, size) == plain, f"chunks of {size}"
    for frame in (1, index.frames // 2, index.frames - 1):
        if frame < index.frames:
            assert cut_frames(path, index, frame, 1) == plain[frame : frame + 1]


@pytest.mark.parametrize("name", ["vfr-mkv", "open-gop-ts", "rotated-90", "raw-h264"])
def test_an_index_survives_json(name: str, source: Source) -> None:
    index = quiet_index(source(name))
    assert Index.from_json(index.to_json()) == index


def test_only_what_is_needed_is_decoded(source: Source) -> None:
    from tests.media.pictures import run_cut

    index = quiet_index(source("mp4-h264"))
    _, stats = run_cut(source("mp4-h264"), index, 21, 3)
    assert stats.frames == 3
    assert stats.decoded == 4  # from the key frame 20


@pytest.mark.parametrize(
    ("name", "first", "decoded"),
    [
        ("mp4-h264", 19, [10, 12, 14, 16, 18, 19]),
        ("ts-h264", 19, [10, 12, 14, 16, 18, 19]),
        ("mpeg2-ts", 19, [15, 18, 19]),
        ("mpeg2-mkv", 19, [15, 18, 19]),
        ("hevc-mp4", 19, list(range(10, 20))),  # whose marks are not enough
    ],
)
def test_frames_that_nothing_depends_on_are_not_decoded_on_the_way(
    name: str, first: int, decoded: list[int], source: Source
) -> None:
    path, index = source(name), quiet_index(source(name))
    part = cut(index, first, 1)
    with closing(verdicts(str(path), part, part.key, Kept(), lean=True)) as found:
        assert [verdict.frame for verdict in found] == decoded
    with closing(verdicts(str(path), part, part.key, Kept())) as found:
        assert [verdict.frame for verdict in found] == list(range(decoded[0], first + 1))


@pytest.mark.parametrize(
    ("name", "facts"),
    [
        ("odd-size", {"width": 63, "height": 47}),
        ("rotated-90", {"width": 48, "height": 64}),
        ("anamorphic", {"sample_aspect": (4, 3), "width": 64}),
        ("10-bit", {"bit_depth": 10}),
        ("4:4:4", {"pixel_format": "yuv444p"}),
        ("interlaced-h264", {"interlaced": True}),
        ("interlaced-mpeg2", {"interlaced": True}),
        ("mp4-h264", {"interlaced": False, "turn": (), "bit_depth": 8}),
    ],
)
def test_the_index_describes_the_picture(
    name: str, facts: dict[str, object], source: Source
) -> None:
    picture = quiet_index(source(name)).picture
    assert {fact: getattr(picture, fact) for fact in facts} == facts


def test_the_timeline_keeps_a_variable_rate(source: Source) -> None:
    index = quiet_index(source("vfr-mp4"))
    shown = [number for number in range(33) if number % 7 != 3]
    assert [round(index.time_of(frame) * 25) for frame in range(index.frames)] == shown


def test_a_late_start_is_known(source: Source) -> None:
    index = quiet_index(source("late-start-mkv"))
    assert index.start == pytest.approx(12.345, abs=0.001)
    assert index.time_of(0) == 0
    assert index.duration == pytest.approx(33 / 25, abs=0.002)


def test_intra_refresh_is_no_place_to_begin(source: Source) -> None:
    assert len(quiet_index(source("intra-refresh-ts")).keys) == 1
    assert len(quiet_index(source("open-gop-ts")).keys) == 4
