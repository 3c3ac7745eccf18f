"""Jobs that cannot be done, as far as that takes pods; the others are in tests/controller/api."""

from __future__ import annotations

import pytest

from tests.controller.node.installation import BUCKET, Installation
from tests.controller.node.samples import Sample

pytestmark = pytest.mark.tier("node")


def test_a_quota_that_allows_no_pod_is_named_and_waited_for(
    installed: Installation, job: str, brief: Sample
) -> None:
    metadata = {"name": "no-workers", "namespace": installed.namespace}
    pods = len(installed.kubectl("get", "pods", "-oname").split())
    quota = {"apiVersion": "v1", "kind": "ResourceQuota", "metadata": metadata}
    installed.cluster.create({**quota, "spec": {"hard": {"pods": str(pods)}}})
    try:
        installed.apply(job, brief.source)
        assert "quota" in installed.said(job, "QuotaExceeded")
    finally:
        installed.kubectl("delete", "resourcequota", "no-workers")
    installed.succeeded(job)


def test_nothing_else_stops(installed: Installation, job: str, brief: Sample) -> None:
    installed.apply(f"{job}-bad", f"s3://{BUCKET}/nosuch.mp4")
    installed.apply(job, brief.source)
    installed.succeeded(job)
    installed.delete(f"{job}-bad")
