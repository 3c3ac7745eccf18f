"""Where a state's pictures lie, the difference from the sample above, and what hand-overs take."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench import above, state
from bench.handover import Coded, soonest
from bench.state_file import MACROBLOCK_BYTES, MAGIC, Plane, planes

HEAD = 1141


def made_state(width: int, height: int, macroblocks: int, pictures: int) -> bytes:
    """With a head like that of a real one."""
    size = width.to_bytes(2, "little") + height.to_bytes(2, "little")
    head = (MAGIC + bytes(24) + size).ljust(HEAD, b"\1")
    return head + bytes(range(256)) * (pictures * macroblocks * MACROBLOCK_BYTES // 256)


def test_a_states_pictures_end_it_and_are_whole_macroblocks():
    file = made_state(30, 17, macroblocks=4, pictures=1)
    assert planes(file) == (
        Plane(HEAD, 32, 32),
        Plane(HEAD + 1024, 16, 16),
        Plane(HEAD + 1280, 16, 16),
    )
    assert planes(file)[-1].end == len(file)


def test_a_state_of_two_pictures_has_six_planes_one_after_the_other():
    file = made_state(64, 48, macroblocks=12, pictures=2)
    found = planes(file)
    assert [plane.width for plane in found] == [64, 32, 32] * 2
    assert [plane.end for plane in found] == [*(plane.begin for plane in found[1:]), len(file)]


def test_what_is_no_state_is_refused():
    with pytest.raises(ValueError, match="not a decoder state"):
        planes(bytes(2000))


def test_differences_are_from_the_row_above_and_what_is_no_picture_stays():
    data = bytes([9, 9, 10, 20, 30, 40, 5, 5])
    assert bytes(above.differences(data, [Plane(2, 2, 3)])) == bytes(
        [9, 9, 10, 20, 20, 20, 231, 221]
    )


@given(st.binary(min_size=70, max_size=70))
def test_sums_take_differences_back(data: bytes):
    parts = [Plane(3, 8, 6), Plane(51, 4, 3), Plane(63, 3, 2)]
    assert bytes(above.sums(bytes(above.differences(data, parts)), parts)) == data


def test_every_codec_gives_a_state_back_and_tells_how_much_is_left_of_it():
    rows = np.arange(64, dtype=np.uint8).repeat(96)
    file = made_state(64, 64, macroblocks=16, pictures=0) + rows.tobytes()
    for name, codec in state.codecs_of(file).items():
        told = state.coded(codec, file)
        assert (told.size, told.coded) == (len(file), len(bytes(codec.encode(file)))), name
        assert told.share < 1, name


def test_a_state_that_comes_back_as_another_is_an_error():
    lossy = state.Codec(lambda data: data[:-1], lambda data: data)
    with pytest.raises(RuntimeError, match="not what it was"):
        state.coded(lossy, b"state")


def test_a_hand_over_takes_both_ends_and_the_wire():
    way = Coded(size=2_000_000, coded=1_000_000, compress=3.0, decompress=1.0)
    assert way.share == 0.5
    assert way.milliseconds(1) == pytest.approx(12.0)
    assert way.milliseconds(10) == pytest.approx(4.8)
    assert Coded(2_000_000, 2_000_000).milliseconds(1) == pytest.approx(16.0)


def test_coding_piece_by_piece_is_hidden_while_the_wire_is_slower_than_the_slower_end():
    way = Coded(size=2_000_000, coded=1_000_000, compress=4.0, decompress=1.0)
    assert way.hidden_up_to == pytest.approx(2.0)
    assert way.hidden_up_to * way.compress == pytest.approx(8.0)


def test_the_soonest_way_depends_on_the_network_and_is_the_one_in_bold():
    plain, small = Coded(1_000_000, 1_000_000), Coded(1_000_000, 250_000, 4.0, 1.0)
    ways = {state.AS_IT_IS: plain, "small": small}
    assert [soonest(ways, gigabits) for gigabits in (0.6, 1, 10)] == ["small", "small", "as it is"]
    as_it_is, coded = state.rows(ways, 10.0)
    assert as_it_is[-4:] == ("13.3", "8.0", "**0.8**", "**0.3**")
    assert coded == (
        *("small", "0.25", "4.0", "1.0", "0.50 ×", "0.5 Gbit/s"),
        *("**8.3**", "**7.0**", "5.2", "5.1"),
    )


def test_the_median_of_rounds_is_taken_of_each_time_for_itself():
    rounds = [Coded(9, 3, 1.0, 6.0), Coded(9, 3, 2.0, 5.0), Coded(9, 3, 3.0, 4.0)]
    assert state.median(rounds) == Coded(9, 3, 2.0, 5.0)
