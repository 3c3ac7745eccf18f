"""Workers shared out between jobs."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from excamera_controller.shares import Demand, shares

DEMANDS = st.lists(st.integers(0, 50), max_size=12).map(
    lambda counts: [Demand(f"job-{i}", count) for i, count in enumerate(counts)]
)


@given(DEMANDS, st.integers(0, 200))
def test_no_job_gets_more_than_it_wants_and_nothing_is_wasted(
    demands: list[Demand], cap: int
) -> None:
    granted = shares(demands, cap)
    assert all(0 <= granted[demand.job] <= demand.workers for demand in demands)
    assert sum(granted.values()) == min(cap, sum(demand.workers for demand in demands))


@given(DEMANDS, st.integers(0, 200))
def test_a_job_that_wants_more_has_no_fewer_than_any_other_less_one(
    demands: list[Demand], cap: int
) -> None:
    granted = shares(demands, cap)
    unmet = [granted[d.job] for d in demands if granted[d.job] < d.workers]
    assert all(least + 1 >= other for least in unmet for other in granted.values())


def test_when_workers_are_fewer_than_jobs_the_oldest_jobs_have_one_each() -> None:
    demands = [Demand(name, 10) for name in "abcd"]
    assert shares(demands, 2) == {"a": 1, "b": 1, "c": 0, "d": 0}
