"""Whole jobs whose workers are invocations: AWS's emulator runs the real handler."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.aws_lambda.environments import Function
from tests.aws_lambda.jobs import Bucket, run
from tests.aws_lambda.service import Service
from tests.store.servers import BUCKET

pytestmark = pytest.mark.tier("lambda")


async def test_a_job_on_lambda_gives_the_bytes_of_a_local_one(bucket: Bucket, logs: Path) -> None:
    output = f"s3://{BUCKET}/lambda/plain.webm"
    async with Service(Function(), logs, concurrency=2, variables=bucket.variables) as service:
        ended = await run(service, bucket, output, workers=2)
        assert ended.status == 0, ended.said + service.logs
    assert bucket.read(output) == bucket.expected
