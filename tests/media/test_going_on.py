"""A process that reads one cut after the other puts out what a fresh one would for each."""

import gc
import os
import random
import shutil
import weakref
from collections.abc import Callable
from pathlib import Path

import pytest

from excamera_media.cut import cut
from excamera_media.errors import DamagedFrame, SourceChanged
from excamera_media.index import Index
from excamera_media.kept import Kept
from excamera_media.reading import Reading
from tests.media.conftest import quiet_index
from tests.media.pictures import plain_decode, run_cut
from tests.media.sources import RECIPES
from tests.media.test_conceal import SEED, damaged

Source = Callable[[str], Path]

MANY = [
    *("mp4-h264-presets", "open-gop-ts", "open-gop-mkv", "intra-refresh-ts", "hevc-cra"),
    *("vp9-altref", "mpeg4-avi-b", "mpeg2-ts", "vfr-mp4", "edit-list-open-gop", "raw-h264", "y4m"),
]
"""B frames, open groups, hidden frames, variable rates, frames that are known by counting."""


def as_workers_do(index: Index, size: int, skipping: int) -> list[tuple[int, int]]:
    """Chunks of `size` with the frame before them, every `skipping`-th of them."""
    firsts = range(0, index.frames, size * skipping)
    return [
        (max(0, first - 1), min(first + size, index.frames) - max(0, first - 1)) for first in firsts
    ]


def anyhow(index: Index, seed: int) -> list[tuple[int, int]]:
    chance = random.Random(seed)
    firsts = [chance.randrange(index.frames) for _ in range(12)]
    return [(first, chance.randint(1, min(9, index.frames - first))) for first in firsts]


@pytest.mark.parametrize("name", RECIPES)
def test_cuts_in_turn_are_as_in_a_plain_decode(name: str, source: Source) -> None:
    path = source(name)
    index = quiet_index(path)
    plain = plain_decode(path, index)
    for skipping in (1, 2):
        with Kept() as kept:
            for first, count in as_workers_do(index, 4, skipping):
                found, _ = run_cut(path, index, first, count, kept=kept)
                assert found == plain[first : first + count], f"{first}, {count}"


@pytest.mark.parametrize("hide", [False, True])
@pytest.mark.parametrize("name", MANY)
def test_cuts_in_any_order_are_as_in_a_plain_decode(name: str, hide: bool, source: Source) -> None:
    path = source(name)
    index = quiet_index(path)
    plain = plain_decode(path, index)
    with Kept() as kept:
        for first, count in anyhow(index, SEED):
            found, _ = run_cut(path, index, first, count, kept=kept, hide=hide)
            assert found == plain[first : first + count], f"{first}, {count}"


@pytest.mark.parametrize("share", [0.3, 0.5, 0.7])
@pytest.mark.parametrize(
    "name", ["mp4-h264", "mp4-h264-presets", "open-gop-mkv", "hevc-mp4", "av1-mp4", "mpeg2-mkv"]
)
def test_damage_is_concealed_as_by_a_fresh_process(
    name: str, share: float, source: Source, tmp_path: Path
) -> None:
    path = damaged(source(name), tmp_path, share)
    index = quiet_index(path, conceal=True)
    for cuts in (as_workers_do(index, 4, 1), as_workers_do(index, 3, 2), anyhow(index, SEED)):
        with Kept() as kept:
            for first, count in cuts:
                found, stats = run_cut(path, index, first, count, hide=True, kept=kept)
                fresh, of_fresh = run_cut(path, index, first, count, hide=True)
                assert (found, stats.concealed) == (fresh, of_fresh.concealed), f"{first}, {count}"


@pytest.mark.parametrize(("name", "share"), [("grey", 0.5), ("rgb", 0.4)])
def test_damage_that_no_decoder_notices_looks_as_in_a_fresh_process(
    name: str, share: float, source: Source, tmp_path: Path
) -> None:
    path = damaged(source(name), tmp_path, share)  # FFV1, without checksums
    index = quiet_index(path)
    seen = []
    for cuts in (as_workers_do(index, 4, 1), as_workers_do(index, 3, 2)):
        with Kept() as kept:
            for first, count in cuts:
                found, _ = run_cut(path, index, first, count, kept=kept)
                assert found == run_cut(path, index, first, count)[0], f"{first}, {count}"
                seen += found
    whole = source(name)
    assert not set(seen) <= set(plain_decode(whole, quiet_index(whole))), "there is some"


@pytest.mark.parametrize(
    ("name", "share"),
    [("mp4-h264", 0.4), ("mp4-h264-presets", 0.3), ("hevc-mp4", 0.5), ("mpeg2-mkv", 0.4)],
)
def test_damage_is_told_as_by_a_fresh_process(
    name: str, share: float, source: Source, tmp_path: Path
) -> None:
    path = damaged(source(name), tmp_path, share)
    index = quiet_index(path)
    told = set()
    with Kept() as kept:
        for first, count in [*as_workers_do(index, 4, 1), *anyhow(index, SEED)]:
            found, fresh = (_or_damage(path, index, first, count, one) for one in (kept, Kept()))
            assert found == fresh, f"{first}, {count}"
            told.add(isinstance(found, str))
    assert told == {False, True}


def _or_damage(path: Path, index: Index, first: int, count: int, kept: Kept) -> list[str] | str:
    try:
        return run_cut(path, index, first, count, kept=kept)[0]
    except DamagedFrame as error:
        return str(error)


def test_what_was_decoded_for_one_cut_is_not_decoded_for_the_next(source: Source) -> None:
    path = source("mp4-h264")  # a key every ten frames, and B frames
    index = quiet_index(path)
    with Kept() as kept:
        decoded = [
            run_cut(path, index, first, count, kept=kept)[1].decoded
            for first, count in ((0, 4), (3, 5), (7, 2), (14, 4))
        ]
    # The last has another key, 10, and is further from where the one before stopped.
    assert decoded == [4, 5, 2, len({10, 12, 14, 15, 16, 17})]


def test_a_source_that_was_replaced_meanwhile_is_not_read_on(
    source: Source, tmp_path: Path
) -> None:
    path = Path(shutil.copy(source("mkv-h264"), tmp_path / "film.mkv"))
    index = quiet_index(path)
    with Kept() as kept:
        run_cut(path, index, 0, 4, kept=kept)
        os.utime(path, (1, 1))
        with pytest.raises(SourceChanged):
            run_cut(path, index, 3, 4, kept=kept)


def test_no_file_is_left_open(source: Source, tmp_path: Path) -> None:
    path = damaged(source("mp4-h264"), tmp_path, 0.6)
    index = quiet_index(path, conceal=True)
    with Kept() as kept:
        for first, count in anyhow(index, SEED):
            run_cut(path, index, first, count, hide=True, kept=kept)
            assert times_open(path) == 0
            _or_damage(path, index, first, count, kept)
            assert times_open(path) == 0


def test_what_is_not_read_on_takes_no_memory_any_more(source: Source) -> None:
    path = source("mp4-h264")
    index = quiet_index(path)
    part = cut(index, 0, 4)
    gc.disable()  # which comes by too rarely for what a decoder holds
    try:
        reading = Reading(str(path), part, part.key, lean=True)
        assert len(list(reading.verdicts(part))) == 4
        reading.close()
        known = weakref.ref(reading)
        del reading
        assert known() is None
    finally:
        gc.enable()


def times_open(path: Path) -> int:
    found = Path("/proc/self/fd").iterdir()
    return sum(os.path.realpath(one) == str(path) for one in found)


def test_a_reading_leads_to_cuts_of_its_own_source_only(source: Source) -> None:
    path, other = source("mp4-h264"), source("mkv-h264")
    index = quiet_index(path)
    reading = Reading(str(path), cut(index, 0, 4), index.keys[0], lean=True)
    try:
        assert list(reading.verdicts(cut(index, 0, 4)))[-1].frame == 3
        assert reading.leads_to(str(path), cut(index, 3, 4), lean=True)
        assert reading.leads_to(str(path), cut(index, 9, 4), lean=True)
        assert not reading.leads_to(str(path), cut(index, 4, 4), lean=False)
        assert not reading.leads_to(str(path), cut(index, 2, 4), lean=True)
        assert not reading.leads_to(
            str(path), cut(index, index.timeline.position(index.keys[1]), 4), lean=True
        )
        assert not reading.leads_to(str(other), cut(quiet_index(other), 4, 4), lean=True)
    finally:
        reading.close()
