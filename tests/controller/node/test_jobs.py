"""Jobs on a real node: apply, and get the video; suspend, share, and end in time."""

from __future__ import annotations

import hashlib
import json

import pytest

from tests.controller.node.installation import BUCKET, Installation, until
from tests.controller.node.samples import Sample

pytestmark = pytest.mark.tier("node")


def test_a_job_of_small_chunks_leaves_nothing_but_its_output_and_the_list_of_its_chunks(
    installed: Installation, job: str, brief: Sample
) -> None:
    installed.apply(job, brief.source)
    status = installed.succeeded(job)
    assert installed.content(f"{job}.webm") == brief.expected
    until(lambda: not installed.traces(), 30, installed.traces)
    manifest = f"{job}.webm.manifest.json"
    assert [key for key in installed.stored() if key.startswith(f"{job}.webm.")] == [manifest]
    assert status["manifestUri"] == f"s3://{BUCKET}/{manifest}"
    assert status["output"]["sha256"] == hashlib.sha256(brief.expected).hexdigest()
    listed = json.loads(installed.content(manifest))
    assert len(listed["chunks"]) == status["progress"]["chunksTotal"]
    assert listed["output"]["sha256"] == status["output"]["sha256"]
    installed.delete(job)
    assert {f"{job}.webm", manifest} <= set(installed.stored())


def test_suspending_stops_workers_and_resuming_goes_on_from_the_finished_chunks(
    installed: Installation, job: str, source: str, expected: bytes
) -> None:
    installed.apply(job, source)
    installed.published(job, 3)
    installed.patch(job, suspend=True)
    until(lambda: installed.status(job).get("phase") == "Suspended", 30)
    until(lambda: not installed.traces(), 30, installed.traces)
    kept = installed.status(job)["progress"]["published"]
    assert kept >= 3
    installed.patch(job, suspend=False)
    until(lambda: installed.status(job).get("phase") == "Running", 30)
    assert installed.status(job)["progress"]["published"] >= kept
    installed.succeeded(job)
    assert installed.content(f"{job}.webm") == expected


def test_two_jobs_share_the_workers(installed: Installation, job: str, brief: Sample) -> None:
    installed.apply(job, brief.source)
    installed.apply(f"{job}-b", brief.source)
    for name in (job, f"{job}-b"):
        installed.succeeded(name)
        assert installed.s3.head_object(Bucket=BUCKET, Key=f"{name}.webm")
    assert installed.content(f"{job}.webm") == installed.content(f"{job}-b.webm") == brief.expected
    installed.delete(f"{job}-b")


def test_a_job_past_its_deadline_fails_and_its_workers_go(
    installed: Installation, job: str, source: str
) -> None:
    installed.apply(job, source, activeDeadlineSeconds=5)
    status = installed.ended(job, 30)
    assert installed.summary(job)["reason"] == "DeadlineExceeded"
    assert status["phase"] == "Failed"
    until(lambda: not installed.traces(), 30, installed.traces)


def test_a_job_is_deleted_when_its_time_to_live_is_over(
    installed: Installation, job: str, brief: Sample
) -> None:
    """Its output stays."""
    installed.apply(job, brief.source, ttlSecondsAfterFinished=1)
    listing = ("get", "ej", "--output=name")
    until(lambda: job not in installed.kubectl(*listing), 120, lambda: installed.story(job))
    assert installed.content(f"{job}.webm") == brief.expected
