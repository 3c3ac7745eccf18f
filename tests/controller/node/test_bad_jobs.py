"""Jobs that cannot be done: each says within half a minute why, and what to do about it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.controller.node.installation import BUCKET, SECRET, Installation, until

pytestmark = pytest.mark.tier("node")

SECONDS = 30


def said(installed: Installation, job: str, reason: str) -> str:
    """The message that goes with `reason`, which must be there in time."""
    until(
        lambda: installed.summary(job).get("reason") == reason,
        SECONDS,
        lambda: installed.story(job),
    )
    message: str = installed.summary(job)["message"]
    until(lambda: reason in installed.reasons(job), 10, lambda: installed.reasons(job))
    return message


@pytest.mark.parametrize(
    ("source", "spec", "reason", "words"),
    [
        ("gs://videos/clip.mp4", {}, "InvalidSpec", "s3://BUCKET/KEY"),
        (f"s3://{BUCKET}/nosuch.mp4", {}, "SourceMissing", "nosuch.mp4"),
        ("s3://nosuchbucket/clip.mp4", {}, "SourceMissing", "create the bucket"),
        (f"s3://{BUCKET}/text.mp4", {}, "SourceInvalid", "not a video"),
        (
            "",
            {"output": {"uri": "s3://nosuchbucket/out.webm"}},
            "OutputNotWritable",
            "nosuchbucket",
        ),
        ("", {"storage": {"secretRef": {"name": "nosuch"}}}, "SecretMissing", "create it"),
        ("", {"storage": {"secretRef": {"name": "wrong"}}}, "AccessDenied", "credentials"),
        ("", {"workers": {"backend": "Knative"}}, "BackendUnavailable", "Knative Serving"),
    ],
    ids=lambda value: value if isinstance(value, str) and value.isalpha() else "",
)
def test_a_bad_job_fails_with_a_reason(
    installed: Installation, job: str, source: str, spec: dict[str, Any], reason: str, words: str
) -> None:
    installed.s3.put_object(Bucket=BUCKET, Key="text.mp4", Body=b"this is not a video")
    if spec.get("storage", {}).get("secretRef", {}).get("name") == "wrong":
        installed.secret("wrong", AWS_ACCESS_KEY_ID="somebody", AWS_SECRET_ACCESS_KEY="else")
    installed.apply(job, source or f"s3://{BUCKET}/big-buck-bunny.mp4", **spec)
    assert words in said(installed, job, reason)
    assert installed.ended(job, 5)["phase"] == "Failed"


def test_a_quota_that_allows_no_pod_is_named(
    installed: Installation, job: str, source: str
) -> None:
    metadata = {"name": "no-workers", "namespace": installed.namespace}
    pods = len(installed.kubectl("get", "pods", "-oname").split())
    quota = {"apiVersion": "v1", "kind": "ResourceQuota", "metadata": metadata}
    installed.cluster.create({**quota, "spec": {"hard": {"pods": str(pods)}}})
    try:
        installed.apply(job, source)
        assert "quota" in said(installed, job, "QuotaExceeded")
    finally:
        installed.kubectl("delete", "resourcequota", "no-workers")


def test_a_store_that_does_not_answer_is_named_and_does_not_hold_up_deletion(
    installed: Installation, job: str
) -> None:
    installed.kubectl("delete", "secret", "away", "--ignore-not-found")
    unreachable = "http://10.255.255.1:9000"
    installed.secret(
        "away",
        AWS_ACCESS_KEY_ID="u",
        AWS_SECRET_ACCESS_KEY="p",
        AWS_ENDPOINT_URL=unreachable,
    )
    installed.apply(
        job, f"s3://{BUCKET}/big-buck-bunny.mp4", storage={"secretRef": {"name": "away"}}
    )
    assert unreachable in said(installed, job, "StoreUnreachable")
    installed.delete(job)


def test_nothing_else_stops(installed: Installation, job: str, source: str) -> None:
    installed.apply(f"{job}-bad", f"s3://{BUCKET}/nosuch.mp4")
    installed.apply(job, source, storage={"secretRef": {"name": SECRET}})
    installed.succeeded(job)
    installed.delete(f"{job}-bad")
