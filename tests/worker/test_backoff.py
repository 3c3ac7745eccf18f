"""Back-off with full jitter."""

from __future__ import annotations

from excamera_worker.backoff import Backoff


def test_the_bound_doubles_up_to_the_cap() -> None:
    backoff = Backoff(first=1.0, cap=5.0, random=lambda: 1.0)
    assert [backoff.next() for _ in range(5)] == [1.0, 2.0, 4.0, 5.0, 5.0]
    backoff.reset()
    assert backoff.next() == 1.0


def test_the_wait_is_anything_below_the_bound() -> None:
    assert Backoff(first=1.0, cap=5.0, random=lambda: 0.0).next() == 0.0
    assert Backoff(first=1.0, cap=5.0, random=lambda: 0.25).next() == 0.25


def test_a_week_of_tries_does_not_overflow() -> None:
    backoff = Backoff(
        first=1.0,
        cap=5.0,
        random=lambda: 1.0,
    )
    backoff.tries = 100_000
    assert backoff.next() == 5.0
