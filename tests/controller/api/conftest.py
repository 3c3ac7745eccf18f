"""One operator for all tests of the folder, in a namespace of its own, with a real MinIO."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from excamera_store import S3Settings
from tests.chart.charts import has_helm
from tests.cluster.cluster import Cluster
from tests.cluster.fixtures import api_server, cluster, encodejobs
from tests.controller.api.operator_process import OperatorProcess
from tests.controller.jobs import BUCKET, NOBODY, SECRET
from tests.store.fixtures import minio, own_credentials
from tests.store.servers import minio_program
from tests.tiers import ROOT

__all__ = ["api_server", "cluster", "encodejobs", "minio", "own_credentials"]

CLOSED = "private"
"""A bucket that the Secret `guest` gives no right to."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    marks = (
        pytest.mark.skipif(not has_helm(), reason="no helm; `make cluster` builds it"),
        pytest.mark.skipif(minio_program() is None, reason="no minio; `make cluster` builds it"),
        pytest.mark.timeout(180),
    )
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            for mark in marks:
                item.add_marker(mark)


@pytest.fixture(scope="session")
def operator(
    encodejobs: Cluster, minio: S3Settings, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[OperatorProcess]:
    """It runs with the chart's rights; the bucket holds the example clip and a text."""
    name = f"operator-{uuid.uuid4().hex[:8]}"
    encodejobs.kubectl("create", "namespace", name)
    process = OperatorProcess(encodejobs, name, minio, tmp_path_factory.mktemp("operator"))
    _fill_store(process)
    process.start()
    yield process
    process.kubectl("delete", "ej", "--all", "--timeout=90s", timeout=120)
    process.stop()
    encodejobs.kubectl("delete", "namespace", name, "--wait=false")


@pytest.fixture
def job(operator: OperatorProcess) -> Iterator[str]:
    """A name for an EncodeJob, which is deleted after the test."""
    name = f"job-{uuid.uuid4().hex[:6]}"
    yield name
    operator.kubectl("delete", "ej", name, "--ignore-not-found", "--timeout=60s", timeout=90)


def _fill_store(process: OperatorProcess) -> None:
    session: Any = boto3.Session(process.store.access_key, process.store.secret_key)
    place = {"endpoint_url": process.store.endpoint, "region_name": "us-east-1"}
    s3 = session.client("s3", **place)
    for bucket in (BUCKET, CLOSED):
        s3.create_bucket(Bucket=bucket)
        s3.upload_file(str(ROOT / "examples/big-buck-bunny.mp4"), bucket, "clip.mp4")
    s3.put_object(Bucket=BUCKET, Key="text.mp4", Body=b"this is not a video")
    root = {
        "AWS_ACCESS_KEY_ID": process.store.access_key or "",
        "AWS_SECRET_ACCESS_KEY": process.store.secret_key or "",
    }
    process.secret(SECRET, **root)
    process.secret("wrong", AWS_ACCESS_KEY_ID="somebody", AWS_SECRET_ACCESS_KEY="else")
    process.secret("incomplete", AWS_ACCESS_KEY_ID="somebody")
    process.secret("away", **root | {"AWS_ENDPOINT_URL": NOBODY})
    process.secret("guest", **_guest(session.client("sts", **place)))


def _guest(sts: Any) -> dict[str, str]:
    """Credentials that MinIO's policy lets into one bucket only."""
    places = [f"arn:aws:s3:::{BUCKET}", f"arn:aws:s3:::{BUCKET}/*"]
    statement = {"Effect": "Allow", "Action": ["s3:*"], "Resource": places}
    given = sts.assume_role(
        RoleArn="arn:aws:iam::000000000000:role/guest",
        RoleSessionName="guest",
        Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
    )["Credentials"]
    return {
        "AWS_ACCESS_KEY_ID": given["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": given["SecretAccessKey"],
        "AWS_SESSION_TOKEN": given["SessionToken"],
    }
