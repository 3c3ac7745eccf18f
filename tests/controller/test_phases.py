"""What people see of a job on its way: its phase, what it waits for, and that somebody looks."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from excamera_controller.conditions import Phase, Reason, Truth
from excamera_controller.observed import Failure, Observed, RunPhase, RunView, Stored
from excamera_controller.reconcile import reconcile
from excamera_controller.status import status_of
from tests.controller.test_reconcile import NOW, SPEC, at_work, next_observed, stored, summary

NO_SECRET = Failure(Reason.SECRET_MISSING, "there is no Secret keys; tried 1 time")
NO_ROOM = Failure(Reason.UNSCHEDULABLE, "0/3 nodes have room")
UNSEEN = {
    "phase": "Pending",
    "conditions": [
        {
            "type": "Succeeded",
            "status": "Unknown",
            "lastTransitionTime": "1970-01-01T00:00:00Z",
            "reason": "WaitingForOperator",
            "message": "no operator has looked at this EncodeJob",
        }
    ],
}


def step(before: Observed, run: RunView | None, seconds: float = 3.0) -> Observed:
    """After a pass that sees the run like this."""
    now = replace(before, run=run, now=before.now + timedelta(seconds=seconds))
    return next_observed(now, reconcile(now))


def at_the_start() -> Observed:
    fresh = Observed(stored(status=UNSEEN), NOW)
    return next_observed(fresh, reconcile(fresh))


def running() -> Observed:
    return step(at_the_start(), at_work(connected=2))


def phase(observed: Observed) -> Phase:
    return observed.job.phase


def message(job: Stored) -> str:
    return str(job.condition("Succeeded")["message"])


def test_a_job_is_running_once_a_worker_has_come_and_pending_until_then() -> None:
    planning = step(at_the_start(), RunView(RunPhase.PLANNING))
    asked = step(planning, at_work(connected=0))
    come = step(asked, at_work(connected=1))
    assert [phase(one) for one in (planning, asked, come)] == ["Planning", "Pending", "Running"]
    assert asked.job.condition("Succeeded")["reason"] == Reason.WAITING_FOR_WORKERS


def percents(*views: RunView) -> list[int]:
    """What people see of one run that looks like these, one after the other."""
    seen, told = running(), []
    for view in views:
        seen = step(seen, view)
        told.append(seen.job.status["progress"]["percent"])
    return told


def far(encoded: int, published: int) -> RunView:
    view = at_work(connected=2)
    assert view.snapshot is not None
    counts: dict[str, Any] = dict.fromkeys(("rebased", "published"), published)
    return replace(view, snapshot=replace(view.snapshot, encoded=encoded, **counts))


def test_percents_do_not_fall_because_another_operator_knows_only_what_is_finished() -> None:
    assert percents(far(12, 2), far(2, 2), far(4, 4), far(14, 4)) == [50, 50, 50, 59]


def test_percents_fall_when_finished_chunks_are_lost() -> None:
    assert percents(far(12, 4), far(3, 3)) == [50, 13]


def test_a_job_that_is_begun_anew_with_another_codec_begins_at_no_percent() -> None:
    before = step(running(), far(12, 0))
    assert before.job.status["progress"]["percent"] == 49
    other = replace(before, run=None, codec="xc 9")
    begun = other
    for _ in range(4):
        begun = step(begun, None)
    assert step(begun, far(1, 0)).job.status["progress"]["percent"] == 4


def test_a_job_that_nobody_can_work_on_is_pending_even_if_it_has_run_before() -> None:
    stuck = step(running(), at_work(connected=0, trouble=NO_ROOM))
    assert phase(stuck) is Phase.PENDING
    assert phase(step(stuck, at_work(connected=0))) is Phase.PENDING
    assert phase(step(stuck, at_work(connected=1))) is Phase.RUNNING


def test_a_moment_without_workers_does_not_change_the_phase() -> None:
    assert phase(step(running(), at_work(connected=0))) is Phase.RUNNING


def test_a_trouble_of_planning_is_told_at_once_and_the_job_goes_on_once_it_is_mended() -> None:
    waits = replace(at_the_start(), run=RunView(RunPhase.PLANNING, trouble=NO_SECRET))
    assert summary(waits) == (Phase.PENDING, Truth.UNKNOWN, Reason.SECRET_MISSING)
    assert [event.reason for event in reconcile(waits).events] == [Reason.SECRET_MISSING]
    mended = step(next_observed(waits, reconcile(waits)), RunView(RunPhase.PLANNING))
    assert phase(mended) is Phase.PLANNING
    assert mended.job.condition("Succeeded")["reason"] == Reason.INDEXING


def test_what_a_job_waits_for_does_not_hide_how_far_it_is() -> None:
    view = at_work(connected=0, trouble=NO_ROOM)
    assert view.snapshot is not None
    half = replace(view, snapshot=replace(view.snapshot, published=11))
    waits = step(running(), half)
    assert message(waits.job) == "0/3 nodes have room; 11 of 22 chunks are finished"
    assert waits.job.status["progress"]["chunks"] == "11/22"
    assert "eta" not in waits.job.status


@pytest.mark.parametrize("before", [Phase.RUNNING, Phase.PENDING, Phase.PUBLISHING])
def test_an_operator_that_takes_a_job_up_does_not_call_it_planning(before: Phase) -> None:
    job = running().job
    taken = Observed(replace(job, status={**job.status, "phase": before.value}), NOW)
    begun = next_observed(taken, reconcile(taken))
    reading = step(begun, RunView(RunPhase.PLANNING))
    assert (phase(begun), phase(reading)) == (before, before)
    assert reading.job.condition("Planned")["status"] == Truth.TRUE
    assert message(reading.job) == "going on from the finished chunks"


def test_a_resumed_job_waits_for_workers_and_is_not_planned_again() -> None:
    job = running().job
    suspended = Observed(replace(job, spec=SPEC | {"suspend": True}), NOW)
    kept = next_observed(suspended, reconcile(suspended))
    resumed = replace(kept, job=replace(kept.job, spec=SPEC))
    begun = next_observed(resumed, reconcile(resumed))
    assert [phase(kept), phase(begun)] == ["Suspended", "Pending"]
    assert phase(step(begun, at_work(connected=1))) is Phase.RUNNING


def test_the_first_who_looks_at_a_job_says_so_with_the_time() -> None:
    """What the API server gives a job that nobody has seen has no time of its own."""
    condition = at_the_start().job.condition("Succeeded")
    assert condition["reason"] == Reason.INDEXING
    assert condition["lastTransitionTime"] == "2026-01-02T03:04:05Z"


def test_a_status_that_stays_as_it_is_is_confirmed_once_a_minute() -> None:
    waits = Observed(stored(), NOW, admitted=False, waiting="all 4 workers are taken")
    first = next_observed(waits, reconcile(waits))
    seen = []
    for seconds in (0, 30, 59, 60, 100, 119, 120):
        first = replace(first, now=NOW + timedelta(seconds=seconds))
        first = next_observed(first, reconcile(first))
        seen.append(first.job.time("lastObservedTime"))
    minutes = [int((one - NOW).total_seconds()) for one in seen if one is not None]
    assert minutes == [0, 0, 0, 60, 60, 60, 120]


def test_the_seconds_of_work_are_counted_on_by_whoever_comes_next() -> None:
    view = at_work(connected=1)
    assert view.snapshot is not None
    worked = step(running(), replace(view, snapshot=replace(view.snapshot, worked=61.6)))
    assert worked.job.status["progress"]["secondsWorked"] == 62


def test_time_that_passes_is_no_news_by_itself() -> None:
    view = at_work(connected=1)
    assert view.snapshot is not None
    first, second = (
        replace(view, snapshot=replace(view.snapshot, worked=worked)) for worked in (3.0, 6.0)
    )
    before = step(running(), first)
    assert step(before, second).job.status == before.job.status
    assert step(before, second, seconds=60.0).job.status["progress"]["secondsWorked"] == 6


@pytest.mark.parametrize(
    ("run", "words"),
    [
        (None, "it was not running"),
        (RunView(RunPhase.PLANNING, trouble=NO_SECRET), "there is no Secret keys"),
        (at_work(connected=2), "0 of 22 chunks are finished"),
        (at_work(connected=0, trouble=NO_ROOM), "0/3 nodes have room"),
    ],
)
def test_a_deadline_says_how_far_the_job_was_what_was_in_its_way_and_what_to_do(
    run: RunView | None, words: str
) -> None:
    late: dict[str, Any] = {"startTime": "2026-01-02T03:00:00Z"}
    spec = SPEC | {"activeDeadlineSeconds": 60}
    observed = Observed(stored(spec=spec, status=late), NOW, run)
    status = status_of(observed, reconcile(observed))
    assert status is not None
    said = next(one for one in status["conditions"] if one["type"] == "Succeeded")
    assert said["reason"] == Reason.DEADLINE_EXCEEDED
    assert words in said["message"]
    assert "larger spec.activeDeadlineSeconds" in said["message"]
    assert "delete this EncodeJob and create it anew" in said["message"]
