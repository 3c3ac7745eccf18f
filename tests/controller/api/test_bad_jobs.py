"""Jobs that cannot be done: each says within half a minute why, and what to do about it.

What may still come, such as a Secret or a source, is waited for; `patience` has for how long.
"""

from __future__ import annotations

import time
from typing import Any

import pytest

from tests.controller.api.conftest import CLOSED
from tests.controller.api.operator_process import OperatorProcess
from tests.controller.jobs import BUCKET, NOBODY, SECRET

pytestmark = pytest.mark.tier("api")

LONG = 60.0
"""Seconds: ten times as long as it took when each refusal was counted as a worker lost."""

CLIP = f"s3://{BUCKET}/clip.mp4"


def storage(secret: str) -> dict[str, Any]:
    return {"storage": {"secretRef": {"name": secret}}}


def output(url: str) -> dict[str, Any]:
    return {"output": {"uri": url}}


@pytest.mark.parametrize(
    ("source", "spec", "reason", "words"),
    [
        (f"s3://{BUCKET}/nosuch.mp4", {}, "SourceMissing", "nosuch.mp4"),
        ("s3://nosuchbucket/clip.mp4", {}, "SourceMissing", "create the bucket"),
        (f"s3://{CLOSED}/clip.mp4", storage("guest"), "AccessDenied", CLOSED),
        (CLIP, storage("guest") | output(f"s3://{CLOSED}/o.webm"), "OutputNotWritable", CLOSED),
        (CLIP, output("s3://nosuchbucket/out.webm"), "OutputNotWritable", "nosuchbucket"),
        (CLIP, storage("nosuch"), "SecretMissing", "create it"),
        (CLIP, storage("incomplete"), "SecretMissing", "AWS_SECRET_ACCESS_KEY"),
        (CLIP, storage("wrong"), "AccessDenied", "credentials"),
        (CLIP, {"workers": {"backend": "Knative"}}, "BackendUnavailable", "Knative Serving"),
        (CLIP, {"workers": {"backend": "Lambda"}}, "BackendUnavailable", "use backend Pod"),
    ],
)
def test_a_job_that_lacks_something_says_so_and_tries_again(
    operator: OperatorProcess,
    job: str,
    source: str,
    spec: dict[str, Any],
    reason: str,
    words: str,
) -> None:
    operator.apply(job, source, **spec)
    message = operator.said(job, reason)
    assert words in message
    assert "and again at" in message
    assert operator.status(job)["phase"] == "Pending"


def test_a_source_that_is_no_video_fails_the_job(operator: OperatorProcess, job: str) -> None:
    operator.apply(job, f"s3://{BUCKET}/text.mp4")
    message = operator.said(job, "SourceInvalid")
    assert "not a video" in message
    assert "create it anew" in message
    assert operator.ended(job, 5)["phase"] == "Failed"


def test_a_secret_that_comes_later_is_taken(operator: OperatorProcess, job: str) -> None:
    """As when a folder of manifests is applied, in whatever order."""
    operator.apply(job, CLIP, **storage(f"{job}-late"))
    assert "create it" in operator.said(job, "SecretMissing")
    operator.copy_secret(SECRET, f"{job}-late")
    operator.starts_workers(job)


def test_a_wrong_name_of_a_secret_can_be_put_right(operator: OperatorProcess, job: str) -> None:
    operator.apply(job, CLIP, **storage("nosuch"))
    operator.said(job, "SecretMissing")
    operator.patch(job, **storage(SECRET))
    operator.starts_workers(job)


def test_a_quota_that_allows_no_workers_is_named_and_the_job_waits(
    operator: OperatorProcess, job: str
) -> None:
    hard = {"count/jobs.batch": "0"}
    metadata = {"name": "no-workers", "namespace": operator.namespace}
    operator.cluster.create(
        {"apiVersion": "v1", "kind": "ResourceQuota", "metadata": metadata, "spec": {"hard": hard}}
    )
    # The API server goes by the status, which a controller fills in where there is one.
    status = {"status": {"hard": hard, "used": {"count/jobs.batch": "0"}}}
    words = ("resourcequota", "no-workers", operator.namespace, status, "--subresource=status")
    operator.cluster.patch(*words)
    try:
        operator.apply(job, CLIP)
        assert "raise the namespace's quota" in operator.said(job, "QuotaExceeded")
        time.sleep(LONG)
        assert operator.summary(job)["reason"] == "QuotaExceeded", operator.story(job)
        assert operator.status(job)["phase"] == "Pending"
    finally:
        operator.kubectl("delete", "resourcequota", "no-workers")
    operator.starts_workers(job)


def test_a_store_that_does_not_answer_is_named_and_does_not_hold_up_deletion(
    operator: OperatorProcess, job: str
) -> None:
    operator.apply(job, CLIP, **storage("away"))
    assert NOBODY in operator.said(job, "StoreUnreachable")
    operator.delete(job)


def test_other_jobs_go_on(operator: OperatorProcess, job: str) -> None:
    operator.apply(f"{job}-bad", f"s3://{BUCKET}/nosuch.mp4")
    operator.apply(f"{job}-away", CLIP, **storage("away"))
    operator.apply(job, CLIP)
    operator.starts_workers(job)
    for bad in (f"{job}-bad", f"{job}-away"):
        operator.delete(bad)
