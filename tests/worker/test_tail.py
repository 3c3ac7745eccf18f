"""Bounded views of outputs."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from excamera_worker.tail import LINE_LIMIT, Lines, RateLimit, Tail

PIECES = st.lists(st.binary(max_size=30), max_size=20)


@given(PIECES, st.integers(1, 50))
def test_a_tail_is_the_end_of_all_that_came(pieces: list[bytes], limit: int) -> None:
    tail = Tail(limit)
    for piece in pieces:
        tail.add(piece)
    whole = b"".join(pieces)
    note = f"[{len(whole) - limit} bytes left out]\n" if len(whole) > limit else ""
    assert tail.text() == note + whole[-limit:].decode("utf-8", "replace")
    assert tail.text() == tail.text()


@given(st.lists(st.sampled_from([b"a", b"\n", b"\r", b" ", b"bc", b"x" * 700]), max_size=30))
def test_lines_are_the_same_however_they_arrive(pieces: list[bytes]) -> None:
    lines, in_pieces = Lines(), []
    for piece in pieces:
        in_pieces += lines.add(piece)
    in_pieces += lines.end()
    split = b"".join(pieces).replace(b"\r", b"\n").split(b"\n")
    kept = [line[:LINE_LIMIT].decode().rstrip() for line in split]
    assert in_pieces == [line for line in kept if line]


def test_what_is_not_text_is_replaced() -> None:
    assert Lines().add(b"\xff\xfe ok\n") == ["\ufffd\ufffd ok"]


def test_a_burst_passes_and_then_so_many_a_second() -> None:
    limit = RateLimit(burst=3, per_second=2.0)
    assert [limit.allows(10.0) for _ in range(5)] == [True, True, True, False, False]
    assert [limit.allows(10.4), limit.allows(10.5), limit.allows(10.6)] == [False, True, False]
    assert [limit.allows(100.0) for _ in range(4)] == [True, True, True, False]


def test_a_clock_that_goes_back_gives_nothing_away() -> None:
    limit = RateLimit(burst=1, per_second=1.0)
    assert limit.allows(10.0)
    assert not limit.allows(5.0)
    assert not limit.allows(10.5)
    assert limit.allows(11.0)
