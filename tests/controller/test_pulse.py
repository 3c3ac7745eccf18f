"""What probes and alerts are told of passes."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from excamera_controller import attended, pulse
from excamera_controller.attended import Attended
from excamera_controller.operation import _for_ever
from excamera_controller.pulse import Pulse
from tests.controller.test_passes import seen


class Clock:
    """`monotonic` and `time` are the same."""

    def __init__(self) -> None:
        self.now = 1000.0

    def read(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    stand_in = SimpleNamespace(monotonic=clock.read, time=clock.read)
    monkeypatch.setattr(attended, "time", stand_in)
    monkeypatch.setattr(pulse, "time", stand_in)
    return clock


def job() -> Attended:
    hands: Any = None
    return Attended(seen(7), hands)


def fails(one: Attended) -> None:
    one.begin()
    one.failed()


def succeeds(one: Attended) -> None:
    one.begin()
    one.succeeded()


async def test_a_job_whose_passes_fail_is_for_an_alert_and_not_for_the_probes(clock: Clock) -> None:
    """Else one bad job would cut the workers of all others off."""
    bad, good = job(), job()
    beats = Pulse(lambda: (bad, good))
    beats.listed()
    for _ in range(5):
        fails(bad)
        succeeds(good)
        clock.now += 30
        beats.listing()
        beats.listed()
    assert beats.attempted_age() == 0
    assert beats.succeeded_age() == 0
    assert clock.now - beats.all_well_at() == 150
    succeeds(bad)
    assert clock.now == beats.all_well_at()


async def test_when_passes_over_all_jobs_fail_listing_them_makes_nobody_ready(clock: Clock) -> None:
    one, other = job(), job()
    beats = Pulse(lambda: (one, other))
    fails(one)
    clock.now += 40
    fails(other)
    clock.now += 100
    beats.listing()
    beats.listed()
    assert beats.succeeded_age() == 100


async def test_an_operator_that_has_listed_nothing_yet_is_not_ready(clock: Clock) -> None:
    beats = Pulse(lambda: ())
    assert beats.succeeded_age() is None
    assert beats.all_well_at() == 0
    beats.listed()
    clock.now += 7
    assert beats.succeeded_age() == 7


async def test_a_pass_that_hangs_is_no_sign_of_life_however_often_jobs_are_listed(
    clock: Clock,
) -> None:
    hangs = job()
    beats = Pulse(lambda: (hangs,))
    hangs.begin()
    clock.now += 500
    beats.listing()
    assert beats.attempted_age() == 500


async def test_a_job_that_nobody_attends_to_any_more_is_no_sign_of_life(clock: Clock) -> None:
    left = job()

    async def end() -> None:
        raise RuntimeError

    left.task = asyncio.ensure_future(end())
    await asyncio.wait([left.task])
    assert left.task.exception() is not None
    assert Pulse(lambda: (left,)).attempted_age() > 1e9


async def test_what_should_go_on_for_ever_begins_anew_whatever_befalls_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("excamera_controller.operation.AGAIN_SECONDS", 0.001)
    begun: asyncio.Queue[int] = asyncio.Queue()

    async def work() -> None:
        begun.put_nowait(1)
        raise ValueError("nobody has thought of this")

    going_on = asyncio.ensure_future(_for_ever(work))
    for _ in range(3):
        await begun.get()
    going_on.cancel()
