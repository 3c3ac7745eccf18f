import io
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from excamera_store.ranged import KEPT, MOST, RangedReader

STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("read"), st.integers(-1, 90)),
        st.tuples(st.just("seek"), st.integers(0, 400)),
        st.tuples(st.just("back"), st.integers(0, 300)),
        st.tuples(st.just("from end"), st.integers(0, 300)),
    ),
    max_size=40,
)


@given(st.binary(max_size=300), st.integers(1, 50), STEPS)
def test_it_reads_like_a_file(data: bytes, block: int, steps: list[tuple[str, int]]) -> None:
    ranged = RangedReader(len(data), lambda start, end: data[start:end], block=block)
    reader, model = io.BufferedReader(ranged, 7), io.BytesIO(data)
    for action, number in steps:
        if action == "read":
            assert reader.read(number) == model.read(number)
        for file in (reader, model):
            if action == "seek":
                file.seek(number)
            elif action == "back":
                file.seek(max(0, file.tell() - number))
            elif action == "from end":
                file.seek(-min(number, len(data)), os.SEEK_END)
        assert reader.tell() == model.tell()


def test_reading_on_asks_for_more_at_a_time_and_jumping_for_little() -> None:
    asked: list[tuple[int, int]] = []

    def fetch(start: int, end: int) -> bytes:
        asked.append((start, end))
        return bytes(end - start)

    reader = RangedReader(1000, fetch, block=10)
    for _ in range(7):
        reader.read(10)
    assert asked == [(0, 10), (10, 30), (30, 70)]
    reader.seek(995)
    reader.read(10)
    assert asked[-1] == (990, 1000)


def test_it_remembers_a_bounded_number_of_blocks() -> None:
    reader = RangedReader(100_000, lambda start, end: bytes(end - start), block=10)
    while reader.read(10):
        assert len(reader._blocks) <= KEPT
    assert reader._ahead == MOST


def test_before_the_beginning_there_is_nothing() -> None:
    reader = RangedReader(10, lambda start, end: bytes(end - start))
    with pytest.raises(ValueError, match="before the beginning"):
        reader.seek(-1)
    reader.close()
    with pytest.raises(ValueError, match="closed"):
        reader.read(1)
