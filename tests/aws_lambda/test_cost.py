"""Costs: estimated from what there is to do, accounted from what workers did."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from excamera import cli
from excamera_lambda.account import Account
from excamera_lambda.cost import Prices, Usage, Work, estimate, shown, usage_of, used
from excamera_lambda.errors import InvalidRequest
from excamera_lambda.limits import Facts
from excamera_lambda.prices import data, parsed, prices
from mu.observer import WorkerJoined, WorkerLeft
from tests.tiers import ROOT

pytestmark = pytest.mark.tier("unit")

FACTS = Facts("workers", "eu-central-1", 2048, 900, "x86_64", 1536)
CLIP = ROOT / "examples" / "big-buck-bunny.mp4"


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_an_invocation_is_billed_from_when_its_handler_began_until_its_worker_left() -> None:
    clock = Clock()
    account = Account(FACTS, prices("x86_64"), clock)
    account.meter.taken(2)
    account.meter.observe(WorkerJoined("a", 1, "lambda", 3.0, 899.0))
    clock.now += 9
    account.meter.observe(WorkerLeft("a", "lambda", "quit", lost=False))
    account.meter.observe(WorkerLeft("a", "lambda", "quit", lost=False))
    clock.now += 50
    usage = account.costs.usage
    assert usage.requests == 2
    # 10 s of the handler, and two starts of an environment.
    assert usage.gb_seconds == pytest.approx((10 + 2 * 1.5) * 2)
    assert usage.storage_gb_seconds == pytest.approx(10 + 2 * 1.5)


def test_workers_that_are_at_work_count_until_now() -> None:
    clock = Clock()
    account = Account(FACTS, prices("x86_64"), clock)
    account.meter.observe(WorkerJoined("a", 1, "lambda", None, 900.0))
    clock.now += 5
    assert account.costs.usage.gb_seconds == pytest.approx(10)


def test_a_worker_that_comes_back_after_it_was_given_up_is_counted_once() -> None:
    clock = Clock()
    account = Account(FACTS, prices("x86_64"), clock)
    account.meter.observe(WorkerJoined("a", 1, "lambda", 1.0, 900.0))
    clock.now += 600
    account.meter.observe(WorkerLeft("a", "lambda", "silent", lost=True))
    clock.now += 5
    account.meter.observe(WorkerJoined("a", 1, "lambda", None, 295.0))
    clock.now += 5
    account.meter.observe(WorkerLeft("a", "lambda", "quit", lost=False))
    assert account.costs.usage.gb_seconds == pytest.approx(610 * 2)


def test_a_worker_that_comes_to_a_successor_is_counted_once() -> None:
    clock = Clock()
    first = Account(FACTS, prices("x86_64"), clock)
    first.meter.taken(2)
    first.meter.observe(WorkerJoined("a", 1, "lambda", 0.0, 900.0))
    first.meter.observe(WorkerJoined("b", 2, "lambda", 0.0, 900.0))
    clock.now += 600
    status = json.loads(json.dumps(first.costs.figures()))
    again = Account(FACTS, prices("x86_64"), clock, usage_of(status))
    again.meter.observe(WorkerJoined("a", 1, "lambda", None, 300.0))
    again.meter.taken(1)
    clock.now += 10
    # This one may be of the new launch, for all that is known.
    again.meter.observe(WorkerJoined("b", 2, "lambda", 3.0, 290.0))
    clock.now += 10
    usage = again.costs.usage
    assert usage.requests == 3
    assert usage.gb_seconds == pytest.approx((1200 + 20 + 13 + 3 * 1.5) * 2)
    assert again.costs.accounted > float(status["accounted"])


@given(
    st.lists(
        st.tuples(st.sampled_from("abc"), st.booleans(), st.none() | st.floats(0, 1200)),
        max_size=30,
    ),
    st.lists(st.floats(0, 100), min_size=30, max_size=30),
)
def test_no_worker_is_counted_for_longer_than_it_may_have_been_there(
    events: list[tuple[str, bool, float | None]], waits: list[float]
) -> None:
    """Not even if what workers say of their time makes no sense."""
    clock = Clock()
    began = clock.now - 900
    account = Account(FACTS, prices("x86_64"), clock)
    for (worker, joins, left), wait in zip(events, waits, strict=False):
        if joins:
            account.meter.observe(WorkerJoined(worker, 1, "lambda", 900.0, left))
        else:
            account.meter.observe(WorkerLeft(worker, "lambda", "quit", lost=False))
        clock.now += wait
    assert 0 <= account.costs.usage.gb_seconds <= 3 * (clock.now - began) * 2 + 1e-6


def test_a_bill_is_the_sum_of_its_parts() -> None:
    usage = Usage(1_000_000, 400_000.0, 1000.0)
    assert usage.dollars(Prices(0.0000166667, 0.0000002, 0.0)) == pytest.approx(6.8667, abs=1e-3)


@given(
    work=st.builds(
        Work,
        frames=st.integers(1, 10**6),
        pixels=st.integers(256, 4096 * 2304),
        chunks=st.integers(1, 10**5),
    ),
    workers=st.integers(1, 2000),
)
def test_more_work_costs_more_and_nothing_costs_less_than_nothing(work: Work, workers: int) -> None:
    usage = estimate(work, workers, FACTS)
    twice = estimate(Work(2 * work.frames, work.pixels, 2 * work.chunks), workers, FACTS)
    asked = prices("x86_64")
    assert 0 < usage.dollars(asked) <= twice.dollars(asked)
    assert usage.requests >= 1


@given(st.integers(0, 5000), st.floats(0, 1e6), st.integers(128, 10240))
def test_usage_grows_with_memory(requests: int, seconds: float, memory: int) -> None:
    facts = Facts("f", "r", memory, 900, "x86_64", 512)
    usage = used(facts, requests, seconds)
    assert usage.gb_seconds == pytest.approx(seconds * memory / 1024)
    assert usage.storage_gb_seconds == 0


def test_prices_are_of_a_region_and_a_day_and_can_be_given() -> None:
    assert data()["region"] == "us-east-1"
    assert data()["read"] >= "2026-11-22"
    assert prices("arm64").gb_second < prices("x86_64").gb_second
    given_ = parsed("gb_second=0.00002,request=0")
    assert prices("x86_64", given_) == Prices(0.00002, 0.0, prices("x86_64").storage_gb_second)


@pytest.mark.parametrize(
    "text", ["gb_second", "gb_second=x", "hour=1", "request=-1", "request=nan"]
)
def test_prices_that_make_no_sense_are_refused(text: str) -> None:
    with pytest.raises(InvalidRequest):
        parsed(text)


def test_small_sums_keep_two_figures() -> None:
    assert (shown(1.23456), shown(0.0), shown(0.0000123)) == ("$1.2346", "$0.0000", "$0.000012")
    assert (shown(0.00026), shown(0.00123)) == ("$0.00026", "$0.0012")


def test_the_command_says_what_the_example_will_cost(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["lambda", "cost", str(CLIP)]) == 0
    said = capsys.readouterr().out
    assert said.startswith("132 frames of 1280×720 in 22 chunks: about 22 invocations")
    assert "us-east-1" in said
    assert cli.main(["lambda", "cost", str(CLIP), "--json", "--prices", "gb_second=1"]) == 0
    values = json.loads(capsys.readouterr().out)
    assert values["dollars"] == pytest.approx(values["gb_seconds"], rel=1e-3)


def test_a_price_that_makes_no_sense_ends_the_command_with_status_2() -> None:
    assert cli.main(["lambda", "cost", str(CLIP), "--prices", "dozen=1"]) == 2


@pytest.mark.parametrize(
    ("text", "says"),
    [("x", "'x': NAME=DOLLARS is wanted"), ("request=x", "'x' is not a price in dollars")],
)
def test_a_price_that_is_none_is_told_with_an_example(text: str, says: str) -> None:
    with pytest.raises(InvalidRequest, match=f"{says}, such as request=0.0000002"):
        parsed(text)
