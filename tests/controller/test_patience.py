"""What is tried again, and for how long."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from excamera_controller.conditions import Reason
from excamera_controller.observed import Failure
from excamera_controller.patience import (
    FIRST_SECONDS,
    MOST_SECONDS,
    SECONDS,
    Patience,
    given_up,
    waiting,
)

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def tries(reason: Reason, took: float = 0.1) -> list[float]:
    """When each try is made, if all of them fail for that reason and take so long."""
    patience, now, made = Patience(), 0.0, []
    while True:
        made.append(now)
        now += took
        wait = patience.wait(reason, now)
        if wait is None:
            return made
        now += wait


@pytest.mark.parametrize("reason", SECONDS)
def test_it_is_tried_soon_then_less_often_and_a_last_time_when_its_time_is_over(
    reason: Reason,
) -> None:
    made = tries(reason)
    pauses = [later - earlier for earlier, later in pairwise(made)]
    assert pauses[0] == pytest.approx(FIRST_SECONDS + 0.1)
    assert max(pauses) == pytest.approx(MOST_SECONDS + 0.1)
    assert made[-1] == pytest.approx(SECONDS[reason], abs=1.0)


@pytest.mark.parametrize("reason", [Reason.INVALID_SPEC, Reason.SOURCE_INVALID, Reason.NO_WORKERS])
def test_what_no_waiting_mends_is_not_tried_again(reason: Reason) -> None:
    assert tries(reason) == [0.0]


@given(st.lists(st.sampled_from(sorted(SECONDS)), min_size=1))
def test_troubles_that_come_and_go_by_turns_have_an_end(turns: list[Reason]) -> None:
    patience, now, number = Patience(), 0.0, 0
    while (wait := patience.wait(turns[number % len(turns)], now)) is not None:
        now, number = now + wait, number + 1
    assert now <= sum(SECONDS.values())


def test_once_things_go_well_again_the_next_trouble_is_the_first() -> None:
    patience = Patience()
    for now in (0.0, 100.0, 299.0):
        assert patience.wait(Reason.SOURCE_MISSING, now) is not None
    patience.restored()
    assert patience.wait(Reason.SOURCE_MISSING, 500.0) == FIRST_SECONDS


def test_an_api_server_that_is_away_is_tried_again_without_end() -> None:
    patience = Patience()
    waits = [patience.wait_for_server() for _ in range(1000)]
    assert waits == sorted(waits)
    assert waits[-1] == 60.0


def test_who_reads_it_knows_when_it_is_tried_again_and_when_it_ends() -> None:
    failure = Failure(Reason.SECRET_MISSING, "there is no Secret store; create it")
    said = waiting(failure, 1, NOW, 5.0, 300.0)
    assert said.reason is Reason.SECRET_MISSING
    assert said.message == (
        "there is no Secret store; create it; tried 1 time, and again at 03:04:10 UTC;"
        " if it is still so at 03:09:05 UTC, the job fails"
    )


def test_the_end_says_how_long_it_was_tried_where_it_was() -> None:
    missing = given_up(Failure(Reason.SOURCE_MISSING, "there is no in.mp4"))
    assert missing.message == "there is no in.mp4; still so after 5 minutes"
    invalid = Failure(Reason.SOURCE_INVALID, "not a video")
    assert given_up(invalid) == invalid
