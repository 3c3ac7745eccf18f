"""A new operator, and the jobs that it finds: those with workers go on, whatever the cap is now."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from excamera_controller.decision import Action, Decision
from excamera_controller.gather import available, granted_workers, observed
from excamera_controller.observed import FINALIZER, RunPhase, RunView, Stored
from excamera_controller.reconcile import reconcile
from tests.controller.test_shares_over_time import job

STARTED = datetime(2026, 1, 1, tzinfo=UTC).isoformat()
LEAVES_NO_WORKERS = (Action.START_RUN, Action.DISMISS_WORKERS)


def summary(reason: str) -> dict[str, Any]:
    return {"conditions": [{"type": "Succeeded", "status": "Unknown", "reason": reason}]}


WITH_WORKERS = {"startTime": STARTED, "phase": "Running", **summary("Encoding")}
WAITED = {"startTime": STARTED, "phase": "Pending", **summary("WaitingForCapacity")}
NEW: dict[str, Any] = {}


def found(name: str, minutes: int, status: dict[str, Any]) -> Stored:
    return replace(job(name, minutes), status=status, finalizers=(FINALIZER,))


def first_look(jobs: list[Stored], cap: int) -> dict[str, Decision]:
    """What a new operator decides about each."""
    granted = granted_workers(jobs, {}, cap)
    return {
        one.uid: reconcile(
            observed(one, "", None, 0.0, True, granted, granted.get(one.uid, 0), cap, "")
        )
        for one in jobs
    }


JOBS = st.lists(st.sampled_from([WITH_WORKERS, WAITED, NEW]), max_size=8).map(
    lambda found_so: [found(f"job-{i}", i, status) for i, status in enumerate(found_so)]
)


@given(JOBS, st.integers(1, 10))
def test_a_job_that_has_workers_is_taken_up_whatever_the_cap(jobs: list[Stored], cap: int) -> None:
    decided = first_look(jobs, cap)
    for one in jobs:
        if one.status is WITH_WORKERS:
            assert Action.START_RUN in decided[one.uid].actions


@given(JOBS, st.integers(1, 10))
def test_no_job_that_has_begun_and_is_not_run_keeps_workers(jobs: list[Stored], cap: int) -> None:
    decided = first_look(jobs, cap)
    for one in jobs:
        if one.begun:
            assert set(decided[one.uid].actions) & set(LEAVES_NO_WORKERS)


@given(JOBS, st.integers(1, 10), st.lists(st.integers(0, 12), min_size=8, max_size=8))
def test_what_jobs_want_is_within_the_cap_however_many_workers_they_are_found_with(
    jobs: list[Stored], cap: int, numbers: list[int]
) -> None:
    """And the oldest have no fewer than others, so that a lower cap is shared as fairly as ever."""
    connected = {one.uid: number for one, number in zip(jobs, numbers, strict=False)}
    granted = granted_workers(jobs, {}, cap)
    wanted = [available(one.uid, granted, connected, cap) for one in jobs]
    assert sum(wanted) <= cap
    assert list(granted.values()) == sorted(granted.values(), reverse=True)


@pytest.mark.parametrize("status", [WAITED, NEW, {**WITH_WORKERS, "phase": "Suspended"}])
def test_a_job_that_had_no_workers_waits_its_turn(status: dict[str, Any]) -> None:
    jobs = [found("old", 0, WITH_WORKERS), found("new", 1, status)]
    assert Action.START_RUN not in first_look(jobs, 1)["new"].actions


def test_once_it_is_run_here_it_is_shared_out_to_as_any_other() -> None:
    jobs = [found(name, i, NEW) for i, name in enumerate("abc")] + [found("d", 9, WITH_WORKERS)]
    granted = granted_workers(jobs, {}, 3)
    assert available("d", granted, {"d": 6}, 3) == 0
    run = RunView(RunPhase.ENCODING)
    seen = observed(jobs[-1], "", run, 0.0, True, granted, 0, 3, "")
    assert not seen.admitted
