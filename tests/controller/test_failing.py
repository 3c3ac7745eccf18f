"""Errors of a run, in the API's words."""

from __future__ import annotations

from typing import Any

import pytest

from excamera.errors import (
    BadSource,
    ChunkFailed,
    InvalidJob,
    JobError,
    ProgramKilled,
    StorageFailed,
)
from excamera_controller.advice import more_memory
from excamera_controller.conditions import FAILURES, Reason
from excamera_controller.failing import Impossible, failure_of, is_final
from excamera_controller.observed import Failure
from excamera_store import (
    AccessDenied,
    BucketMissing,
    NoCredentials,
    ObjectMissing,
    StoreFull,
    StoreUnreachable,
    UnsupportedScheme,
)
from mu import NoWorkers, TaskFailed
from tests.controller.test_reconcile import SPEC, stored

WITH_SECRET = stored(spec=SPEC | {"storage": {"secretRef": {"name": "keys"}}})


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
        (ProgramKilled("excamera-media was ended by signal 9"), None, Reason.PROGRAM_KILLED),
        (JobError("join ended with status 5"), None, Reason.INTERNAL_ERROR),
        (JobError("no worker"), NoWorkers("none came"), Reason.NO_WORKERS),
    ],
)
def test_every_error_has_its_reason_and_a_message_that_begins_with_its_own(
    error: JobError, cause: Exception | None, reason: Reason
) -> None:
    failure = failure_of(caused(error, cause), stored())
    assert failure.reason is reason
    assert failure.message.startswith(str(error))


def test_what_kept_workers_away_is_the_reason_when_none_came() -> None:
    trouble = Failure(Reason.QUOTA_EXCEEDED, "exceeded quota: pods")
    error = caused(JobError("no worker could do any work"), NoWorkers("none came"))
    assert failure_of(error, stored(), trouble) == trouble


def test_what_workers_have_tried_often_enough_is_final_and_nothing_else() -> None:
    assert is_final(caused(StorageFailed("…"), failed_task("denied")))
    assert is_final(caused(JobError("…"), NoWorkers("none came")))
    assert not is_final(caused(StorageFailed("…"), AccessDenied("b")))
    assert not is_final(StorageFailed("excamera-media: cannot read …"))
    assert not is_final(Impossible(Reason.SECRET_MISSING, "there is none"))


def test_missing_credentials_are_asked_for_where_an_encodejob_names_them() -> None:
    error = caused(StorageFailed("source: there are no credentials"), NoCredentials("none"))
    said = failure_of(error, stored()).message
    assert "spec.storage.secretRef" in said
    assert "the operator's service account" in said


def test_wrong_credentials_and_a_wrong_endpoint_are_traced_to_their_secret() -> None:
    for cause in (AccessDenied("b"), StoreUnreachable("b"), failed_task("denied")):
        said = failure_of(caused(StorageFailed("…"), cause), WITH_SECRET).message
        assert "Secret keys (spec.storage.secretRef)" in said


def test_a_chunk_that_workers_had_no_memory_for_says_how_to_give_them_more() -> None:
    job = stored(spec=SPEC | {"workers": {"resources": {"limits": {"memory": "24Mi"}}}})
    more = more_memory(job, {})
    chunk = caused(ChunkFailed("chunk-1 failed 7 times"), failed_task("OOMKilled"))
    error = caused(ChunkFailed("chunk-1 failed 7 times; its frames are 6 to 11"), chunk)
    assert is_final(error)
    said = failure_of(error, job, None, more).message
    assert "raise spec.workers.resources.limits.memory, now 24Mi" in said
    assert "spec.backoffLimit is 6" in said
    other = caused(ChunkFailed("chunk-1 failed 7 times"), failed_task("timed_out"))
    assert "memory" not in failure_of(other, job, None, more).message


@pytest.mark.parametrize(
    ("workers", "words"),
    [
        ({}, "now 2Gi by the chart's workers.resources"),
        ({"resources": {"limits": {"memory": "1Gi"}}}, "now 1Gi; then suspend and resume"),
        ({"resources": {"requests": {"cpu": "1"}}}, "spec.workers.resources.requests.memory"),
        ({"backend": "Knative"}, "workers.knative.resources.limits.memory"),
        ({"backend": "Lambda"}, "excamera lambda deploy"),
    ],
)
def test_more_memory_is_to_be_had_where_the_backend_has_it_from(
    workers: dict[str, Any], words: str
) -> None:
    job = stored(spec=SPEC | {"workers": workers})
    assert words in more_memory(job, {"limits": {"memory": "2Gi"}})


@pytest.mark.parametrize("reason", [Reason.UNSCHEDULABLE, Reason.WAITING_FOR_CAPACITY])
def test_what_has_kept_all_workers_away_is_among_the_reasons_for_which_jobs_fail(
    reason: Reason,
) -> None:
    """A counter that is not there from the beginning has no first rise to be alerted of."""
    error = caused(JobError("no workers"), NoWorkers("none came"))
    assert failure_of(error, stored(), Failure(reason, "no room")).reason is reason
    assert reason in FAILURES
