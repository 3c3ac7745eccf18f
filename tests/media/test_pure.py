"""The parts without I/O: timelines, cuts, H.264's recovery points, EBML."""

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from excamera_media import ebml, h264
from excamera_media.cut import LOOK_BACK, Cut, cut
from excamera_media.disposable import mpeg_disposable
from excamera_media.errors import BadInput, UsageError, clock
from excamera_media.index import SEQUENTIAL, Index, Picture
from excamera_media.timeline import Timeline, pack, unpack

PICTURE = Picture(64, 48, 64, 48, "yuv420p", 8)


def index_of(frames: int, keys: tuple[int, ...], access: str = "seek") -> Index:
    ticks = tuple(range(0, 40 * frames, 40))
    base, rate = (1, 1000), (25, 1)
    return Index("mov", "h264", 0, PICTURE, base, rate, access, Timeline(ticks), 40 * frames, keys)


@given(st.lists(st.integers(-(1 << 62), 1 << 62)))
def test_packing_loses_nothing(values: list[int]) -> None:
    assert unpack(pack(values)) == tuple(values)


def test_a_film_at_a_constant_rate_takes_three_numbers() -> None:
    assert pack(range(5, 10_000, 3)) == [5, 3, 3331]


@pytest.mark.parametrize("packed", [[0, 1], [0, 1, 0], [0, 1, -5], [0, 1, 1 << 40]])
def test_impossible_timelines_are_refused(packed: list[int]) -> None:
    with pytest.raises((BadInput, ValueError)):
        Timeline.from_json(packed)


def test_time_must_go_on() -> None:
    with pytest.raises(BadInput, match="do not increase"):
        Timeline((0, 2, 2))


@given(st.integers(1, 600), st.data())
def test_a_cut_begins_at_the_last_key_before_it(frames: int, data: st.DataObject) -> None:
    keys = sorted({0, *data.draw(st.lists(st.integers(0, frames - 1)))})
    first = data.draw(st.integers(0, frames - 1))
    count = data.draw(st.integers(1, frames - first))
    index = index_of(frames, tuple(40 * key for key in keys))
    part = cut(index, first, count)
    assert part.base == max(key for key in keys if key <= first)
    assert part.key == 40 * part.base
    assert part.timeline.ticks == index.timeline.ticks[part.base : first + count]
    assert Cut.from_json(part.to_json()) == part
    wide = cut(index, first, count, conceal=True)
    assert wide.base == max(key for key in keys if key <= max(0, first - LOOK_BACK))
    assert wide.key == part.key


def test_before_every_key_decoding_begins_at_the_start() -> None:
    assert cut(index_of(9, (80,)), 1, 2).key is None
    assert cut(index_of(9, (), SEQUENTIAL), 5, 2).base == 0


@pytest.mark.parametrize(("first", "count"), [(-1, 2), (0, 0), (8, 3), (11, 1)])
def test_frames_that_do_not_exist_cannot_be_cut(first: int, count: int) -> None:
    with pytest.raises(UsageError, match=r"the source has frames 0 … 9"):
        cut(index_of(10, (0,)), first, count)


def test_recovery_points() -> None:
    idr, recovery, refresh = b"\x65\x88", b"\x06\x06\x01\xc4\x80", b"\x06\x06\x01\x30\x80"
    picture = b"\x41\x9a"

    def annex_b(*units: bytes) -> bytes:
        return b"".join(b"\0\0\0\x01" + unit for unit in units)

    assert h264.starts_exactly(annex_b(b"\x09\xf0", idr), 0)
    assert h264.starts_exactly(annex_b(recovery, picture), 0)
    assert not h264.starts_exactly(annex_b(refresh, picture), 0)
    assert not h264.starts_exactly(annex_b(picture), 0)
    assert h264.starts_exactly(b"\0\0\0\x02" + idr, 4)
    assert not h264.starts_exactly(b"", 4)


def test_what_a_decoder_may_be_spared() -> None:
    def units(*found: bytes) -> bytes:
        return b"".join(b"\0\0\x01" + unit for unit in found)

    delimiter, remark, parameters = b"\x09\xf0", b"\x06\x05\x01", b"\x67\x64"
    reference, other = b"\x41\x9a", b"\x01\x9e"
    assert h264.disposable(units(delimiter, remark, other, other), 0)
    assert h264.disposable(b"\0\0\0\x02" + other, 4)
    assert not h264.disposable(units(other, reference), 0)
    assert not h264.disposable(units(parameters, other), 0)
    assert not h264.disposable(units(remark), 0)
    intra, predicted, both_ways = (bytes([0, 0, kind << 3]) for kind in (1, 2, 3))
    assert mpeg_disposable(units(both_ways + b"..", b"\x01slice"))
    assert not mpeg_disposable(units(predicted + b"..", b"\x01slice"))
    assert not mpeg_disposable(units(b"\xb3sequence", both_ways + b".."))
    assert not mpeg_disposable(units(both_ways + b"..", intra + b".."))


@given(st.binary(), st.integers(0, 4))
def test_no_bytes_break_the_readers_of_packets(data: bytes, size: int) -> None:
    h264.starts_exactly(data, size)
    h264.disposable(data, size)
    mpeg_disposable(b"\0\0\x01\0" + data)


@given(st.integers(0, (1 << 56) - 2))
def test_ebml_lengths_read_back(size: int) -> None:
    written = ebml.length(size)
    marker = 1 << (7 * len(written))
    assert int.from_bytes(written) == size + marker


def test_the_clock() -> None:
    assert clock(3723.0456) == "1:02:03.046"
    assert clock(-0.5) == "-0:00:00.500"


def test_the_planner_needs_no_media_library() -> None:
    import subprocess

    code = "import sys, excamera_media.index, excamera_media.cut, excamera_media.manifest; "
    code += "raise SystemExit('av' in sys.modules or 'boto3' in sys.modules)"
    from tests.media.test_bad_inputs import environment

    assert subprocess.run([sys.executable, "-c", code], env=environment()).returncode == 0
