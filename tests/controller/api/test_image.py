"""A worker image that the kubelet cannot pull."""

from __future__ import annotations

import pytest

from tests.cluster.cluster import Cluster
from tests.controller.api.operator_process import OperatorProcess
from tests.controller.jobs import BUCKET

pytestmark = pytest.mark.tier("node")


def test_an_image_that_cannot_be_pulled_is_named(
    cluster: Cluster, operator: OperatorProcess, job: str
) -> None:
    operator.apply(job, f"s3://{BUCKET}/clip.mp4")
    message = operator.said(job, "ImageUnpullable")
    assert "image.repository" in message
    assert "image.pullSecrets" in message
