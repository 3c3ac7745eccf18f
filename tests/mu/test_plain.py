"""Texts of strangers for people's eyes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from excamera_proto import mu_pb2 as pb
from mu.commands import Failure, FailureKind, Ran
from mu.errors import WireError
from mu.plain import plain
from mu.verdict import explanation
from mu.wire import REPLY_LIMIT, reply_from_wire


@given(st.text(), st.integers(1, 30))
def test_any_text_becomes_one_printable_line_of_bounded_length(text: str, limit: int) -> None:
    made = plain(text, limit)
    assert made.isprintable()
    assert len(made) <= 10 * (limit + 1)  # an escape has at most ten characters


@given(st.text(st.characters(categories=["L", "N", "P"]), max_size=100))
def test_an_ordinary_text_stays_as_it_is(text: str) -> None:
    assert plain(text) == text


@pytest.mark.parametrize(
    "nasty", ["\x1b[2J\x1b]0;owned\x07", "a\nINFO all is well", "\u202egnp.exe"]
)
def test_what_a_worker_says_moves_no_cursor_and_forges_no_line(nasty: str) -> None:
    for reply in (Failure(FailureKind.INTERNAL, nasty), Ran(3, stderr=nasty), Ran(0, stdout=nasty)):
        assert explanation(reply).isprintable()


def test_a_reply_that_would_fill_the_coordinators_memory_makes_no_sense() -> None:
    reply = pb.Reply(id=1, ran=pb.Ran(stdout="x" * REPLY_LIMIT))
    with pytest.raises(WireError, match="bytes"):
        reply_from_wire(reply)
