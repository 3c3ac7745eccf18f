"""Jobs on a real node: apply, and get the video; suspend, share, and end in time."""

from __future__ import annotations

import hashlib
import json

import pytest
import yaml

from tests.controller.node.installation import BUCKET, SECRET, Installation, until
from tests.local.command import encoded
from tests.tiers import ROOT

pytestmark = pytest.mark.tier("node")


def test_the_example_succeeds_with_the_bytes_of_a_local_encode(
    installed: Installation, tmp_path
) -> None:
    manifest = yaml.safe_load((ROOT / "examples" / "encodejob.yaml").read_text())
    manifest["metadata"]["namespace"] = installed.namespace
    manifest["spec"]["storage"] = {"secretRef": {"name": SECRET}}
    installed.cluster.apply(manifest)
    name = manifest["metadata"]["name"]
    status = installed.succeeded(name, 360)
    encoding = manifest["spec"]["encoding"]
    output = tmp_path / "local.webm"
    encoded(
        *(ROOT / "examples" / "big-buck-bunny.mp4", output),
        *("--chunk-frames", encoding["chunkFrames"]),
        *("--chain-length", encoding["chainLength"]),
        *("--cq-level", encoding["cqLevel"]),
    )
    assert installed.content(f"{name}.webm") == output.read_bytes()
    assert status["progress"]["percent"] == 100
    assert status["output"]["frames"] == 132
    assert {"Indexing", "SourceIndexed", "OutputPublished"} <= set(installed.reasons(name))
    installed.delete(name)


def test_a_job_of_small_chunks_leaves_nothing_but_its_output_and_the_list_of_its_chunks(
    installed: Installation, job: str, source: str, expected: bytes
) -> None:
    installed.apply(job, source)
    status = installed.succeeded(job)
    assert installed.content(f"{job}.webm") == expected
    until(lambda: not installed.traces(), 30, installed.traces)
    manifest = f"{job}.webm.manifest.json"
    assert [key for key in installed.stored() if key.startswith(f"{job}.webm.")] == [manifest]
    assert status["manifestUri"] == f"s3://{BUCKET}/{manifest}"
    assert status["output"]["sha256"] == hashlib.sha256(expected).hexdigest()
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


def test_two_jobs_share_the_workers(
    installed: Installation, source: str, expected: bytes, job: str
) -> None:
    installed.apply(job, source)
    installed.apply(f"{job}-b", source)
    for name in (job, f"{job}-b"):
        installed.succeeded(name)
        assert installed.s3.head_object(Bucket=BUCKET, Key=f"{name}.webm")
    assert installed.content(f"{job}.webm") == installed.content(f"{job}-b.webm") == expected
    installed.delete(f"{job}-b")


def test_a_job_past_its_deadline_fails_and_its_workers_go(
    installed: Installation, job: str, source: str
) -> None:
    installed.apply(job, source, activeDeadlineSeconds=5)
    status = installed.ended(job, 30)
    assert installed.summary(job)["reason"] == "DeadlineExceeded"
    assert status["phase"] == "Failed"
    until(lambda: not installed.traces(), 30, installed.traces)


def test_a_job_is_deleted_when_its_time_to_live_is_over(installed: Installation, job: str) -> None:
    installed.apply(job, f"s3://{BUCKET}/nosuch.mp4", ttlSecondsAfterFinished=1)
    listing = ("get", "ej", "--output=name")
    until(lambda: job not in installed.kubectl(*listing), 30, lambda: installed.kubectl(*listing))
