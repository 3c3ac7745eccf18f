"""reconcile: one job as it is now, and what is done about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from excamera.layout import Layout
from excamera.progress import Progress, Snapshot
from excamera.report import Report, WorstChunk
from excamera_controller.conditions import Phase, Reason, Truth
from excamera_controller.decision import Action, Decision
from excamera_controller.observed import (
    FINALIZER,
    Failure,
    Observed,
    Past,
    RunPhase,
    RunView,
    SourceFacts,
    Stored,
)
from excamera_controller.reconcile import reconcile
from excamera_controller.status import status_of

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
SPEC: dict[str, Any] = {
    "source": {"uri": "s3://videos/in.mp4"},
    "output": {"uri": "s3://videos/out.webm"},
}
REPORT = Report(
    output="s3://videos/out.webm", frames=132, key_frames=2, chunks=22, chunks_reused=0,
    duration=5.5, bytes=1_000_000, sha256="ab" * 32, ssim=0.98, seconds=20.0, workers=2,
    attempts_lost=0, stages={}, concealed=(), warnings=(), cq_level=20,
    manifest="s3://videos/out.webm.manifest.json",
    layout=Layout(6, 16, 96, 4.0, chains=2, chains_at_cuts=1),
    worst_chunk=WorstChunk(number=7, first_frame=42, frames=6, ssim_db=14.25),
)  # fmt: skip


def stored(**changes: Any) -> Stored:
    fields: dict[str, Any] = {
        "name": "clip", "namespace": "videos", "uid": "u-1", "generation": 1,
        "created": NOW - timedelta(minutes=1), "spec": SPEC, "finalizers": (FINALIZER,),
    }  # fmt: skip
    return Stored(**(fields | changes))


def snapshot() -> Snapshot:
    return Progress(0.0).snapshot(1.0)


def next_observed(before: Observed, decision: Decision) -> Observed:
    """What the next pass sees once the status has been written."""
    status = status_of(before, decision)
    job = before.job if status is None else replace(before.job, status=status)
    return replace(before, job=job)


def summary(observed: Observed) -> tuple[Phase | None, str, str]:
    seen = next_observed(observed, reconcile(observed)).job
    condition = seen.condition("Succeeded")
    return seen.phase, condition.get("status", ""), condition.get("reason", "")


def test_a_job_that_nothing_holds_back_is_started_and_its_clock_with_it() -> None:
    observed = Observed(stored(), NOW)
    decision = reconcile(observed)
    assert decision.actions == (Action.START_RUN,)
    assert next_observed(observed, decision).job.time("startTime") == NOW


def test_a_restarted_operator_goes_on_without_starting_the_clock_anew() -> None:
    began = "2026-01-02T03:00:00Z"
    observed = Observed(stored(status={"phase": "Running", "startTime": began}), NOW)
    decision = reconcile(observed)
    assert decision.actions == (Action.START_RUN,)
    assert next_observed(observed, decision).job.status["startTime"] == began


def test_a_job_that_is_not_admitted_waits_and_says_for_what() -> None:
    observed = Observed(stored(), NOW, admitted=False, waiting="all 4 workers are taken")
    assert summary(observed) == (Phase.PENDING, Truth.UNKNOWN, Reason.WAITING_FOR_CAPACITY)
    assert Action.START_RUN not in reconcile(observed).actions


def test_who_waits_holds_no_workers_of_an_earlier_operator() -> None:
    begun = stored(status={"phase": "Pending", "startTime": "2026-01-02T03:00:00Z"})
    waits = Observed(begun, NOW, admitted=False, waiting="all are taken", remains=0.0)
    assert reconcile(waits).actions == (Action.DISMISS_WORKERS,)
    assert reconcile(replace(waits, remains=31.0)).actions == ()
    assert reconcile(replace(waits, remains=None)).actions == ()
    assert reconcile(replace(waits, job=stored())).actions == ()


def test_suspending_stops_workers_and_keeps_what_is_finished() -> None:
    observed = Observed(stored(spec=SPEC | {"suspend": True}), NOW, RunView(RunPhase.ENCODING))
    assert reconcile(observed).actions == (Action.STOP_RUN,)
    assert summary(observed) == (Phase.SUSPENDED, Truth.UNKNOWN, Reason.JOB_SUSPENDED)


def test_resuming_starts_the_run_and_the_clock_anew() -> None:
    suspended = Observed(stored(spec=SPEC | {"suspend": True}), NOW)
    kept = next_observed(suspended, reconcile(suspended))
    resumed = replace(kept, job=replace(kept.job, spec=SPEC), now=NOW + timedelta(hours=1))
    decision = reconcile(resumed)
    assert decision.actions == (Action.START_RUN,)
    assert next_observed(resumed, decision).job.time("startTime") == NOW + timedelta(hours=1)
    assert [event.reason for event in decision.events] == [Reason.JOB_RESUMED]


def test_a_run_that_ended_well_makes_the_job_succeed() -> None:
    observed = Observed(stored(), NOW, RunView(RunPhase.ENDED, report=REPORT))
    assert summary(observed) == (Phase.SUCCEEDED, Truth.TRUE, Reason.OUTPUT_PUBLISHED)
    assert reconcile(observed).actions == (Action.STOP_RUN,)


def test_the_status_names_the_checksum_of_the_output_and_its_manifest() -> None:
    observed = Observed(stored(), NOW, RunView(RunPhase.ENDED, snapshot(), report=REPORT))
    status = next_observed(observed, reconcile(observed)).job.status
    assert status["output"]["sha256"] == REPORT.sha256
    assert status["manifestUri"] == REPORT.manifest


def test_the_status_says_what_was_chosen_and_where_the_output_is_worst() -> None:
    observed = Observed(stored(), NOW, RunView(RunPhase.ENDED, snapshot(), report=REPORT))
    output = next_observed(observed, reconcile(observed)).job.status["output"]
    chosen = ("keyFrames", "chains", "chainsAtCuts", "chainLength", "keyframeSeconds")
    assert [output[name] for name in chosen] == [2, 2, 1, 16, "4.00"]
    assert output["worstChunk"] == {"number": 7, "firstFrame": 42, "ssimDecibels": "14.25"}


def test_what_cannot_be_as_it_was_asked_for_is_told_when_planned_and_at_the_end() -> None:
    said = "key frames are planned every 0.25 s, not every 0.1 s"
    planned = replace(snapshot(), chunks=22, frames=132, chunk_frames=6)
    source = SourceFacts(132, 1280, 720, 5.5, 999, warnings=(said,))
    under_way = Observed(stored(), NOW, RunView(RunPhase.ENCODING, planned, source))
    seen = next_observed(under_way, reconcile(under_way)).job
    assert seen.condition("Planned")["message"] == f"132 frames in 22 chunks of 6; {said}"
    report = replace(REPORT, warnings=(said,))
    ended = Observed(stored(), NOW, RunView(RunPhase.ENDED, planned, report=report))
    assert said in next_observed(ended, reconcile(ended)).job.condition("Succeeded")["message"]


def test_a_run_that_failed_makes_the_job_fail_with_its_reason() -> None:
    failure = Failure(Reason.SOURCE_MISSING, "there is no in.mp4")
    observed = Observed(stored(), NOW, RunView(RunPhase.ENDED, failure=failure))
    assert summary(observed) == (Phase.FAILED, Truth.FALSE, Reason.SOURCE_MISSING)


def test_a_job_past_its_deadline_fails() -> None:
    late = stored(
        spec=SPEC | {"activeDeadlineSeconds": 60},
        status={"phase": "Running", "startTime": "2026-01-02T03:00:00Z"},
    )
    observed = Observed(late, NOW, RunView(RunPhase.ENCODING, snapshot()))
    assert summary(observed) == (Phase.FAILED, Truth.FALSE, Reason.DEADLINE_EXCEEDED)


def test_a_job_looks_again_no_later_than_its_deadline() -> None:
    close = stored(
        spec=SPEC | {"activeDeadlineSeconds": 246},
        status={"phase": "Running", "startTime": "2026-01-02T03:00:00Z"},
    )
    decision = reconcile(Observed(close, NOW, RunView(RunPhase.ENCODING, snapshot())))
    assert decision.again_seconds == 1


def test_a_result_counts_even_if_the_deadline_passes_in_the_same_moment() -> None:
    late = stored(
        spec=SPEC | {"activeDeadlineSeconds": 60},
        status={"phase": "Running", "startTime": "2026-01-02T03:00:00Z"},
    )
    observed = Observed(late, NOW, RunView(RunPhase.ENDED, report=REPORT))
    assert summary(observed)[0] is Phase.SUCCEEDED


ENDED = {
    "phase": "Succeeded",
    "startTime": "2026-01-02T03:00:00Z",
    "completionTime": "2026-01-02T03:04:00Z",
    "conditions": [{"type": "Succeeded", "status": "True"}],
}


@pytest.mark.parametrize("status", [{}, ENDED, {"phase": "Running"}, {"phase": "Suspended"}])
def test_a_resource_that_is_being_deleted_is_cleared_away_and_let_go(
    status: dict[str, Any],
) -> None:
    observed = Observed(stored(status=status, deletion_requested=True), NOW)
    assert reconcile(observed).actions[-2:] == (Action.CLEAN_UP, Action.RELEASE_FINALIZER)


@pytest.mark.parametrize("run", [None, RunView(RunPhase.ENCODING)])
def test_what_a_deleted_job_has_left_is_removed_only_when_its_workers_are_gone(
    run: RunView | None,
) -> None:
    """One that is told to end may upload a chunk in its last seconds."""
    first = Observed(stored(deletion_requested=True), NOW, run, remains=0.0)
    assert reconcile(first).actions == (Action.STOP_RUN,)
    gone = replace(first, run=None, remains=None)
    assert reconcile(gone).actions[1:] == (Action.CLEAN_UP, Action.RELEASE_FINALIZER)


def test_workers_that_do_not_go_hold_a_deletion_up_for_a_bounded_time() -> None:
    late = Observed(stored(deletion_requested=True), NOW, remains=31.0)
    decision = reconcile(late)
    assert decision.actions[-1] is Action.RELEASE_FINALIZER
    assert [event.reason for event in decision.events] == [Reason.CLEAN_UP_INCOMPLETE]


def test_a_job_that_is_resumed_within_the_second_of_its_start_runs_under_a_new_name() -> None:
    """The rendezvous takes nothing more for a name that was dropped."""
    fresh = Observed(stored(), NOW)
    first = next_observed(fresh, reconcile(fresh))
    suspended = replace(first, job=replace(first.job, spec=SPEC | {"suspend": True}))
    kept = next_observed(suspended, reconcile(suspended))
    resumed = replace(kept, job=replace(kept.job, spec=SPEC))
    again = next_observed(resumed, reconcile(resumed))
    assert first.job.run_name != again.job.run_name


def test_a_deleted_resource_that_only_others_hold_has_its_workers_ended() -> None:
    job = stored(deletion_requested=True, finalizers=("other/one",))
    observed = Observed(job, NOW, RunView(RunPhase.ENCODING))
    assert reconcile(observed).actions == (Action.STOP_RUN,)


def test_nothing_is_done_about_a_deleted_resource_that_others_still_hold() -> None:
    observed = Observed(stored(deletion_requested=True, finalizers=("other/one",)), NOW)
    assert reconcile(observed) == Decision()


def test_a_trouble_with_workers_is_told_once() -> None:
    trouble = Failure(Reason.QUOTA_EXCEEDED, "the namespace's quota allows no more pods")
    observed = Observed(stored(), NOW, RunView(RunPhase.ENCODING, snapshot(), trouble=trouble))
    first = reconcile(observed)
    again = reconcile(next_observed(observed, first))
    assert [event.reason for event in first.events] == [Reason.QUOTA_EXCEEDED]
    assert again.events == ()


def at_work(*, connected: int, **changes: Any) -> RunView:
    """A run that encodes, with so many workers."""
    now = replace(snapshot(), chunks=22, workers=connected)
    return RunView(RunPhase.ENCODING, now, **changes)


UNSCHEDULABLE = Failure(Reason.UNSCHEDULABLE, "0/3 nodes have room")


def test_one_pod_that_waits_hides_nothing_of_a_job_that_others_work_for() -> None:
    observed = Observed(stored(), NOW, at_work(connected=3, trouble=UNSCHEDULABLE))
    seen = next_observed(observed, reconcile(observed))
    assert summary(observed)[2] == Reason.ENCODING
    ready = seen.job.condition("WorkersReady")
    assert (ready["status"], ready["reason"]) == (Truth.TRUE, Reason.UNSCHEDULABLE)
    assert "0/3 nodes have room" in ready["message"]


def test_a_trouble_is_told_once_even_when_the_last_worker_goes_meanwhile() -> None:
    observed = Observed(stored(), NOW, at_work(connected=1, trouble=UNSCHEDULABLE))
    first = reconcile(observed)
    then = replace(next_observed(observed, first), run=at_work(connected=0, trouble=UNSCHEDULABLE))
    assert [event.reason for event in first.events].count(Reason.UNSCHEDULABLE) == 1
    assert Reason.UNSCHEDULABLE not in [event.reason for event in reconcile(then).events]
    assert summary(then)[2] == Reason.UNSCHEDULABLE


def test_a_job_that_has_lost_all_its_workers_to_others_says_that_it_waits() -> None:
    observed = Observed(stored(), NOW, at_work(connected=0), admitted=False, waiting="all taken")
    assert summary(observed)[2] == Reason.WAITING_FOR_CAPACITY


@pytest.mark.parametrize(
    "ended", [{"report": REPORT}, {"failure": Failure(Reason.NO_WORKERS, "none came")}]
)
def test_what_was_lost_in_the_last_moments_of_a_run_is_told_as_well(ended: Any) -> None:
    counts = {"OOMKilled": 2, "Evicted": 1}
    lost = RunView(RunPhase.ENDED, losses=counts, more_memory="raise the limit", **ended)
    told = reconcile(Observed(stored(), NOW, lost)).events
    assert told[0].reason is Reason.WORKERS_LOST
    listed = "2 workers lost: OOMKilled, 1 worker lost: Evicted"
    assert told[0].message == f"{listed}; raise the limit"


def test_a_resumed_job_that_has_to_wait_is_not_called_suspended_and_has_its_clock_to_come() -> None:
    suspended = Observed(stored(spec=SPEC | {"suspend": True}), NOW)
    kept = next_observed(suspended, reconcile(suspended))
    waits = replace(kept, job=replace(kept.job, spec=SPEC), admitted=False, waiting="all taken")
    waiting = next_observed(waits, reconcile(waits))
    assert waiting.job.condition("Suspended")["status"] == Truth.FALSE
    later = replace(waiting, admitted=True, now=NOW + timedelta(hours=1))
    decision = reconcile(later)
    started = next_observed(later, decision)
    assert started.job.time("startTime") == NOW + timedelta(hours=1)
    assert [event.reason for event in decision.events] == [Reason.JOB_RESUMED]
    assert not reconcile(replace(started, now=NOW + timedelta(hours=2))).starts_clock


def test_what_was_lost_is_counted_over_all_operators() -> None:
    run = at_work(connected=1, attempts_lost=7, workers_lost=3)
    observed = Observed(stored(), NOW, run)
    status = next_observed(observed, reconcile(observed)).job.status
    assert status["progress"]["attemptsLost"] == 7
    assert Past.of(status) == Past(attempts=7, workers=3)
    assert Past.of({}) == Past()


STATES: st.SearchStrategy[Callable[[Observed], Observed]] = st.sampled_from(
    [
        lambda o: replace(o, run=None),
        lambda o: replace(o, run=RunView(RunPhase.PLANNING)),
        lambda o: replace(o, run=RunView(RunPhase.ENCODING, snapshot())),
        lambda o: replace(o, run=RunView(RunPhase.ENDED, report=REPORT)),
        lambda o: replace(
            o, run=RunView(RunPhase.ENDED, failure=Failure(Reason.NO_WORKERS, "none came"))
        ),
        lambda o: replace(o, admitted=not o.admitted, waiting="all are taken"),
        lambda o: replace(o, job=replace(o.job, spec=SPEC | {"suspend": True})),
        lambda o: replace(o, job=replace(o.job, spec=SPEC)),
        lambda o: replace(o, now=o.now + timedelta(seconds=100)),
    ]
)


@given(st.lists(STATES, max_size=20))
def test_whatever_happens_a_job_that_has_ended_never_runs_again(
    steps: list[Callable[[Observed], Observed]],
) -> None:
    observed, ended = Observed(stored(), NOW), False
    for step in steps:
        observed = step(observed)
        decision = reconcile(observed)
        assert not (ended and Action.START_RUN in decision.actions)
        assert not (ended and decision.phase is not None)
        observed = next_observed(observed, decision)
        ended = ended or observed.job.ended


@given(st.lists(STATES, max_size=20))
def test_a_second_pass_over_the_same_facts_says_nothing_new(
    steps: list[Callable[[Observed], Observed]],
) -> None:
    observed = Observed(stored(), NOW)
    for step in steps:
        observed = step(observed)
        once = next_observed(observed, reconcile(observed))
        observed = once
        twice = next_observed(once, reconcile(once))
        stable = {"phase", "conditions", "completionTime"}
        before = {k: v for k, v in once.job.status.items() if k in stable}
        after = {k: v for k, v in twice.job.status.items() if k in stable}
        assert after == before
