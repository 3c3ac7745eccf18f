"""Whole jobs whose workers are invocations: AWS's emulator runs the real handler."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.aws_lambda.environments import Function
from tests.aws_lambda.jobs import Bucket, run
from tests.aws_lambda.service import Service
from tests.store.servers import BUCKET

pytestmark = pytest.mark.tier("lambda")

TWICE = "another worker goes by this name"


async def test_a_job_on_lambda_gives_the_bytes_of_a_local_one(bucket: Bucket, logs: Path) -> None:
    output = f"s3://{BUCKET}/lambda/plain.webm"
    async with Service(Function(), logs, concurrency=2) as service:
        ended = await run(service, bucket, output, workers=2)
        assert ended.status == 0, ended.said + service.logs
    assert bucket.read(output) == bucket.expected()


async def test_throttled_and_repeated_invocations_change_nothing(
    bucket: Bucket, logs: Path
) -> None:
    """One is answered with 429, one breaks off, and each event is delivered twice."""
    output = f"s3://{BUCKET}/lambda/faults.webm"
    async with Service(
        Function(),
        logs,
        concurrency=3,
        faults=["throttle", "break"],
        duplicates=100,
    ) as service:
        ended = await run(service, bucket, output, workers=2)
        assert ended.status == 0, ended.said + service.logs
        twice = [one for one in service.delivered if one.reason == TWICE]
    assert service.statuses[429] == 1
    assert bucket.read(output) == bucket.expected()
    assert ended.report["attempts_lost"] == 0
    assert twice, [one.answer for one in service.delivered]


async def test_workers_at_the_end_of_their_time_are_replaced_and_environments_used_again(
    bucket: Bucket, logs: Path
) -> None:
    """A worker takes nothing new in its last thirty seconds: of this function it has one before.
    That is told every five seconds, which so many chunks of one frame take in any case."""
    output = f"s3://{BUCKET}/lambda/short.webm"
    function = Function(timeout=31, reserved=1)
    async with Service(function, logs, concurrency=1) as service:
        ended = await run(service, bucket, output, workers=5, chunk_frames=1)
        assert ended.status == 0, ended.said + service.logs
        reasons = [one.reason for one in service.delivered]
    assert bucket.read(output) == bucket.expected(chunk_frames=1)
    assert reasons.count("its time is almost up") >= 1, reasons
    assert ended.report["attempts_lost"] == 0
    assert "reserved concurrency of 1, the job could use 5" in ended.said
    assert ended.report["workers"] == 1


async def test_a_function_that_is_not_there_ends_the_command_with_a_reason(
    bucket: Bucket, logs: Path
) -> None:
    async with Service(Function(), logs) as service:
        service.function = Function(name="another")
        ended = await run(service, bucket, f"s3://{BUCKET}/lambda/none.webm", workers=1)
    assert ended.status == 4
    assert "function another" in ended.said
