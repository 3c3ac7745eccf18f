"""Errors of a run, in the API's words."""

from __future__ import annotations

import pytest

from excamera.errors import BadSource, ChunkFailed, InvalidJob, JobError, StorageFailed
from excamera_controller.conditions import FAILURES, Reason
from excamera_controller.failing import failure_of, is_transient
from excamera_controller.observed import Failure
from excamera_store import (
    AccessDenied,
    BucketMissing,
    ObjectMissing,
    StoreFull,
    StoreUnreachable,
    UnsupportedScheme,
)
from mu import NoWorkers, TaskFailed


def caused(error: JobError, cause: Exception | None) -> JobError:
    error.__cause__ = cause
    return error


def failed_task(reason: str) -> TaskFailed:
    return TaskFailed("chunk-1", "uploading", reason, "said no", 7, False)


@pytest.mark.parametrize(
    ("error", "cause", "reason"),
    [
        (InvalidJob("source: …"), UnsupportedScheme("gs"), Reason.INVALID_SPEC),
        (BadSource("source: …"), ObjectMissing("a"), Reason.SOURCE_MISSING),
        (BadSource("not a video"), None, Reason.SOURCE_INVALID),
        (StorageFailed("source: …"), BucketMissing("b"), Reason.SOURCE_MISSING),
        (StorageFailed("source: …"), AccessDenied("b"), Reason.ACCESS_DENIED),
        (StorageFailed("output: …"), AccessDenied("b"), Reason.OUTPUT_NOT_WRITABLE),
        (StorageFailed("output: …"), BucketMissing("b"), Reason.OUTPUT_NOT_WRITABLE),
        (StorageFailed("output: …"), StoreUnreachable("b"), Reason.STORE_UNREACHABLE),
        (StorageFailed("unfinished work: …"), StoreFull("b"), Reason.STORE_FAILED),
        (StorageFailed("chunk-1, uploading: …"), failed_task("denied"), Reason.ACCESS_DENIED),
        (ChunkFailed("chunk-1 failed 7 times"), None, Reason.BACKOFF_LIMIT_EXCEEDED),
        (JobError("join ended with status 5"), None, Reason.INTERNAL_ERROR),
        (JobError("no worker"), NoWorkers("none came"), Reason.NO_WORKERS),
    ],
)
def test_every_error_has_its_reason_and_keeps_its_message(
    error: JobError, cause: Exception | None, reason: Reason
) -> None:
    assert failure_of(caused(error, cause)) == Failure(reason, str(error))


def test_what_kept_workers_away_is_the_reason_when_none_came() -> None:
    trouble = Failure(Reason.QUOTA_EXCEEDED, "exceeded quota: pods")
    error = caused(JobError("no worker could do any work"), NoWorkers("none came"))
    assert failure_of(error, trouble) == trouble


def test_only_a_store_that_does_not_answer_is_worth_another_try() -> None:
    assert is_transient(caused(StorageFailed("…"), StoreUnreachable("b")))
    assert not is_transient(caused(StorageFailed("…"), AccessDenied("b")))
    assert not is_transient(StorageFailed("…"))


@pytest.mark.parametrize("reason", [Reason.UNSCHEDULABLE, Reason.WAITING_FOR_CAPACITY])
def test_what_has_kept_all_workers_away_is_among_the_reasons_for_which_jobs_fail(
    reason: Reason,
) -> None:
    """A counter that is not there from the beginning has no first rise to be alerted of."""
    error = caused(JobError("no workers"), NoWorkers("none came"))
    assert failure_of(error, Failure(reason, "no room")).reason is reason
    assert reason in FAILURES
