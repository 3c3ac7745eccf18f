"""Who is held by the finalizer and for how long, and what becomes of a job that has ended."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from excamera_controller.conditions import Reason, Truth
from excamera_controller.decision import Action, Decision
from excamera_controller.observed import Failure, Observed, RunPhase, RunView
from excamera_controller.policies.finished import TRYING_SECONDS
from excamera_controller.reconcile import reconcile
from excamera_controller.status import status_of
from tests.controller.test_reconcile import (
    ENDED,
    NOW,
    REPORT,
    SPEC,
    at_work,
    next_observed,
    snapshot,
    stored,
)

CLEAR = (Action.STOP_RUN, Action.CLEAN_UP)
FAILED = ENDED | {"phase": "Failed", "conditions": [{"type": "Succeeded", "status": "False"}]}
SUSPENDED = SPEC | {"suspend": True}
STARTED = {"phase": "Running", "startTime": "2026-01-02T03:00:00Z"}


def lives(seconds: int) -> dict[str, Any]:
    return SPEC | {"ttlSecondsAfterFinished": seconds}


# Held


@pytest.mark.parametrize("status", [{}, STARTED])
def test_a_job_is_held_before_anything_is_started(status: dict[str, Any]) -> None:
    observed = Observed(stored(finalizers=("other/one",), status=status), NOW)
    assert reconcile(observed).actions == (Action.ADD_FINALIZER,)


@pytest.mark.parametrize(
    "observed",
    [
        Observed(stored(finalizers=(), spec=SUSPENDED), NOW, remains=None),
        Observed(stored(finalizers=()), NOW, admitted=False, waiting="all are taken"),
    ],
    ids=["suspended", "waiting"],
)
def test_a_job_that_has_not_begun_is_free_to_go(observed: Observed) -> None:
    assert reconcile(observed).actions == ()


def test_a_suspended_job_that_somebody_has_let_go_is_held_again_since_it_has_finished_chunks() -> (
    None
):
    observed = Observed(stored(finalizers=(), spec=SUSPENDED, status=STARTED), NOW)
    assert reconcile(observed).actions == (Action.ADD_FINALIZER,)


@pytest.mark.parametrize("status", [ENDED, FAILED])
def test_a_job_that_has_ended_and_been_let_go_is_left_alone(status: dict[str, Any]) -> None:
    """Nor is it looked for workers of each such job whenever an operator starts."""
    assert reconcile(Observed(stored(finalizers=(), status=status), NOW, remains=0.0)) == Decision()


# Cleared away


@pytest.mark.parametrize("status", [ENDED, FAILED])
def test_a_job_that_has_ended_is_cleared_away_and_then_let_go(status: dict[str, Any]) -> None:
    """Whoever first sees it does so: the operator that has said it may have been killed since."""
    first = Observed(stored(status=status), NOW, remains=0.0)
    assert reconcile(first).actions == CLEAR
    assert reconcile(first).again_seconds is not None
    gone = replace(first, remains=None)
    assert reconcile(gone).actions == (Action.CLEAN_UP,)
    cleared = replace(gone, unfinished=False)
    assert reconcile(cleared).actions == (Action.RELEASE_FINALIZER,)


def test_a_suspended_job_has_its_workers_ended_by_whoever_first_sees_it_and_keeps_its_chunks() -> (
    None
):
    first = Observed(stored(status={"phase": "Suspended"}, spec=SUSPENDED), NOW, remains=0.0)
    assert reconcile(first).actions == (Action.STOP_RUN,)
    assert reconcile(replace(first, remains=None)).actions == ()


def test_workers_that_do_not_go_are_looked_for_less_and_less_often() -> None:
    suspended = stored(status={"phase": "Suspended"}, spec=SUSPENDED)
    for job in (suspended, stored(status=ENDED)):
        waits = [
            reconcile(Observed(job, NOW, remains=seconds)).again_seconds
            for seconds in (0.0, 60.0, 3000.0)
        ]
        assert waits == [2.0, 60.0, 300.0]


def test_what_cannot_be_removed_is_tried_less_and_less_often_and_not_for_ever() -> None:
    waits = []
    for seconds in (0, 60, 1000):
        now = NOW - timedelta(seconds=5) + timedelta(seconds=seconds)
        decision = reconcile(Observed(stored(status=FAILED), now))
        assert decision.actions == (Action.CLEAN_UP,)
        waits.append(decision.again_seconds)
    assert waits == [5.0, 60.0, 300.0]
    late = NOW + timedelta(seconds=TRYING_SECONDS)
    last = reconcile(Observed(stored(status=FAILED), late))
    assert last.actions == (Action.CLEAN_UP, Action.RELEASE_FINALIZER)


def test_workers_that_do_not_go_hold_a_job_that_has_ended_for_an_hour_and_no_longer() -> None:
    """Such as those on a node that is lost."""
    waiting = Observed(stored(status=ENDED, spec=lives(0)), NOW, remains=TRYING_SECONDS - 1)
    assert reconcile(waiting).actions == CLEAR
    late = replace(waiting, remains=TRYING_SECONDS)
    decision = reconcile(late)
    assert decision.actions == (*CLEAR, Action.RELEASE_FINALIZER)
    assert [event.reason for event in decision.events] == [Reason.CLEAN_UP_INCOMPLETE]
    assert decision.again_seconds == 0
    let_go = replace(late, job=replace(late.job, finalizers=()))
    assert reconcile(let_go).actions == (Action.DELETE,)


# Kept for a while


@pytest.mark.parametrize(
    ("spec", "actions", "again"),
    [(SPEC, (), None), (lives(3600), (), 3595), (lives(0), (Action.DELETE,), None)],
)
def test_a_job_that_has_ended_lives_as_long_as_it_was_told(
    spec: dict[str, Any], actions: tuple[Action, ...], again: float | None
) -> None:
    decision = reconcile(Observed(stored(spec=spec, status=ENDED, finalizers=()), NOW))
    assert (decision.actions, decision.again_seconds) == (actions, again)


def test_a_job_that_is_still_held_is_deleted_no_later_than_it_should() -> None:
    held = Observed(stored(spec=lives(7), status=ENDED), NOW)
    assert reconcile(held).again_seconds == 2
    assert reconcile(replace(held, now=NOW + timedelta(seconds=2))).actions == (Action.DELETE,)


def test_a_job_whose_time_has_come_is_not_deleted_while_something_of_it_remains() -> None:
    observed = Observed(stored(status=ENDED, spec=lives(0)), NOW, remains=3.0)
    assert Action.DELETE not in reconcile(observed).actions


# Conditions


@pytest.mark.parametrize(
    ("ended", "truth", "left"),
    [
        (RunView(RunPhase.ENDED, snapshot(), report=REPORT), Truth.TRUE, ["Planned", "Succeeded"]),
        (
            RunView(RunPhase.ENDED, failure=Failure(Reason.SOURCE_MISSING, "no in.mp4")),
            Truth.FALSE,
            ["Succeeded"],
        ),
    ],
)
def test_a_job_that_has_ended_shows_only_conditions_that_still_mean_something(
    ended: RunView, truth: Truth, left: list[str]
) -> None:
    """One that was suspended, resumed, planned if it came so far, and then ended."""
    observed = Observed(stored(spec=SUSPENDED), NOW)
    observed = next_observed(observed, reconcile(observed))
    observed = replace(observed, job=replace(observed.job, spec=SPEC))
    observed = next_observed(observed, reconcile(observed))
    planning = RunView(RunPhase.PLANNING) if ended.snapshot is None else at_work(connected=2)
    observed = replace(observed, run=planning)
    observed = next_observed(observed, reconcile(observed))
    assert observed.job.condition("Suspended")
    observed = replace(observed, run=ended)
    status = status_of(observed, reconcile(observed))
    assert status is not None
    assert sorted(one["type"] for one in status["conditions"]) == left
    (summary,) = (one for one in status["conditions"] if one["type"] == "Succeeded")
    assert summary["status"] == truth


def test_the_time_for_which_a_job_was_suspended_does_not_count_against_its_deadline() -> None:
    spec = SPEC | {"activeDeadlineSeconds": 60}
    begun = stored(
        spec=spec | {"suspend": True}, status=STARTED | {"startTime": "2026-01-02T03:04:00Z"}
    )
    suspended = next_observed(Observed(begun, NOW), reconcile(Observed(begun, NOW)))
    job = replace(suspended.job, spec=spec)
    resumed = replace(suspended, job=job, now=NOW + timedelta(hours=1))
    assert reconcile(resumed).actions == (Action.START_RUN,)
